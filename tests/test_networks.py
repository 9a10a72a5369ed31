"""Networks: homogeneity, balancing, padding and the round trip to measures."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from margintheory import networks

seeds = st.integers(0, 10**6)


def two_layer(seed, m=5, d=3):
    rng = np.random.default_rng(seed)
    return networks.TwoLayer(rng.normal(size=m), rng.normal(size=(m, d)))


def deep(seed, widths=(3, 4, 5, 1)):
    rng = np.random.default_rng(seed)
    shapes = zip(widths[1:], widths, strict=False)
    return networks.Deep(tuple(rng.normal(size=shape) for shape in shapes))


def inputs(seed, n=20, d=3):
    return np.random.default_rng(seed + 1).normal(size=(n, d))


def scores_by_loops(net, X):
    """The defining sums, neuron by neuron."""
    return [
        sum(
            w * max(0.0, sum(a * b for a, b in zip(u, x, strict=True)))
            for w, u in zip(net.w, net.U, strict=True)
        )
        for x in X
    ]


@given(seeds)
def test_two_layer_scores_are_the_defining_sums(seed):
    net, X = two_layer(seed), inputs(seed, n=4)
    np.testing.assert_allclose(net(X), scores_by_loops(net, X), rtol=1e-12, atol=1e-12)


@given(seeds)
def test_a_deep_network_of_depth_two_is_a_two_layer_network(seed):
    net, X = two_layer(seed), inputs(seed)
    same = networks.Deep((net.U, net.w[None, :]))
    np.testing.assert_allclose(same(X), net(X), rtol=1e-12, atol=1e-12)
    assert same.degree == net.degree == 2
    np.testing.assert_allclose(same.norm_squared, net.norm_squared, rtol=1e-14)


@given(seeds, st.floats(0.01, 100))
def test_networks_are_homogeneous_of_degree_depth(seed, c):
    X = inputs(seed)
    for net in (two_layer(seed), deep(seed), deep(seed, (3, 4, 1)), deep(seed, (3, 2, 2, 2, 2))):
        np.testing.assert_allclose(
            networks.scaled(net, c)(X), c**net.degree * net(X), rtol=1e-10, atol=1e-300
        )
        if jnp.any(net(X) != 0):
            assert networks.measured_degree(net, X) == pytest.approx(net.degree, abs=1e-9)


def test_a_bias_in_the_hidden_layer_breaks_homogeneity():
    net, X = two_layer(0), inputs(0)

    def with_bias(c):
        return jax.nn.relu(X @ (c * net.U).T + 1.0) @ (c * net.w)

    assert not np.allclose(with_bias(2.0), 4 * with_bias(1.0))


def test_a_network_that_vanishes_on_the_data_has_no_measured_degree():
    net = networks.TwoLayer([1.0], [[1.0, 0.0]])
    with pytest.raises(ValueError, match="vanishes"):
        networks.measured_degree(net, [[-1.0, 0.0]])


@given(seeds)
def test_balancing_keeps_the_function_and_never_raises_the_norm(seed):
    X = inputs(seed)
    for net in (two_layer(seed), deep(seed)):
        even = networks.balanced(net)
        np.testing.assert_allclose(even(X), net(X), rtol=1e-10, atol=1e-12)
        assert even.norm_squared <= net.norm_squared * (1 + 1e-12)


@given(seeds)
def test_balanced_layers_have_equal_norms(seed):
    layers = [jnp.linalg.norm(W) for W in networks.balanced(deep(seed)).weights]
    np.testing.assert_allclose(layers, layers[0], rtol=1e-12)
    even = networks.balanced(two_layer(seed))
    np.testing.assert_allclose(jnp.abs(even.w), jnp.linalg.norm(even.U, axis=1), rtol=1e-12)


@given(seeds, st.integers(0, 4))
def test_widening_keeps_function_and_norm(seed, extra):
    X = inputs(seed)
    for net, widths in ((two_layer(seed), 5 + extra), (deep(seed), (4 + extra, 5 + 2 * extra))):
        wide = networks.widen(net, widths)
        np.testing.assert_allclose(wide(X), net(X), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(wide.norm_squared, net.norm_squared, rtol=1e-12)


def test_widening_refuses_to_narrow():
    for net, widths in ((two_layer(0), 4), (deep(0), (4, 4)), (deep(0), (9,))):
        with pytest.raises(ValueError, match="cannot widen"):
            networks.widen(net, widths)


@given(seeds)
def test_a_network_and_its_measure_are_the_same_function_up_to_one_half(seed):
    net, X = two_layer(seed), inputs(seed)
    weights, atoms = networks.to_measure(net)
    features = np.maximum(X @ np.asarray(atoms).T, 0)
    np.testing.assert_allclose(features @ weights / 2, net(X), rtol=1e-10, atol=1e-12)
    assert jnp.sum(jnp.abs(weights)) <= net.norm_squared * (1 + 1e-12)
    back = networks.from_measure(weights, atoms)
    np.testing.assert_allclose(back(X), net(X), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(back.norm_squared, jnp.sum(jnp.abs(weights)), rtol=1e-12)


def test_a_dead_neuron_becomes_mass_zero():
    weights, atoms = networks.to_measure(networks.TwoLayer([3.0, 1.0], [[0.0, 0.0], [2.0, 0.0]]))
    np.testing.assert_array_equal(weights, [0.0, 4.0])
    np.testing.assert_array_equal(atoms, [[1.0, 0.0], [1.0, 0.0]])


def test_normalised_parameters_have_norm_one_and_zero_stays_zero():
    assert networks.normalised(deep(3)).norm_squared == pytest.approx(1.0)
    zero = networks.scaled(two_layer(0), 0.0)
    assert networks.normalised(zero).norm_squared == 0


def test_networks_are_pytrees_that_can_be_batched_and_differentiated():
    net, X = two_layer(0), inputs(0)
    batch = jax.tree.map(lambda W: jnp.stack([W, 2 * W]), net)
    np.testing.assert_allclose(jax.vmap(lambda net: net(X))(batch)[1], 4 * net(X), rtol=1e-12)
    gradient = jax.grad(lambda net: net.norm_squared)(net)
    np.testing.assert_allclose(gradient.U, 2 * net.U)
    rebuilt = jax.jit(lambda w, U: networks.TwoLayer(w, U)(X))(net.w, net.U)
    np.testing.assert_allclose(rebuilt, net(X), rtol=1e-12)


@pytest.mark.parametrize("exponent", [-1000, -600, 600, 1000])
def test_networks_of_any_scale_are_normalised_and_balanced_alike(exponent):
    """Powers of two are exact, and squares of the parameters would underflow or overflow."""
    for net in (two_layer(0), deep(0)):
        far = networks.scaled(net, 2.0**exponent)
        for one, other in zip(
            *map(jax.tree.leaves, map(networks.normalised, (net, far))), strict=True
        ):
            np.testing.assert_array_equal(one, other)
        for one, other in zip(
            *map(jax.tree.leaves, map(networks.balanced, (net, far))), strict=True
        ):
            np.testing.assert_allclose(np.ldexp(one, exponent), other, rtol=1e-13)
    net = two_layer(1)
    tiny = networks.TwoLayer(net.w, np.ldexp(net.U, -1000))
    np.testing.assert_array_equal(networks.to_measure(tiny).atoms, networks.to_measure(net).atoms)
    weights = np.ldexp(networks.to_measure(net).weights, -1000)
    np.testing.assert_array_equal(networks.to_measure(tiny).weights, weights)


def test_a_moderate_network_is_an_exact_multiple_with_parameters_up_to_one():
    for net in (two_layer(0), networks.scaled(deep(0), 1e-200)):
        small, exponent = networks.moderate(net)
        greatest = max(float(jnp.abs(W).max()) for W in jax.tree.leaves(small))
        assert 0.5 <= greatest < 1
        for one, other in zip(*map(jax.tree.leaves, (net, small)), strict=True):
            np.testing.assert_array_equal(one, np.ldexp(other, exponent))


def test_lengths_have_the_derivative_of_a_norm():
    net = two_layer(0)
    slope = jax.grad(lambda net: networks.to_measure(net).weights.sum())(net).U
    unit = net.U / jnp.linalg.norm(net.U, axis=1, keepdims=True)
    np.testing.assert_allclose(slope, 2 * net.w[:, None] * unit, rtol=1e-12)


@pytest.mark.parametrize(
    ("act", "word"),
    [
        (lambda: two_layer(0)([1.0, 2.0, 3.0]), "2 axes"),
        (lambda: two_layer(0)([[1.0, 2.0]]), "points in ℝ\\^3"),
        (lambda: deep(0)(jnp.ones((2, 4))), "points in ℝ\\^3"),
        (lambda: deep(0)(jnp.ones(3)), "2 axes"),
        (lambda: deep(0)([["a", "b", "c"]]), "numeric"),
        (lambda: deep(0)([[1.0, np.nan, 2.0]]), "finite"),
        (lambda: networks.scaled(deep(0), [1.0, 2.0]), "one number"),
        (lambda: networks.scaled(deep(0), np.nan), "finite"),
        (lambda: networks.measured_degree(deep(0), inputs(0), c=1.0), "another factor"),
        (lambda: networks.measured_degree(deep(0), inputs(0), c=-2.0), "c must be positive"),
        (lambda: networks.widen(two_layer(0), 5.5), "a width must be"),
        (lambda: networks.widen(two_layer(0), "wide"), "a width must be"),
        (lambda: networks.from_measure([1.0, 2.0], [[1.0, 0.0]]), "2 masses for 1 atoms"),
        (lambda: networks.Deep(3), "tuple of weight matrices"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(act, word):
    with pytest.raises(ValueError, match=word):
        act()


@pytest.mark.parametrize(
    ("build", "word"),
    [
        (lambda: networks.TwoLayer([1.0, 2.0], [[1.0]]), "one w for each row"),
        (lambda: networks.TwoLayer([[1.0]], [[1.0]]), "1 axes"),
        (lambda: networks.TwoLayer([1.0], [[np.nan]]), "finite"),
        (lambda: networks.TwoLayer([], np.zeros((0, 2))), "empty"),
        (lambda: networks.Deep(([[1.0]],)), "at least two"),
        (lambda: networks.Deep(([[1.0], [2.0]], [[1.0]])), "do not fit"),
        (lambda: networks.Deep(([[np.inf]], [[1.0]])), "finite"),
        (lambda: networks.from_measure([1.0], [[2.0, 0.0]]), "unit vectors"),
        (lambda: networks.from_measure(["a"], [[1.0, 0.0]]), "numeric"),
    ],
)
def test_bad_networks_are_refused_with_a_reason(build, word):
    with pytest.raises(ValueError, match=word):
        build()
