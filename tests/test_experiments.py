"""Experiments: nothing is lost or mixed up, and what is measured is what the chapters say."""

import json
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import asdict, replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.svm import LinearSVC

from margintheory import margins, networks
from margintheory.experiments import __main__ as command_line
from margintheory.experiments import figure2, figure4, run, table1, wideresnet
from margintheory.experiments.store import Checkpoint, Store, StoreError, read_json, to_json

RECORDED = Path(__file__).parents[1] / "book" / "results"

# An experiment whose result depends on every step of every chunk, and whose chunks leave
# checkpoints: what a kill may lose or repeat would change it.
TOY = textwrap.dedent(
    """
    import sys, time
    from dataclasses import dataclass
    from pathlib import Path
    from types import SimpleNamespace

    import numpy as np

    from margintheory.experiments import run

    @dataclass(frozen=True)
    class Config:
        chunks: int = 6
        steps: int = 8

    def measure(config, chunk, checkpoint):
        saved = checkpoint.load() or {"values": np.zeros(0)}
        values = saved["values"]
        for step in range(len(values), config.steps):
            time.sleep(PAUSE)
            value = np.random.default_rng((chunk.parameters["seed"], step)).normal()
            values = np.append(values, value + values.sum())
            checkpoint.save({"values": values})
        return {"values": values}

    def chunks(config):
        return [run.Chunk(f"c{k}", 1.0, {"seed": k}) for k in range(config.chunks)]

    PAUSE = float(sys.argv[2])
    toy = SimpleNamespace(SCALES={"quick": Config()}, chunks=chunks, measure=measure)
    run.experiment = lambda name: toy
    run.into("toy", "quick", Path(sys.argv[1]))
    """
)


def start(folder: Path, pause: float) -> subprocess.Popen:
    arguments = [sys.executable, "-c", TOY, str(folder), str(pause)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def measured(folder: Path) -> dict:
    return {path.name: read_json(path)["measured"] for path in (folder / "chunks").glob("*.json")}


def test_a_run_killed_again_and_again_ends_with_the_results_of_an_uninterrupted_one(tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert start(whole, 0).wait(timeout=600) == 0
    for wanted in (1, 3):  # finished chunks at the time of the kill
        process = start(killed, 0.03)
        while len(list((killed / "chunks").glob("c*.json"))) < wanted:
            assert process.poll() is None, process.stdout.read()
            time.sleep(0.005)
        time.sleep(0.1)  # in the middle of a chunk
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert len(measured(killed)) < 6
    last = start(killed, 0)
    output = last.communicate(timeout=600)[0]
    assert last.returncode == 0, output
    assert "6 chunks, 0 finished before" not in output and "[6/6]" in output
    assert measured(killed) == measured(whole) and len(measured(whole)) == 6
    assert not list((killed / "chunks").glob("*.npz"))


# -------------------------------------------------------------------------------------------------
# The store
# -------------------------------------------------------------------------------------------------

CONFIG = {"experiment": "toy", "scale": "quick", "config": {"steps": 3, "sizes": (1, 2)}}


def test_a_folder_of_another_config_is_refused_and_the_difference_is_shown(tmp_path):
    Store(tmp_path, CONFIG).finish("a", {"x": 1})
    other = {**CONFIG, "config": {"steps": 4, "sizes": (1, 2)}}
    with pytest.raises(StoreError, match=r"config\.steps: 3 there, 4 here"):
        Store(tmp_path, other)
    assert Store(tmp_path, CONFIG).finished() == {"a": {"x": 1}}


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_cannot_be_written_is_refused(tmp_path, place):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be written"):
        Store(tmp_path / place, CONFIG)


def test_fresh_deletes_results_and_nothing_else(tmp_path):
    Store(tmp_path / "a", CONFIG).finish("a", {"x": 1})
    (tmp_path / "a" / "notes").touch()
    assert Store(tmp_path / "a", CONFIG, fresh=True).finished() == {}
    assert (tmp_path / "a" / "notes").exists()
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "thesis").touch()
    with pytest.raises(StoreError, match="not a results folder"):
        Store(tmp_path / "b", CONFIG, fresh=True)
    assert (tmp_path / "b" / "thesis").exists()


def test_half_written_files_are_not_results(tmp_path):
    store = Store(tmp_path, CONFIG)
    (tmp_path / "chunks" / "a.json.tmp").write_text('{"x": ')
    assert store.finished() == {}
    (tmp_path / "chunks" / "b.json").write_text('{"x": ')
    with pytest.raises(StoreError, match=r"b\.json is damaged"):
        store.finished()


def test_a_checkpoint_returns_what_was_saved_and_never_unpickles(tmp_path):
    checkpoint = Checkpoint(tmp_path / "a.npz")
    assert checkpoint.load() is None
    checkpoint.save({"w": np.arange(3.0), "step": np.array(2)})
    np.testing.assert_array_equal(checkpoint.load()["w"], np.arange(3.0))
    np.savez(tmp_path / "a.npz", evil=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        checkpoint.load()
    assert Checkpoint().load() is None


def test_numbers_survive_the_store_exactly():
    values = {"x": np.array([0.1, 1e-300, np.pi]), "y": jnp.float32(0.1), "s": "a [b, c]"}
    back = json.loads(to_json(values))
    assert back["x"] == list(values["x"]) and back["y"] == float(np.float32(0.1))
    assert back["s"] == values["s"]


# -------------------------------------------------------------------------------------------------
# The command line, on a small Figure 2
# -------------------------------------------------------------------------------------------------

SMALL = figure2.Config((6, 12), 3, 2, 2000, (6,), 2, n_test=50, ascent_steps=1000)


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setitem(figure2.SCALES, "quick", SMALL)
    monkeypatch.setattr(command_line, "one_device_per_core", lambda: None)  # JAX has begun


@pytest.fixture(scope="module")
def results():
    """Small live results, computed once."""
    patch = pytest.MonkeyPatch()
    patch.setitem(figure2.SCALES, "quick", SMALL)
    yield run.live("figure2")
    patch.undo()


def measured_again(config, chunk, checkpoint):
    raise AssertionError("nothing was to be measured here")


def test_an_interrupted_command_goes_on_and_show_needs_the_results_alone(
    small, results, monkeypatch, tmp_path, capsys
):
    folder, original, calls = tmp_path / "out", figure2.measure, []

    def interrupted(config, chunk, checkpoint):
        if len(calls) == 5:
            raise KeyboardInterrupt
        calls.append(chunk.name)
        return original(config, chunk, checkpoint)

    arguments = ["run", "figure2", "--out", str(folder)]
    monkeypatch.setattr(figure2, "measure", interrupted)
    assert command_line.main(arguments) == 130
    assert "Stopped" in capsys.readouterr().out
    assert {path.stem for path in (folder / "chunks").glob("*.json")} == set(calls)
    assert command_line.main(["show", "figure2", "--out", str(folder)]) == 0  # incomplete

    monkeypatch.setattr(figure2, "measure", original)
    assert command_line.main(arguments) == 0
    output = capsys.readouterr().out
    assert "5 finished before" in output and "min left" in output
    found = run.read(folder / "results.json")
    assert found.chunks.keys() == results.chunks.keys()
    assert to_json(found.chunks) == to_json(results.chunks)
    assert found.config == SMALL and "run figure2 --scale quick" in found.provenance[0]["command"]

    monkeypatch.setattr(figure2, "measure", measured_again)
    before = (folder / "figure2.svg").read_bytes()
    assert command_line.main(["show", "figure2", "--out", str(folder)]) == 0
    assert (folder / "figure2.svg").read_bytes() == before
    assert "kernel" in capsys.readouterr().out


def test_the_command_refuses_with_a_message_and_before_any_work(
    small, monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr(figure2, "measure", measured_again)
    (tmp_path / "file").touch()
    assert command_line.main(["run", "figure2", "--out", str(tmp_path / "file")]) == 1
    assert "cannot be written" in capsys.readouterr().err
    assert command_line.main(["show", "figure2", "--out", str(tmp_path / "nothing")]) == 1
    assert "not a results folder" in capsys.readouterr().err
    Store(tmp_path / "other", run.heading("figure4", "quick", figure4.SCALES["quick"]))
    assert command_line.main(["show", "figure2", "--out", str(tmp_path / "other")]) == 1
    assert "results of figure4, not of figure2" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        command_line.main(["run", "figure4", "--scale", "recorded"])
    assert "figure4 has the scales quick, paper" in capsys.readouterr().err


def test_the_command_explains_itself():
    command = [sys.executable, "-m", "margintheory.experiments", "run", "--help"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert all(word in answer for word in ("--scale", "--out", "--resume", "--fresh", *run.NAMES))


def test_every_experiment_is_listed_with_its_scales(capsys):
    assert command_line.main(["list"]) == 0
    output = capsys.readouterr().out
    assert all(f"{name}: " in output for name in run.NAMES) and "--scale paper" in output


@pytest.mark.parametrize("name", run.NAMES)
def test_every_experiment_keeps_the_protocol(name):
    module = run.experiment(name)
    for config in module.SCALES.values():
        names = [chunk.name for chunk in module.chunks(config)]
        assert len(set(names)) == len(names) and all("/" not in name for name in names)
        assert (
            run._config({"experiment": name, "config": json.loads(to_json(asdict(config)))})
            == config
        )


@pytest.mark.parametrize("path", sorted(RECORDED.glob("*.json")), ids=lambda path: path.stem)
def test_recorded_results_are_complete_and_of_the_present_config(path):
    found = run.read(path)
    module = run.experiment(found.experiment)
    assert found.experiment == path.stem and found.config == module.SCALES[found.scale]
    assert found.chunks.keys() == {chunk.name for chunk in module.chunks(found.config)}
    assert all(
        {"command", "commit", "versions", "devices"} <= each.keys() for each in found.provenance
    )


@pytest.mark.parametrize(
    ("name", "piece"),
    [
        ("figure2", "regression-kernel-n25-0"),
        ("figure2", "regression-descent-n25-1.0-0"),
        ("figure3", "teacher-descent-16-1.0-0"),
    ],
)
def test_recorded_numbers_are_those_of_the_present_code(name, piece):
    recorded, module = run.read(RECORDED / f"{name}.json"), run.experiment(name)
    (chunk,) = (each for each in module.chunks(recorded.config) if each.name == piece)
    found = module.measure(recorded.config, chunk, Checkpoint())
    # not to the last digit: thousands of steps in float32 are not quite the same on every machine
    np.testing.assert_allclose(found["test"], recorded.chunks[piece]["test"], rtol=0.05)


# -------------------------------------------------------------------------------------------------
# Figure 2: what is measured
# -------------------------------------------------------------------------------------------------


def column(results, task, what, n, **parameters):
    found = figure2.gathered(results, task, what, **parameters)
    return found.trials[:, found.sizes == n][:, 0]


def test_every_network_margin_is_below_the_certified_upper_end(results):
    upper = column(results, "classification", "upper", 6, method="bracket")
    for parameters in ({"method": "ascent"}, {"method": "descent", "init": 0.3}):
        margin = column(results, "classification", "margin", 6, **parameters)
        both = np.isfinite(margin) & np.isfinite(upper)
        assert np.all(margin[both] <= upper[both] * (1 + 1e-5))
        assert both.any() or parameters["method"] == "descent"  # which may not fit
    shares = figure2.reached(results, method="ascent").trials
    assert np.isfinite(shares).sum() <= 2 and np.nanmax(shares) <= 1 + 1e-12


def test_the_margin_is_that_of_the_balanced_network_and_the_paper_s_is_no_larger():
    sets = figure2.sample(SMALL, "classification", 8, range(2))
    rng = np.random.default_rng(0)
    nets = [networks.TwoLayer(rng.normal(size=5), 3 * rng.normal(size=(5, 20))) for _ in range(2)]
    sets = sets._replace(  # labels that the networks fit
        y=np.stack([np.sign(net(X)) for net, X in zip(nets, sets.X, strict=True)])
    )
    batch = jax.tree.map(lambda *parts: jnp.stack(parts), *nets)
    found = figure2.judged("classification", batch, sets)
    for t, net in enumerate(nets):
        pair = sets.X[t], sets.y[t]
        balanced = 2 * margins.normalised_margin(networks.balanced(net), *pair)
        assert found["margin"][t] == pytest.approx(float(balanced), rel=1e-9)
        printed = 2 * margins.normalised_margin(net, *pair)
        assert found["unbalanced"][t] == pytest.approx(float(printed), rel=1e-9)
        assert found["unbalanced"][t] < found["margin"][t]
        assert 1 / found["margin"][t] == pytest.approx(found["strength"][t])


def features(X, seed):
    """φ(x) with ⟨φ(x), φ(z)⟩ = E relu(u·x) relu(u·z), by Monte Carlo over u on the sphere."""
    U = np.random.default_rng(seed).normal(size=(40000, X.shape[1]))
    U /= np.linalg.norm(U, axis=1)[:, None]
    return np.maximum(X @ U.T, 0) / len(U) ** 0.5


def test_the_kernel_machine_is_scikit_learn_s_without_bias():
    sets = figure2.sample(SMALL, "classification", 12, range(2))
    found = figure2.kernel(SMALL, "classification", 12, range(2))
    for t, X in enumerate(sets.X):
        svm = LinearSVC(C=1e6, fit_intercept=False, loss="hinge", max_iter=10**6)
        weights = svm.fit(features(X, t), sets.y[t]).coef_[0]
        assert found["strength"][t] == pytest.approx(np.linalg.norm(weights), rel=0.03)
        scores = features(sets.X_test[t], t) @ weights
        assert found["test"][t] == pytest.approx(np.mean(scores * sets.y_test[t] <= 0), abs=0.05)


def test_regression_takes_the_interpolant_of_least_norm():
    sets = figure2.sample(SMALL, "regression", 12, range(3))
    found = figure2.kernel(SMALL, "regression", 12, range(3))
    for t, X in enumerate(sets.X):
        weights = np.linalg.lstsq(features(X, t), sets.y[t])[0]
        assert found["strength"][t] == pytest.approx(np.linalg.norm(weights), rel=0.03)
        error = (features(sets.X_test[t], t) @ weights - sets.y_test[t]) ** 2
        assert found["test"][t] == pytest.approx(error.mean(), rel=0.1)
    expected = 4 * np.array(found["strength"]) * np.linalg.norm(sets.X, axis=(1, 2)) / 12 / 40**0.5
    np.testing.assert_allclose(found["bound"], expected)


def test_random_labels_are_independent_of_the_points_and_the_test_set_stays(results):
    true = figure2.sample(SMALL, "classification", 200, range(3))
    random = figure2.sample(SMALL, "classification", 200, range(3), "random")
    np.testing.assert_array_equal(true.X, random.X)
    np.testing.assert_array_equal(true.y_test, random.y_test)
    assert np.all(np.abs((true.y * random.y).mean(axis=1)) < 0.25)


def test_a_trial_does_not_depend_on_its_block(results):
    alone = figure2.descent(SMALL, "classification", 12, [2], 1.0)
    together = column(results, "classification", "test", 12, method="descent", init=1.0)
    assert alone["test"][0] == pytest.approx(together[2], abs=0.05)
    X = figure2.sample(SMALL, "classification", 12, [2]).X[0]
    np.testing.assert_array_equal(X, figure2.sample(SMALL, "classification", 12, range(3)).X[2])


def test_trials_that_are_missing_or_do_not_fit_are_nan():
    first = figure2.chunks(SMALL)[0]
    results = run.Results("figure2", "quick", SMALL, {first.name: {"test": [0.5, 0.25]}}, [])
    found = figure2.gathered(results, "classification", "test", method="kernel")
    np.testing.assert_array_equal(found.trials, [[0.5, np.nan], [0.25, np.nan], [np.nan, np.nan]])
    sets = figure2.sample(SMALL, "classification", 8, [0])
    zero = networks.TwoLayer(np.zeros(2), np.ones((2, 20)))
    judged = figure2.judged("classification", jax.tree.map(lambda a: a[None], zero), sets)
    assert np.isnan(judged["margin"][0]) and np.isnan(judged["bound"][0]) and judged["test"][0] == 1


# -------------------------------------------------------------------------------------------------
# Figure 4 and Table 1
# -------------------------------------------------------------------------------------------------


def test_figure_4_brackets_the_maximum_margin(monkeypatch):
    config = replace(figure4.SCALES["quick"], n=6, starts=1, width=10, smallest=5, iterations=50)
    monkeypatch.setitem(figure4.SCALES, "quick", config)
    results = run.live("figure4")
    low, high = results.chunks["certified"]["maximum"]
    assert low <= high <= low * (1 + 1e-8)
    assert np.all(np.diff(results.chunks["certified"]["margin"]) > 0)
    assert max(results.chunks["trained-0"]["margin"]) <= high
    assert "global minimiser" in figure4.table(results)
    assert len(figure4.draw(results).axes) == 1


@pytest.mark.parametrize(("side", "stride"), [(3, 1), (3, 2), (1, 1), (1, 2)])
def test_a_convolution_is_that_of_xla(side, stride):
    rng = np.random.default_rng(side + stride)
    X, kernel = rng.normal(size=(2, 6, 6, 3)), rng.normal(size=(side, side, 3, 4))
    pad = [(side // 2, side // 2)] * 2
    layout = ("NHWC", "HWIO", "NHWC")
    theirs = jax.lax.conv_general_dilated(
        X, kernel, (stride, stride), pad, dimension_numbers=layout
    )
    np.testing.assert_allclose(wideresnet.convolved(X, kernel, stride), theirs, atol=1e-12)


def test_the_network_has_sixteen_convolutions_and_a_linear_layer():
    net = wideresnet.initial(0, 2, 3, 10)
    kernels = [W for W in jax.tree.leaves(net) if W.ndim == 4]
    assert len(kernels) == 16 and len(jax.tree.leaves(net)) == 17
    scores = jax.eval_shape(wideresnet.scores, net, jnp.zeros((5, 32, 32, 3)))
    assert scores.shape == (5, 10)
    assert net.last.shape == (128, 10) and net.first.dtype == jnp.float32


def test_the_schedules_are_the_paper_s():
    paper = table1.SCALES["paper"]

    def decays(name, epochs, variant="annealed"):
        return [table1.schedule(paper, name, variant, epoch)[1] for epoch in epochs]

    np.testing.assert_allclose(
        decays("CIFAR-10", (0, 59, 60, 90, 120, 140, 160, 199)),
        [2e-4, 2e-4, 4e-5, 2e-5, 1e-5, 5e-6, 2.5e-6, 2.5e-6],
    )
    np.testing.assert_allclose(decays("CIFAR-100", (0, 60, 120, 160)), [5e-4, 1e-4, 2e-5, 4e-6])
    assert set(decays("CIFAR-10", range(200), "fixed")) == {2e-4}
    steps = [table1.schedule(paper, "CIFAR-10", "fixed", epoch)[0] for epoch in (0, 60, 120, 160)]
    np.testing.assert_allclose(steps, [0.1, 0.02, 0.004, 0.0008])


def test_what_was_not_run_says_so_beside_the_paper_s_numbers():
    results = run.Results("table1", "quick", table1.SCALES["quick"], {}, [])
    table = table1.table(results)
    for line in ("CIFAR-10, annealed", "CIFAR-100, fixed", "digits, fixed"):
        assert any(line in each and "not run here" in each for each in table.splitlines())
    assert "5.86" in table and "26.22" in table and "27.00" in table
