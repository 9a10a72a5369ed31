"""min ½ aᵀMa − 1ᵀa over a ≥ 0 in floats, whose solution is the p of γ_ℓ2 up to its length."""

import math
from collections.abc import Generator, Iterator

import numpy as np
from jaxtyping import Bool, Float
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from margintheory.l2svm.rounding import ENTRY, INDEFINITE, UNIT, product, rounding

SHIFT = 4  # the solver adds this many times n u K_ii to the diagonal, so that singular K factorise
PATIENCE = 6  # exchanges of signs in a row that may fail to lower the number of wrong ones


def candidates(Q, scale) -> Iterator[Float[np.ndarray, " n"]]:
    """Points a ≥ 0, the last of which is optimal up to rounding.

    Block principal pivoting takes few steps where many points are support vectors, and may wander
    where few are and K is nearly singular. Then the active-set method, which cannot, starts anew.
    Where Cholesky fails, all is done again with a shift that no rounding of K and of Cholesky's
    method can outweigh for a positive semidefinite matrix.
    """
    for shift in (SHIFT, ENTRY + len(Q)):
        M = Q + np.diag(shift * len(Q) * UNIT * scale**2)
        try:
            solved = yield from _block_pivoting(M, scale)
            if not solved:
                yield from _active_set(M, scale)
            return
        except LinAlgError:
            continue
    raise ValueError(INDEFINITE)


def _block_pivoting(M, scale) -> Generator[Float[np.ndarray, " n"], None, bool]:
    """Solve on a guessed support and exchange all indices of wrong sign, as long as that helps.

    Returns whether no wrong sign is left.
    """
    support, fewest, patience = np.ones(len(M), bool), len(M) + 1, PATIENCE
    while patience > 0:
        a = _solve_on(M, support)
        yield np.maximum(a, 0)
        wrong = np.where(support, a < 0, _violated(M, scale, a))
        if not wrong.any():
            return True
        patience = PATIENCE if wrong.sum() < fewest else patience - 1
        fewest = min(fewest, wrong.sum())
        support ^= wrong
    return False


def _active_set(M, scale) -> Iterator[Float[np.ndarray, " n"]]:
    """Lawson and Hanson's method: admit the most violated index, retreat from wrong signs.

    At each a the objective is −½ Σa, and it falls: no support comes back. Rounding ends the method
    where Σa no longer grows.
    """
    support, a = np.zeros(len(M), bool), np.zeros(len(M))
    while (violated := _violated(M, scale, a)).any():
        support[np.argmin(np.where(violated, (product(M, a) - 1) / scale, np.inf))] = True
        before, a = a, _retreat(M, a, support)
        if math.fsum(a) <= math.fsum(before):
            return
        yield a


def _retreat(M, a, support):
    """The solution on the support, which loses the indices that reach zero on the way there."""
    while True:
        z = _solve_on(M, support)
        falling = support & (z < 0)
        if not falling.any():
            return z
        shares = np.where(falling, a, np.inf) / np.where(falling, a - z, 1.0)
        a = a + shares.min() * (z - a)
        support &= shares > shares.min()
        a[~support] = 0


def _solve_on(M, support):
    """The a with (Ma)_i = 1 on the support and a_i = 0 off it."""
    a = np.zeros(len(M))
    chosen = np.flatnonzero(support)
    block = M[np.ix_(chosen, chosen)]
    factor = cho_factor(block, lower=True, overwrite_a=True, check_finite=False)
    a[chosen] = cho_solve(factor, np.ones(len(chosen)), check_finite=False)
    return a


def _violated(M, scale, a) -> Bool[np.ndarray, " n"]:
    """Where (Ma)_i < 1 beyond rounding."""
    return product(M, a) - 1 < -rounding(scale, np.abs(a))
