"""The slider: one picture visible without JavaScript, no value lost, nothing from a network."""

import re

import matplotlib.pyplot as plt
import pytest

from margintheory import plots


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
