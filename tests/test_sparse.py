"""The support-reducing walk: nothing changes on the data, no mass is gained, n atoms remain."""

import itertools
from fractions import Fraction

import jax
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import linprog

from margintheory import networks, sparse

FEW = settings(max_examples=40, deadline=None, derandomize=True)
SMALL = st.integers(-3, 3).map(float)


@st.composite
def measures(draw, elements=SMALL):
    n, m = draw(st.integers(1, 4)), draw(st.integers(1, 9))
    return draw(hnp.arrays(float, (n, m), elements=elements)), draw(
        hnp.arrays(float, m, elements=SMALL)
    )


def scores(V, alpha):
    return [sum(Fraction(v) * a for v, a in zip(row, alpha, strict=True)) for row in V]


def total(alpha):
    return sum(map(abs, alpha))


def support(alpha):
    return {j for j, a in enumerate(alpha) if a != 0}


@FEW
@given(measures(elements=SMALL | st.floats(-2, 2, width=32)))
def test_each_step_keeps_the_scores_exactly_and_gains_no_mass(measure):
    V, alpha = measure
    path = sparse.walk(V, alpha)
    assert path[0] == alpha.tolist()
    for before, after in itertools.pairwise(path):
        assert scores(V, after) == scores(V, before)
        assert total(after) <= total(before)
        assert support(after) < support(before)
        assert all(a * b >= 0 for a, b in zip(before, after, strict=True))


@FEW
@given(measures())
def test_the_last_atoms_have_independent_columns_by_another_algebra_system(measure):
    V, alpha = measure
    last = sparse.walk(V, alpha)[-1]
    columns = sorted(support(last))
    assert sp.Matrix(V.astype(int))[:, columns].rank() == len(columns) <= len(V)


@FEW
@given(measures())
def test_mass_at_the_end_is_no_less_than_the_minimum_norm_of_the_scores(measure):
    V, alpha = measure
    minimum = linprog(np.ones(2 * len(alpha)), A_eq=np.column_stack([V, -V]), b_eq=V @ alpha).fun
    assert minimum - 1e-9 <= total(sparse.walk(V, alpha)[-1]) <= total(alpha)


@FEW
@given(measures())
def test_a_row_of_ones_makes_it_caratheodory(measure):
    V, alpha = np.vstack([measure[0], np.ones(len(measure[1]))]), np.abs(measure[1])
    last = sparse.walk(V, alpha)[-1]
    assert total(last) == total(alpha)
    assert scores(V, last) == scores(V, alpha)
    assert len(support(last)) <= len(V)


def test_fractions_are_not_rounded():
    third = Fraction(1, 3)
    path = sparse.walk([[third, 2 * third, 1]], [third, -third, third])
    assert scores([[third, 2 * third, 1]], path[-1]) == [Fraction(2, 9)]
    assert path[-1] == [0, 0, Fraction(2, 9)]


def test_long_integers_are_not_rounded_beside_floats_and_numpy_scalars():
    long = 2**60 + 1
    assert sparse.walk([[long, 0.5]], [1, 1])[-1] == [1 + Fraction(1, 2 * long), 0]
    V = [[np.int64(1), np.float32(0.5)]]
    assert sparse.walk(V, [np.int64(1), np.float64(1)])[-1] == [Fraction(3, 2), 0]


def test_numbers_at_the_ends_of_the_floats_are_exact():
    last = sparse.walk([[1e300, 5e-324]], [1.0, 1e300])[-1]
    assert last == [1 + Fraction(5e-324) * Fraction(1e300) / Fraction(1e300), 0]


def test_mass_of_an_optimal_measure_does_not_change():
    # points at 0°, 120°, 240°, one label; uniform mass on the six multiples of 60° is optimal
    half = Fraction(1, 2)
    V = [[1, half, 0, 0, 0, half], [0, half, 1, half, 0, 0], [0, 0, 0, half, 1, half]]
    path = sparse.walk(V, [Fraction(1, 6)] * 6)
    assert {total(alpha) for alpha in path} == {1}
    assert len(support(path[-1])) <= 3
    assert scores(V, path[-1]) == [Fraction(1, 3)] * 3


def test_wasted_mass_is_dropped():
    assert sparse.walk([[1, 1], [0, 0]], [2, -1])[-1] == [1, 0]
    assert sparse.walk([[0.0, 0.0]], [1, -1])[-1] == [0, 0]


def test_independent_atoms_stay():
    assert sparse.walk([[1, 2], [3, 5]], [1, -1]) == [[1, -1]]


@pytest.mark.parametrize(("n", "d", "width"), [(4, 2, 30), (6, 3, 20), (5, 2, 3)])
def test_a_pruned_network_has_n_neurons_the_same_scores_and_no_larger_norm(n, d, width):
    rng = np.random.default_rng(n)
    net = networks.TwoLayer(rng.normal(size=width), rng.normal(size=(width, d)))
    X = rng.normal(size=(n, d))
    before, after = ((np.asarray(f.w), np.asarray(f.U)) for f in (net, sparse.pruned(net, X)))
    assert len(after[0]) <= min(n, width)
    scores = [np.maximum(X @ U.T, 0) @ w for w, U in (before, after)]
    assert scores[1] == pytest.approx(scores[0], abs=1e-12)
    # a balanced neuron has the squared norm 2|w_j|‖u_j‖
    lengths = [np.linalg.norm(U, axis=1) for _, U in (before, after)]
    assert abs(after[0]) == pytest.approx(lengths[1], rel=1e-14)
    assert 2 * lengths[1] @ lengths[1] <= 2 * abs(before[0]) @ lengths[0] * (1 + 1e-12)
    directions = [U / r[:, None] for (_, U), r in zip((before, after), lengths, strict=True)]
    assert (directions[1] @ directions[0].T).max(axis=1) == pytest.approx(1, abs=1e-12)


def test_a_network_without_effect_is_pruned_to_one_zero_neuron():
    net = networks.TwoLayer([1.0, 2.0], [[-1.0, 0.0], [-1.0, 1.0]])
    pruned = sparse.pruned(net, [[1.0, 0.0]])
    assert len(pruned.w) == 1 and pruned.norm_squared == 0
    alone = sparse.pruned(networks.TwoLayer([1.0], [[-1.0, 0.0]]), [[1.0, 0.0]])
    assert len(alone.w) == 1 and not np.asarray(alone.w).any()


def test_a_network_that_is_traced_is_refused():
    net = networks.TwoLayer([1.0], [[1.0, 0.0]])
    with pytest.raises(ValueError, match="net is traced"):
        jax.jit(lambda net: sparse.pruned(net, [[1.0, 0.0]]).w)(net)


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: sparse.walk([[1.0, 2.0]], [1.0]), "2 columns but alpha 1 weights"),
        (lambda: sparse.walk([1.0, 2.0], [1.0]), "V must have 2 axes"),
        (lambda: sparse.walk([[1.0, np.nan]], [1.0, 1.0]), "V must be finite"),
        (lambda: sparse.walk([[1.0]], [np.inf]), "alpha must be finite"),
        (lambda: sparse.walk([[1.0]], ["a"]), "alpha must be a numeric array"),
        (lambda: sparse.walk([[10**400]], [1]), "V must be a numeric array"),
        (lambda: sparse.walk([["2"]], [1]), "V must be a numeric array"),
        (lambda: sparse.pruned(networks.TwoLayer([1.0], [[1.0, 0]]), [[1.0]]), "2 inputs"),
    ],
)
def test_bad_input_is_named(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()
