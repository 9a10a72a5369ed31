"""Where to look for the global minimiser in the plane: an interior point method in floats.

It maximises the dual value over λ at ν = p/(2nλ). Each constraint is the maximum g_k(ν) ≤ 1 of ±F
over one arc of the arrangement of S¹, or its value at one end.
"""

from collections.abc import Iterator

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from margintheory.regularized.losses import Loss
from margintheory.rigour import Certificate
from margintheory.sphere import plane
from margintheory.sphere.measures import gradients, merge
from margintheory.sphere.plane import Arcs, Summits

ITERATIONS = 300
CORRECTIONS = (1.0, 0.0, 0.5)  # share of the second-order term; one in a hundred needs a second


def pairs(X, terms: Loss, lam: float, tol: float) -> Iterator[Certificate]:
    """What the interior point method in floats finds, in units in which data are about 1."""
    x_unit, y_unit = (2.0 ** (np.frexp(size)[1] - 1) for size in (np.abs(X).max(), terms.size))
    weak = lam / x_unit / y_unit
    if not 1e-100 < weak < 1e100:
        return
    arcs, scaled = plane.arrange(X / x_unit), terms.over(y_unit)
    for correction in CORRECTIONS:
        with np.errstate(all="ignore"):
            try:
                found, weights, p = _interior_point(arcs, scaled, weak, tol / 4, correction)
            except (LinAlgError, ValueError):  # infinities: float64 is exhausted
                return
            atoms, weights = merge(arcs.X, found, weights)
            atoms, weights = _pruned(arcs.X, scaled, weak, atoms, weights)
            weights, p = weights * (y_unit / x_unit), p * y_unit
        if weights.any() and np.isfinite(weights).all() and np.isfinite(p).all():
            yield Certificate.of(atoms, weights, p)


def _pruned(X, terms: Loss, lam, atoms, weights):
    """Without its lightest atoms, as many as the objective does not notice."""

    def objective(kept):
        z = terms.signs * (np.maximum(X @ atoms[kept].T, 0) @ weights[kept]) / 2
        return terms.values(z).mean() + lam * np.abs(weights[kept]).sum()

    mass = np.abs(weights)
    full = objective(mass > 0)
    for share in (1e-4, 1e-6, 1e-8, 1e-10, 1e-12):
        kept = mass > share * mass.sum()
        if objective(kept) <= full * (1 + 1e-12):
            return atoms[kept], weights[kept]
    return atoms, weights


def _interior_point(arcs: Arcs, terms: Loss, lam: float, tol: float, correction: float):
    """Atoms, weights and p whose primal and dual value in floats agree to `tol`, if it can.

    Maximises the dual value over λ at p = 2nλν subject to g_k(ν) ≤ 1 with slacks s and multipliers
    a: at the optimum 2 z(ν) = V a, where V has the gradients of the g_k and z(ν) the fitted values
    that belong to p. The ends of the arcs are constraints from the start. When that relaxation is
    nearly solved, arcs whose maximum lies inside join with their curved constraint.
    """
    n, X, y = len(arcs.X), arcs.X, terms.signs
    u_ends, sign_ends = plane.ends(arcs)
    V_ends = gradients(X, y, u_ends, sign_ends)
    nu, a, s = _start(arcs, V_ends, terms, lam)
    inner = np.zeros(0, dtype=int)  # the arcs that joined
    relaxation_solved = False
    best_primal, best_dual = np.inf, -np.inf
    for _ in range(ITERATIONS):
        summits = plane.summits(arcs, y * nu)
        if relaxation_solved:
            near = (summits.curvature > 0) & (summits.value > 0.95)
            joining = np.setdiff1d(np.flatnonzero(near), inner)
            slack = np.maximum(1 - summits.value[joining], n * (a @ s) / len(a) / a.sum())
            a = np.append(a, (a @ s) / len(a) / slack)
            s, inner = np.append(s, slack), np.append(inner, joining)
        chosen = Summits(*(field[inner] for field in summits))
        V = np.column_stack([V_ends, gradients(X, y, chosen.u, chosen.sign)])
        g = V.T @ nu
        primal = terms.values(V @ a / 2).mean() / lam + a.sum()
        dual = _scaled_dual(terms, nu, lam, summits.value.max())
        if primal < best_primal:
            best_primal, atoms = primal, np.concatenate([u_ends, chosen.u])
            weights = np.append(sign_ends, chosen.sign) * a
        if dual > best_dual:
            best_dual, p = dual, 2 * n * lam * nu
        if best_primal - best_dual <= tol * best_primal:
            break
        relaxation_solved = primal - _scaled_dual(terms, nu, lam, g.max()) < 1e-2 * primal
        T = plane.curvatures(X, y, chosen)
        try:
            nu, a, s = _step(terms, nu, a, s, V, T, 1 - g - s, lam, correction)
        except LinAlgError:  # float64 is exhausted: the bracket will say how far we came
            break
    return atoms, weights, p


def _start(arcs: Arcs, V, terms: Loss, lam: float):
    """ν in the interior, a multiple of p at Θ = 0, and multipliers that balance it."""
    n, m = V.shape
    p = terms.at_zero()
    greatest = plane.summits(arcs, terms.signs * p).value.max()
    nu = p * min(0.5 / greatest, 0.25 / (n * lam))
    s = 1 - V.T @ nu
    return nu, _scaled_dual(terms, nu, lam, 1.0) / m / s, s


def _scaled_dual(terms: Loss, nu, lam: float, greatest: float) -> float:
    """The dual value over λ for ν divided by max(1, greatest), which makes it feasible."""
    p = 2 * len(nu) * lam * nu / max(1.0, greatest)
    return float(terms.dual_values(p).mean() / lam)


def _step(terms: Loss, nu, a, s, V, T, r_s, lam: float, correction: float):
    """One predictor–corrector step of Mehrotra's method towards the optimality conditions.

    They are 2 z(ν) − V a = 0, 1 − g(ν) − s = 0 (whose left side is now r_s) and a_k s_k = 0.
    """
    n, curved = len(nu), len(a) - T.shape[1]
    p = 2 * n * lam * nu
    r_z = 2 * terms.fitted(p) - V @ a
    root = np.sqrt(terms.flatness(p) / (4 * n * lam))  # −dz/dν = 1/(2 root²)
    W = root[:, None] * np.column_stack([V * np.sqrt(a / s), T * np.sqrt(a[curved:])])
    with np.errstate(over="ignore"):
        factor = _cholesky(np.eye(n) + W @ W.T)

    def direction(r_c):
        dnu, residual, known = 0.0, r_z, (r_c - a * r_s) / s
        for _ in range(3):  # two refinements: a/s spans many powers of ten
            dnu = dnu + root * cho_solve(factor, root * (residual - V @ known))
            ds = r_s - V.T @ dnu
            da = (r_c - a * ds) / s
            residual, known = r_z - V @ da - dnu / root**2 - T @ (a[curved:] * (T.T @ dnu)), 0 * a
        return dnu, da, ds

    _, da, ds = direction(-a * s)
    step = _length(a, da, s, ds)
    sigma = np.clip(((a + step * da) @ (s + step * ds) / (a @ s)) ** 3, 1e-4, 1)
    dnu, da, ds = direction(sigma * (a @ s) / len(a) - a * s - correction * da * ds)
    step = 0.95 * _length(a, da, s, ds)
    p = terms.moved(p, 2 * n * lam * step * dnu)
    return p / (2 * n * lam), a + step * da, s + step * ds


def _length(a, da, s, ds) -> float:
    """The longest step ≤ 1/0.95 that keeps a and s nonnegative."""
    shrink = max(np.max(-da / a), np.max(-ds / s), 0.95)
    return 1 / shrink


def _cholesky(M):
    """The factor of a positive definite M; its diagonal is raised if rounding has spoilt M."""
    if not np.isfinite(M).all():
        raise LinAlgError("the Newton system overflows")
    for ridge in (0, 1e-14, 1e-13, 1e-12, 1e-11):
        try:
            return cho_factor(M + ridge * np.diag(M.diagonal()))
        except LinAlgError:
            continue
    raise LinAlgError("the Newton system is singular")
