"""The waves and the losses of sin → cos: the data and the style of each trace."""

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest

from rnnlab.figures import LossCurves, loss_figure, wave_figure
from rnnlab.figures.sine import DASHES, LABELS, LOSS_TRACES, MEMORIES
from rnnlab.figures.theme import LINE_WIDTH, MODEL_COLORS
from rnnlab.figures.wave import SYMBOLS
from rnnlab.figures.wave import TRACES as WAVE_TRACES


def wave(number):
    t = np.linspace((number - 1) * math.pi, number * math.pi, 3)
    return SimpleNamespace(t=t, input=np.sin(t), target=np.cos(t), prediction=np.array([0.1, 0.2, number]))


FULL = LossCurves(
    model="gru",
    windows=3,
    free_run=2,
    losses={"carried": [(1, 0.5), (2, 0.4), (3, 0.1)], "bptt": [(1, 0.5), (2, 0.2)]},
    means={"carried": [(1, 0.5), (2, 0.45), (3, 0.3)]},
    errors={"carried": [(4, 0.2), (5, 0.9)]},
    floor=0.1,
    shown=2,
)


def by_name(figure, names):
    return dict(zip(names, figure.data, strict=True))


def points(trace):
    return list(zip(trace.x or (), trace.y or (), strict=True))


# waves


def test_successive_windows_have_gaps_between_them():
    trace = by_name(wave_figure([wave(1), wave(2)]), WAVE_TRACES)
    assert trace["prediction"].x == pytest.approx((0, 0.5, 1, None, 1, 1.5, 2))  # in units of π
    assert trace["prediction"].y == (0.1, 0.2, 1, None, 0.1, 0.2, 2)
    assert trace["input"].y == pytest.approx((0, 1, 0, None, 0, -1, 0), abs=1e-12)
    assert trace["target"].y == pytest.approx((1, 0, -1, None, -1, 0, 1), abs=1e-12)
    assert [t.uid for t in trace.values()] == list(WAVE_TRACES)


def test_a_wave_without_windows_is_empty():
    figure = wave_figure()
    assert all(points(trace) == [] for trace in figure.data)
    json.loads(figure.to_json())


@pytest.mark.parametrize("gone", [math.inf, math.nan, None])
def test_values_that_are_not_finite_are_gaps(gone):
    broken = SimpleNamespace(t=[0.0, 1.0], input=[0.0, gone], target=[1.0, 0.5], prediction=[gone, 0.5])
    figure = wave_figure([broken])
    assert figure.data[0].y == (0.0, None)
    assert figure.data[2].y == (None, 0.5)
    assert "NaN" not in figure.to_json()


@pytest.mark.parametrize("model", MODEL_COLORS)
@pytest.mark.parametrize("memory", MEMORIES)
def test_the_prediction_has_the_models_colour_and_the_memorys_symbol(model, memory):
    heard, target, said = wave_figure([wave(1)], model, memory).data
    assert said.line.color == MODEL_COLORS[model]
    assert said.marker.symbol == SYMBOLS[memory]
    assert (said.mode, wave_figure([wave(1)], markers=False).data[2].mode) == ("lines+markers", "lines")
    assert heard.line.width < said.line.width == LINE_WIDTH
    assert len({heard.line.color, target.line.color, said.line.color}) == 3


# losses


def test_every_trace_has_its_data():
    trace = by_name(loss_figure(FULL), LOSS_TRACES)
    assert points(trace["loss.carried"]) == [(1, 0.5), (2, 0.4), (3, 0.1)]
    assert points(trace["mean.carried"]) == [(1, 0.5), (2, 0.45), (3, 0.3), (3.5, None), (4, 0.2), (5, 0.9)]
    assert points(trace["loss.bptt"]) == [(1, 0.5), (2, 0.2)]
    assert points(trace["loss.reset"]) == points(trace["mean.bptt"]) == []
    assert points(trace["floor"]) == [(0, 0.1), (3, 0.1)]
    assert points(trace["shown"]) == [(2, 0.4), (2, 0.2)]
    assert tuple(t.uid for t in trace.values()) == LOSS_TRACES


def test_the_shown_window_and_the_free_run_are_marked():
    upright, ground = loss_figure(FULL).layout.shapes
    assert (upright.x0, upright.x1) == (2, 2)
    assert (ground.x0, ground.x1) == (3.5, 5.5)
    assert loss_figure(FULL).layout.annotations[0].text == LABELS["alone"]
    shapes = loss_figure(LossCurves()).layout.shapes
    assert not any(shape.visible for shape in shapes)
    assert points(by_name(loss_figure(LossCurves(**vars(FULL) | {"shown": 5})), LOSS_TRACES)["shown"]) == [(5, 0.9)]


def test_a_loss_without_points_is_empty():
    figure = loss_figure(LossCurves())
    assert all(points(trace) == [] for trace in figure.data)
    assert figure.layout.yaxis.type == "log"
    json.loads(figure.to_json())


def test_memories_differ_in_dash_and_symbol_and_only_compared_ones_have_legend_entries():
    trace = by_name(loss_figure(LossCurves(memories=("reset",))), LOSS_TRACES)
    assert [trace[f"mean.{name}"].line.dash for name in MEMORIES] == [DASHES[name] for name in MEMORIES]
    assert len(set(DASHES.values())) == len(set(SYMBOLS.values())) == 3
    assert [bool(t.showlegend) for t in trace.values()] == [name == "mean.reset" for name in LOSS_TRACES]


def test_labels_are_given_by_the_caller():
    labels = {name: f"<{name}>" for name in LABELS}
    figure = loss_figure(FULL, labels)
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("<window>", "<loss>")
    assert by_name(figure, LOSS_TRACES)["mean.reset"].name == "<reset>"
    assert [trace.name for trace in wave_figure((), labels=labels).data] == [f"<{name}>" for name in WAVE_TRACES]
