"""Whether any measure separates the data, decided exactly: γ_ℓ1 = 0 or not."""

import math
from fractions import Fraction

import numpy as np
from jaxtyping import Float

from margintheory import rigour
from margintheory.rigour import Dyadic


def dependency(X: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"]) -> Dyadic | None:
    """A p ≥ 0 with Σ_i p_i y_i relu(u·x_i) = 0 for every u, if there is one: then γ_ℓ1 = 0.

    Each hyperplane's kink must cancel. Either a row is zero, or two rows on one ray have opposite
    labels, or rows opposite to each other have opposite labels, so that together they are linear,
    on lines whose directions y_i x_i have 0 in their convex hull. Decided in integers, and p holds
    such.
    """
    N, _ = rigour.dyadic(X)
    length = [math.gcd(*row) for row in N]
    on_ray: dict[tuple[int, ...], int] = {}
    for i, (row, g) in enumerate(zip(N, length, strict=True)):
        if g == 0:
            return _whole({i: Fraction(1)}, len(y))
        j = on_ray.setdefault(tuple(row // g), i)
        if y[i] != y[j]:
            return _whole({i: Fraction(1, g), j: Fraction(1, length[j])}, len(y))
    linear = [
        ray
        for ray, i in on_ray.items()
        if y[i] > 0 and y[on_ray.get(tuple(-c for c in ray), i)] < 0
    ]
    p = {}
    for ray, weight in _positive_combination(linear):
        for i in on_ray[ray], on_ray[tuple(-c for c in ray)]:
            p[i] = weight / length[i]
    return _whole(p, len(y)) if p else None


def _positive_combination(rays: list[tuple[int, ...]]) -> list[tuple[tuple[int, ...], Fraction]]:
    """At most d + 1 of the rays, with positive weights that sum to zero; none if there are none.

    Phase one of the simplex method in fractions, with Bland's rule, for Σ_k λ_k (r_k, 1) = (0, 1).
    """
    if not rays:
        return []
    T = [[Fraction(c) for c in row] + [Fraction(0)] for row in zip(*rays, strict=True)]
    T.append([Fraction(1)] * (len(rays) + 1))
    basis = [len(rays) + i for i in range(len(T))]  # an artificial variable for each equation
    while True:
        excess = [
            sum((T[i][j] for i, k in enumerate(basis) if k >= len(rays)), Fraction(0))
            for j in range(len(rays) + 1)
        ]
        entering = next((j for j in range(len(rays)) if j not in basis and excess[j] > 0), None)
        if entering is None:
            break
        ratios = [
            (row[-1] / row[entering], basis[i], i) for i, row in enumerate(T) if row[entering] > 0
        ]
        leaving = min(ratios)[2]
        pivot = [c / T[leaving][entering] for c in T[leaving]]
        T = [[c - row[entering] * q for c, q in zip(row, pivot, strict=True)] for row in T]
        T[leaving], basis[leaving] = pivot, entering
    if excess[-1] > 0:
        return []
    return [
        (rays[k], row[-1]) for k, row in zip(basis, T, strict=True) if k < len(rays) and row[-1] > 0
    ]


def _whole(p: dict[int, Fraction], n: int) -> Dyadic:
    """The fractions times their common denominator."""
    factor = math.lcm(*(share.denominator for share in p.values()))
    return Dyadic.of([int(p.get(i, 0) * factor) for i in range(n)], 0)
