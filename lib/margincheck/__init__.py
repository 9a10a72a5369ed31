"""Checks what a solver of margin theory claims, in exact arithmetic and by itself.

    python -m margincheck certificate.json [...]

prints one line for each file, VERIFIED with the bracket or REFUSED with the reason, and exits with
0 only if all are verified. Nothing outside the standard library is imported: numbers are integers
and fractions, and what is not rational is enclosed between two of them.

A certificate is a JSON object. `problem` names what is claimed, the other fields are its numbers:

    problem          claim, between lower and upper                                  proof
    l1svm            γ_ℓ1 = max min_i y_i⟨α, φ(x_i)⟩ over ‖α‖₁ ≤ 1                   measure, dual
    l2svm            γ_ℓ2, the same over √κ‖α‖₂ ≤ 1                                  dual
    l1interpolation  the least ‖α‖₁ with ⟨α, φ(x_i)⟩ = y_i                           measure, dual
    l2interpolation  the least √κ‖α‖₂ with ⟨α, φ(x_i)⟩ = y_i            coefficients, relations
    no-interpolant   no α has ⟨α, φ(x_i)⟩ = y_i (without lower, upper)               dual
    regularized      the least (1/n) Σ_i ℓ(½⟨α, φ(x_i)⟩, y_i) + lam ‖α‖₁             measure, dual

Here φ(x)[u] = max(0, u·x) for u on the unit sphere of ℝ^d, κ is the area of that sphere, and all
problems have

    X: [[number, ...], ...]   the points x_i      y: [number, ...]   labels ±1, or targets
    lower, upper: number

Those with a measure, α = Σ_j weights_j δ at atoms_j/‖atoms_j‖ times ‖atoms_j‖, have

    atoms: [[number, ...], ...]      weights: [number, ...]

and `dual` is one number for each point: p ≥ 0 of any sum for the margins, the ν of νᵀy for an
interpolant and for none, p for the regularised loss. There `lam` is a number and `loss` is
"logistic", ℓ(f, y) = ln(1 + e^{−yf}), or "squared", ℓ(f, y) = (f − y)². `coefficients` c solve
Kc = y for K_ij = ⟨φ(x_i), φ(x_j)⟩/κ up to rounding in their last digits, and `relations` holds a
vector ν with Σ_i ν_i φ(x_i) = 0 for each point whose feature is a combination of earlier ones; that
point is the last with ν_i ≠ 0.

A number is an integer or a string: "p", "p/q", or "m*2^e", with p, q, m in decimal or, like 0x1f,
in hexadecimal. Floats are refused, for a decimal such as 0.1 is seldom the number that was meant.
"""

from margincheck.problems import check
from margincheck.reading import Refused

__all__ = ["Refused", "check"]
