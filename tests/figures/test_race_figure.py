"""The figures of a race."""

import math

import pytest

from rnnlab.figures import RaceCurves, difference_figure, race_figure
from rnnlab.figures.race import dashes_of
from rnnlab.figures.theme import model_color

CURVES = RaceCurves(
    models=("rnn", "gru", "gru"),
    names=("RNN", "GRU", "GRU 64"),
    training=[[(1, 300.0), (2, 20.0)], [(1, 200.0)], [(1, None)]],
    minibatch=[[(0.5, 900.0)], [], []],
    held_out=[[(1, 800.0)], [], []],
    baselines={"uniform": 1000.0, "unigram": 280.0, "ngram5": 1.8},
    target=1.1,
)


def trace(figure, uid):
    return next(trace for trace in figure.data if trace.uid == uid)


def test_each_lane_has_three_traces_in_the_colour_of_its_model():
    figure = race_figure(CURVES)
    kinds = ("minibatch", "training", "held_out")
    assert [each.uid for each in figure.data] == [*(f"{kind}.lane{i}" for i in range(3) for kind in kinds), "beyond"]
    for i, model in enumerate(CURVES.models):
        assert {trace(figure, f"{kind}.lane{i}").line.color for kind in kinds} == {model_color(model)}
    assert [trace(figure, f"training.lane{i}").name for i in range(3)] == ["RNN", "GRU", "GRU 64"]
    assert trace(figure, "training.lane0").y == (300.0, 20.0)
    assert trace(figure, "training.lane2").y == (None,)
    assert trace(figure, "minibatch.lane0").x == (0.5,)


def test_lanes_of_the_same_model_differ_in_their_dash():
    figure = race_figure(CURVES)
    assert [trace(figure, f"training.lane{i}").line.dash for i in range(3)] == ["solid", "solid", "dash"]
    assert len(set(dashes_of(["lstm"] * 4))) == 4


def test_held_out_curves_are_hidden_at_first():
    figure = race_figure(CURVES)
    assert trace(figure, "held_out.lane0").y == (800.0,)
    assert [trace(figure, f"held_out.lane{i}").visible for i in range(3)] == [False] * 3


def test_baselines_and_the_finish_line_run_across_whatever_the_axis_counts():
    layout = race_figure(CURVES).layout
    lines = {shape.name: shape for shape in layout.shapes}
    assert {name: (line.y0, line.y1) for name, line in lines.items()} == {
        "uniform": (1000.0, 1000.0), "unigram": (280.0, 280.0), "ngram5": (1.8, 1.8), "finish": (1.1, 1.1),
    }  # fmt: skip
    assert {line.xref for line in lines.values()} == {"paper"}
    assert lines["finish"].line.width > lines["uniform"].line.width
    notes = {note.name: note for note in layout.annotations}
    assert notes["finish"].text == "finish line 1.1"
    assert notes["unigram"].y == pytest.approx(math.log10(280))
    sides = {name: (note.x, note.yanchor) for name, note in notes.items()}
    assert sides == {
        "uniform": (1, "bottom"), "unigram": (1, "top"), "ngram5": (1, "bottom"), "finish": (1, "top"),
    }  # fmt: skip


def test_three_close_lines_have_their_names_at_different_places():
    curves = RaceCurves(("rnn",), baselines={"uniform": 30.0, "unigram": 20.0, "ngram5": 10.0})
    sides = [(note.x, note.yanchor) for note in race_figure(curves).layout.annotations]
    assert len(set(sides)) == 3


def test_the_axis_ends_at_ten_times_the_uniform_perplexity():
    figure = race_figure(CURVES)
    assert figure.layout.yaxis.maxallowed == pytest.approx(math.log10(1.2 * 10_000))
    assert figure.layout.meta["ceiling"] == 10_000
    above = race_figure(RaceCurves(("rnn",), training=[[(1, 1e9)]], baselines={"uniform": 1000.0}))
    assert trace(above, "training.lane0").y == (None,)
    assert trace(above, "beyond").text == ("10·10⁸",) or trace(above, "beyond").text == ("1·10⁹",)


def test_a_difference_is_drawn_around_zero():
    figure = difference_figure([(0.5, -2.5), (1, 1.0)])
    assert figure.data[0].y == (-2.5, 1.0)
    assert figure.layout.yaxis.zeroline
