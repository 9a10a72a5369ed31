"""What a certificate claims, computed again from its definition in fractions and at 60 digits.

For the tests only: every subset of points is tried, so that n should be at most about five.
"""

import functools
import itertools
from fractions import Fraction

import mpmath
import numpy as np

from margintheory.rigour import Dyadic

DIGITS = 60


def at_many_digits(function):
    @functools.wraps(function)
    def wrapped(*arguments):
        with mpmath.workdps(DIGITS):
            return function(*arguments)

    return wrapped


def fractions(values):
    """Floats, or dyadic numbers, as an array of fractions."""
    if isinstance(values, Dyadic):
        return values.integers * Fraction(2) ** int(values.exponent)
    return np.vectorize(Fraction, otypes=[object])(values)


def real(fraction):
    return mpmath.mpf(fraction.numerator) / fraction.denominator


def relu(values):
    return np.maximum(values, Fraction(0))


@at_many_digits
def length(u):
    """‖u‖ of a vector of fractions."""
    return mpmath.sqrt(real(u @ u))


@at_many_digits
def total_variation(atoms, weights):
    parts = [real(abs(a)) * length(u) for u, a in zip(atoms, weights, strict=True)]
    return mpmath.fsum(parts)


@at_many_digits
def margin(X, y, atoms, weights):
    """min_i y_i ⟨α, φ(x_i)⟩ / ‖α‖₁ of the measure Σ_j weights_j δ_{atoms_j}; 0 if it is zero."""
    X, y, atoms, weights = map(fractions, (X, y, atoms, weights))
    norm = total_variation(atoms, weights)
    return real((y * (relu(X @ atoms.T) @ weights)).min()) / norm if norm else mpmath.mpf()


@at_many_digits
def dual_margin(X, y, p):
    """max_u |Σ_i p_i y_i relu(u·x_i)| / Σ_i p_i."""
    p = fractions(p)
    return greatest(X, p * fractions(y)) / real(p.sum())


@at_many_digits
def encloses(ball, value):
    """Whether the ball, a `flint.arb`, holds the value, which has `DIGITS` digits."""
    middle, radius = (mpmath.ldexp(*map(int, end.man_exp())) for end in (ball.mid(), ball.rad()))
    return abs(middle - value) <= radius + abs(value) * mpmath.mpf(10) ** (5 - DIGITS)


@at_many_digits
def greatest(X, w):
    """max_u |Σ_i w_i relu(u·x_i)| over unit vectors u.

    Where the points of a set Z vanish and those of S are active, F(u) = u·c with c = Σ_S w_i x_i,
    and if its maximum lies there it is at c projected onto Z^⊥. All pairs Z, S are tried.
    """
    X, w = fractions(X), fractions(w)
    best = Fraction(0)
    for kinds in itertools.product((0, 1, 2), repeat=len(X)):
        u = (w * [kind == 1 for kind in kinds]) @ X
        u = _projected(u, X[[kind == 2 for kind in kinds]])
        if u.any():
            F = max(abs(relu(X @ u) @ w), abs(relu(-(X @ u)) @ w))
            best = max(best, F**2 / (u @ u))
    return mpmath.sqrt(real(best))


def _projected(u, rows):
    """u without its components along the rows."""
    basis = []
    for row in rows:
        for v in basis:
            row = row - (row @ v) / (v @ v) * v
        if row.any():
            basis.append(row)
            u = u - (u @ row) / (row @ row) * row
    return u


@at_many_digits
def kernel(X):
    """‖x‖‖z‖ (sin θ + (π − θ) cos θ)/(2πd), with the angle from exact products."""
    X = fractions(X)
    n, d = X.shape
    G = X @ X.T
    K = mpmath.matrix(n, n)
    for i, j in itertools.product(range(n), repeat=2):
        s = mpmath.sqrt(real(G[i, i] * G[j, j] - G[i, j] ** 2))  # ‖x‖‖z‖ sin θ
        K[i, j] = (s + (mpmath.pi - mpmath.atan2(s, real(G[i, j]))) * real(G[i, j])) / (
            2 * mpmath.pi * d
        )
    return K


@at_many_digits
def kernel_bracket(X, y, p):
    """min_i (Qp)_i / √(pᵀQp) and √(pᵀQp)/Σp for Q = K ∘ yyᵀ."""
    signed = mpmath.matrix([real(v) for v in fractions(p) * fractions(y)])
    margins = [y_i * v for y_i, v in zip(y, kernel(X) * signed, strict=True)]
    p = [real(v) for v in fractions(p)]
    norm = mpmath.sqrt(max(sum(p_i * m for p_i, m in zip(p, margins, strict=True)), 0))
    return (min(margins) / norm if norm else mpmath.mpf()), norm / sum(p)


@at_many_digits
def objective(X, y, lam, w, U, loss):
    """L_λ of the network Σ_j w_j relu(u_j·x)."""
    X, y, w, U = map(fractions, (X, y, w, U))
    norm_squared = real((w**2).sum() + (U**2).sum())
    return _mean_loss(relu(X @ U.T) @ w, y, loss) + mpmath.mpf(lam) * norm_squared


@at_many_digits
def objective_of_measure(X, y, lam, atoms, weights, loss):
    """L_λ of a balanced network with the scores ½⟨α, φ(x)⟩ and ‖Θ‖² = ‖α‖₁."""
    X, y, atoms, weights = map(fractions, (X, y, atoms, weights))
    scores = relu(X @ atoms.T) @ weights / 2
    return _mean_loss(scores, y, loss) + mpmath.mpf(lam) * total_variation(atoms, weights)


def _mean_loss(scores, y, loss):
    if loss == "squared":
        values = [real((f - t) ** 2) for f, t in zip(scores, y, strict=True)]
    else:
        values = [mpmath.log1p(mpmath.exp(-real(z))) for z in y * scores]
    return sum(values) / len(y)


@at_many_digits
def dual_value(X, y, lam, p, loss):
    """−(1/n) Σ ℓ_i*(−t p_i), with the t ≤ 1 that makes t p feasible."""
    signs = np.ones(len(y)) if loss == "squared" else y
    bound = 2 * len(y) * mpmath.mpf(lam)
    p = fractions(p)
    most = greatest(X, p * fractions(signs))
    t = min(mpmath.mpf(1), bound / most) if most else mpmath.mpf(1)
    p = [t * real(v) for v in p]
    if loss == "squared":
        values = [p_i * y_i - p_i**2 / 4 for p_i, y_i in zip(p, map(mpmath.mpf, y), strict=True)]
    else:
        values = [_entropy(v) for v in p]
    return sum(values) / len(y)


def _entropy(p):
    return -p * mpmath.log(p) - (1 - p) * mpmath.log1p(-p) if 0 < p < 1 else mpmath.mpf()


@at_many_digits
def interpolating_norm(X, y, atoms):
    """‖α‖₁ of the measure on the atoms that interpolates; inf if not exactly one does."""
    X, y, atoms = map(fractions, (X, y, atoms))
    weights = solve(relu(X @ atoms.T), y)
    return mpmath.inf if weights is None else total_variation(atoms, weights)


def solve(A, b):
    """The one solution of A x = b in fractions, None if there is none or more than one."""
    T, columns = np.column_stack([A, b]), A.shape[1]
    for k in range(columns):
        pivots = [i for i in range(k, len(T)) if T[i, k] != 0]
        if not pivots:
            return None
        T[[k, pivots[0]]] = T[[pivots[0], k]]
        T[k] = T[k] / T[k, k]
        for i in range(len(T)):
            if i != k and T[i, k] != 0:
                T[i] = T[i] - T[i, k] * T[k]
    return None if T[columns:, -1].any() else T[:columns, -1]


@at_many_digits
def dual_ratio(X, y, nu):
    """νᵀy / max_u |Σ_i ν_i relu(u·x_i)|."""
    return real(fractions(nu) @ fractions(y)) / greatest(X, nu)


def kernel_norm(X, y):
    """√(yᵀK⁻¹y); at more digits, for K may be nearly singular."""
    with mpmath.workdps(20 * DIGITS):
        K, target = kernel.__wrapped__(X), mpmath.matrix([mpmath.mpf(v) for v in y])
        return mpmath.sqrt((target.T * mpmath.lu_solve(K, target))[0])
