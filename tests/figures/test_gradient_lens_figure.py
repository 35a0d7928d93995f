"""The figure of the gradient by lag."""

import math

import pytest

from rnnlab.figures import LagLine, gradient_lens_figure
from rnnlab.figures.gradient_lens import MAX_NORM, MIN_NORM
from rnnlab.figures.theme import BASELINE_COLOR, model_color

LINES = (
    LagLine("own-12", "your GRU, epoch 12", "gru", [(0, 0.02), (1, 0.01), (2, 1e-5)]),
    LagLine("own-0", "your GRU, epoch 0", "gru", [(0, 0.5), (1, 1e-19), (2, 0.0)], "dot"),
    LagLine("measured-rnn", "RNN, epoch 10", "rnn", [(0, 0.5), (1, None), (2, 1e9)], thin=True),
)


def trace(figure, uid):
    return next(trace for trace in figure.data if trace.uid == uid)


def test_each_network_has_a_line_in_its_colour_with_its_name_at_the_end():
    figure = gradient_lens_figure(LINES)
    assert [each.uid for each in figure.data] == [*(line.uid for line in LINES), "here", "under", "beyond"]
    for line in LINES:
        drawn = trace(figure, line.uid)
        assert drawn.line.color == model_color(line.model)
        assert drawn.line.dash == line.dash
    assert trace(figure, "own-12").y == (0.02, 0.01, 1e-5)
    assert trace(figure, "measured-rnn").line.width < trace(figure, "own-12").line.width
    assert {note.text for note in figure.layout.annotations} == {line.name for line in LINES}
    assert figure.layout.meta["ends"]["own-12"]["text"] == "your GRU, epoch 12"


def test_a_norm_below_the_axis_is_drawn_at_its_edge_and_told():
    figure = gradient_lens_figure(LINES)
    assert trace(figure, "own-0").y == (0.5, MIN_NORM, MIN_NORM)
    assert trace(figure, "own-0").text == ("0.5", "1·10⁻¹⁹", "0")
    under = trace(figure, "under")
    assert (under.x, under.y) == ((1.0,), (MIN_NORM,))
    assert under.hovertext == ("your GRU, epoch 0: 1·10⁻¹⁹",)


def test_an_exploding_gradient_is_an_arrow_with_its_number_and_a_missing_one_a_gap():
    figure = gradient_lens_figure(LINES)
    assert trace(figure, "measured-rnn").y == (0.5, None, None)
    beyond = trace(figure, "beyond")
    assert beyond.y == (MAX_NORM,)
    assert beyond.hovertext == ("RNN, epoch 10: 1·10⁹",)


@pytest.mark.parametrize("scale", [1.0, 1e-12, 1e6])
def test_the_axis_is_the_same_whatever_the_values(scale):
    lines = [LagLine("a", "a", "rnn", [(lag, scale * 0.5**lag) for lag in range(51)])]
    axis = gradient_lens_figure(lines).layout.yaxis
    assert tuple(axis.range) == (math.log10(MIN_NORM), math.log10(MAX_NORM))
    assert axis.type == "log"


def test_the_place_that_is_pointed_at_has_a_grey_line_of_its_own():
    figure = gradient_lens_figure(LINES, here=[(0, 0.3), (1, 1e-30)])
    assert trace(figure, "here").y == (0.3, MIN_NORM)
    assert trace(figure, "here").line.color == BASELINE_COLOR
    assert figure.layout.meta["ends"]["here"]["text"] == "the chosen character"
    assert trace(gradient_lens_figure(LINES), "here").y == ()
