"""The global minimiser Θ_λ of a weakly regularised loss of a two-layer relu network.

A network of any width is a measure α on the circle (Proposition 4.1): f = ½⟨α, φ⟩ and, balanced,
‖Θ‖² = ‖α‖₁. So min_Θ L_λ(Θ) is the convex problem

    min_α (1/n) Σ_i ℓ_i(z_i) + λ ‖α‖₁,   z_i = ½ s_i ⟨α, φ(x_i)⟩,

with ℓ_i(z) = ln(1 + e^{−z}) and s_i = y_i for the logistic loss, ℓ_i(z) = (z − y_i)² and s_i = 1
for the squared one (Theorem D.5). Its dual max_p −(1/n) Σ_i ℓ_i*(−p_i) subject to
max_u |Σ_i p_i s_i relu(u·x_i)| ≤ 2nλ proves global optimality; at the optimum p_i = −ℓ_i'(z_i). We
solve for ν = p/(2nλ), which stays bounded as λ → 0 if the data are separable, or can be
interpolated: in floats (`search`) and, where they miss the bracket, in many digits (`refinement`).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import jax
import numpy as np
from flint import arb, arf, ctx
from jaxtyping import Float

from margintheory import rigour, sphere, validate
from margintheory.arrays import ArrayLike, Reals
from margintheory.networks import TwoLayer, from_measure
from margintheory.refinement import plane
from margintheory.regularized.losses import Logistic, Loss, Squared
from margintheory.regularized.search import pairs
from margintheory.rigour import Certificate, Dyadic
from margintheory.status import Status

FLOATS = 1e-12  # the least tol that a search in floats tries to meet


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
        yield from pairs(X, terms, lam, tol)
    for accuracy in (tol / 4, tol * 2.0**-20) if acting.any() else ():
        objective = terms.subset(acting).objective(arf(len(X)) * arf(lam))
        found = plane.optimum(X[acting], terms.signs[acting], objective, accuracy)
        if found is None:
            return
        yield replace(found, dual=_dual(terms, lam, acting, found.dual))


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
    validate.concrete(network.U, "network")
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
        norm = rigour.total_variation(U, w)
        scores = _scores(X, terms, U, w, u_exponent + w_exponent - 1)
        return _mean(terms.in_balls(scores)) + arb(lam) * norm * unit


def _precision():
    """Balls of the usual precision, or of a greater one that was asked for."""
    return ctx.workprec(max(rigour.PRECISION, ctx.prec))


def _scores(X, terms: Loss, U, w, exponent: int) -> list[arb]:
    """s_i Σ_j w_j relu(u_j·x_i) 2^exponent, for integers U and w."""
    N, n_exponent = rigour.dyadic(X)
    scores = terms.signs.astype(int) * (np.maximum(N @ U.T, 0) @ w)
    return rigour.of_integers(scores, exponent + n_exponent)


def _mean(values: list[arb]) -> arb:
    return sum(values, arb(0)) / len(values)


def _dual_value(X, terms: Loss, lam, p) -> arb:
    """−(1/n) Σ ℓ_i*(−t p_i) in ball arithmetic, with the t ≤ 1 that makes t p feasible."""
    P, exponent = validate.exact(p, "dual", 1)
    if len(P) != len(X):
        raise ValueError(f"dual must have one entry for each of the {len(X)} rows of X.")
    one = 2**-exponent if exponent < 0 else 1
    if isinstance(terms, Logistic) and (P.min() < 0 or P.max() > one):
        raise ValueError("dual must have its entries in [0, 1] for the logistic loss.")
    with _precision():
        greatest = _greatest(X, terms, Dyadic.of(P, exponent))
        bound = 2 * len(X) * arb(lam)
        t = arb(1) if greatest <= bound else bound / greatest
        return _mean(terms.dual_in_balls([t * p_i for p_i in rigour.of_integers(P, exponent)]))


def _greatest(X, terms: Loss, p) -> arb:
    """max_u |Σ_i p_i s_i relu(u·x_i)|."""
    P, exponent = rigour.dyadic(p)
    return sphere.max_abs(sphere.arrange(X), Dyadic.of(P * terms.signs.astype(int), exponent))


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
