"""The unit sphere and its surface measure."""

import math

import jax
import numpy as np
from flint import arb, ctx
from jaxtyping import Array, Float
from scipy.special import betainc

from margintheory import validate
from margintheory.arrays import ArrayLike, Numbers
from margintheory.rigour import PRECISION


def volume(d: int) -> float:
    """κ_d = 2 π^{d/2} / Γ(d/2), the surface of S^{d−1}."""
    d = validate.count(d, "d")
    return 2 * math.exp(d / 2 * math.log(math.pi) - math.lgamma(d / 2))


def uniform(key: Array, n: int, d: int) -> Float[Array, "n d"]:
    """n independent points, uniform on S^{d−1}."""
    gaussian = jax.random.normal(key, (validate.count(n, "n"), validate.count(d, "d")), "float64")
    return gaussian / jax.numpy.linalg.norm(gaussian, axis=1, keepdims=True)


def cap_measure(rho: ArrayLike, d: int) -> Float[Numbers, "*shape"]:
    """m(ϱ) = I_{ϱ²/4}(d/2, d/2): the share of S^d ⊂ R^{d+1} within distance ϱ of one of its points.

    ϱ in [0, 2] is the length of the chord, not of the arc. If ω is uniform on S^d then
    ‖ω − ω'‖²/4 = (1 − ω·ω')/2 has the density t^{d/2−1} (1 − t)^{d/2−1} / B(d/2, d/2).
    """
    validate.concrete(rho, "rho")
    rho, d = np.asarray(rho, dtype=np.float64), validate.count(d, "d")
    if not ((rho >= 0) & (rho <= 2)).all():
        raise ValueError(f"a chord of the unit sphere has a length in [0, 2], got {rho}.")
    return betainc(d / 2, d / 2, rho**2 / 4)


def cap_measure_ball(rho: arb, d: int) -> arb:
    """`cap_measure` on a ball of chords; it increases, so the ends of the ball are enough."""
    a = arb(validate.count(d, "d")) / 2
    if not 0 <= rho <= 2:
        raise ValueError(f"a chord of the unit sphere has a length in [0, 2], got {rho}.")
    with ctx.workprec(PRECISION):
        low, high = (
            (end**2 / 4).beta_lower(a, a, regularized=True) for end in (rho.lower(), rho.upper())
        )
        return low.union(high)
