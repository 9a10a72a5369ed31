"""The global minimiser Θ_λ of a weakly regularised loss of a two-layer relu network.

A network of any width is a measure α on the circle (Proposition 4.1): f = ½⟨α, φ⟩ and, balanced,
‖Θ‖² = ‖α‖₁. So min_Θ L_λ(Θ) is the convex problem

    min_α (1/n) Σ_i ℓ_i(z_i) + λ ‖α‖₁,   z_i = ½ s_i ⟨α, φ(x_i)⟩,

with ℓ_i(z) = ln(1 + e^{−z}) and s_i = y_i for the logistic loss, ℓ_i(z) = (z − y_i)² and s_i = 1
for the squared one (Theorem D.5). Its dual max_p −(1/n) Σ_i ℓ_i*(−p_i) subject to
max_u |Σ_i p_i s_i relu(u·x_i)| ≤ 2nλ proves global optimality; at the optimum p_i = −ℓ_i'(z_i). We
solve for ν = p/(2nλ), which stays bounded as λ → 0 if the data are separable, or can be
interpolated, by a primal–dual interior point method: each constraint is the maximum g_k(ν) ≤ 1 of
±F over one arc of the arrangement of S¹, or its value at one end.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import jax
import numpy as np
from flint import arb, arf, ctx
from jaxtyping import Float
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from margintheory import interior, rigour, sphere, validate
from margintheory.arrays import ArrayLike, Reals
from margintheory.circle import rounded
from margintheory.networks import TwoLayer, from_measure
from margintheory.rigour import Dyadic
from margintheory.rigour.certificate import Certificate
from margintheory.status import Status

ITERATIONS = 300
FLOATS = 1e-12  # the least tol that a search in floats tries to meet
CORRECTIONS = (1.0, 0.0, 0.5)  # share of the second-order term; one in a hundred needs a second


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class GlobalMinimum:
    """A certified bracket objective_lower ≤ min_Θ L_λ(Θ) ≤ objective_upper and its proof.

    `certificate` is the pair in exact numbers: a measure α, and p, which scaled to be feasible has
    a dual value of at least `objective_lower`. The balanced network of α, `network` up to the
    rounding of its parameters to floats, has objective at most `objective_upper`; so has `network`
    itself where floats can tell (tol ≥ 1e-14 or so). For the logistic loss 0 ≤ p_i ≤ 1, for the
    squared one p is twice the residual y − f; `dual` is p in floats. `norm_squared` is ‖Θ‖² and
    `margin` the normalised margin min_i y_i f(Θ; x_i)/‖Θ‖² of the network, both in floats; where
    the minimiser is Θ = 0, and for the squared loss, the margin is nan.
    """

    lam: float
    objective_lower: float
    objective_upper: float
    norm_squared: float
    margin: float
    network: TwoLayer
    dual: Float[np.ndarray, " n"]
    certificate: Certificate
    status: Status = field(metadata={"static": True})


class Logistic(NamedTuple):
    """ℓ_i(z) = ln(1 + e^{−z}), z_i = y_i f(x_i), with dual value Ent(p_i), 0 ≤ p_i ≤ 1."""

    signs: Float[np.ndarray, " n"]

    @property
    def size(self):
        """The greatest target."""
        return 1.0

    def at_zero(self):
        """p at Θ = 0."""
        return np.full(len(self.signs), 0.5)

    def over(self, unit: float):
        """The same loss for targets in other units."""
        return self

    def subset(self, rows):
        return Logistic(self.signs[rows])

    def objective(self, weight: arf):
        """Its part in the dual problem, over λ."""
        return interior.Logistic(weight)

    def values(self, z):
        return np.logaddexp(0, -z)

    def dual_values(self, p):
        return -(p * np.log(p) + (1 - p) * np.log1p(-p))

    def fitted(self, p):
        """The z whose p this is, ln(1/p − 1)."""
        return np.log1p(-p) - np.log(p)

    def flatness(self, p):
        """−dp/dz."""
        return p * (1 - p)

    def moved(self, p, dp):
        """p + dp, kept in (0, 1)."""
        change = dp / p
        after = p * np.where(change > 0, 1 + change, np.exp(np.minimum(change, 0)))
        return np.clip(after, 1e-40, (1 + p) / 2)

    def in_balls(self, z: list[arb]) -> list[arb]:
        return [(-z_i).exp().log1p() for z_i in z]

    def dual_in_balls(self, p: list[arb]) -> list[arb]:
        return [_entropy(p_i) for p_i in p]


class Squared(NamedTuple):
    """ℓ_i(z) = (z − y_i)², z_i = f(x_i), with dual value p_i y_i − p_i²/4."""

    y: Float[np.ndarray, " n"]

    @property
    def signs(self):
        return np.ones(len(self.y))

    @property
    def size(self):
        return np.abs(self.y).max() or 1.0

    def at_zero(self):
        return 2 * self.y

    def over(self, unit: float):
        return Squared(self.y / unit)

    def subset(self, rows):
        return Squared(self.y[rows])

    def objective(self, weight: arf):
        return interior.Squared(rounded(self.y), weight)

    def values(self, z):
        return (z - self.y) ** 2

    def dual_values(self, p):
        return p * self.y - p**2 / 4

    def fitted(self, p):
        return self.y - p / 2

    def flatness(self, p):
        return np.full(len(p), 2.0)

    def moved(self, p, dp):
        return p + dp

    def in_balls(self, z: list[arb]) -> list[arb]:
        residuals = [z_i - arb(y_i) for z_i, y_i in zip(z, self.y, strict=True)]
        return [r * r for r in residuals]  # r**2 is nan for a ball around 0

    def dual_in_balls(self, p: list[arb]) -> list[arb]:
        return [p_i * (arb(y_i) - p_i / 4) for p_i, y_i in zip(p, self.y, strict=True)]


Loss = Logistic | Squared


def solve(
    X: Reals[ArrayLike, "n d"],
    y: Reals[ArrayLike, " n"],
    lam: float,
    *,
    loss: str = "logistic",
    tol: float = 1e-9,
) -> GlobalMinimum:
    """The global minimum of L_λ over two-layer networks of any width, d ≤ 2 (Claim A.1, eq. 2.1).

    `loss` is "logistic", for labels ±1, or "squared", for real targets (Theorem D.5). The data need
    not be separable, or such that they can be interpolated. The bracket closes to a
    relative accuracy `tol` of 1e-25 and below; where floats miss it an interior point method of
    many digits goes on. Beyond its reach `status` is OPEN: for λ below 1e-90 or so with points that
    contradict each other, or for the squared loss where both λ and tol are about 1e-30.

    Raises ValueError for λ ≤ 0, d > 2, labels other than ±1 for the logistic loss, another loss, or
    targets whose squares exceed the greatest float.
    """
    X, terms = _training_set(X, y, loss)
    plane = sphere.planar(X)
    lam, tol = validate.positive(lam, "lam"), validate.positive(tol, "tol")
    minima = []
    for pair in _pairs(plane, terms, lam, tol):
        minima.append(_minimum(X, terms, lam, tol, _in_dimension(X.shape[1], pair)))
        if minima[-1].status == Status.OPTIMAL:
            return minima[-1]
    return min(minima, key=lambda m: m.objective_upper - m.objective_lower)


def _in_dimension(d: int, pair: Certificate) -> Certificate:
    """The atoms of the plane in d dimensions, without those that vanish there."""
    U, w = pair.atoms.integers[:, :d], pair.weights.integers
    acts = np.asarray(U.any(axis=1), dtype=bool)
    if not acts.any():
        nothing = Dyadic.of(np.eye(1, d, dtype=int), 0), Dyadic.of(np.zeros(1, int), 0)
        return Certificate(*nothing, pair.dual)
    atoms = Dyadic.of(U[acts], int(pair.atoms.exponent))
    return Certificate(atoms, Dyadic.of(w[acts], int(pair.weights.exponent)), pair.dual)


def _pairs(X, terms: Loss, lam: float, tol: float) -> Iterator[Certificate]:
    """Measures and duals: those of Θ = 0, some that floats find, and some beyond floats."""
    yield Certificate.of(np.eye(1, 2), np.zeros(1), terms.at_zero())
    acting = X.any(axis=1)
    if tol > FLOATS and acting.any():
        yield from _in_floats(X, terms, lam, tol)
    for accuracy in (tol / 4, tol * 2.0**-20) if acting.any() else ():
        objective = terms.subset(acting).objective(arf(len(X)) * arf(lam))
        found = interior.optimum(X[acting], terms.signs[acting], objective, accuracy)
        if found is None:
            return
        yield replace(found, dual=_dual(terms, lam, acting, found.dual))


def _in_floats(X, terms: Loss, lam: float, tol: float) -> Iterator[Certificate]:
    """What the interior point method in floats finds, in units in which data are about 1."""
    x_unit, y_unit = (2.0 ** (np.frexp(size)[1] - 1) for size in (np.abs(X).max(), terms.size))
    weak = lam / x_unit / y_unit
    if not 1e-100 < weak < 1e100:
        return
    arcs, scaled = sphere.arrange(X / x_unit), terms.over(y_unit)
    for correction in CORRECTIONS:
        with np.errstate(all="ignore"):
            try:
                found, weights, p = _interior_point(arcs, scaled, weak, tol / 4, correction)
            except (LinAlgError, ValueError):  # infinities: float64 is exhausted
                return
            atoms, weights = sphere.merge(arcs.X, found, weights)
            atoms, weights = _pruned(arcs.X, scaled, weak, atoms, weights)
            weights, p = weights * (y_unit / x_unit), p * y_unit
        if weights.any() and np.isfinite(weights).all() and np.isfinite(p).all():
            yield Certificate.of(atoms, weights, p)


def _dual(terms: Loss, lam: float, acting, nu: Dyadic) -> Dyadic:
    """p = 2nλν at the points that act, and as at Θ = 0 at those that are zero."""
    (N, n_exponent), (L, l_exponent) = rigour.dyadic(nu), rigour.dyadic(np.array([lam]))
    (P, p_exponent), exponent = rigour.dyadic(terms.at_zero()), n_exponent + l_exponent
    least = min(p_exponent, exponent)
    P *= 2 ** (p_exponent - least)
    P[acting] = N * (2 * len(P) * L[0] * 2 ** (exponent - least))
    return Dyadic.of(P, least)


def path(
    X: Reals[ArrayLike, "n d"],
    y: Reals[ArrayLike, " n"],
    lams: Sequence[float],
    *,
    loss: str = "logistic",
    tol: float = 1e-9,
) -> list[GlobalMinimum]:
    """The global minima for each λ of `lams`; see `solve`."""
    return [solve(X, y, lam, loss=loss, tol=tol) for lam in lams]


def certificate(
    X: Reals[ArrayLike, "n d"],
    y: Reals[ArrayLike, " n"],
    lam: float,
    network: TwoLayer,
    dual: Reals[ArrayLike, " n"],
    *,
    loss: str = "logistic",
) -> tuple[arb, arb]:
    """Balls (lower, upper) around a dual value and L_λ of the network: lower ≤ min L_λ ≤ upper.

    The floats are taken as they are; only square root, exponential and logarithm are rounded, into
    balls. Raises ValueError if the network is not in the dimension of X, or `dual` does not fit.
    """
    X, terms = _training_set(X, y, loss)
    lam = validate.positive(lam, "lam")
    return _dual_value(X, terms, lam, dual), _objective(X, terms, lam, network)


def _training_set(X, y, loss: str) -> tuple[Float[np.ndarray, "n d"], Loss]:
    if loss == "logistic":
        X, y = validate.binary_training_set(X, y)
        return X, Logistic(y)
    if loss == "squared":
        X, y = validate.regression_set(X, y)
        return X, Squared(y)
    raise ValueError(f'the loss must be "logistic" or "squared", got {loss!r}.')


def _objective(X, terms: Loss, lam, network: TwoLayer) -> arb:
    """(1/n) Σ ℓ_i(s_i f(Θ; x_i)) + λ‖Θ‖² in ball arithmetic."""
    U, u_exponent = rigour.dyadic(np.asarray(network.U))
    w, w_exponent = rigour.dyadic(np.asarray(network.w))
    if U.shape[1] != X.shape[1]:
        raise ValueError(f"the network takes {U.shape[1]} inputs but X has {X.shape[1]} columns.")
    with _precision():
        norm_squared = arb(int((U**2).sum())) * arb(4) ** u_exponent
        norm_squared += arb(int((w**2).sum())) * arb(4) ** w_exponent
        scores = _scores(X, terms, U, w, u_exponent + w_exponent)
        return _mean(terms.in_balls(scores)) + arb(lam) * norm_squared


def _objective_of_measure(X, terms: Loss, lam, exact: Certificate) -> arb:
    """(1/n) Σ ℓ_i(½ s_i ⟨α, φ(x_i)⟩) + λ‖α‖₁: L_λ of a balanced network, in ball arithmetic."""
    (U, u_exponent), (w, w_exponent) = rigour.dyadic(exact.atoms), rigour.dyadic(exact.weights)
    with _precision():
        unit = arb(2) ** (u_exponent + w_exponent)
        lengths = [arb(int(square)).sqrt() for square in (U**2).sum(axis=1)]
        norm = sum((abs(int(a)) * length for a, length in zip(w, lengths, strict=True)), arb(0))
        scores = _scores(X, terms, U, w, u_exponent + w_exponent - 1)
        return _mean(terms.in_balls(scores)) + arb(lam) * norm * unit


def _precision():
    """Balls of the usual precision, or of a greater one that was asked for."""
    return ctx.workprec(max(rigour.PRECISION, ctx.prec))


def _scores(X, terms: Loss, U, w, exponent: int) -> list[arb]:
    """s_i Σ_j w_j relu(u_j·x_i) 2^exponent, for integers U and w."""
    N, n_exponent = rigour.dyadic(X)
    scores = terms.signs.astype(int) * (np.maximum(N @ U.T, 0) @ w)
    return [arb(int(score)) * arb(2) ** (exponent + n_exponent) for score in scores]


def _mean(values: list[arb]) -> arb:
    return sum(values, arb(0)) / len(values)


def _dual_value(X, terms: Loss, lam, p) -> arb:
    """−(1/n) Σ ℓ_i*(−t p_i) in ball arithmetic, with the t ≤ 1 that makes t p feasible."""
    P, exponent = rigour.dyadic(p if isinstance(p, Dyadic) else validate.finite_array(p, "dual", 1))
    if len(P) != len(X):
        raise ValueError(f"dual must have one entry for each of the {len(X)} rows of X.")
    one = 2**-exponent if exponent < 0 else 1
    if isinstance(terms, Logistic) and (P.min() < 0 or P.max() > one):
        raise ValueError("dual must have its entries in [0, 1] for the logistic loss.")
    with _precision():
        greatest = _greatest(X, terms, Dyadic.of(P, exponent))
        bound = 2 * len(X) * arb(lam)
        t = arb(1) if greatest <= bound else bound / greatest
        unit = arb(2) ** exponent
        return _mean(terms.dual_in_balls([t * (arb(int(p_i)) * unit) for p_i in P]))


def _greatest(X, terms: Loss, p) -> arb:
    """max_u |Σ_i p_i s_i relu(u·x_i)|."""
    P, exponent = rigour.dyadic(p)
    return sphere.max_abs(sphere.arrange(X), Dyadic.of(P * terms.signs.astype(int), exponent))


def _entropy(p: arb) -> arb:
    """Ent(p) = −p ln p − (1 − p) ln(1 − p), and 0 at both ends."""
    if p == 0 or p == 1:
        return arb(0)
    return -p * p.log() - (1 - p) * (-p).log1p()


def _minimum(X, terms: Loss, lam: float, tol: float, exact: Certificate) -> GlobalMinimum:
    """The bracket that a measure and p prove, in balls that are as precise as tol needs."""
    network, p = from_measure(exact.weights.floats, rigour.unit(exact.atoms.floats)), exact.dual
    with ctx.workprec(rigour.PRECISION - 2 * math.floor(math.log2(tol))):
        below, above = _dual_value(X, terms, lam, p), _objective(X, terms, lam, network)
        if not above - below <= arb(tol) * above:  # the floats of the network do not suffice
            above = above.min(_objective_of_measure(X, terms, lam, exact))
        closed = above - below <= arb(tol) * above
        lower, upper = rigour.below(below), rigour.above(above)
    if not math.isfinite(upper):
        raise ValueError("the loss exceeds the greatest float; divide the targets by a constant.")
    w, U = np.asarray(network.w), np.asarray(network.U)
    norm_squared = float((w**2).sum() + (U**2).sum())
    margin = (terms.signs * (np.maximum(X @ U.T, 0) @ w)).min()
    has_margin = isinstance(terms, Logistic) and norm_squared > 0
    return GlobalMinimum(
        lam=lam,
        objective_lower=lower,
        objective_upper=upper,
        norm_squared=norm_squared,
        margin=float(margin / norm_squared) if has_margin else math.nan,
        network=network,
        dual=p.floats,
        certificate=exact,
        status=Status.OPTIMAL if closed else Status.OPEN,
    )


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


def _interior_point(
    arcs: sphere.Arrangement, terms: Loss, lam: float, tol: float, correction: float
):
    """Atoms, weights and p whose primal and dual value in floats agree to `tol`, if it can.

    Maximises the dual value over λ at p = 2nλν subject to g_k(ν) ≤ 1 with slacks s and multipliers
    a: at the optimum 2 z(ν) = V a, where V has the gradients of the g_k and z(ν) the fitted values
    that belong to p. The ends of the arcs are constraints from the start. When that relaxation is
    nearly solved, arcs whose maximum lies inside join with their curved constraint.
    """
    n, X, y = len(arcs.X), arcs.X, terms.signs
    u_ends, sign_ends = sphere.ends(arcs)
    V_ends = sphere.gradients(X, y, u_ends, sign_ends)
    nu, a, s = _start(arcs, V_ends, terms, lam)
    inner = np.zeros(0, dtype=int)  # the arcs that joined
    relaxation_solved = False
    best_primal, best_dual = np.inf, -np.inf
    for _ in range(ITERATIONS):
        summits = sphere.summits(arcs, y * nu)
        if relaxation_solved:
            near = (summits.curvature > 0) & (summits.value > 0.95)
            joining = np.setdiff1d(np.flatnonzero(near), inner)
            slack = np.maximum(1 - summits.value[joining], n * (a @ s) / len(a) / a.sum())
            a = np.append(a, (a @ s) / len(a) / slack)
            s, inner = np.append(s, slack), np.append(inner, joining)
        chosen = sphere.Summits(*(field[inner] for field in summits))
        V = np.column_stack([V_ends, sphere.gradients(X, y, chosen.u, chosen.sign)])
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
        T = sphere.curvatures(X, y, chosen)
        try:
            nu, a, s = _step(terms, nu, a, s, V, T, 1 - g - s, lam, correction)
        except LinAlgError:  # float64 is exhausted: the bracket will say how far we came
            break
    return atoms, weights, p


def _start(arcs: sphere.Arrangement, V, terms: Loss, lam: float):
    """ν in the interior, a multiple of p at Θ = 0, and multipliers that balance it."""
    n, m = V.shape
    p = terms.at_zero()
    greatest = sphere.summits(arcs, terms.signs * p).value.max()
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
