"""Where to look for the ℓ1-SVM beyond the plane: measures and duals, found in floats.

Nothing here is certified: `l1svm` evaluates what is found in exact arithmetic, so that either side
is a bound however well the search went. A linear programme over finitely many atoms gives a
measure and a dual p, new atoms come from where p is violated, and Newton's method moves atoms to
where they belong. In high dimension the first atoms come from the descent of a wide network, and
the new ones from ascent on the sphere; both run in JAX for all neurons and starts at once.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float
from scipy.optimize import linprog

from margintheory import branching, faces, sphere
from margintheory.rigour import norms

ROUNDS = 40  # with an exact maximum over u
FEW_ROUNDS = 8  # without, twice
NEWTON_STEPS = 6  # after each programme
NEW_COLUMNS = 200  # from each pricing
ON_FLAT = 1e-7  # |u·x_i|/|x_i| below which u counts as orthogonal to x_i
LARGE = 1e4  # entries of the programme; those of HiGHS below 1e-9 are lost
DIRECTIONS = 4096  # random ones, of which those with the greatest F ascend
STARTS = 64  # neurons that descend; atoms and random directions that ascend
DESCENT = 1000  # steps
ASCENT, INNER = 20, 6  # steps, and steps within a step

Measure = tuple[Float[np.ndarray, "m d"], Float[np.ndarray, " m"]]  # atoms and weights
Price = Callable[[Float[np.ndarray, " n"], Float[np.ndarray, "k d"]], Measure]


class Found(NamedTuple):
    """A measure Σ_j weights_j δ_{atoms_j}, and p on the simplex."""

    atoms: Float[np.ndarray, "m d"]
    weights: Float[np.ndarray, " m"]
    dual: Float[np.ndarray, " n"]


def with_faces(arrangement: faces.Faces, y: Float[np.ndarray, " n"], tol: float) -> Found:
    """Atoms, weights and p whose bounds in floats are within a factor 1 + tol, if it can."""
    X = arrangement.X

    def price(w, _):
        return faces.summits(arrangement, w)

    start = _both_signs(_random(8 * len(y), X.shape[1]))
    return _column_generation(X, y, start, np.full(len(y), 1 / len(y)), price, ROUNDS, tol)


def by_ascent(
    X: Float[np.ndarray, "n d"],
    y: Float[np.ndarray, " n"],
    p: Float[np.ndarray, " n"],
    tol: float,
) -> Found:
    """Atoms, weights and a dual found by descent and ascent, starting from a good p.

    Ascent may miss the maximum: half-way, branch and bound gives the best directions it knows. The
    longest points should have length about 1.
    """
    random = _between(X, DIRECTIONS)
    features = np.maximum(random @ X.T, 0)

    def price(w, atoms):
        v = w / np.abs(w).max()
        F, known, u = features @ v, np.resize(atoms, (STARTS, X.shape[1])), []
        for sign in (1, -1):
            best = random[np.argsort(-sign * F)[:STARTS]]
            u += [ascend(X, sign * v, np.concatenate([known, best])), best]
        u = np.concatenate(u)
        u = norms.unit(u[u.any(axis=1)])
        return u, np.maximum(u @ X.T, 0) @ w

    w, U = (np.asarray(side) for side in descend(X, y, random[:STARTS]))
    alive = U.any(axis=1) & (w != 0) & np.isfinite(np.column_stack([w, U])).all(axis=1)
    atoms, signs = _both_signs(random[:1])  # lest none is alive
    start = np.vstack([norms.unit(U[alive]), atoms]), np.append(w[alive], signs)
    found = _column_generation(X, y, start, p, price, FEW_ROUNDS, tol)
    missed = [branching.maximum(X, sign * y * found.dual)[1] for sign in (1, -1)]
    start = np.vstack([found.atoms, *missed]), np.append(found.weights, [1.0, -1.0])
    return _column_generation(X, y, start, found.dual, price, FEW_ROUNDS, tol)


def _random(m: int, d: int) -> Float[np.ndarray, "m d"]:
    return norms.unit(np.random.default_rng(0).normal(size=(m, d)))


def _between(X: Float[np.ndarray, "n d"], m: int) -> Float[np.ndarray, "m d"]:
    """Random unit vectors u for which u·x_i/|x_i| takes either sign, wherever the points lie.

    u = (Σ_i x_i x_iᵀ/|x_i|²)^{−1/2} z with z Gaussian: u·x has equal variance in all directions
    that the points span. Far from the origin, most uniform u have all points on one side.
    """
    _, S, R = np.linalg.svd(norms.unit(X), full_matrices=False)
    return norms.unit(_random(m, X.shape[1]) @ (R.T / np.maximum(S, ON_FLAT * S[0])) @ R)


def _both_signs(atoms: Float[np.ndarray, "k d"]) -> Measure:
    return np.concatenate([atoms, atoms]), np.repeat([1.0, -1.0], len(atoms))


def ridges(X: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "m d"]:
    """Unit vectors that separate any labels of points on different lines.

    If u is orthogonal to x_i then relu((u + εv)·x) − 2 relu(u·x) + relu((u − εv)·x), v = x_i/|x_i|,
    is ε|x_i| at x_i, and 0 at the other points if |u·x_j| ≥ ε|v·x_j|. Of some random u the one for
    which ε is greatest is taken.
    """
    V = norms.unit(X[X.any(axis=1)])
    random, atoms = _random(STARTS, X.shape[1]), []
    for i, v in enumerate(V):
        across = norms.unit(random - np.outer(random @ v, v))
        distance = np.abs(across @ np.delete(V, i, axis=0).T)
        distance[:, distance.max(axis=0, initial=0) <= ON_FLAT] = 1  # points on the line of x_i
        least = distance.min(axis=1, initial=1)
        u, epsilon = across[least.argmax()], least.max()
        atoms += [u, u + epsilon * v, u - epsilon * v]
    return norms.unit(np.array(atoms)[np.any(atoms, axis=1)])


def _column_generation(
    X, y, start: Measure, p: Float[np.ndarray, " n"], price: Price, rounds: int, tol: float
) -> Found:
    """The measure and the p with the best bounds in floats, from the atoms of `start` and p.

    `price(w, atoms)` returns unit vectors u and F(u) = Σ_i w_i relu(u·x_i) there; the greatest |F|
    counts as the maximum. Stops when that is within a factor 1 + tol of the measure's margin.
    """
    measure, lower = start, margin(X, y, start)
    atoms, signs = start[0], np.sign(start[1])
    upper, dual = np.abs(price(y * p, atoms)[1]).max(), p
    tried_ridges = False
    for _ in range(rounds):
        V = sphere.gradients(X, y, atoms, signs)
        solution = linear_programme(V / max(upper, np.finfo(float).tiny))
        if solution is None:  # so small a margin that float64 is exhausted
            break
        a, p = solution
        gamma = (p @ V).max()
        a = _lifted(V, a, gamma)
        separated = (V @ a).min() > 0
        duals = [p, (p + dual) / 2]  # a vertex p alone oscillates
        pool = [np.column_stack([atoms, signs])[(a > 0) | (p @ V > 0.9 * gamma)]]
        found = atoms[a > 0], (signs * a)[a > 0]
        if separated:
            merged = _merge(X, found[0], found[1] / gamma)
            found, nu, moved = _newton(X, y, merged, p / gamma)
            duals.append(nu / nu.max() / (nu / nu.max()).sum())
            pool.append(moved)
        elif not tried_ridges:
            pool.append(np.column_stack(_both_signs(ridges(X))))
            tried_ridges = True
        if margin(X, y, found) > lower:
            lower, measure = margin(X, y, found), found
        for q in duals:
            u, F = price(y * q, found[0])
            if np.abs(F).max() < upper:
                upper, dual = np.abs(F).max(), q
            new = np.argsort(-np.abs(F))[:NEW_COLUMNS]
            new = new[np.abs(F[new]) > max(lower, 0)]
            pool.append(np.column_stack([u, np.sign(F)])[new])
        if upper - lower <= tol * upper:
            break
        columns = np.unique(np.concatenate(pool), axis=0)
        atoms, signs = columns[:, :-1], columns[:, -1]
    return Found(*measure, dual)


def margin(X: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"], measure: Measure) -> float:
    """min_i y_i ⟨α, φ(x_i)⟩ / ‖α‖₁ in floats."""
    atoms, weights = measure
    share = weights / np.abs(weights).sum()
    return float((y * (np.maximum(X @ atoms.T, 0) @ share)).min())


def linear_programme(
    V: Float[np.ndarray, "n m"],
) -> tuple[Float[np.ndarray, " m"], Float[np.ndarray, " n"]] | None:
    """The a ∈ Δ with greatest min_i (Va)_i, and the p ∈ Δ with least max_j (Vᵀp)_j, by HiGHS.

    That number should be about 1. None if HiGHS fails.
    """
    n, m = V.shape
    row = np.maximum(np.abs(V).max(axis=1) / LARGE, 1)
    for method in ("highs-ds", "highs-ipm"):
        result = linprog(
            np.append(np.zeros(m), -1.0),
            A_ub=np.column_stack([-V, np.ones(n)]) / row[:, None],
            b_ub=np.zeros(n),
            A_eq=np.append(np.ones(m), 0.0)[None],
            b_eq=[1.0],
            bounds=[(0, None)] * m + [(None, None)],
            method=method,
            options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
        )
        if result.x is not None:
            break
    else:
        return None
    a, p = np.maximum(result.x[:m], 0), np.maximum(-result.ineqlin.marginals, 0) / row
    return (a / a.sum(), p / p.sum()) if a.any() and p.any() else None


def _lifted(V, a, gamma: float):
    """a with some mass more on the best atom of each point that stays below γ/2.

    The programme's tolerance is relative to the length of a point, which may exceed γ by far.
    """
    i = np.flatnonzero((V @ a < gamma / 2) & (V.max(axis=1) > 0))
    j = V[i].argmax(axis=1)
    a = a.copy()
    np.add.at(a, j, (gamma - V[i] @ a) / V[i, j])
    return a


def _vanishing(X, atoms) -> Bool[np.ndarray, "m n"]:
    """Which points an atom is orthogonal to."""
    return np.abs(atoms @ X.T) <= ON_FLAT * norms.norm(X)


def _merge(X, atoms, weights) -> Measure:
    """The measure with the atoms of one sign and one face replaced by a single atom.

    Unlike `sphere.merge` it keeps an atom on a flat apart from those beside it, for `_newton`.
    """
    zero = _vanishing(X, atoms)
    pattern = np.column_stack([(atoms @ X.T > 0) & ~zero, zero, weights > 0])
    _, first, group = np.unique(pattern, axis=0, return_index=True, return_inverse=True)
    total = np.zeros((len(first), X.shape[1]))
    np.add.at(total, group, np.abs(weights)[:, None] * atoms)
    norm = norms.norm(total)
    alive = norm > 0
    return norms.unit(total[alive]), (np.sign(weights[first]) * norm)[alive]


class _Supports(NamedTuple):
    """The faces on which atoms sit: active points, projector onto the flat, sign, mass."""

    active: Bool[np.ndarray, "m n"]
    projector: Float[np.ndarray, "m d d"]
    sign: Float[np.ndarray, " m"]
    mass: Float[np.ndarray, " m"]


def _supports(X, measure: Measure) -> _Supports:
    atoms, weights = measure
    zero = _vanishing(X, atoms)
    projector = np.array([np.eye(X.shape[1]) - np.linalg.pinv(X[z]) @ X[z] for z in zero])
    return _Supports((atoms @ X.T > 0) & ~zero, projector, np.sign(weights), np.abs(weights))


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # then the step is not taken
def _newton(X, y, measure: Measure, nu):
    """Newton's method for V a = 1 on the points with ν_i > 0 and Vᵀν = 1.

    The atom of a face moves with ν to where ±F is greatest on its flat. Returns the best measure
    that was met, the last ν, and the columns (u, sign) of the last atoms.
    """
    s, best = _supports(X, measure), measure
    moved = np.column_stack([measure[0], s.sign])
    for _ in range(NEWTON_STEPS):
        c = s.sign[:, None] * np.einsum("jkl,jl->jk", s.projector, (s.active * (y * nu)) @ X)
        length = norms.norm(c)
        alive = (s.mass > 0) & (length > 0.1)  # at the solution the length is 1
        if not alive.any():
            break
        s = _Supports(*(field[alive] for field in s))
        u = norms.unit(c[alive])
        moved = np.column_stack([u, s.sign])
        best = max(best, (u, s.sign * s.mass), key=lambda m: margin(X, y, m))
        change = _newton_step(X, y, s, u, length[alive], nu)
        if change is None:  # float64 is exhausted
            break
        after, mass = change
        s = s._replace(mass=mass)
        if not after.any():
            break
        nu = after
    return best, nu, moved


def _newton_step(X, y, s: _Supports, u, length, nu):
    """New ν and masses; points and atoms whose weight would turn negative get 0.

    The Hessian in ν of the greatest value |P_L c| on the flat of atom j is T_j T_jᵀ. Rows are
    divided by |x_i|, and ν_i multiplied, so that short points count as much as long ones.
    """
    points = nu > 0
    rho = norms.norm(X[points])
    active = (y[points] / rho)[:, None] * s.active.T[points]
    V = active * (X[points] @ u.T) * s.sign
    tangent = s.projector - np.einsum("jk,jl->jkl", u, u)
    T = np.einsum("ij,ik,jkl->ijl", active, X[points], tangent)
    T = (T * np.sqrt(s.mass / length)[:, None]).reshape(len(V), -1)
    K = np.block([[T @ T.T, V], [V.T, np.zeros((len(u), len(u)))]])
    residual = np.concatenate([1 / rho - V @ s.mass, 1 - V.T @ (nu[points] * rho)])
    if not (np.isfinite(K).all() and np.isfinite(residual).all()):
        return None
    try:
        change = np.linalg.lstsq(K, residual)[0]
    except np.linalg.LinAlgError:
        return None
    nu = nu.copy()
    nu[points] = np.maximum(nu[points] + change[: len(V)] / rho, 0)
    return nu, np.maximum(s.mass + change[len(V) :], 0)


@jax.jit
def descend(
    X: Float[Array, "n d"], y: Float[Array, " n"], U: Float[Array, "m d"]
) -> tuple[Float[Array, " m"], Float[Array, "m d"]]:
    """Weights (w, U) of a network that starts at U, after descent of minus its soft margin.

    Adam on ln Σ_i exp(−β y_i f(Θ; x_i)/½‖Θ‖²), in which β grows to a thousand margins.
    """
    w = jnp.where(jnp.arange(len(U)) % 2 == 0, 1.0, -1.0)

    def margins(Theta):
        w, U = Theta
        return 2 * y * (jnp.maximum(X @ U.T, 0) @ w) / ((w**2).sum() + (U**2).sum())

    def loss(Theta, beta):
        return jax.nn.logsumexp(-beta * margins(Theta))

    def step(state, t):
        Theta, mean, square = state
        beta = 1000.0**t / jnp.maximum(jnp.abs(margins(Theta).min()), 1e-30)
        gradient = jax.grad(loss)(Theta, beta)
        mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, mean, gradient)
        square = jax.tree.map(lambda v, g: 0.99 * v + 0.01 * g**2, square, gradient)
        rate = 0.02 * (1 - t)
        Theta = jax.tree.map(
            lambda x, m, v: x - rate * m / (jnp.sqrt(v) + 1e-12), Theta, mean, square
        )
        return (Theta, mean, square), None

    zero = jnp.zeros_like(w), jnp.zeros_like(U)
    state, _ = jax.lax.scan(step, ((w, U), zero, zero), jnp.linspace(0.0, 1.0, DESCENT))
    return state[0]


@jax.jit
def ascend(
    X: Float[Array, "n d"], w: Float[Array, " n"], U: Float[Array, "m d"]
) -> Float[Array, "m d"]:
    """Local maximisers on the sphere of F(u) = Σ_i w_i relu(u·x_i), from starts U; 0 if F ≤ 0 near.

    F is convex where w_i > 0 and concave where w_i < 0. At u the convex part is replaced by its
    tangent c·u. The maximum over |u| ≤ 1 of c·u − Σ_j |w_j| relu(u·x_j) is then
    min_{0 ≤ t ≤ 1} |c − Σ_j t_j |w_j| x_j|, attained in that direction: accelerated projected
    gradient on t.
    """
    convex, B = jnp.maximum(w, 0), jnp.maximum(-w, 0)[:, None] * X
    rate = 1 / jnp.maximum(jnp.linalg.eigvalsh(B.T @ B)[-1], 1e-300)

    def climb(u):
        def inner(k, state, c):
            t, ahead = state
            after = jnp.clip(ahead + rate * (B @ (c - ahead @ B)), 0, 1)
            return after, after + k / (k + 3) * (after - t)

        def step(state, _):
            u, t = state
            c = (convex * (X @ u > 0)) @ X
            t, _ = jax.lax.fori_loop(0, INNER, lambda k, state: inner(k, state, c), (t, t))
            return (c - t @ B, t), None

        (u, _), _ = jax.lax.scan(step, (u, jnp.where(X @ u > 0, 1.0, 0.0)), None, length=ASCENT)
        norm = jnp.linalg.norm(u)
        return jnp.where(norm > 0, u / norm, 0)

    return jax.vmap(climb)(U)
