"""The explorer's solver agrees with the library; its figure obeys pointer and keys."""

import numpy as np
import pytest

from margintheory import l1svm, regularized
from test_book import BOOK

SCRIPTS = [
    (BOOK / "_static" / name).read_text(encoding="utf-8") for name in ("margin.js", "explorer.js")
]
PAGE = "<meta charset='utf-8'><figure class='svm-explorer'></figure>" + "".join(
    f"<script>{script}</script>" for script in SCRIPTS
)
SETS = 200


@pytest.fixture
def figure(browser):
    page = browser.new_page(viewport={"width": 1000, "height": 800})
    page.set_content(PAGE)
    page.locator("figcaption").filter(has_text="neuron").wait_for()
    yield page
    page.close()


def random_set(seed):
    """Up to a dozen points on the line or in the plane, some on a coarse grid, with any labels."""
    rng = np.random.default_rng(seed)
    n = rng.integers(1, 13)
    X = (
        np.column_stack([rng.uniform(-1, 1, n), np.ones(n)])
        if seed % 2
        else rng.normal(size=(n, 2))
    )
    X = np.round(X, 1 if seed % 3 == 0 else 3)
    X[~X.any(axis=1)] = 1.0
    return X, rng.choice([-1.0, 1.0], n)


def test_the_margin_is_the_library_s_on_hundreds_of_sets(figure):
    sets = [random_set(seed) for seed in range(SETS)]
    found = figure.evaluate(
        "sets => sets.map(([X, y]) => Margin.svm(X, y))",
        [[X.tolist(), y.tolist()] for X, y in sets],
    )
    separable = 0
    for (X, y), here in zip(sets, found, strict=True):
        there = l1svm.max_margin(X, y)
        assert here["lower"] == pytest.approx(there.lower, rel=1e-8, abs=1e-13)
        assert here["upper"] == pytest.approx(there.upper, rel=1e-8, abs=1e-13)
        assert sum(column["weight"] for column in here["columns"]) < 1 + 1e-9
        separable += there.lower > 1e-9
    assert separable > SETS / 2


@pytest.mark.parametrize("lam", [1e-1, 1e-3, 1e-6, 1e-9])
def test_the_regularised_network_is_the_global_minimum(figure, lam):
    for seed in range(8):
        X, y = random_set(seed)
        here = figure.evaluate(
            "([X, y, lam]) => Margin.regularised(X, y, lam)", [X.tolist(), y.tolist(), lam]
        )
        there = regularized.solve(X, y, lam=lam)
        assert here["value"] == pytest.approx(float(there.objective_upper), rel=1e-6)
        assert here["value"] > float(there.objective_lower) * (1 - 1e-12)


def test_a_point_is_dragged_flipped_moved_and_removed(figure):
    points, caption = figure.locator(".point"), figure.locator("figcaption")
    before = caption.text_content()
    box = points.nth(1).bounding_box()
    figure.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    figure.mouse.down()
    figure.mouse.move(box["x"] + 40, box["y"] - 250)  # across the axis
    figure.mouse.up()
    assert "label plus one" in labelled(points.nth(1))
    figure.wait_for_function(
        "text => document.querySelector('figcaption').textContent !== text", arg=before
    )
    points.nth(1).focus()
    figure.keyboard.press("Enter")
    figure.wait_for_timeout(100)
    assert "label minus one" in labelled(points.nth(1))
    at = labelled(points.nth(1))
    figure.keyboard.press("ArrowRight")
    figure.wait_for_timeout(100)
    assert labelled(points.nth(1)) != at
    figure.keyboard.press("Delete")
    assert points.count() == 5
    for _ in range(12):
        figure.locator("[name=add]").click(force=True)
    assert points.count() == 12 and figure.locator("[name=add]").is_disabled()


def labelled(point):
    return point.get_attribute("aria-label")


def test_the_slider_draws_the_regularised_network_and_says_its_margin(figure):
    assert figure.locator(".regularised").count() == 0
    figure.locator("[name=lam]").fill("12")
    figure.locator("path.regularised").wait_for(state="attached")
    assert "At λ = 1e-3" in figure.locator("figcaption").text_content()
    figure.locator("[name=plane]").check()
    figure.locator("line.ray.regularised").first.wait_for(state="attached")


def test_points_that_no_network_separates_are_called_so(figure):
    figure.evaluate(
        """() => {
          const [figure] = document.querySelectorAll('figure');
          Explorer.start(figure).set([{at: [0.5, 0], label: 1}, {at: [0.5, 0], label: -1}]);
        }"""
    )
    figure.locator("figcaption").filter(has_text="No such network").wait_for()
