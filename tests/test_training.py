"""Training: steps against JAX's own gradients and mpmath; many devices and hosts against one."""

import json
import os
import socket
import subprocess
import sys
from functools import partial

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from margintheory import l1svm, objectives, training
from margintheory.networks import Deep, TwoLayer

seeds = st.integers(0, 10**6)
T, N, M, D = 3, 12, 5, 4


def problem(seed, labels=True, scale=1.0, dtype=np.float64, trials=T):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(trials, N, D)), rng.normal(size=(trials, N))
    nets = training.initial_networks(seed + np.arange(trials), M, D, scale=scale, dtype=dtype)
    return X, np.sign(y) if labels else y, nets


def one(batch, t):
    return jax.tree.map(lambda a: a[t], batch)


def objective(net, X, y, loss, lam):
    """L_λ from the room `objectives`, which `training` does not use for two-layer networks."""
    if loss == "squared":
        return objectives.squared_loss(net(X), y) + lam * net.norm_squared
    return objectives.weakly_regularised(net, X, y, lam)


def assert_close(left, right, **tolerance):
    for a, b in zip(jax.tree.leaves(left), jax.tree.leaves(right), strict=True):
        np.testing.assert_allclose(a, b, **tolerance)


def one_step(X, y, net, loss, lam, rule, step_size):
    """One step of each rule as its definition reads."""
    if rule == "fixed":
        slope = jax.grad(objective)(net, X, y, loss, lam)
        return jax.tree.map(lambda p, g: p - step_size * g, net, slope)
    slope = jax.grad(lambda net: jnp.log(objective(net, X, y, loss, lam)))(net)
    squares = jax.tree.map(lambda g: jnp.sum(g**2), slope)
    length = net.norm_squared if rule == "margin-aware" else jnp.sqrt(squares.w + squares.U)
    return jax.tree.map(lambda p, g: p - step_size / length * g, net, slope)


@partial(jax.jit, static_argnames=("loss", "rule"))
def by_autodiff(X, y, nets, loss, lam, rule, step_size):
    return jax.vmap(lambda X, y, net: one_step(X, y, net, loss, lam, rule, step_size))(X, y, nets)


@pytest.mark.parametrize(
    ("loss", "rule"),
    [
        ("logistic", "fixed"),
        ("squared", "fixed"),
        ("logistic", "margin-aware"),
        ("logistic", "normalised"),
    ],
)
@settings(max_examples=15)
@given(seeds, st.sampled_from([0.0, 1e-8, 0.3]))
def test_a_step_of_each_rule_is_the_step_that_autodiff_takes(loss, rule, seed, lam):
    X, y, nets = problem(seed, labels=loss == "logistic")
    trained = training.train(X, y, nets, loss=loss, lam=lam, steps=1, step_size=0.2, rule=rule)
    expected = by_autodiff(X, y, nets, loss, lam, rule, 0.2)
    assert_close(trained.network, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("rule", ["fixed", "margin-aware", "normalised"])
def test_training_on_is_training_for_longer_bit_for_bit(rule):
    X, y, nets = problem(0, dtype=np.float32)
    options = {"lam": 1e-3, "step_size": 0.1, "rule": rule}
    half = training.train(X, y, nets, steps=40, **options)
    resumed = training.train(X, y, half.network, steps=60, **options)
    whole = training.train(X, y, nets, steps=100, **options)
    for a, b in zip(jax.tree.leaves(resumed.network), jax.tree.leaves(whole.network), strict=True):
        assert np.array_equal(a, b)


def test_chunks_and_neighbours_do_not_change_a_trial():
    X, y, nets = problem(1, trials=7)
    options = {"lam": 1e-3, "step_size": 0.1, "steps": 50}
    together = training.train(X, y, nets, chunk=3, **options)
    alone = training.train(X[4:5], y[4:5], jax.tree.map(lambda a: a[4:5], nets), **options)
    assert_close(one(together.network, 4), one(alone.network, 0), rtol=1e-9)


def test_descent_lowers_the_objective_and_reports_loss_and_margin_of_the_result():
    X, y, nets = problem(2)
    trained = training.train(X, y, nets, lam=1e-3, steps=300, step_size=0.1)
    for t in range(T):
        net = one(trained.network, t)
        before, after = (objective(n, X[t], y[t], "logistic", 1e-3) for n in (one(nets, t), net))
        assert after < before
        loss = objectives.logistic_loss(y[t] * net(X[t]))
        assert trained.log_loss[t] == pytest.approx(float(jnp.log(loss)), rel=1e-12)
        margin = jnp.min(y[t] * net(X[t])) / net.norm_squared
        assert trained.margin[t] == pytest.approx(float(margin), rel=1e-12)
        assert trained.steps[t] == 300


def test_the_squared_loss_has_no_margin_and_its_logarithm_is_reported():
    X, y, nets = problem(3, labels=False)
    trained = training.train(X, y, nets, loss="squared", steps=20, step_size=0.01)
    assert np.isnan(trained.margin).all()
    losses = [objectives.squared_loss(one(trained.network, t)(X[t]), y[t]) for t in range(T)]
    assert_close(trained.log_loss, np.log(losses), rtol=1e-12)


def test_float32_networks_stay_float32_and_their_margins_are_float64():
    X, y, nets = problem(4, dtype=np.float32)
    trained = training.train(X, y, nets, lam=1e-3, steps=30, step_size=0.1)
    assert trained.network.w.dtype == trained.network.U.dtype == np.float32
    assert trained.margin.dtype == trained.log_loss.dtype == np.float64
    nets = jax.tree.map(lambda a: a.astype(np.float64), nets)
    wide = training.train(X, y, nets, lam=1e-3, steps=30, step_size=0.1)
    assert_close(trained.margin, wide.margin, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("scale", [1.0, 40.0])
def test_the_logarithm_of_the_loss_is_exact_where_the_loss_underflows(scale):
    """Separated data scaled up until e^{−v} is zero in float64."""
    X = np.eye(2)[None] * scale**2
    nets = jax.vmap(TwoLayer)(jnp.array([[scale, -scale]]), jnp.eye(2)[None] * scale)
    y = np.array([[1.0, -1.0]])
    trained = training.train(X, y, nets, steps=0, step_size=0.1)
    with mpmath.workdps(30):
        exact = mpmath.mpf(-(scale**4)) if scale > 30 else mpmath.log(mpmath.log1p(mpmath.exp(-1)))
    assert trained.log_loss[0] == pytest.approx(float(exact), rel=1e-14)


@pytest.mark.parametrize("rule", ["margin-aware", "normalised"])
def test_log_frame_rules_move_on_where_the_float32_loss_is_zero_and_fixed_steps_do_not(rule):
    rng = np.random.default_rng(5)
    X = rng.normal(size=(1, 8, 3)) + 3
    y = np.sign(X[:, :, 0] - X[:, :, 1])
    start = training.initial_networks([0], 20, 3)
    fitted = training.train(X, y, start, steps=4000, step_size=1.0, rule="margin-aware")
    assert fitted.log_loss[0] < -120 and fitted.margin[0] > 0
    stuck = training.train(X, y, fitted.network, steps=50, step_size=0.1)
    assert np.array_equal(stuck.network.w, fitted.network.w)
    moved = training.train(X, y, fitted.network, steps=500, step_size=0.05, rule=rule)
    assert moved.log_loss[0] < fitted.log_loss[0]


def test_a_trial_stops_at_the_loss_that_proves_its_fit_and_others_go_on():
    X, y, _ = problem(6, trials=6)
    nets = training.initial_networks(range(6), 30, D, dtype=np.float64)
    y[:3] = np.sign(X[:3, :, 0])  # easy labels stop earlier than random ones
    stop = np.log(np.log(2) / N)
    options = {"steps": 3000, "step_size": 0.3}
    trained = training.train(X, y, nets, stop=stop, chunk=6, **options)
    stopped = np.asarray(trained.steps) < 3000
    assert stopped[:3].all() and len(set(np.asarray(trained.steps))) > 1
    assert (trained.log_loss[stopped] <= stop).all() and (trained.margin[stopped] > 0).all()
    t = int(np.flatnonzero(stopped)[0])
    options["steps"] = int(trained.steps[t])
    exactly = training.train(X, y, nets, chunk=6, **options)
    assert_close(one(exactly.network, t), one(trained.network, t), rtol=1e-9)
    options["steps"] -= 1
    assert training.train(X, y, nets, chunk=6, **options).log_loss[t] > stop


def test_margin_ascent_comes_near_the_certified_maximum_margin_and_never_exceeds_it():
    rng = np.random.default_rng(7)
    angles = rng.uniform(0, 2 * np.pi, size=(2, 8))
    X = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    y = np.sign(np.sin(2 * angles + 0.5))
    nets = training.initial_networks([0, 1], 60, 2, dtype=np.float64)
    climbed = training.ascend_margin(X, y, nets, steps=2000)
    descended = training.train(X, y, nets, steps=2300, step_size=0.1)
    for t in range(2):
        bracket = l1svm.max_margin(X[t], y[t])
        assert bracket.status == "optimal"
        assert climbed.margin[t] <= bracket.upper / 2
        assert climbed.margin[t] >= 0.97 * bracket.lower / 2
        assert climbed.margin[t] > descended.margin[t]


def test_scores_are_those_of_each_network():
    X, _, nets = problem(8)
    expected = np.stack([one(nets, t)(X[t]) for t in range(T)])
    assert_close(training.scores(nets, X), expected, rtol=1e-12)


def test_initial_networks_have_the_stated_variances_and_do_not_depend_on_their_neighbours():
    nets = training.initial_networks(np.arange(50), 64, 20, scale=0.5)
    assert nets.U.shape == (50, 64, 20) and nets.U.dtype == np.float32
    assert np.var(nets.U) == pytest.approx(0.25 / 20, rel=0.05)
    assert np.var(nets.w) == pytest.approx(0.25 / 64, rel=0.1)
    alone = training.initial_networks([7], 64, 20, scale=0.5)
    assert np.array_equal(alone.U[0], nets.U[7]) and not np.array_equal(nets.U[6], nets.U[7])


def test_sgd_over_one_full_batch_is_gradient_descent():
    rng = np.random.default_rng(9)
    X, labels = rng.normal(size=(10, 3)), rng.integers(4, size=10)
    net = Deep((rng.normal(size=(6, 3)), rng.normal(size=(4, 6))))
    options = {"batch": 10, "step_size": 0.1, "lam": 0.01}
    trained = training.sgd(X, labels, net, jax.random.key(0), epochs=3, **options)
    gradient = jax.jit(jax.grad(objectives.weakly_regularised))
    for _ in range(3):
        slope = gradient(net, X, labels, 0.01)
        net = jax.tree.map(lambda p, g: p - 0.1 * g, net, slope)
    assert_close(trained, net, rtol=1e-9)


def test_sgd_visits_each_example_once_in_an_epoch():
    """Identity inputs: an example moves only its own column of W_1, by one step from zero."""
    net = Deep((np.zeros((2, 6)) + 1.0, np.ones((2, 2)) * [[1.0], [-1.0]]))
    once = training.sgd(
        np.eye(6), np.zeros(6), net, jax.random.key(1), epochs=1, batch=2, step_size=1e-6
    )
    change = np.abs(np.asarray(once.weights[0]) - 1).sum(axis=0)
    assert_close(change, change[0] * np.ones(6), rtol=1e-3)
    assert change[0] > 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y": np.ones((T, N + 1))}, r"needs y of shape \(3, 12\)"),
        ({"y": 2 * np.ones((T, N))}, "labels must be -1 or \\+1"),
        ({"X": np.full((T, N, D), np.nan)}, "X must be finite"),
        ({"X": np.ones((T, N, D + 1))}, "3 trials in 5 dimensions"),
        ({"X": np.ones((2, N, D)), "y": np.ones((2, N))}, r"jax.vmap\(TwoLayer\)"),
        ({"loss": "hinge"}, "loss must be one of logistic, squared"),
        ({"rule": "adam"}, "rule must be one of"),
        ({"loss": "squared", "rule": "normalised"}, "for the logistic loss"),
        ({"lam": -1.0}, "lam must not be negative"),
        ({"steps": -1}, "steps must be a whole number"),
        ({"step_size": 0.0}, "step_size must be positive"),
        ({"stop": np.nan}, "stop must be finite"),
        ({"chunk": 0}, "chunk must be a whole number"),
    ],
)
def test_wrong_input_is_refused_with_the_reason(changes, message):
    X, y, nets = problem(0)
    arguments = {"X": X, "y": y, "networks": nets, "steps": 1, "step_size": 0.1} | changes
    with pytest.raises(ValueError, match=message):
        training.train(**arguments)


def test_sgd_refuses_a_batch_larger_than_the_data_and_wrong_classes():
    net = Deep((np.ones((2, 3)), np.ones((2, 2))))
    options = {"epochs": 1, "step_size": 0.1}
    with pytest.raises(ValueError, match="larger than the 4 examples"):
        training.sgd(np.ones((4, 3)), np.zeros(4), net, jax.random.key(0), batch=5, **options)
    with pytest.raises(ValueError, match=r"whole numbers in 0\.\.1"):
        training.sgd(np.ones((4, 3)), np.full(4, 2), net, jax.random.key(0), batch=2, **options)


# ---------------------------------------------------------------------------------------------
# Devices and hosts: the same training in other processes
# ---------------------------------------------------------------------------------------------

PROGRAM = """
import json, sys
import jax, numpy as np
import margintheory
devices, hosts, host, address = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
jax.config.update("jax_num_cpu_devices", devices)
if hosts > 1:
    jax.distributed.initialize(address, num_processes=hosts, process_id=host)
from margintheory import training
rng = np.random.default_rng(0)
X = rng.normal(size=(11, 12, 4))
y = np.sign(rng.normal(size=(11, 12)))
nets = training.initial_networks(range(11), 5, 4, dtype=np.float64)
trained = training.train(X, y, nets, lam=1e-3, steps=50, step_size=0.1, stop=-1.0)
print(json.dumps({
    "devices": len(jax.devices()), "hosts": jax.process_count(),
    "w": np.asarray(trained.network.w).tolist(), "U": np.asarray(trained.network.U).tolist(),
    "margin": np.asarray(trained.margin).tolist(), "steps": np.asarray(trained.steps).tolist(),
}))
"""


def start(devices, hosts=1, host=0, address="none"):
    environment = {k: v for k, v in os.environ.items() if k != "XLA_FLAGS"}
    environment |= {"JAX_PLATFORMS": "cpu", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", PROGRAM, str(devices), str(hosts), str(host), address]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment, **pipes)


def finish(process):
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return json.loads(output.splitlines()[-1])


@pytest.fixture(scope="module")
def on_one_device():
    return finish(start(1))


def assert_same_training(result, reference):
    assert result["steps"] == reference["steps"]
    for name in ("w", "U", "margin"):
        np.testing.assert_allclose(result[name], reference[name], rtol=1e-7, atol=1e-10)


def test_eight_devices_train_as_one_does(on_one_device):
    result = finish(start(8))
    assert result["devices"] == 8 and on_one_device["devices"] == 1
    assert_same_training(result, on_one_device)


def test_two_hosts_train_as_one_does(on_one_device):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    results = [finish(host) for host in [start(2, 2, 0, address), start(2, 2, 1, address)]]
    for result in results:
        assert (result["devices"], result["hosts"]) == (4, 2)
        assert_same_training(result, on_one_device)
