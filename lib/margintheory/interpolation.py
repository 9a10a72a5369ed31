"""Interpolants of least norm: (D.3), (D.4), Theorem D.5 and Claim D.12.

    ‖α_ℓ1‖₁ = min {‖α‖₁ : ⟨α, φ(x_i)⟩ = y_i} = max {νᵀy : max_u |Σ_i ν_i relu(u·x_i)| ≤ 1},
    κ‖α_ℓ2‖₂² = min {κ‖α‖₂² : ⟨α, φ(x_i)⟩ = y_i} = yᵀK⁻¹y,   K_ij = E relu(u·x_i) relu(u·x_j).

Every ν and every interpolating measure bracket the first number. By Theorem D.5 both come from the
regularised squared loss for a λ close to 0: ν is its residual over nλ, and the measure needs only
to be moved by as much as to meet the data exactly. In the plane the loss has a certified global
minimum; beyond it a wide network descends.

The features of n points are independent unless points repeat, share a ray or are antipodal in a
dependent way. That is decided exactly: relu(z) = ½z + ½|z|, and |u·x| for different lines are
independent of each other and of all linear functions.
"""

import math
from dataclasses import dataclass, field
from functools import partial

import jax
import numpy as np
from flint import arb, arb_mat, ctx, fmpq, fmpq_mat
from jaxtyping import Float
from scipy.linalg import LinAlgError, cho_factor, cho_solve, qr
from scipy.optimize import linprog, minimize

from margintheory import faces, kernels, l1svm, regularized, rigour, sphere, validate
from margintheory.arrays import ArrayLike, Reals

UNIT = 2.0**-53
ENTRY = 16  # an entry of K in floats is off by at most this many times u √(K_ii K_jj)
SMALL, CLOSE = 1e-9, 1e-6  # λ, and the gap, at which the plane's squared loss is left to Newton
NEWTON_STEPS = 6
ROUNDS, NEW_COLUMNS = 12, 200
ENUMERABLE = 10**5  # about how many faces, times n, are written down
TIGHT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
DESCENT = (
    1e-2,
    1e-3,
    1e-4,
    1e-5,
    1e-6,
)  # the values of λ through which a network descends beyond it
STEPS = 500  # of the descent, at each λ
REFINEMENTS = 4


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class L1Interpolant:
    """A certified bracket lower ≤ ‖α_ℓ1‖₁ ≤ upper and the pair that proves it.

    Some measure on the `atoms` interpolates exactly and has norm at most `upper`; `weights` are its
    masses rounded to floats. `dual` ν has max_u |Σ_i ν_i relu(u·x_i)| ≤ 1 and νᵀy = lower, both up
    to rounding. `status` is "optimal", or says that the
    bracket did not close, or that no interpolant exists: then both ends are infinite, the measure
    is zero, and Σ_i ν_i φ(x_i) = 0 although νᵀy ≠ 0.
    """

    lower: float
    upper: float
    atoms: Float[np.ndarray, "m d"]
    weights: Float[np.ndarray, " m"]
    dual: Float[np.ndarray, " n"]
    status: str = field(metadata={"static": True})


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class L2Interpolant:
    """A certified bracket lower ≤ √κ ‖α_ℓ2‖₂ = √(yᵀK⁻¹y) ≤ upper and the coefficients K⁻¹y.

    The interpolant is f(x) = Σ_i coefficients_i K(x_i, x), `kernels.relu_kernel(X_new, X) @
    coefficients`.
    """

    lower: float
    upper: float
    coefficients: Float[np.ndarray, " n"]


# ---------------------------------------------------------------------------------------------
# When can the data be interpolated?
# ---------------------------------------------------------------------------------------------


def dependence(X: Reals[ArrayLike, "n d"]) -> dict[int, dict[int, fmpq]]:
    """For each row j whose feature is a combination of earlier ones, φ(x_j) = Σ_i c_i φ(x_i).

    Returns {j: {i: c_i}} in exact fractions; it is empty if and only if K is invertible
    (Claim D.12). A row 0 is the empty combination. Raises ValueError if X is not finite.
    """
    X = validate.points(X)
    N, _ = rigour.dyadic(X)
    divisor = [math.gcd(*row) for row in N]
    line = [_up_to_sign(row // max(g, 1)) for row, g in zip(N, divisor, strict=True)]
    shared = [i for i in range(len(X)) if divisor[i] == 0 or line.count(line[i]) > 1]
    if not shared:  # an |u·x_i| of its own makes each feature independent of the others
        return {}
    lines = sorted({line[i] for i in shared if divisor[i]})
    even = [[divisor[i] * (line[i] == other) for i in shared] for other in lines]
    T, rank = fmpq_mat([*N[shared].T.tolist(), *even]).rref()
    pivots = [next(k for k in range(T.ncols()) if T[row, k] != 0) for row in range(rank)]
    return {
        shared[k]: {shared[p]: T[row, k] for row, p in enumerate(pivots) if T[row, k] != 0}
        for k in range(len(shared))
        if k not in pivots
    }


def _up_to_sign(ray) -> tuple[int, ...]:
    """The ray or its opposite, the same for both."""
    ray = tuple(ray)
    return max(ray, tuple(-c for c in ray))


# ---------------------------------------------------------------------------------------------
# The minimum 1-norm
# ---------------------------------------------------------------------------------------------


def min_l1_norm(
    X: Reals[ArrayLike, "n d"], y: Reals[ArrayLike, " n"], *, tol: float = 1e-9
) -> L1Interpolant:
    """The least total variation of a measure on S^{d−1} that interpolates (equation D.3).

    The bracket is rigorous. It closes to relative accuracy `tol` for d ≤ 2. Beyond the plane the
    measure comes from searches of fixed length and the maximum in `lower` is bounded as in
    `l1svm`; where that is a bound only, `lower` may be far below. `upper` is infinite if points so
    nearly coincide that no measure was found. At most n atoms (Lemma B.1). Raises ValueError for
    data that are not finite, or tol ≤ 0.
    """
    X, y = validate.regression_set(X, y)
    tol = validate.positive(tol, "tol")
    combinations = dependence(X)
    for j, combination in combinations.items():
        if sum((c * _exact(y[i]) for i, c in combination.items()), fmpq(0)) != _exact(y[j]):
            return _infeasible(X, j, combination)
    rows, dual = np.setdiff1d(np.arange(len(X)), list(combinations)), np.zeros(len(X))
    if not y.any():
        return _nothing(X, 0.0, dual, "optimal")
    x_unit, y_unit = (2.0 ** np.round(np.log2(np.abs(v).max())) for v in (X, y))
    Z, t = X[rows] / x_unit, y[rows] / y_unit  # exactly
    atoms, nus = _search(Z, t, tol)
    weights, upper = _exact_weights(Z, t, atoms)
    lower, dual[rows] = max(((l1_norm_lower(Z, t, nu), nu) for nu in nus), key=lambda pair: pair[0])
    lower, upper, weights = (v * y_unit / x_unit for v in (lower, upper, weights))
    dual *= lower / (dual @ y)
    closed = upper - lower <= tol * upper
    status = "optimal" if closed else f"gap not closed: between {lower:.17g} and {upper:.17g}"
    return L1Interpolant(lower, upper, atoms, weights, dual, status)


def l1_norm_lower(
    X: Reals[ArrayLike, "n d"], y: Reals[ArrayLike, " n"], nu: Reals[ArrayLike, " n"]
) -> float:
    """νᵀy / max_u |Σ_i ν_i relu(u·x_i)| ≤ ‖α_ℓ1‖₁ for any ν ≠ 0, rounded down.

    The maximum is exact for d ≤ 2 and where `l1svm.upper_bound` is; otherwise bounded from above.
    """
    X, y = validate.regression_set(X, y)
    nu = validate.finite_array(nu, "nu", ndim=1)
    with ctx.workprec(rigour.PRECISION):
        total = sum((abs(arb(v)) for v in nu), arb(0))
        greatest = l1svm.upper_bound(X, np.where(nu < 0, -1.0, 1.0), np.abs(nu)) * total
        value = sum((arb(v) * arb(t) for v, t in zip(nu, y, strict=True)), arb(0))
        return rigour.below(value / greatest)


def _exact(value: float) -> fmpq:
    return fmpq(*float(value).as_integer_ratio())


def _nothing(X, norm: float, nu, status: str) -> L1Interpolant:
    """A result with the zero measure."""
    return L1Interpolant(norm, norm, np.eye(1, X.shape[1]), np.zeros(1), nu, status)


def _infeasible(X, j: int, combination: dict[int, fmpq]) -> L1Interpolant:
    """The proof that no measure interpolates: row j contradicts the rows of the combination."""
    nu = np.zeros(len(X))
    nu[j] = -1.0
    for i, c in combination.items():
        nu[i] = int(c.p) / int(c.q)
    rows = ", ".join(str(i) for i in sorted([j, *combination]))
    return _nothing(X, math.inf, nu, f"no interpolant exists: rows {rows}")


def _search(X, y, tol: float):
    """n atoms of a nearly optimal interpolant, and candidates for ν, in floats."""
    n, d = X.shape
    if d <= 2:
        return _in_the_plane(X, y, tol)
    atoms, nu = _descend(X, y)
    if n**d <= ENUMERABLE:
        arrangement = faces.enumerate_faces(X)
        return _column_generation(X, y, atoms, nu, partial(faces.summits, arrangement), tol)
    i = np.argmax(np.abs(y) / np.linalg.norm(X, axis=1))  # ν = ±e_i says |y_i| ≤ ‖x_i‖ ‖α‖₁
    atoms, _ = _completed(X, y, np.vstack([atoms, _directions(X)]), _spare(X))
    return atoms, [nu, np.sign(y[i]) * np.eye(n)[i]]


def _in_the_plane(X, y, tol: float):
    """Column generation from the minimiser for a small λ."""
    arcs = sphere.arrange(X)
    start = regularized.solve(X, y, SMALL, loss="squared", tol=CLOSE)
    U, nu = np.asarray(start.network.U), start.dual / (2 * len(y) * SMALL)
    atoms = U / np.linalg.norm(U, axis=1, keepdims=True)

    def price(nu):
        summits = sphere.summits(arcs, nu)
        return summits.u[:, : X.shape[1]], summits.sign * summits.value

    return _column_generation(X, y, atoms, nu, price, tol, partial(_newton, arcs))


def _column_generation(X, y, pool, dual, price, tol, newton=None):
    """Linear programmes over a growing pool of atoms, until the bounds in floats are close.

    `price(ν)` returns unit vectors u and F(u) = Σ_i ν_i relu(u·x_i), the greatest |F| among them.
    """
    spare = _spare(X)
    u, F = price(dual)
    lower, (best, upper) = dual @ y / np.abs(F).max(), _completed(X, y, spare, spare)
    for _ in range(ROUNDS):
        pool = np.unique(np.vstack([spare, pool, u[np.abs(F) > 0.999 * np.abs(F).max()]]), axis=0)
        solution = _vertex(_features(X, pool), y)
        if solution is None:  # float64 is exhausted
            break
        w, nu = solution
        measure = sphere.merge(X, pool[w != 0], w[w != 0])
        pool = pool[(w != 0) | (np.abs(nu @ _features(X, pool)) > 0.9)]
        pairs = [(measure[0], nu)] if newton is None else newton(y, *measure, nu)
        for atoms, nu_k in [*pairs, (measure[0], (nu + dual) / 2)]:
            greatest = np.abs(price(nu_k)[1]).max()
            if nu_k @ y / greatest > lower:
                lower, dual = nu_k @ y / greatest, nu_k
            atoms, norm = _completed(X, y, atoms, spare)
            if norm < upper:
                upper, best = norm, atoms
        if upper - lower <= tol / 4 * upper:
            break
        between, F = price((nu + dual) / 2)
        new = np.argsort(-np.abs(F))[:NEW_COLUMNS]
        pool = np.vstack([pool, best, between[new[np.abs(F[new]) > 1]]])
        u, F = price(dual)
    return best, [dual]


def _newton(arcs: sphere.Arrangement, y, atoms, weights, nu):
    """Steps of Newton's method for V a = y and Vᵀν = 1, where the atom of an arc moves with ν."""
    d, ones = atoms.shape[1], np.ones(len(y))
    yield atoms, nu
    arc = sphere.arc_of(arcs, np.pad(atoms, ((0, 0), (0, 2 - d))))
    arc, a = np.where(weights > 0, arc, arc + len(arcs.starts)), np.abs(weights)
    for _ in range(NEWTON_STEPS):
        summits = sphere.Summits(*(field[arc] for field in sphere.summits(arcs, nu)))
        V = sphere.gradients(arcs.X, ones, summits.u, summits.sign)
        T = sphere.curvatures(arcs.X, ones, summits)
        residual = np.concatenate([y - V @ a, 1 - V.T @ nu])
        K = np.block([[(T * a) @ T.T, V], [V.T, np.zeros((len(a), len(a)))]])
        change = np.linalg.lstsq(K, residual)[0]
        nu, a = nu + change[: len(y)], a + change[len(y) :]
        arc, a = arc[a > 0], a[a > 0]
        if not len(a):
            return
        yield sphere.summits(arcs, nu).u[arc, :d], nu


def _descend(X, y):
    """Atoms and ν = (y − f)/(nλ) of a network of width n that descends ½‖Θ‖² + ‖f − y‖²/(2nλ).

    λ falls from stage to stage; where it is larger the descent is easier.
    """
    n, d = X.shape

    def objective(theta, lam):
        w, U = theta[:n], theta[n:].reshape(n, d)
        H = np.maximum(X @ U.T, 0)
        residual = H @ w - y
        nu = residual / (n * lam)
        dU = ((H > 0) * (nu[:, None] * w)).T @ X
        slope = np.concatenate([H.T @ nu, dU.ravel()]) + theta
        return (residual @ nu + theta @ theta) / 2, slope

    theta = np.random.default_rng(0).normal(size=n * (1 + d)) * 0.3 / math.sqrt(d)
    options = {"maxiter": STEPS, "maxfun": 2 * STEPS, "maxcor": 20, "ftol": 1e-15, "gtol": 1e-10}
    for lam in DESCENT:
        descent = minimize(objective, theta, (lam,), "L-BFGS-B", jac=True, options=options)
        theta = descent.x
    w, U = theta[:n], theta[n:].reshape(n, d)
    length = np.linalg.norm(U, axis=1)
    alive = length > 1e-6 * length.max()
    atoms, _ = sphere.merge(X, U[alive] / length[alive, None], (w * length)[alive])
    return atoms, (y - np.maximum(X @ U.T, 0) @ w) / (n * lam)


def _spare(X):
    """n directions with independent features, unless points nearly coincide."""
    directions = _directions(X)
    return directions[qr(_features(X, directions), mode="r", pivoting=True)[1][: len(X)]]


def _completed(X, y, atoms, spare):
    """The atoms, completed or cut to n, and the norm with which they interpolate, in floats."""
    n = len(y)
    if len(atoms) > n:
        solution = _vertex(_features(X, atoms), y)
        atoms = atoms[:n] if solution is None else atoms[solution[0] != 0]
    Q, _ = qr(_features(X, atoms), mode="economic")
    V = _features(X, spare)
    more = qr(V - Q @ (Q.T @ V), mode="r", pivoting=True)[1][: n - len(atoms)]
    atoms = np.vstack([atoms, spare[more]])
    V = _features(X, atoms)
    w, _, rank, _ = np.linalg.lstsq(V, y)
    interpolates = rank == n and np.abs(V @ w - y).max() <= 1e-10 * np.abs(y).max()
    return atoms, np.abs(w).sum() if interpolates else np.inf


def _features(X, atoms):
    return np.maximum(X @ atoms.T, 0)


def _directions(X):
    """Unit vectors, among them n with independent features unless points nearly coincide."""
    n, d = X.shape
    random = np.random.default_rng(0).normal(size=(8 * n, d))
    beside = random - np.sum(random * np.tile(X, (8, 1)), axis=1)[:, None] * np.tile(
        X / np.sum(X**2, axis=1)[:, None], (8, 1)
    )
    u = np.vstack([X, -X, random, beside])
    if d <= 2:
        starts = sphere.arrange(X).starts
        u = np.vstack([u, starts[:, :d], (starts + np.roll(starts, -1, axis=0))[:, :d]])
    length = np.linalg.norm(u, axis=1)
    return u[length > 0] / length[length > 0, None]


def _vertex(V, y):
    """The w of least Σ|w_j| with V w = y, at most n of them not 0, and its dual, by HiGHS."""
    m = V.shape[1]
    for method in ("highs-ds", "highs-ipm"):
        result = linprog(
            np.ones(2 * m), A_eq=np.hstack([V, -V]), b_eq=y, method=method, options=TIGHT
        )
        if result.x is not None:
            return result.x[:m] - result.x[m:], result.eqlin.marginals
    return None


def _exact_weights(X, y, atoms):
    """The weights with which the atoms interpolate, and the norm rounded up.

    Atoms with dependent features, which points that nearly coincide may leave, prove no bound.
    """
    (N, n_exponent), (U, u_exponent) = rigour.dyadic(X), rigour.dyadic(atoms)
    features = np.maximum(N @ U.T, 0)
    with ctx.workprec(2 * rigour.PRECISION):
        unit = arb(2) ** (n_exponent + u_exponent)
        B = arb_mat([[arb(int(v)) * unit for v in row] for row in features])
        try:
            exact = B.solve(arb_mat([[arb(t)] for t in y])).entries()
        except ZeroDivisionError:
            return np.linalg.lstsq(_features(X, atoms), y)[0], math.inf
        lengths = [arb(int(square)).sqrt() * arb(2) ** u_exponent for square in (U**2).sum(axis=1)]
        norm = sum((abs(w) * length for w, length in zip(exact, lengths, strict=True)), arb(0))
        return np.array([float(w.mid()) for w in exact]), rigour.above(norm)


# ---------------------------------------------------------------------------------------------
# The minimum 2-norm
# ---------------------------------------------------------------------------------------------


def min_l2_norm(X: Reals[ArrayLike, "n d"], y: Reals[ArrayLike, " n"]) -> L2Interpolant:
    """The least √κ‖α‖₂ of an interpolating α ∈ L²(S^{d−1}) (equation D.4, Claim D.12).

    Raises ValueError, with the rows, if K is singular, exactly or beyond float64.
    """
    X, y = validate.regression_set(X, y)
    for j, combination in dependence(X).items():
        rows = ", ".join(str(i) for i in sorted([j, *combination]))
        raise ValueError(
            f"K is singular: the features of rows {rows} are dependent (a zero row, points on one "
            "ray, or antipodal pairs on dependent lines); drop one of them."
        )
    factor, mu = _factor(np.asarray(kernels.relu_kernel(X)))
    with ctx.workprec(rigour.PRECISION):
        K, target = kernels.relu_kernel_ball(X), arb_mat([[arb(t)] for t in y])
        c = arb_mat(len(y), 1)
        for _ in range(REFINEMENTS):
            step = cho_solve(factor, _floats(target - K * c))
            c += arb_mat([[arb(s)] for s in step])
            c = arb_mat([[c_i.mid()] for c_i in c.entries()])
        residual = target - K * c
        lower = _dot(c, target) / _dot(c, K * c).nonnegative_part().sqrt() if y.any() else arb(0)
        square = _dot(c, target) + _dot(c, residual) + _dot(residual, residual) / arb(mu)
        upper = square.nonnegative_part().sqrt()
        return L2Interpolant(rigour.below(lower), rigour.above(upper), _floats(c))


def _floats(column: arb_mat) -> Float[np.ndarray, " n"]:
    return np.array([float(entry.mid()) for entry in column.entries()])


def _dot(a: arb_mat, b: arb_mat) -> arb:
    return (a.transpose() * b)[0, 0]


def _factor(K: Float[np.ndarray, "n n"]):
    """A Cholesky factor of K, and a certain lower bound of the eigenvalues of the exact matrix.

    If the factorisation of K − μ runs to completion, no eigenvalue of K is below μ by more than
    (n + 2) u tr K (Rump 2006); the exact matrix differs from K by at most 16 u tr K in norm.
    """
    error = 2 * (len(K) + 2 + ENTRY) * UNIT * np.trace(K)
    mu = np.linalg.eigvalsh(K)[0] / 2
    try:
        cho_factor(K - mu * np.eye(len(K)))
        factor = cho_factor(K)
    except LinAlgError:
        mu = 0.0
    if mu <= 2 * error:
        scale = np.sqrt(np.diag(K))
        cosine = np.tril(K / scale[:, None] / scale, -1)
        i, j = np.unravel_index(np.argmax(cosine), K.shape)
        raise ValueError(
            f"K is singular to float64: rows {j} and {i} have the closest features; drop points "
            "that nearly repeat."
        )
    return factor, mu - error
