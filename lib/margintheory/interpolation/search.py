"""Where to look for the interpolant of least 1-norm, in floats.

Nothing here is certified. By Theorem D.5 measure and dual come from the regularised squared loss
for a λ close to 0: ν is its residual over nλ. In the plane the loss has a certified global minimum;
beyond it a wide network descends. Where the maximum of |F| can be computed, columns are generated.
Points and targets should have length about 1.
"""

import math
from functools import partial

import numpy as np
from scipy.linalg import qr
from scipy.optimize import linprog, minimize

from margintheory import regularized, sphere
from margintheory.sphere import faces, plane
from margintheory.sphere.measures import gradients
from margintheory.sphere.plane import Arcs, Summits

SMALL, CLOSE = 1e-9, 1e-6  # λ, and the gap, at which the plane's squared loss is left to Newton
NEWTON_STEPS = 6
ROUNDS, NEW_COLUMNS = 60, 200
TIGHT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
DESCENT = 1e-2, 1e-3, 1e-4, 1e-5, 1e-6  # the values of λ through which a network descends
STEPS = 500  # of the descent, at each λ


def search(cut: sphere.Cut, X, y, tol: float):
    """Atoms of a nearly optimal interpolant, and candidates for ν."""
    if isinstance(cut, Arcs):
        return _in_the_plane(cut, X, y, tol)
    atoms, nu = _descend(X, y)
    if isinstance(cut, faces.Faces):
        unit = np.abs(X).max() / np.abs(cut.X).max()  # `summits` works in `cut.X`

        def price(nu):
            u, F = faces.summits(cut, nu)
            return u, F * unit

        return _column_generation(X, y, atoms, nu, price, tol)
    i = np.argmax(np.abs(y) / np.linalg.norm(X, axis=1))  # ν = ±e_i says |y_i| ≤ ‖x_i‖ ‖α‖₁
    atoms, _ = _completed(X, y, np.vstack([atoms, directions(X)]), spare(X))
    return atoms, [nu, np.sign(y[i]) * np.eye(len(y))[i]]


def _in_the_plane(arcs: Arcs, X, y, tol: float):
    """Column generation from the minimiser for a small λ."""
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
    extra = spare(X)
    u, F = price(dual)
    lower, (best, upper) = dual @ y / np.abs(F).max(), _completed(X, y, extra, extra)
    for _ in range(ROUNDS):
        pool = np.unique(np.vstack([extra, pool, u[np.abs(F) > 0.999 * np.abs(F).max()]]), axis=0)
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
            atoms, norm = _completed(X, y, atoms, extra)
            if norm < upper:
                upper, best = norm, atoms
        if upper - lower <= tol / 4 * upper:
            break
        between, F = price((nu + dual) / 2)
        new = np.argsort(-np.abs(F))[:NEW_COLUMNS]
        pool = np.vstack([pool, best, between[new[np.abs(F[new]) > 1]]])
        u, F = price(dual)
    return best, [dual]


def _newton(arcs: Arcs, y, atoms, weights, nu):
    """Steps of Newton's method for V a = y and Vᵀν = 1, where the atom of an arc moves with ν."""
    d, ones = atoms.shape[1], np.ones(len(y))
    yield atoms, nu
    arc = plane.arc_of(arcs, np.pad(atoms, ((0, 0), (0, 2 - d))))
    arc, a = np.where(weights > 0, arc, arc + len(arcs.starts)), np.abs(weights)
    for _ in range(NEWTON_STEPS):
        summits = Summits(*(field[arc] for field in sphere.summits(arcs, nu)))
        V = gradients(arcs.X, ones, summits.u, summits.sign)
        T = plane.curvatures(arcs.X, ones, summits)
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


def spare(X):
    """n directions with independent features, unless points nearly coincide."""
    u = directions(X)
    return u[qr(_features(X, u), mode="r", pivoting=True)[1][: len(X)]]


def complements(X, atoms, extra):
    """The directions `extra`, in the order in which their features best complete those of atoms."""
    Q, _ = qr(_features(X, atoms), mode="economic")
    V = _features(X, extra)
    return extra[qr(V - Q @ (Q.T @ V), mode="r", pivoting=True)[1]]


def _completed(X, y, atoms, extra):
    """The atoms, completed or cut to n, and the norm with which they interpolate, in floats."""
    n = len(y)
    if len(atoms) > n:
        solution = _vertex(_features(X, atoms), y)
        atoms = atoms[:n] if solution is None else atoms[solution[0] != 0]
    atoms = np.vstack([atoms, complements(X, atoms, extra)[: n - len(atoms)]])
    V = _features(X, atoms)
    w, _, rank, _ = np.linalg.lstsq(V, y)
    interpolates = rank == n and np.abs(V @ w - y).max() <= 1e-10 * np.abs(y).max()
    return atoms, np.abs(w).sum() if interpolates else np.inf


def _features(X, atoms):
    return np.maximum(X @ atoms.T, 0)


def directions(X):
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
