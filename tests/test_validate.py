"""What enters the library is refused or unchanged: types, shapes, masks, tracing, 64 bits."""

import decimal
import fractions
import math
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jax.experimental import sparse as jax_sparse
from scipy import sparse

from margintheory import (
    bounds,
    flow,
    interpolation,
    kernels,
    l1svm,
    l2svm,
    margins,
    networks,
    regularized,
    sphere,
    validate,
)
from margintheory.sparse import pruned
from margintheory.sphere import branching, faces, spectral

X, y = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([1.0, -1.0])


class Frame:
    """What a data frame looks like to NumPy."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype)


@pytest.mark.parametrize(
    "value",
    [
        [[1, 2], [3, -1]],
        ((1, 2.0), (np.float32(3), -1)),
        [np.array([1, 2]), np.array([3.0, -1.0])],
        X.astype(np.float16),
        X.astype(np.int8),
        X.astype(np.longdouble),
        X.astype(object),
        X.astype(">f8"),
        X.T.copy().T,
        jnp.asarray(X, "bfloat16"),
        jnp.asarray(X, "float32"),
        [[fractions.Fraction(1), 2], [decimal.Decimal(3), -1]],
        Frame(X),
        np.ma.masked_array(X),
        np.matrix(X),
    ],
)
def test_numbers_of_any_type_enter_unchanged_as_float64(value):
    array = validate.points(value)
    assert type(array) is np.ndarray
    assert array.dtype == np.float64
    assert np.array_equal(array, X)


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (X + 0j, "complex.*real"),
        ([[1.0, 2.0], [3.0, 1j]], "complex.*real"),
        (np.array([[1.0, 1j]], dtype=object), "complex.*real"),
        (jnp.asarray(X) * 1j, "complex.*real"),
        (np.ma.masked_array(X, mask=[[0, 0], [0, 1]]), "masked entries; fill"),
        ([np.ma.masked_array([1.0, 2.0], mask=[0, 1]), [3.0, 4.0]], "masked entries; fill"),
        (sparse.csr_matrix(X), "sparse.*toarray"),
        (sparse.coo_array(X), "sparse.*toarray"),
        (jax_sparse.BCOO.fromdense(X), "sparse"),
        ([[1.0, 2.0], [3.0]], "different lengths; give a rectangular"),
        ([[1.0, 2.0], 3.0], "different lengths; give a rectangular|inhomogeneous"),
        ([["1", "2"]], "numeric array"),
        (np.array([["1", "2"]]), "numeric array"),
        (np.array([["1", 2.0]], dtype=object), "numeric array, but one entry is '1'"),
        ([[None, 1.0]], "numeric array, but one entry is None"),
        ([[{}, 1.0]], "numeric array"),
        (np.array([["2020-01-01"]], dtype="datetime64[D]"), "numeric array.*datetime"),
        (np.array([[1]], dtype="timedelta64[s]"), "numeric array.*timedelta"),
        (Frame([["a", "b"]]), "numeric array"),
        (jax.random.key(0), "numeric array"),
        ([[2**53 + 1, 0]], "float64 rounds"),
        (np.array([[0, 2**53 + 1]]), r"9007199254740993 at \(0, 1\), which float64 rounds"),
        (np.array([[2**64 - 1]], dtype=np.uint64), "float64 rounds"),
        (np.array([[2**63 - 1]]), "float64 rounds"),
        ([[10**400, 0]], "numeric array"),
        ([[fractions.Fraction(1, 3), 0]], "1/3.*float64 rounds.*np.asarray"),
        ([[decimal.Decimal("0.1"), 0]], "float64 rounds"),
        ([[math.nan, 1]], r"finite, but entry \(0, 0\) is nan"),
        ([[1, 2], [1, -math.inf]], r"finite, but entry \(1, 1\) is -inf"),
        (1.0, "2 axes"),
        ([], "2 axes"),
        (np.zeros((0, 3)), "empty"),
        (np.zeros((3, 0)), "empty"),
    ],
)
def test_points_that_are_not_an_array_of_floats_are_refused_in_words(value, word):
    with pytest.raises(ValueError, match=word):
        validate.points(value)


@pytest.mark.skipif(np.finfo(np.longdouble).nmant <= 52, reason="long doubles are doubles here")
def test_a_long_double_with_more_digits_is_refused():
    with pytest.raises(ValueError, match="float64 rounds"):
        validate.points(np.array([[1, 1 + np.finfo(np.longdouble).eps]], dtype=np.longdouble))


@given(st.integers(-(2**70), 2**70))
def test_an_integer_enters_exactly_or_not_at_all(number):
    if int(float(number)) == number:
        assert validate.finite_array([number], "v", 1)[0] == number
    else:
        with pytest.raises(ValueError, match="rounds"):
            validate.finite_array([number], "v", 1)


def test_fractions_may_be_rounded_where_a_function_says_so():
    assert validate.rounded_array([fractions.Fraction(1, 3)], "v", 1)[0] == 1 / 3


@pytest.mark.parametrize(
    ("labels", "word"),
    [
        (y[:, None], r"1 axes, got shape \(2, 1\); flatten it: y.ravel\(\)"),
        (y[None], "flatten it"),
        ([True, True], "boolean; recode"),
        (np.array([True, True]), "boolean; recode"),
        ([0, 1], r"-1 or \+1.*recode"),
        (["a", "b"], "numeric array"),
        ([1.0], "must match"),
        (1.0, "1 axes"),
    ],
)
def test_labels_are_refused_with_what_to_do(labels, word):
    with pytest.raises(ValueError, match=word):
        validate.binary_training_set(X, labels)


def test_a_matrix_for_labels_gets_no_advice_to_flatten_it():
    with pytest.raises(ValueError, match=r"got shape \(2, 2\)\.$"):
        validate.regression_set(X, X)


bad_numbers = [math.nan, math.inf, -math.inf, "3", b"3", True, np.True_, None, 1j, [3], 10**400]


@pytest.mark.parametrize("value", [*bad_numbers, 0, -1, 2.5, fractions.Fraction(5, 2)])
def test_a_count_is_a_whole_number(value):
    with pytest.raises(ValueError, match="cells must be"):
        validate.count(value, "cells")


@pytest.mark.parametrize("value", bad_numbers)
def test_a_parameter_is_a_finite_real_number(value):
    with pytest.raises(ValueError, match="lam must be"):
        validate.real(value, "lam")


@pytest.mark.parametrize("value", [3, 3.0, np.int8(3), np.float32(3), jnp.array(3), np.array(3.0)])
def test_numbers_of_any_type_are_counts_and_parameters(value):
    assert validate.count(value, "n") == 3
    assert type(validate.count(value, "n")) is int
    assert validate.positive(value, "n") == 3
    assert type(validate.positive(value, "n")) is float
    with pytest.raises(ValueError, match="at least 4"):
        validate.count(value, "n", least=4)


# ---------------------------------------------------------------------------------------------
# Tracing
# ---------------------------------------------------------------------------------------------

SOLVERS = [
    lambda X: l1svm.max_margin(X, y).lower,
    lambda X: l2svm.max_margin(X @ X.T, y).lower,
    lambda X: interpolation.min_l1_norm(X, y).lower,
    lambda X: regularized.solve(X, y, 0.1).lower,
    lambda X: kernels.relu_kernel_ball(X),
    lambda X: interpolation.min_l2_norm(X, y).lower,
    lambda X: interpolation.dependence(X),
    lambda X: sphere.arrange(X).starts,
    lambda X: faces.enumerate_faces(X).X,
    lambda X: spectral.max_abs(X, y),
    lambda X: branching.max_abs(X, y),
    lambda X: pruned(networks.TwoLayer(w=y, U=np.eye(2)), X).w,
    lambda U: pruned(networks.TwoLayer(w=y, U=U), np.eye(2)).w,
    lambda U: margins.in_balls(networks.TwoLayer(w=y, U=U), np.eye(2), y),
    lambda W: sphere.max_abs(sphere.arrange(np.eye(2)), W[0]),
    lambda W: sphere.summits(sphere.arrange(np.eye(2)), W[0]),
    lambda W: faces.max_abs(faces.enumerate_faces(np.eye(2)), W[0]),
    lambda W: l1svm.upper_bound(np.eye(2), y, W[0]),
    lambda U: l1svm.lower_bound(np.eye(2), y, U, y),
    lambda W: l2svm.bracket(kernels.relu_kernel_ball(np.eye(2)), y, W[0]),
    lambda W: interpolation.l1_norm_lower(np.eye(2), y, W[0]),
    lambda X: bounds.rademacher_finite(X),
]


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("transformation", [jax.jit, jax.grad, lambda f: jax.vmap(f)])
def test_a_solver_says_that_it_cannot_be_traced(solver, transformation):
    value = X[None] if transformation not in (jax.jit, jax.grad) else X
    with pytest.raises(ValueError, match=r"traced by jit, vmap or grad.*call it outside"):
        transformation(solver)(value)


@pytest.mark.parametrize(
    "call",
    [
        lambda y: l1svm.max_margin(X, y),
        lambda y: interpolation.min_l1_norm(X, y),
        lambda y: l2svm.max_margin(X @ X.T, y),
        lambda y: margins.margin(X[0], y),
        lambda y: validate.class_labels(y, 2, 2),
        lambda y: validate.positive(y[0], "lam"),
        lambda y: validate.count(y[0], "n"),
    ],
)
def test_traced_labels_and_parameters_are_refused_too(call):
    with pytest.raises(ValueError, match="traced by jit, vmap or grad"):
        jax.jit(call)(y)


def test_a_list_of_traced_numbers_is_refused_with_what_to_do():
    with pytest.raises(ValueError, match=r"jnp\.stack"):
        jax.jit(lambda a: kernels.relu_kernel([[a, 1.0]]))(2.0)


def test_traced_arrays_are_checked_for_their_shape():
    with pytest.raises(ValueError, match="2 axes"):
        jax.jit(kernels.relu_kernel)(y)


def test_functions_that_can_be_traced_are():
    assert np.isfinite(jax.jit(kernels.relu_kernel)(X)).all()
    assert np.isfinite(jax.grad(lambda s: margins.margin(s, y))(X[0])).all()


# ---------------------------------------------------------------------------------------------
# The one switch for float64
# ---------------------------------------------------------------------------------------------


CALLS = {
    "relu_kernel": lambda: kernels.relu_kernel(X),
    "traced relu_kernel": lambda: jax.jit(kernels.relu_kernel)(X),
    "relu_kernel_ball": lambda: kernels.relu_kernel_ball(X),
    "l2svm": lambda: l2svm.max_margin(X @ X.T, y),
    "l1svm": lambda: l1svm.max_margin(X, y),
    "margin": lambda: margins.margin(X[0], y),
    "flow": lambda: flow.two_layer(X, y, 0.1, 0.1),
    "a count": lambda: validate.count(3, "n"),
}


@pytest.mark.parametrize("name", CALLS)
def test_nothing_is_computed_while_64_bits_are_off(name):
    with jax.enable_x64(False), pytest.raises(ValueError, match="64-bit mode was turned off"):
        CALLS[name]()
    CALLS[name]()


def test_the_switch_is_seen_when_it_is_turned_off_for_good():
    program = (
        "import jax, margintheory\n"
        "from margintheory import kernels\n"
        "kernels.relu_kernel([[1.0, 2.0]])\n"
        "jax.config.update('jax_enable_x64', False)\n"
        "kernels.relu_kernel([[1.0, 2.0]])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "ValueError: JAX's 64-bit mode was turned off" in done.stderr
