"""The constants of Assumptions E.1 to E.3, certified.

For Φ on the unit sphere: B = sup ‖Φ‖, G = sup ‖DΦ‖ (the whole derivative, not only its tangential
part) and C_Φ = sup ‖D²Φ‖. D²Φ is 0-homogeneous, so C_Φ is a Lipschitz constant of DΦ on the whole
space; a Lipschitz constant C of DΦ on the sphere alone would only give √(C² + G²).
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flint import arb, ctx

from margintheory import rigour, validate
from margintheory.arrays import ArrayLike, Reals
from margintheory.flow.convergence import largest
from margintheory.flow.units import norm_bound, supremum_on_sphere, units
from margintheory.rigour import dot


@dataclass(frozen=True)
class Constants:
    """Bounds on the sphere: ‖Φ‖ ≤ B, ‖DΦ‖ ≤ G, b_V ≤ V ≤ B_V, ‖∇V‖ ≤ M_V; for R: ‖∇R‖ ≤ M_R,
    ‖∇²R‖ ≤ C_R, R(0) ≤ R_0; and globally, C_Phi and C_V, Lipschitz constants of DΦ and ∇V.

    As made by `constants` and `radial_constants`, all are rounded up, but b_V, which is a lower
    bound and exact. What is derived from them is rounded up if all are floats; balls and arrays
    keep their own arithmetic."""

    B: Any
    G: Any
    b_V: Any
    B_V: Any
    M_V: Any
    M_R: Any
    C_R: Any
    R_0: Any
    C_Phi: Any
    C_V: Any

    @property
    def B_L(self) -> Any:
        """|g_ρ| ≤ B_L on the sphere (Lemma E.6)."""
        return self._up(lambda c: c.M_R * c.B + c.B_V)

    @property
    def c_2(self) -> Any:
        """‖∇g_ρ‖ ≤ c_2 on the sphere (Lemma E.13)."""
        return self._up(lambda c: c.M_R * c.G + c.M_V)

    @property
    def C_L(self) -> Any:
        """v_ρ is C_L-Lipschitz (Theorem E.21)."""
        return self._up(lambda c: c.M_R * c.C_Phi + c.C_V)

    @property
    def K(self) -> Any:
        """R(0) + B_L, which is at least L[U], the loss of the noise (Lemma E.7-Q)."""
        return self._up(lambda c: c.R_0 + c.B_L)

    def W(self, L0: Any) -> Any:
        """W_t² ≤ max(L_0, K)/b_V for all t, as L[U] ≤ K (Lemma E.9-Q)."""
        return self._up(lambda c: largest(L0, c.K) / c.b_V)

    def _up(self, formula: Callable[["Constants"], Any]) -> Any:
        """The formula in balls, rounded up, where all constants are floats."""
        values = vars(self).values()
        if not all(isinstance(value, float | int) for value in values):
            return formula(self)
        with ctx.workprec(rigour.PRECISION):
            balls: list[Any] = [arb(value) for value in values]
            return rigour.above(formula(Constants(*balls)))


def radial_constants(A: float, lam: float) -> Constants:
    """The constants of `problems.radial`, in closed form: Φ = ‖θ‖², |R'| < 2, R'' ≤ 1.

    R(0) = √(A² + 1) + A is rounded up, the others are exact.
    """
    A, lam = validate.real(A, "A"), validate.positive(lam, "lam")
    with ctx.workprec(rigour.PRECISION):
        root = (arb(A) ** 2 + 1).sqrt()
        R_0 = rigour.above(root + A if A >= 0 else 1 / (root - A))
    return Constants(1.0, 2.0, lam, lam, 2 * lam, 2.0, 1.0, R_0, 2.0, 2 * lam)


def constants(
    X: Reals[ArrayLike, "n d"], lam: float, smoothing: float, *, rtol: float = 1e-3
) -> Constants:
    """The constants of `problems.two_layer`, for any labels.

    B and G are suprema over the whole sphere, found by subdivision in ball arithmetic and about
    rtol too large at most; C_Φ is bounded by the supremum of the norm of D²Φ as an n × D² matrix,
    to within 10 rtol or a tenth. The others are closed forms. All are rounded up (b_V is exact).
    D = 2 takes a second; D = 3 with rtol = 0.05 takes a minute.

    Raises ValueError for λ ≤ 0 and for smoothing = 0, where Φ has no derivative.
    """
    features, lam = units(X, smoothing), validate.positive(lam, "lam")
    rtol = validate.positive(rtol, "rtol")
    D, n = len(features[0].x), len(features)

    def norm(theta):
        values = [unit.value(theta) for unit in features]
        return dot(values, values).nonnegative_part().sqrt() / dot(theta, theta)

    def second_derivative(theta):
        return norm_bound([list(itertools.chain(*unit.hessian(theta))) for unit in features])

    C_Phi = supremum_on_sphere(second_derivative, D, min(10 * rtol, 0.1))

    def derivative(theta):
        centre = [side.mid() for side in theta]
        offset = [side - c for side, c in zip(theta, centre, strict=True)]
        slope = norm_bound([unit.gradient(centre) for unit in features])
        return slope / dot(centre, centre).sqrt() + C_Phi * dot(offset, offset).abs_upper().sqrt()

    with ctx.workprec(rigour.PRECISION):
        M_R, R_0 = arb(n).sqrt(), n * arb(2).log()
    return Constants(
        B=rigour.above(supremum_on_sphere(norm, D, rtol)),
        G=rigour.above(supremum_on_sphere(derivative, D, rtol)),
        b_V=lam,
        B_V=lam,
        M_V=2 * lam,
        M_R=rigour.above(M_R),
        C_R=0.25,
        R_0=rigour.above(R_0),
        C_Phi=rigour.above(C_Phi),
        C_V=2 * lam,
    )
