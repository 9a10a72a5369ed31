"""Sliders, explorer, turning points: a picture without JavaScript, nothing lost, no network."""

import html
import json
import re
from pathlib import Path
from urllib.parse import unquote

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.stats import ttest_1samp

from margintheory import data, plots


@pytest.fixture(autouse=True)
def no_figure_of_another_test():
    plt.close("all")


@pytest.fixture
def slider():
    def draw(value):
        figure, ax = plt.subplots()
        ax.plot([0, value])
        return figure

    return plots.Slider(draw, [1, 2, 3], label="λ <1>", alt="a line")


def test_only_the_middle_picture_is_shown_without_javascript(slider):
    images = re.findall(r"<img [^>]*>", slider._repr_html_())
    assert [" hidden" in image for image in images] == [True, False, True]
    assert all("a line" in image for image in images)


def test_the_slider_escapes_its_label_and_needs_no_network(slider):
    page = slider._repr_html_()
    assert "λ &lt;1&gt;" in page and "λ <1>" not in page
    assert "http" not in re.sub(r'src="data:[^"]*"', "", page)


def test_the_text_form_names_the_range_and_figures_are_closed(slider):
    assert repr(slider) == "Slider over λ <1> from 1 to 3"
    assert not plt.get_fignums()


def test_pictures_are_the_same_twice(slider):
    def draw(value):
        figure, ax = plt.subplots()
        ax.plot([0, value])
        return figure

    again = plots.Slider(draw, [1, 2, 3], label="λ <1>", alt="a line")
    assert again.pictures == slider.pictures


def test_an_animation_is_a_slider_with_a_button_that_a_keyboard_reaches(slider):
    def draw(value):
        figure, ax = plt.subplots()
        ax.plot([0, value])
        return figure

    animation = plots.Animation(draw, [1, 2, 3], label="λ <1>", alt="a line")
    assert repr(animation) == "Animation over λ <1> from 1 to 3"
    page = animation._repr_html_()
    button = re.search(r'<button type="button" onclick="[^"]*">Play</button>', page)
    assert button and page.replace(button[0], "") == slider._repr_html_()


def test_an_animation_is_at_rest_until_asked_and_without_motion_if_that_is_wanted():
    assert "<script" not in plots.Animation._button
    assert plots.Animation._button.count("setInterval") == 1
    css = (Path(__file__).parents[1] / "book/_static/book.css").read_text(encoding="utf-8")
    wanted = css.split("@media (prefers-reduced-motion: reduce)")[1]
    assert re.match(r"[^}]*figure\.slider button *{ *display: none", wanted)


def test_letters_in_pictures_keep_their_size():
    """Matplotlib writes a glyph in units of 1/64, which a cut to hundredths would shrink."""

    def draw(value):
        figure, ax = plt.subplots()
        ax.set_title("letters", fontsize=7.7)
        return figure

    picture = unquote(plots.Slider(draw, [1], label="", alt="").pictures[0][1])
    assert "scale(0.015625)" in picture and "scale(0.077 -0.077)" in picture


# The map with two sliders


@pytest.fixture
def explorer():
    def draw():
        figure, ax = plt.subplots()
        ax.set(xscale="log", yscale="log", xlim=(1, 100), ylim=(1, 1000))
        return figure

    def say(a, b):
        return f'at "{a}" and <{b}>'

    return plots.Explorer(draw, say, [1, 10, 100], [1, 1000], labels=("a", "<b>"), alt="a <map>")


def places(page):
    return json.loads(html.unescape(re.search(r'data-places="([^"]*)"', page)[1]))


def test_the_explorer_has_a_sentence_for_each_place_and_starts_in_the_middle(explorer):
    page = explorer._repr_html_()
    across, up, sentences = places(page)
    assert [a for a, _ in across] == ["1", "10", "100"] and [b for b, _ in up] == ["1", "1000"]
    assert sentences[2] == ['at "100" and <1>', 'at "100" and <1000>']
    assert "at &quot;10&quot; and &lt;1000&gt;</figcaption>" in page
    assert f"left:{across[1][1]};top:{up[1][1]}" in page
    assert page.count('type="range"') == 2 and 'aria-live="polite"' in page


def test_the_marker_stands_where_the_map_has_the_values(explorer):
    across, up, _ = places(explorer._repr_html_())
    left, top = ([float(place.rstrip("%")) for _, place in side] for side in (across, up))
    assert left[1] == pytest.approx((left[0] + left[2]) / 2, abs=0.01)  # 10 on a log scale
    picture = unquote(explorer.map)
    width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', picture).groups())
    x, y = ([float(v) for v in pair] for pair in zip(*corners(picture), strict=True))
    assert np.allclose([left[0], left[2]], [100 * min(x) / width, 100 * max(x) / width], atol=0.01)
    assert np.allclose([top[1], top[0]], [100 * min(y) / height, 100 * max(y) / height], atol=0.01)


def corners(picture):
    """The corners of the axes: the path of the background patch of the first axes."""
    outline = re.search(r'id="axes_1"> <g id="patch_2"> <path d="([^"]*)"', picture)[1]
    return re.findall(r"([\d.]+) ([\d.]+)", outline)


def test_the_explorer_escapes_what_it_is_given_and_needs_no_network(explorer):
    page = explorer._repr_html_()
    assert "&lt;b&gt;" in page and "<b>" not in page and 'alt="a &lt;map&gt;"' in page
    assert "http" not in re.sub(r'src="data:[^"]*"', "", page) and "<script" not in page
    assert repr(explorer) == "Explorer over a from 1 to 100 and <b> from 1 to 1000"
    assert not plt.get_fignums()


# The points that turn


@pytest.fixture
def rotatable():
    X, y = data.xor(20, 3)
    return plots.Rotatable(X, y, alt='four columns <of "points">')


def marks(page, kind):
    """Where the groups with marks of a kind are at first, and the point of space they show."""
    number = r"(-?[\d.]+)"
    at = rf'<g data-at="{number} {number} {number}" transform="translate\({number} {number}\)">'
    return np.array(re.findall(rf"{at}<{kind} ", page), float)


def test_each_point_is_drawn_once_with_the_marker_of_its_label(rotatable):
    page = rotatable._repr_html_()
    circles, squares = marks(page, "circle"), marks(page, "rect")
    assert len(circles) == (rotatable.y == 1).sum() and len(squares) == (rotatable.y == -1).sum()
    for found, label in ((circles, 1), (squares, -1)):
        X = rotatable.X[rotatable.y == label]
        scale = np.abs(found[:, 0]).max() / np.abs(X[:, 0]).max()
        drawn = found[np.argsort(found[:, 2]), :3]
        np.testing.assert_allclose(drawn, scale * X[np.argsort(X[:, 2])], atol=0.05)


def test_the_first_view_is_a_rotation_seen_from_far_away(rotatable):
    page = rotatable._repr_html_()
    found = np.vstack([marks(page, "circle"), marks(page, "rect")])
    axes = np.linalg.lstsq(found[:, :3], found[:, 3:] - rotatable.CENTRE)[0]
    np.testing.assert_allclose(axes.T @ axes, np.eye(2), atol=1e-3)
    assert axes[2, 1] < 0  # x₃ points up


def test_the_picture_stays_inside_its_frame_and_needs_no_network(rotatable):
    page = rotatable._repr_html_()
    found = np.vstack([marks(page, "circle"), marks(page, "rect")])[:, 3:]
    assert found.min() > 5 and found[:, 0].max() < 395 and found[:, 1].max() < 295
    assert "http" not in page and "<script" not in page and page.count("<line") == 12


def test_the_description_is_escaped_and_the_text_form_says_what_it_is(rotatable):
    page = rotatable._repr_html_()
    assert 'aria-label="four columns &lt;of &quot;points&quot;&gt;"' in page
    assert repr(rotatable) == "20 points in three dimensions, to be turned"


def test_only_three_dimensions_turn():
    with pytest.raises(ValueError, match="3 columns"):
        plots.Rotatable([[1.0, 0.0]], [1.0], alt="")


def test_a_band_is_student_s_and_leaves_out_what_is_not_finite():
    rng = np.random.default_rng(0)
    trials = rng.normal(size=(8, 3))
    trials[5:, 1], trials[1:, 2] = np.nan, np.inf
    figure, (ax,) = plots.panels(1)
    plots.band(ax, [1, 2, 3], trials)
    for k, kept in enumerate((trials[:, 0], trials[:5, 1])):
        low, high = ttest_1samp(kept, 0).confidence_interval(0.95)
        points = ax.collections[0].get_paths()[0].vertices
        heights = points[points[:, 0] == k + 1][:, 1]
        assert heights.min() == pytest.approx(low) and heights.max() == pytest.approx(high)
    np.testing.assert_allclose(ax.lines[0].get_ydata()[2], trials[0, 2])  # a trial, and no band
    plt.close(figure)


def test_a_saved_figure_has_the_same_bytes_again_and_is_closed(tmp_path):
    for name in ("a", "b"):
        figure, (ax,) = plots.panels(1)
        ax.plot([1, 2])
        plots.save(figure, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert not plt.get_fignums()
