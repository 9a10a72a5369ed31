"""The margin γ_ℓ2 of the kernel machine: equation (4.3) and Lemma 4.2.

With K the kernel matrix (divided by κ, as `kernels.relu_kernel` is) and Q = K ∘ yyᵀ,

    γ_ℓ2 = max {min_i y_i⟨α, φ(x_i)⟩ : √κ‖α‖₂ ≤ 1},    γ_ℓ2² = min {pᵀQp : p on the simplex},

and every p on the simplex brackets it: min_i (Qp)_i / √(pᵀQp) ≤ γ_ℓ2 ≤ √(pᵀQp). The left side is
the margin of the unit α ∝ Σ_i p_i y_i φ(x_i); both sides agree at the optimal p.

`margin`       the bracket, for a matrix of floats (`floats`) or of balls (`balls`)
`certificate`  what any p proves, in balls
`pivoting`     the search for p in floats
`rounding`     how far floats can be wrong
"""

from margintheory.l2svm.certificate import L2Margin, bracket
from margintheory.l2svm.margin import max_margin

__all__ = ["L2Margin", "bracket", "max_margin"]
