"""The ℓ1-SVM over the continuous sphere: equation (4.2), its dual, and Lemma B.1's sparse optimum.

    γ_ℓ1 = max_{‖α‖₁ ≤ 1} min_i y_i ∫ relu(u·x_i) dα(u)
         = min_{p ∈ Δ} max_u |Σ_i p_i y_i relu(u·x_i)|

Any measure gives a lower bound and any p an upper bound, whatever the search for them did; both are
evaluated in exact arithmetic on what is returned. The maximum over u is exact where the arrangement
of the hyperplanes x_i^⊥ can be written down, and otherwise bounded from above (`sphere`).
"""

import math
from dataclasses import dataclass, field, replace

import jax
import numpy as np
from flint import arb, ctx
from jaxtyping import Shaped

from margintheory import rigour, sphere, validate
from margintheory.arrays import ArrayLike, Reals
from margintheory.l1svm.candidates import pairs
from margintheory.l1svm.separation import dependency
from margintheory.rigour import Bracketed, Certificate, Dyadic
from margintheory.status import Status


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class L1Margin(Bracketed):
    """A certified bracket lower ≤ γ_ℓ1 ≤ upper and the pair that proves it.

    `certificate` is the pair in exact numbers: a measure with margin at least `lower` times its
    norm, and a dual with maximum at most `upper` times its sum; `lower_bound` and `upper_bound`
    evaluate them to as many digits as `flint.ctx.prec` asks for. `atoms` and `weights`, of total
    mass 1, and `dual`, on the simplex, are the same in floats. If the data are not separable, the
    rows where `dual` is not zero contradict each other.

    `proof` says how the maximum of the dual was bounded: "exact
    arrangement" and "dependency" (it is 0) give its value, "branch and bound" does to seven digits
    unless it ran out of its budget, and "spectral bound" may lie anywhere above it.
    """

    proof: str = field(metadata={"static": True})


def max_margin(
    X: Reals[ArrayLike, "n d"], y: Reals[ArrayLike, " n"], *, tol: float = 1e-9
) -> L1Margin:
    """γ_ℓ1 of the binary training set in a rigorous bracket (equation 4.2).

    The bracket closes to any relative accuracy `tol` where the arrangement is written down: for
    d ≤ 2, for d = 3 and n ≤ 100, for d = 4 and n ≤ 31, and so on (n^d ≤ 10⁶), unless directions of
    rows are closer than 1e-16 or so to each other; for tol ≤ 1e-17 its ends are then the floats
    beside γ_ℓ1, the same on every machine. Where floats miss it, an interior point method of many
    digits goes on. For larger data the measure and p come from a search of fixed length, and
    `upper` is the better of two bounds of p's maximum. Raises ValueError for labels other than ±1,
    or tol ≤ 0.
    """
    X, y = validate.binary_training_set(X, y)
    tol = validate.positive(tol, "tol")
    p = dependency(X, y)
    if p is not None:
        nothing = np.eye(1, X.shape[1]), np.zeros(1)
        exact = replace(Certificate.of(*nothing, p.shares), dual=p)
        return L1Margin(0.0, 0.0, *nothing, p.shares, exact, Status.NOT_SEPARABLE, "dependency")
    cut, margins = sphere.cut_by(X), list[L1Margin]()
    for pair in pairs(cut, X[:, X.any(axis=0)], y, tol):
        margins.append(_bracket(cut, X, y, pair, tol))
        if margins[-1].status == Status.OPTIMAL:
            return margins[-1]
    return min(margins, key=lambda margin: margin.upper - margin.lower)


def _bracket(cut: sphere.Cut, X, y, pair: Certificate, tol: float) -> L1Margin:
    """The bracket that a pair proves, in balls that are as precise as tol needs."""
    exact = _in_all_coordinates(X, pair)
    with ctx.workprec(rigour.PRECISION - 2 * math.floor(math.log2(tol))):
        below = _lower(X, y, exact.atoms.integers, exact.weights.integers).max(arb(0))
        above, proof = _upper(cut, y, exact.dual)
        closed = above - below <= arb(tol) * below
        lower, upper = rigour.below(below), rigour.above(above)
    status = Status.OPTIMAL if closed else Status.OPEN
    atoms, weights, p = (part.floats for part in (exact.atoms, exact.weights, exact.dual))
    if not math.isclose(np.abs(weights).sum(), 1.0):  # numbers beyond floats, in units of their own
        atoms, weights, p = rigour.unit(atoms), exact.weights.shares, exact.dual.shares
    return L1Margin(lower, upper, atoms, weights, p, exact, status, proof)


def _in_all_coordinates(X, pair: Certificate) -> Certificate:
    """The pair with atoms that are 0 in the coordinates in which all rows of X are."""
    atoms = np.zeros((len(pair.weights.limbs), X.shape[1]), object)
    atoms[:, X.any(axis=0)] = pair.atoms.integers
    return replace(pair, atoms=Dyadic.of(atoms, int(pair.atoms.exponent)))


def lower_bound(
    X: Reals[ArrayLike, "n d"],
    y: Reals[ArrayLike, " n"],
    atoms: Reals[ArrayLike, "m d"] | Dyadic,
    weights: Reals[ArrayLike, " m"] | Dyadic,
) -> arb:
    """min_i y_i ⟨α, φ(x_i)⟩ / ‖α‖₁ ≤ γ_ℓ1 for α = Σ_j weights_j δ_{atoms_j}, in ball arithmetic.

    The numbers are taken as they are: the margins are exact rationals, and an atom of length
    ‖u_j‖ ≠ 1 counts as mass |weights_j| ‖u_j‖. Raises ValueError if the measure is zero.
    """
    X, y = validate.binary_training_set(X, y)
    U, _ = validate.exact(atoms, "atoms", 2)
    W, _ = validate.exact(weights, "weights", 1)
    if U.shape != (len(W), X.shape[1]):
        raise ValueError(f"atoms must have shape {(len(W), X.shape[1])}, got {U.shape}.")
    return _lower(X, y, U, W)


def _lower(X, y, U: Shaped[np.ndarray, "m d"], W: Shaped[np.ndarray, " m"]) -> arb:
    """The same for atoms and weights in integers of any units, which cancel."""
    N, exponent = rigour.dyadic(X)
    margins = y.astype(int) * (np.maximum(N @ U.T, 0) @ W)
    with ctx.workprec(max(rigour.PRECISION, ctx.prec)):
        norm = rigour.total_variation(U, W)
        if norm == 0:
            raise ValueError("the measure is zero; give at least one nonzero weight and atom.")
        return arb(int(margins.min())) / norm * arb(2) ** exponent


def upper_bound(
    X: Reals[ArrayLike, "n d"], y: Reals[ArrayLike, " n"], p: Reals[ArrayLike, " n"] | Dyadic
) -> arb:
    """max_u |Σ_i p_i y_i relu(u·x_i)| / Σ_i p_i ≥ γ_ℓ1 for any p ≥ 0, in ball arithmetic.

    Exact, but for one square root, where `max_margin` proves "exact arrangement"; otherwise a ball
    around a bound of the maximum. Raises ValueError if p has a negative entry, or none that is
    positive.
    """
    X, y = validate.binary_training_set(X, y)
    P, exponent = validate.exact(p, "p", 1)
    if P.shape != y.shape or P.min() < 0 or P.max() == 0:
        raise ValueError("p must have one entry for each row of X, none negative and not all zero.")
    return _upper(sphere.cut_by(X), y, Dyadic.of(P, exponent))[0]


def _upper(cut: sphere.Cut, y, p: Dyadic) -> tuple[arb, str]:
    """max_u |Σ_i p_i y_i relu(u·x_i)| / Σ_i p_i, or a bound of it, and what proves it."""
    P, exponent = rigour.dyadic(p)
    with ctx.workprec(max(rigour.PRECISION, ctx.prec)):
        greatest, proof = cut.greatest(Dyadic.of(P * y.astype(int), exponent))
        return greatest / (arb(int(P.sum())) * arb(2) ** exponent), proof
