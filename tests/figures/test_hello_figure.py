"""The lesson hello: the data and the style of each trace."""

import json

import numpy as np

from rnnlab.figures import HelloCurve, hello_figure, step_figure
from rnnlab.figures.hello import LABELS, TRACES
from rnnlab.figures.theme import BASELINE_COLOR, LINE_WIDTH, MODEL_COLORS
from rnnlab.inspection import CellWeights, step

WEIGHTS = CellWeights(np.array([[1.0, -2.0], [0.5, 4.0]]), np.eye(2), np.array([0.25, -0.5]), np.zeros(2))
TRACE = step(WEIGHTS, np.array([0.0, 1.0]), np.array([0.5, -0.25]))


def points(trace):
    return list(zip(trace.x or (), trace.y or (), strict=True))


def test_the_loss_its_lower_bound_and_the_marker():
    figure = hello_figure(HelloCurve([(1, 6.5), (2, 6.25)], epochs=2, smallest=1.7, here=2))
    traces = dict(zip(TRACES, figure.data, strict=True))
    assert points(traces["loss"]) == [(1, 6.5), (2, 6.25)]
    assert points(traces["smallest"]) == [(0, 1.7), (3, 1.7)]
    assert points(traces["here"]) == [(2, 6.25)]
    assert tuple(trace.uid for trace in figure.data) == TRACES
    assert traces["loss"].line.color == MODEL_COLORS["rnn"]
    assert traces["loss"].line.width == LINE_WIDTH
    assert traces["smallest"].line.color == BASELINE_COLOR


def test_a_figure_without_data_is_empty():
    figure = hello_figure(HelloCurve())
    assert [points(trace) for trace in figure.data] == [[], [], [], []]
    json.loads(figure.to_json())


def test_labels_are_given_by_the_caller():
    figure = hello_figure(HelloCurve(), LABELS | {"loss": "损失", "epoch": "轮"})
    assert figure.layout.yaxis.title.text == "损失"
    assert figure.layout.xaxis.title.text == "轮"
    assert figure.data[0].name == "损失"


def test_a_step_shows_every_number_with_its_shape():
    figure = step_figure(TRACE, "ab")
    shown = {trace.name: np.asarray(trace.z) for trace in figure.data}
    assert shown["weight_ih"].tolist() == [[1.0, -2.0], [0.5, 4.0]]
    assert shown["weight_hh"].tolist() == [[1.0, 0.0], [0.0, 1.0]]
    for name in ("x_t", "h_prev", "from_x", "from_h", "bias_ih", "bias_hh", "sum", "h_t", "probabilities"):
        assert shown[name][:, 0].tolist() == getattr(TRACE, name).tolist()
    titles = {annotation.text for annotation in figure.layout.annotations}
    assert {"W_ih (2, 2)", "W_hh (2, 2)", "x_t (2,)", "h_t (2,)", "softmax(h_t) (2,)"} <= titles


def test_one_colour_scale_centred_on_zero_and_another_for_probabilities():
    scales = {trace.name: (trace.zmin, trace.zmax) for trace in step_figure(TRACE, "ab").data}
    assert scales.pop("probabilities") == (0, 1)
    assert set(scales.values()) == {(-4.0, 4.0)}


def test_characters_are_escaped():
    assert step_figure(TRACE, "<&").data[1].y == ("&lt; ", "&amp; ")
