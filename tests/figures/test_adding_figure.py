"""The errors on the adding problem: curves, the line of always answering 1, and the finish line."""

import pytest

from rnnlab.figures import AddingCurves, adding_figure
from rnnlab.figures.theme import model_color

CURVES = AddingCurves(
    models=("rnn", "lstm"),
    names=("RNN", "LSTM"),
    errors={"rnn": [(0, 1.2), (20, 0.17), (40, 7.0)], "lstm": [(0, 1.1), (20, 0.01)]},
    constant=1 / 6,
    target=0.02,
)


def trace(figure, uid):
    return next(trace for trace in figure.data if trace.uid == uid)


def test_each_network_has_a_curve_in_its_colour():
    figure = adding_figure(CURVES)
    assert [each.uid for each in figure.data] == ["error.rnn", "error.lstm", "constant", "finish", "beyond"]
    assert trace(figure, "error.rnn").line.color == model_color("rnn")
    assert trace(figure, "error.lstm").y == (1.1, 0.01)
    assert trace(figure, "error.lstm").name == "LSTM"


def test_an_error_beyond_the_axis_is_an_arrow():
    figure = adding_figure(CURVES)
    assert trace(figure, "error.rnn").y == (1.2, 0.17, None)
    assert list(trace(figure, "beyond").customdata) == [["error.rnn", 7.0]]


def test_the_two_lines_across_reach_beyond_the_run_and_say_their_number():
    figure = adding_figure(CURVES)
    assert set(trace(figure, "constant").y) == {1 / 6}
    assert set(trace(figure, "finish").y) == {0.02}
    assert max(trace(figure, "finish").x) >= 400
    texts = {note.text for note in figure.layout.annotations}
    assert texts == {"RNN 7", "LSTM 0.01", "always 1: 0.167", "finish: 0.02"}


@pytest.mark.parametrize("target", [0.02, 0.0001])
def test_the_finish_line_is_within_the_axis(target):
    low, high = adding_figure(AddingCurves(("rnn",), target=target)).layout.yaxis.range
    assert 10**low < target < 10**high


def test_without_points_and_lines_nothing_is_drawn():
    figure = adding_figure(AddingCurves(("rnn",)))
    assert [list(each.y or ()) for each in figure.data] == [[], [], [], []]
    assert not figure.layout.annotations
