"""An upper bound of max_u |F(u)|, F(u) = Σ_i w_i relu(u·x_i), in any dimension, by eigenvalues.

As relu(z) = ½(z + |z|), F(u) = ½ c·u + ½ Σ_i w_i |u·x_i| with c = Σ_i w_i x_i. For |u| = 1 and any
s > 0, |z| ≤ ½(s + z²/s) where w_i > 0, and |z| ≥ z²/|x_i| where w_i < 0, so that

    F(u) ≤ ½|c| + ½ E(s),   E(s) = ½ s Σ₊ w_i + λ_max(M/(2s) − N),
    M = Σ_{w_i > 0} w_i x_i x_iᵀ,   N = Σ_{w_i < 0} |w_i| x_i x_iᵀ/|x_i|,

and the same for −F. For n → ∞ points of the distribution D of Section 4 with equal weights p_i this
is √2/4, the true maximum.
"""

import numpy as np
from flint import arb, arb_mat, ctx
from jaxtyping import Float
from scipy.optimize import minimize, minimize_scalar
from scipy.special import logsumexp, softmax

from margintheory import validate
from margintheory.arrays import ArrayLike, Reals
from margintheory.rigour import PRECISION, exact_matrix, exact_vector, length, norm, unit

TEMPERATURES = (3e-2, 3e-3, 3e-4)  # of the smoothed maxima in `least`
STEPS = 100  # at each temperature


def max_abs(X: Reals[ArrayLike, "n d"], w: Reals[ArrayLike, " n"]) -> arb:
    """A ball around a number that is not less than max_{u ∈ S^{d−1}} |Σ_i w_i relu(u·x_i)|.

    Raises ValueError unless there is a finite weight for each finite point.
    """
    X = validate.concrete_points(X)
    return bound(X, validate.weights(w, len(X)))


def bound(X: Float[np.ndarray, "n d"], w: Float[np.ndarray, " n"]) -> arb:
    """`max_abs` of what was checked."""
    with ctx.workprec(PRECISION):
        c = (exact_matrix(w[None]) * exact_matrix(X)).entries()
        return (length(c) + even_part(X, w).max(even_part(X, -w))) / 2


def even_part(X: Float[np.ndarray, "n d"], w: Float[np.ndarray, " n"]) -> arb:
    """E(s), which is not less than Σ_i w_i |u·x_i|, for a good s."""
    X, w = X[X.any(axis=1)], w[X.any(axis=1)]
    plus, minus = w > 0, w < 0
    if not plus.any():
        return arb(0)
    s, weights = _best_slope(X, w), exact_vector(w[plus])
    lengths = [length(exact_vector(x)) for x in X[minus]]
    N = _second_moment(
        X[minus], [-v / r for v, r in zip(exact_vector(w[minus]), lengths, strict=True)]
    )
    M = _second_moment(X[plus], [v / (2 * s) for v in weights])
    return sum(weights, arb(0)) * s / 2 + top_eigenvalue(M - N)


def _second_moment(X: Float[np.ndarray, "n d"], weights: list[arb]) -> arb_mat:
    """Σ_i weights_i x_i x_iᵀ."""
    rows = exact_matrix(X)
    n, d = X.shape
    weighted = arb_mat(n, d, [weights[i] * rows[i, k] for i in range(n) for k in range(d)])
    return rows.transpose() * weighted


def top_eigenvalue(M: arb_mat) -> arb:
    """A ball around a number not less than max(0, λ_max) of a symmetric matrix.

    With floats V near the eigenvectors and u = Vz, uᵀMu = zᵀ(VᵀMV)z ≤ g|z|² and |z|² ≤
    |u|²/(1 − e), where g and e bound the eigenvalues of VᵀMV and I − VᵀV by Gershgorin's theorem.
    """
    d, scale = M.nrows(), max(entry.abs_upper() for entry in M.entries())
    if scale == 0:
        return arb(0)
    middle = np.array([float((entry / scale).mid()) for entry in M.entries()]).reshape(d, d)
    V = exact_matrix(np.linalg.eigh(middle)[1])
    identity = exact_matrix(np.eye(d))
    g, e = _gershgorin(V.transpose() * M * V), _gershgorin(identity - V.transpose() * V)
    return g.max(arb(0)) / (1 - e)


def _gershgorin(M: arb_mat) -> arb:
    """max_i (M_ii + Σ_{j ≠ i} |M_ij|), not less than any eigenvalue."""
    bounds = [
        sum((abs(entry) for j, entry in enumerate(row) if j != i), row[i])
        for i, row in enumerate(M.tolist())
    ]
    greatest = bounds[0]
    for bound in bounds[1:]:
        greatest = greatest.max(bound)
    return greatest


def _best_slope(X: Float[np.ndarray, "n d"], w: Float[np.ndarray, " n"]) -> arb:
    """The s with the least E(s), in floats; E is convex in s, and any s > 0 gives a bound.

    Floats are scaled so that the greatest points and weights with w_i > 0 are about 1.
    """
    x_exponent, w_exponent = (np.frexp(np.abs(v).max())[1] for v in (X[w > 0], w[w > 0]))
    with np.errstate(over="ignore"):
        X = np.clip(np.ldexp(X, -x_exponent), -1e100, 1e100)
        w = np.clip(np.ldexp(w, -w_exponent), -1e100, 1e100)
    M = (X.T * np.maximum(w, 0)) @ X
    V = unit(X)
    N = (V.T * (np.maximum(-w, 0) * norm(X))) @ V
    total = np.maximum(w, 0).sum()

    def E(log_s):
        s = np.exp(log_s)
        return s * total / 2 + np.linalg.eigvalsh(M / (2 * s) - N)[-1]

    middle = np.log(max(np.linalg.eigvalsh(M)[-1], 1e-300) / total) / 2  # best where N = 0
    log_s = minimize_scalar(E, bounds=(middle - 4, middle + 1), method="bounded").x
    return arb(float(np.exp(log_s))) * arb(2) ** int(x_exponent)


def least(X: Reals[ArrayLike, "n d"], y: Reals[ArrayLike, " n"]) -> Float[np.ndarray, " n"]:
    """A p on the simplex for which the bound of max_u |Σ_i p_i y_i relu(u·x_i)| is small.

    Found in floats, by quasi-Newton steps in (ln p, ln s₊, ln s₋) with the maxima smoothed. Raises
    ValueError unless there is a label ±1 for each finite point.
    """
    X, y = validate.binary_training_set(X, y)
    points = np.ldexp(X, -np.frexp(np.abs(X).max())[1])
    length = np.maximum(norm(points), np.finfo(float).tiny)
    scale = length.mean()
    points, length, n = points / scale, length / scale, len(y)
    theta = np.zeros(n + 2)
    for temperature in TEMPERATURES:
        theta = minimize(
            _smooth_bound,
            theta,
            args=(points, length, y, temperature),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": STEPS},
        ).x
    return softmax(theta[:n])


def _smooth_bound(theta, X, length, y, temperature: float):
    """The bound with soft maxima at θ = (ln p, ln s₊, ln s₋), and its gradient."""
    n = len(y)
    p, slopes = softmax(theta[:n]), np.exp(theta[n:])
    c = (p * y) @ X
    odd = np.sqrt(c @ c + temperature**2)
    sides = [
        _smooth_even_part(X, length, p, y == sign, s, temperature)
        for sign, s in zip((1, -1), slopes, strict=True)
    ]
    even = np.array([side[0] for side in sides])
    share = softmax(even / temperature)
    by_p = y * (X @ c) / odd + share @ [side[1] for side in sides]
    gradient = np.append(p * (by_p - p @ by_p), share * [side[2] for side in sides])
    return (odd + temperature * logsumexp(even / temperature)) / 2, gradient / 2


def _smooth_even_part(X, length, p, plus, s: float, temperature: float):
    """E(s) with a soft λ_max, and its derivatives in p and ln s."""
    coefficient = np.where(plus, 1 / (2 * s), -1 / length)
    values, vectors = np.linalg.eigh((X.T * (p * coefficient)) @ X)
    density = softmax(values / temperature)
    quadratic = ((X @ vectors) ** 2) @ density  # x_iᵀ G x_i, with G the gradient of λ_max
    total = p[plus].sum()
    E = s * total / 2 + temperature * logsumexp(values / temperature)
    by_p = plus * s / 2 + coefficient * quadratic
    return E, by_p, s * total / 2 - (p * quadratic)[plus].sum() / (2 * s)
