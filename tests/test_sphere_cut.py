"""The door: which answer a cut of the sphere gives, and that its proof says how."""

import numpy as np
import pytest
from flint import arb

from margintheory import rigour, sphere
from margintheory.sphere import branching, cut, faces, spectral


def dyadic(w):
    return rigour.Dyadic.of(*rigour.dyadic(w))


def instance(n, d):
    rng = np.random.default_rng((n, d))
    return rng.normal(size=(n, d)), rng.normal(size=n)


def answer(X, w):
    value, proof = sphere.cut_by(X).greatest(dyadic(w))
    return rigour.below(value), rigour.above(value), proof


@pytest.mark.parametrize(("n", "d"), [(1, 1), (5, 1), (5, 2), (5, 3), (4, 4), (2, 9), (5, 9)])
def test_where_the_arrangement_is_written_down_the_maximum_is_exact(n, d):
    X, w = instance(n, d)
    value, proof = sphere.cut_by(X).greatest(dyadic(w))
    assert proof == "exact arrangement"
    assert value.overlaps(faces.max_abs(faces.enumerate_faces(X), w))
    assert value.rel_accuracy_bits() > 100


def test_elsewhere_the_least_bound_counts_and_is_named():
    X, w = instance(40, 5)
    value, proof = sphere.cut_by(X).greatest(dyadic(w))
    bounds = {
        "spectral bound": spectral.max_abs(X, w),
        "branch and bound": branching.max_abs(X, w),
    }
    assert value.overlaps(bounds[proof]) and not any(other < value for other in bounds.values())


def test_another_bound_is_asked_once_it_has_a_line(monkeypatch):
    X, w = instance(40, 5)
    with monkeypatch.context() as patch:
        patch.setitem(sphere.bounds.BOUNDS, "an oracle", lambda X, w: arb(0))
        assert sphere.cut_by(X).greatest(dyadic(w)) == (0, "an oracle")


def test_a_coordinate_that_is_zero_does_not_count(monkeypatch):
    X, w = instance(6, 2)
    padded = np.insert(X, 1, 0, axis=1)
    assert isinstance(sphere.cut_by(padded), sphere.Arcs)
    assert answer(padded, w) == answer(X, w)
    monkeypatch.setattr(cut, "ENUMERABLE", 0)
    X, w = instance(6, 3)
    padded = np.insert(X, [0, 3], 0, axis=1)
    assert answer(padded, w) == answer(X, w)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_a_coordinate_that_is_zero_for_some_points_counts(n):
    value, _ = sphere.cut_by(np.eye(n)).greatest(dyadic(np.arange(1.0, n + 1)))
    square = n * (n + 1) * (2 * n + 1) // 6  # relu(u·e_i) = u_i at the best u
    assert (value**2).contains(arb(square))


@pytest.mark.parametrize("values", [(3, 2, 5), (1, 2, 3), (3, 2, 1)])
def test_the_least_bound_counts_wherever_it_stands(monkeypatch, values):
    bounds = {str(v): lambda X, w, v=v: arb(v) for v in values}
    monkeypatch.setattr(sphere.bounds, "BOUNDS", bounds)
    least = min(values)
    assert sphere.Unwritten(np.eye(3)).greatest(dyadic(np.ones(3))) == (least, str(least))


def test_bounds_refuse_weights_that_are_no_floats():
    X, _ = instance(40, 5)
    third = rigour.Dyadic.of(np.array([2**90 // 3] * 40, dtype=object), -90)
    with pytest.raises(ValueError, match="weights that are floats"):
        sphere.cut_by(X).greatest(third)


@pytest.mark.parametrize("exponent", [-1000, -40, 0, 3, 800])
def test_bounds_are_asked_with_the_floats_that_the_weights_are(monkeypatch, exponent):
    monkeypatch.setattr(sphere.bounds, "BOUNDS", {"sum": lambda X, w: rigour.total(w)})
    cut = sphere.Unwritten(np.eye(3))
    for integers in ([1, -3, 2**40], [2**100, 3 * 2**90, 0], [0, 0, 0]):
        w = rigour.Dyadic.of(np.array(integers, dtype=object), exponent)
        assert cut.greatest(w) == (arb(sum(integers)) * arb(2) ** exponent, "sum")
    for integers in ([1, 2**53 + 1, 0], [1, 2**3000, 0], [5, 1, 2**53 + 1]):
        w = rigour.Dyadic.of(np.array(integers, dtype=object), exponent)
        with pytest.raises(ValueError, match="floats"):
            cut.greatest(w)
    with pytest.raises(ValueError, match="weights that are floats"):
        cut.greatest(rigour.Dyadic.of(np.array([1, 2**1100, 0], dtype=object), -1090))


def test_points_that_are_all_zero_have_a_maximum_of_zero():
    assert sphere.cut_by(np.zeros((3, 4))).greatest(dyadic(np.ones(3))).value == 0
