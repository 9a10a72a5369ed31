"""The maximum of F(u) = Σ_i w_i relu(u·x_i) over the sphere by branch and bound, in any dimension.

F is bounded by a linear function on a cone: on u·x_i ≥ 0, w_i relu(u·x_i) ≤ a_i u·x_i for every
a_i ≥ w_i, and on u·x_i ≤ 0 for every a_i ≤ 0; wherever u is, it holds for w_i ≤ a_i ≤ 0 if w_i < 0.
So F(u) ≤ |Σ_i a_i x_i| for every a in a box, and the least such bound is the maximum of F on the
cone by duality, once the signs of u·x_i are fixed for all w_i > 0. While some are free their part
is ½ w_i u·x_i + ½ w_i |u·x_i|, and the sum of the latter is bounded by an eigenvalue.
"""

import numpy as np
from flint import arb, ctx
from jaxtyping import Float

from margintheory import validate
from margintheory.arrays import ArrayLike, Reals
from margintheory.rigour import PRECISION, above
from margintheory.sphere import spectral

RTOL = 1e-7  # between the greatest F that was met and the bound
ENTRIES = 400_000  # of the vectors a of all open cones
STEPS = 20  # of the descent in a, at each level
REFINEMENTS = 50  # as many times that when all signs are fixed
FLOOR = 2.0**-500  # smaller entries of rows of length about 1, and such weights, count as 0
EPS = np.finfo(float).eps


def max_abs(X: Reals[ArrayLike, "n d"], w: Reals[ArrayLike, " n"]) -> arb:
    """A ball around a number that is not less than max_{u ∈ S^{d−1}} |Σ_i w_i relu(u·x_i)|.

    It is within `RTOL` of the maximum unless too many cones stay open, or their bounds are mostly
    rounding. Raises ValueError unless there is a finite weight for each finite point.
    """
    X = validate.concrete_points(X)
    return bound(X, validate.weights(w, len(X)))


def bound(X: Float[np.ndarray, "n d"], w: Float[np.ndarray, " n"]) -> arb:
    """`max_abs` of what was checked."""
    X, w, exponent, lost = _moderate(X, w)
    greatest = max(_search(X, w)[0], _search(X, -w)[0])
    with ctx.workprec(PRECISION):
        return (arb(greatest) + lost) * arb(2) ** exponent


def signed_max(
    X: Reals[ArrayLike, "n d"], w: Reals[ArrayLike, " n"]
) -> tuple[float, Float[np.ndarray, " d"]]:
    """A bound of max F and the best u that was met, a unit vector unless F ≤ 0 at all of them.

    Raises ValueError unless there is a finite weight for each finite point.
    """
    X = validate.concrete_points(X)
    X, w, exponent, lost = _moderate(X, validate.weights(w, len(X)))
    least, u = _search(X, w)
    with ctx.workprec(PRECISION):
        return above((arb(least) + lost) * arb(2) ** exponent), u


def _moderate(X, w) -> tuple[Float[np.ndarray, "n d"], Float[np.ndarray, " n"], int, float]:
    """Points and weights of size 1 and an exponent with w_i relu(u·x_i) 2^−exponent the same.

    Rows are divided by powers of two and their weights multiplied, then all weights divided by
    one. What is below `FLOOR` becomes 0, and the last number bounds what F loses: in each term
    FLOOR |x_i| ≤ FLOOR √d for the weight, or FLOOR √d for the row. Rows less than 2^100 apart keep
    their ratios, on which the eigenvalue depends.
    """
    row = np.frexp(np.abs(X).max(axis=1))[1]
    row += (row.max() - row) % 100
    mantissa, exponent = np.frexp(np.where(X.any(axis=1), w, 0.0))
    greatest = int(max((row + exponent)[mantissa != 0], default=0))
    kept = [
        np.where(np.abs(v) < FLOOR, 0.0, v)
        for v in (np.ldexp(X, -row[:, None]), np.ldexp(mantissa, row + exponent - greatest))
    ]
    lost = any((v[before != 0] == 0).any() for v, before in zip(kept, (X, mantissa), strict=True))
    return *kept, greatest, lost * X.size * FLOOR


def _search(
    X: Float[np.ndarray, "n d"], w: Float[np.ndarray, " n"]
) -> tuple[float, Float[np.ndarray, " d"]]:
    """`signed_max` for points and weights of moderate size.

    Breadth first: all open cones at once, one more sign at each level.
    """
    X, w = X[X.any(axis=1)], w[X.any(axis=1)]
    convex = np.flatnonzero(w > 0)
    convex = convex[np.argsort(-w[convex] * np.linalg.norm(X[convex], axis=1))]
    low, high = np.where(w > 0, w / 2, w)[None], np.maximum(w, 0)[None] / 2
    a, greatest, best, bound = low, 0.0, np.zeros(X.shape[1]), np.zeros(1)
    for level, i in enumerate(convex):
        low, high, a = (np.repeat(side, 2, axis=0) for side in (low, high, a))
        low[::2, i], high[::2, i] = w[i], np.inf
        low[1::2, i], high[1::2, i] = -np.inf, 0.0
        free = convex[level + 1 :]
        even = above(spectral.even_part(X[free], w[free]) / 2)
        for _ in range(1 if free.size else REFINEMENTS):
            a = _descend(X, a, low, high)
            u, F = _best_direction(X, w, a)
            if greatest < F:
                greatest, best = F, u
            bound = _upper(X, a, even)
            still = bound > greatest * (1 + RTOL)
            low, high, a, bound = low[still], high[still], a[still], bound[still]
            if len(a) == 0:
                return greatest * (1 + RTOL), best
        if a.size > ENTRIES:
            break
    return max(greatest * (1 + RTOL), float(bound.max())), best


def _descend(X, a, low, high):
    """Accelerated projected gradient steps of ½|Σ_i a_i x_i|² in the boxes, one for each row."""
    squares = (X**2).sum(axis=1)
    unit = X / np.sqrt(squares)[:, None]
    steps = 1 / (squares * np.linalg.eigvalsh(unit.T @ unit)[-1])
    a = np.clip(a, low, high)
    ahead = a
    for k in range(STEPS):
        last, a = a, np.clip(ahead - steps * ((ahead @ X) @ X.T), low, high)
        ahead = a + k / (k + 3) * (a - last)
    return a


def _best_direction(X, w, a) -> tuple[Float[np.ndarray, " d"], float]:
    """Among the directions Σ_i a_i x_i the one where F is greatest, and F there."""
    c = a @ X
    u = c / np.maximum(np.linalg.norm(c, axis=1, keepdims=True), np.finfo(float).tiny)
    F = np.maximum(u @ X.T, 0) @ w
    return u[F.argmax()], float(F.max())


def _upper(X, a, even: float):
    """|Σ_i a_i x_i| + even rounded up; ∞ where it is not a number, so that no cone is lost.

    With A = Σ_i |a_i||x_i| the rounding of the sums and of the norm is at most (n + d + 3) 2⁻⁵³ A,
    and less than `FLOOR` where products or squares underflow. The last line rounds four times.
    """
    n, d = X.shape
    A = np.abs(a) @ np.linalg.norm(X, axis=1)
    rounding = 2 * (n + d) * EPS * A + FLOOR * a.any(axis=1)
    bound = (np.linalg.norm(a @ X, axis=1) + rounding + even) * (1 + 4 * EPS)
    return np.where(np.isnan(bound), np.inf, bound)
