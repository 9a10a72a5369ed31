"""Figure 3: what is measured, and how results are read."""

from dataclasses import replace

import numpy as np
import pytest

from margintheory import l1svm
from margintheory.experiments import figure3
from margintheory.experiments.run import Results
from margintheory.experiments.store import Checkpoint

SMALL = replace(
    figure3.SCALES["quick"],
    widths=(4, 16),
    trials=2,
    block=1,
    steps=300,
    climbed=2,
    bracketed=2,
    digit_widths=(8,),
    digit_trials=1,
    digit_epochs=10,
    digit_inits=(1.0,),
    n=6,
    n_test=50,
    ascent_steps=300,
    first=0,
)


@pytest.fixture(scope="module")
def results():
    measured = {c.name: figure3.measure(SMALL, c) for c in figure3.chunks(SMALL)}
    return Results("figure3", "quick", SMALL, measured, [])


def made_up(margin, test):
    """Results of descent from 0.3 at widths 4 and 16, two trials in blocks of one."""
    measured = {
        f"teacher-descent-{width}-0.3-{t}": {"margin": [margin[t][k]], "test": [test[t][k]]}
        for k, width in enumerate((4, 16))
        for t in range(2)
    }
    return Results("figure3", "quick", SMALL, measured, [])


def test_series_have_a_row_for_each_trial_and_leave_out_trials_that_do_not_fit():
    found = made_up([[-1, 2], [4, 5]], [[0.9, 0.2], [0.4, 0.5]])
    series = figure3.gathered(found, "descent", "test", init=0.3)
    assert series.widths.tolist() == [4, 16]
    assert series.trials.tolist() == [[0.9, 0.2], [0.4, 0.5]]
    fitted = figure3.where_fitted(found, "descent", "test", init=0.3).trials
    assert np.isnan(fitted[0, 0]) and fitted[0, 1] == 0.2 and np.isfinite(fitted[1]).all()


def test_missing_chunks_leave_gaps_and_everything_is_still_shown():
    found = made_up([[1, 2], [3, 4]], [[0.1] * 2, [0.2] * 2])
    del found.chunks["teacher-descent-4-0.3-1"]
    series = figure3.gathered(found, "descent", "margin", init=0.3)
    assert np.isnan(series.trials[1, 0]) and np.isfinite(series.trials).sum() == 3
    assert "fit   1 of   2" in figure3.table(found)
    for draw in figure3.FIGURES.values():
        assert len(draw(found).axes) == 2


def test_margins_stay_below_the_certified_maximum_and_shares_below_one(results):
    upper = figure3.gathered(results, "bracket", "upper").trials
    for method, parameters in (("ascent", {}), ("normalised", {}), ("descent", {"init": 0.3})):
        margin = figure3.gathered(results, method, "margin", **parameters).trials
        assert (margin[: len(upper)] <= upper * (1 + 1e-6)).all()
        assert (figure3.reached(results, method, **parameters).trials <= 1 + 1e-6).all()


def test_the_bracket_is_half_of_the_l1_margin(results):
    sets = figure3.sample(SMALL, (1,))
    svm = l1svm.max_margin(sets.X[0], sets.y[0])
    assert figure3.gathered(results, "bracket", "lower").trials[1, 0] == pytest.approx(
        svm.lower / 2
    )


def test_the_digits_of_a_run_that_was_stopped_half_way_are_those_of_a_whole_one(results, tmp_path):
    (chunk,) = [c for c in figure3.chunks(SMALL) if c.parameters["method"] == "digits"]

    class Stopped(Checkpoint):
        def save(self, arrays):
            super().save(arrays)
            if arrays["pieces"] == 4:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        figure3.measure(SMALL, chunk, Stopped(tmp_path / "digits.npz"))
    resumed = figure3.measure(SMALL, chunk, Checkpoint(tmp_path / "digits.npz"))
    assert resumed == results.chunks[chunk.name]
    assert resumed["test"][0] < 0.5


def test_every_figure_draws_live_and_recorded_results(results):
    for draw in figure3.FIGURES.values():
        figure = draw(results, results)
        assert len(figure.axes) == 2
        assert all(ax.get_xlabel() and ax.get_ylabel() for ax in figure.axes)
