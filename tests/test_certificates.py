"""What solvers write, `margincheck` verifies; what is changed, it refuses exactly if it must."""

import copy
import json
import re
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import exact
from margincheck import Refused, check
from margincheck.reading import READERS
from margintheory import certificates, data, interpolation, kernels, l1svm, l2svm, regularized

SMALL = st.integers(-3, 3).map(float)
SOME = settings(max_examples=25)
TINY = mpmath.mpf(10) ** -45  # more than the rounding of the oracle


def verified(certificate):
    try:
        check(json.dumps(certificate).encode())
    except Refused as reason:
        assert not re.search("must|not JSON|missing|part of", str(reason)), reason
        return False
    return True


@st.composite
def data_sets(draw, columns=3, scales=(0, -1000, 900)):
    """Points, labels and targets: few, so that points repeat and contradict each other."""
    n, d = draw(st.integers(1, 4)), draw(st.integers(1, columns))
    X = np.array([[draw(SMALL) for _ in range(d)] for _ in range(n)])
    y = np.array([draw(st.sampled_from([-1.0, 1.0])) for _ in range(n)])
    unit = draw(st.sampled_from(scales))
    return np.ldexp(X, unit), y, np.array([draw(SMALL) for _ in range(n)]), unit


# ---------------------------------------------------------------------------------------------
# Every solver's result is verified
# ---------------------------------------------------------------------------------------------


@SOME
@given(data_sets())
def test_margins_are_verified_at_every_scale_separable_or_not(drawn):
    X, y, _, _ = drawn
    assert verified(certificates.of_l1svm(X, y, l1svm.max_margin(X, y)))
    in_balls = l2svm.max_margin(kernels.relu_kernel_ball(X), y)
    assert verified(certificates.of_l2svm(X, y, in_balls))


@SOME
@given(data_sets(scales=(0, -400, 400)))
def test_the_margin_of_a_kernel_in_floats_is_verified(drawn):
    X, y, _, _ = drawn
    result = l2svm.max_margin(kernels.relu_kernel(X), y)
    assert verified(certificates.of_l2svm(X, y, result))


@SOME
@given(data_sets())
def test_interpolants_are_verified_and_so_is_that_there_are_none(drawn):
    X, _, targets, unit = drawn
    y = np.ldexp(targets, unit)
    shortest = interpolation.min_l1_norm(X, y)
    assert verified(certificates.of_l1_interpolant(X, y, shortest))
    if np.isfinite(shortest.upper):
        result = interpolation.min_l2_norm(X, y)
        assert verified(certificates.of_l2_interpolant(X, y, result))


@settings(max_examples=8)
@given(data_sets(columns=2, scales=(0, -60, 40)), st.sampled_from([1.0, 1e-3, 1e-12]))
def test_regularised_minima_are_verified(drawn, lam):
    X, y, targets, _ = drawn
    result = regularized.solve(X, y, lam)
    assert verified(certificates.of_regularized(X, y, result))
    result = regularized.solve(X, targets, lam, loss="squared")
    assert verified(certificates.of_regularized(X, targets, result, loss="squared"))


@pytest.mark.parametrize("tol", [1e-9, 1e-25])
def test_minima_beyond_the_digits_of_the_network_are_verified(tol):
    X, y = data.line_set(6)
    result = regularized.solve(X, y, 1e-8, tol=tol)
    certificate = certificates.of_regularized(X, y, result)
    assert verified(certificate)
    assert verified(certificates.of_l1svm(X, y, l1svm.max_margin(X, y, tol=tol)))
    norm = interpolation.min_l1_norm(X, y, tol=tol)
    assert verified(certificates.of_l1_interpolant(X, y, norm))


def test_contradictions_at_scales_far_apart_are_verified_exactly():
    X = np.array([[3e-300, 1e-300], [3e300, 1e300]])
    X[1] = np.ldexp(X[0], 1990)
    y = np.array([1.0, -1.0])
    margin = certificates.of_l1svm(X, y, l1svm.max_margin(X, y))
    assert margin["upper"] == "0" and verified(margin)
    assert verified(certificates.of_l1_interpolant(X, y, interpolation.min_l1_norm(X, y)))


def test_what_a_search_found_in_many_dimensions_is_verified_as_far_as_faces_can_be_visited():
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(9, 9)), rng.choice([-1.0, 1.0], 9)
    result = l1svm.max_margin(X, y)
    assert result.proof != "exact arrangement"
    certificate = certificates.of_l1svm(X, y, result)
    assert verified(certificate)


def test_a_saved_certificate_is_read_again(tmp_path):
    X, y = data.line_set(4)
    certificate = certificates.of_l1svm(X, y, l1svm.max_margin(X, y))
    certificates.save(tmp_path / "margin.json", certificate)
    text = (tmp_path / "margin.json").read_bytes()
    assert json.loads(text) == certificate
    assert check(text).startswith("l1svm: ")


# ---------------------------------------------------------------------------------------------
# What is changed is verified if and only if it is still proved
# ---------------------------------------------------------------------------------------------


def numbers(certificate):
    """The fields in fractions."""
    return {
        name: np.array(READERS[name](value, name), dtype=object) if name in READERS else value
        for name, value in certificate.items()
        if name != "relations"
    }


def proved(kind, c):
    """The two ends that the parts of a certificate prove, by the definitions; None if a part is
    not of its kind."""
    if kind == "l1svm":
        if min(c["dual"]) < 0 or not any(c["dual"]):
            return None
        margin = exact.margin(c["X"], c["y"], c["atoms"], c["weights"])
        return max(margin, mpmath.mpf(0)), exact.dual_margin(c["X"], c["y"], c["dual"])
    if kind == "l2svm":
        if min(c["dual"]) < 0 or not any(c["dual"]):
            return None
        margin, norm = exact.kernel_bracket(c["X"], c["y"], c["dual"])
        return max(margin, mpmath.mpf(0)), norm
    if kind == "l1interpolation":
        f = exact.relu(c["X"] @ c["atoms"].T) @ c["weights"]
        if (f != c["y"]).any():
            return None
        ratio = exact.dual_ratio(c["X"], c["y"], c["dual"]) if any(c["dual"]) else mpmath.mpf(0)
        return max(ratio, mpmath.mpf(0)), exact.total_variation(c["atoms"], c["weights"])
    loss = c["loss"].item()
    if loss == "logistic" and not all(0 <= p <= 1 for p in c["dual"]):
        return None
    lam = exact.real(c["lam"].item())
    real_y = c["y"].astype(float)
    lower = exact.dual_value(c["X"], real_y, lam, c["dual"], loss)
    f = c["X"], real_y, lam, c["atoms"], c["weights"], loss
    return lower, exact.objective_of_measure(*f)


def holds(certificate):
    """Whether the definitions prove the claim, with `None` where the oracle's digits are few."""
    c = numbers(certificate)
    with mpmath.workdps(exact.DIGITS):
        ends = proved(certificate["problem"], c)
        if ends is None:
            return False
        low, high = ends[0] - exact.real(c["lower"].item()), exact.real(c["upper"].item()) - ends[1]
        size = abs(ends[0]) + abs(ends[1])
        if 0 < abs(low) <= TINY * size or 0 < abs(high) <= TINY * size:
            return None
        return bool(low >= 0 and high >= 0)


def solved(kind):
    """A certificate of each kind, with a bracket that is closed."""
    X = np.array([[1.0, 1.0], [-2.0, 1.0], [0.5, -1.0], [-1.0, 0.25]])
    y, t = np.array([1.0, -1.0, 1.0, 1.0]), np.array([1.0, -2.0, 0.5, 3.0])
    if kind == "l1svm":
        return certificates.of_l1svm(X, y, l1svm.max_margin(X, y))
    if kind == "l1svm in space":
        X = np.column_stack([X, [0.0, 1.0, 1.0, -2.0]])
        return certificates.of_l1svm(X, y, l1svm.max_margin(X, y))
    if kind == "l2svm":
        return certificates.of_l2svm(X, y, l2svm.max_margin(kernels.relu_kernel_ball(X), y))
    if kind == "l1interpolation":
        return certificates.of_l1_interpolant(X, t, interpolation.min_l1_norm(X, t))
    if kind == "l2interpolation":
        return certificates.of_l2_interpolant(X, t, interpolation.min_l2_norm(X, t))
    targets = y if kind == "logistic" else t
    result = regularized.solve(X, targets, 1e-2, loss=kind)
    return certificates.of_regularized(X, targets, result, loss=kind)


KINDS = ["l1svm", "l1svm in space", "l2svm", "l1interpolation", "logistic", "squared"]


@pytest.fixture(scope="module")
def known():
    return {kind: solved(kind) for kind in [*KINDS, "l2interpolation"]}


def moved(certificate, name, factor):
    """One end of the bracket times a factor."""
    value = READERS[name](certificate[name], name)
    assert value > 0
    return {**certificate, name: str(value * factor)}


@pytest.mark.parametrize("kind", [*KINDS, "l2interpolation"])
def test_a_bracket_moved_inward_by_a_millionth_is_refused(known, kind):
    certificate = known[kind]
    assert verified(certificate)
    step = Fraction(1, 10**6)
    assert not verified(moved(certificate, "upper", 1 - step))
    inward = moved(certificate, "lower", 1 + step)
    assert not verified({**inward, "upper": str(Fraction(10**6))})
    assert verified(moved(certificate, "upper", 1 + step))
    assert verified(moved(certificate, "lower", 1 - step))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(st.data())
def test_what_is_changed_is_verified_if_and_only_if_the_definitions_prove_it(known, kind, draw):
    certificate = copy.deepcopy(known[kind])
    names = [k for k in ("X", "y", "atoms", "weights", "dual", "lam") if k in certificate]
    name = draw.draw(st.sampled_from(names))
    if name in ("X", "atoms"):
        row = draw.draw(st.sampled_from(range(len(certificate[name]))))
        place = certificate[name][row]
    else:
        place = certificate[name] if isinstance(certificate[name], list) else [certificate[name]]
    k = draw.draw(st.sampled_from(range(len(place))))
    old = READERS["lam"](place[k], name)
    factors = [
        Fraction(-1),
        Fraction(0),
        Fraction(2),
        Fraction(10**6 + 1, 10**6),
        1 - Fraction(1, 10**9),
    ]
    new = old * draw.draw(st.sampled_from(factors if name != "y" or "svm" not in kind else [-1]))
    assume(new != old and (name != "lam" or new > 0))
    if kind == "logistic" and name == "y":
        new = -old
    place[k] = str(new)
    if name == "lam":
        certificate["lam"] = place[0]
    expected = holds(certificate)
    assume(expected is not None)
    assert verified_or_malformed(certificate) == expected


def verified_or_malformed(certificate):
    """`verified`, where a dual that is none of its kind is refused too."""
    try:
        check(json.dumps(certificate).encode())
    except Refused:
        return False
    return True


@pytest.mark.parametrize("kind", KINDS)
def test_each_part_matters(known, kind):
    """A change of it can be seen: otherwise the test above could say nothing."""
    certificate = known[kind]
    for name in ("X", "weights", "dual"):
        if name in certificate:
            changed = copy.deepcopy(certificate)
            parts = changed[name]
            parts[0], parts[-1] = parts[-1], parts[0]
            assert not verified_or_malformed(changed), name
    if "atoms" in certificate:
        assert not verified({**certificate, "atoms": certificate["atoms"][::-1]})
    first, *others = certificate["y"]
    flipped = [str(-READERS["lam"](first, "y")), *others]
    assert not verified_or_malformed({**certificate, "y": flipped})
    swapped = {"lower": certificate["upper"], "upper": certificate["lower"]}
    assert not verified({**certificate, **swapped}) or swapped["lower"] == swapped["upper"]


@pytest.mark.parametrize("kind", ["l1svm", "l1svm in space", "logistic", "l1interpolation"])
def test_an_atom_of_twice_the_length_is_twice_the_mass(known, kind):
    certificate = known[kind]
    longer = [[str(2 * READERS["lam"](v, "atoms")) for v in u] for u in certificate["atoms"]]
    halves = [str(READERS["lam"](w, "weights") / 2) for w in certificate["weights"]]
    assert verified({**certificate, "atoms": longer, "weights": halves})
    one_longer = [longer[0], *certificate["atoms"][1:]]
    assert not verified({**certificate, "atoms": one_longer})


def test_coefficients_relations_data_and_targets_of_the_least_square_matter(known):
    certificate = known["l2interpolation"]
    c = [READERS["lam"](v, "coefficients") for v in certificate["coefficients"]]
    for i in range(len(c)):
        for factor in (1 + Fraction(1, 10**9), -1, 0):
            changed = [str(v * (factor if j == i else 1)) for j, v in enumerate(c)]
            assert not verified({**certificate, "coefficients": changed})
    assert not verified({**certificate, "X": certificate["X"][::-1]})
    assert not verified({**certificate, "y": certificate["y"][::-1]})
    assert not verified({**certificate, "relations": [[0, 0, 0, 1]]})


def test_a_point_that_repeats_is_left_out_by_its_relation_alone():
    X, y = np.array([[1.0, 2.0], [2.0, 4.0], [1.0, -1.0]]), np.array([1.0, 2.0, 1.0])
    result = interpolation.min_l2_norm(X, y)
    certificate = certificates.of_l2_interpolant(X, y, result)
    assert certificate["relations"] == [["2", "-1", "0"]]
    assert verified(certificate)
    assert not verified({**certificate, "relations": []})
    assert not verified({**certificate, "relations": [["3", "-1", "0"]]})
    assert not verified({**certificate, "y": ["1", "3", "1"]})


def test_a_contradiction_is_refused_once_its_targets_agree():
    X, y = np.array([[1.0, 2.0], [3.0, 6.0]]), np.array([1.0, 2.0])
    certificate = certificates.of_l1_interpolant(X, y, interpolation.min_l1_norm(X, y))
    assert certificate["problem"] == "no-interpolant" and verified(certificate)
    assert not verified({**certificate, "y": ["1", "3"]})
    assert not verified({**certificate, "dual": ["1", "1"]})
    assert not verified({**certificate, "X": [["1", "2"], ["3", "7"]]})
