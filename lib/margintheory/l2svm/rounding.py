"""Sums in floats with a bound on their rounding, and on the uncertainty of the kernel matrix."""

import math

from margintheory import kernels

UNIT = 2.0**-53  # the unit roundoff u of float64
ENTRY = kernels.ERROR  # an entry of K is trusted to this many times u √(K_ii K_jj)
INDEFINITE = (
    "K is not positive semidefinite (an eigenvalue is negative beyond rounding); "
    "compute the kernel in float64, or add a multiple of the identity."
)


def product(Q, p):
    """Qp for symmetric Q, summed pairwise so that few roundings meet in one sum."""
    terms = p[:, None] * Q
    while len(terms) > 1:
        half = (len(terms) + 1) // 2
        terms[: len(terms) - half] += terms[half:]
        terms = terms[:half]
    return terms[0]


def rounding(scale, p):
    """A bound on the error of each entry of `product(Q, p)`, including the uncertainty of Q.

    One product and ⌈log₂ n⌉ sums with |Q_ij| ≤ √(Q_ii Q_jj); the 8 covers the bound's own rounding
    and the few scalar operations that follow.
    """
    depth = 1 + math.ceil(math.log2(len(p)))
    return (depth + ENTRY + 8) * UNIT * scale * (scale @ p)
