"""Tagging figures: the data and the style of each trace."""

import json

import numpy as np
import pytest

from rnnlab.figures import TaggingCurves, confusion_figure, tagging_accuracy_figure, tagging_loss_figure
from rnnlab.figures.tagging import ACCURACY_TRACES, LABELS, LOSS_TRACES, confusion_cells
from rnnlab.figures.theme import BASELINE_COLOR, BASELINE_WIDTH, MODEL_COLORS, NO_RECURRENCE_COLOR


def points(trace):
    return list(zip(trace.x or (), trace.y or (), strict=True))


CURVES = TaggingCurves(
    model="gru",
    epochs=2,
    loss=[(1, 1.5), (2, 0.5)],
    beside=[(1, 1.5), (2, 1.25)],
    training=[(1, 0.5), (2, 0.75)],
    held_out=[(1, 0.25), (2, None)],
    baseline=0.625,
)


def test_the_loss_of_both_taggers():
    loss, beside, beyond = tagging_loss_figure(CURVES).data
    assert (points(loss), points(beside)) == ([(1, 1.5), (2, 0.5)], [(1, 1.5), (2, 1.25)])
    assert (loss.uid, beside.uid, beyond.uid) == LOSS_TRACES
    assert not beyond.x
    assert (loss.line.color, beside.line.color) == (MODEL_COLORS["gru"], NO_RECURRENCE_COLOR)


def test_one_tagger_alone_has_no_legend():
    figure = tagging_loss_figure(TaggingCurves(loss=[(1, 1.5)]))
    assert [trace.showlegend for trace in figure.data] == [False, False, False]
    assert points(figure.data[1]) == []


def test_accuracies_and_the_baseline_thin_and_grey():
    traces = dict(zip(ACCURACY_TRACES, tagging_accuracy_figure(CURVES).data, strict=True))
    assert tuple(trace.uid for trace in traces.values()) == ACCURACY_TRACES
    assert points(traces["training"]) == [(1, 0.5), (2, 0.75)]
    assert points(traces["held_out"]) == [(1, 0.25), (2, None)]
    assert points(traces["baseline"]) == [(0, 0.625), (3, 0.625)]
    assert (traces["baseline"].line.color, traces["baseline"].line.width) == (BASELINE_COLOR, BASELINE_WIDTH)
    assert (traces["training"].line.dash, traces["held_out"].line.dash) == (None, "dash")
    assert not traces["unknown"].showlegend


def test_few_epochs_have_markers():
    modes = [[t.mode for t in tagging_accuracy_figure(TaggingCurves(epochs=epochs)).data] for epochs in (16, 300)]
    assert modes == [["lines+markers"] * 3 + ["lines"], ["lines"] * 4]


def test_the_confusion_matrix_shows_counts_and_is_coloured_by_share():
    # Of 4 N, 3 were called N and 1 V; both V were called N; there was no X.
    figure = confusion_figure(("N", "V", "X"), np.array([[3, 1, 0], [2, 0, 0], [0, 0, 0]]))
    (cells,) = figure.data
    assert list(cells.z) == [[0.75, 0.25, None], [1.0, None, None], [None, None, None]]
    assert list(cells.text) == [["3", "1", ""], ["2", "", ""], ["", "", ""]]
    assert (cells.x, cells.y) == (("N", "V", "X"), ("N", "V", "X"))
    assert figure.layout.yaxis.autorange == "reversed", "gold tags from top to bottom"
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("the tagger's", "right tag")


def test_tags_are_escaped():
    assert confusion_cells(["<b>"], [[1]])["x"] == ["&lt;b&gt;"]


@pytest.mark.parametrize(
    "figure",
    [tagging_loss_figure(TaggingCurves()), tagging_accuracy_figure(TaggingCurves()), confusion_figure((), [])],
)
def test_a_figure_without_data_is_empty(figure):
    assert all(not (trace.x or ()) for trace in figure.data)
    json.loads(figure.to_json())


def test_labels_are_given_by_the_caller():
    labels = LABELS | {"nats": "损失", "epoch": "轮", "held_out": "留出", "gold": "正确标注"}
    assert tagging_loss_figure(CURVES, labels).layout.yaxis.title.text == "损失"
    assert tagging_accuracy_figure(CURVES, labels).layout.xaxis.title.text == "轮"
    assert tagging_accuracy_figure(CURVES, labels).data[1].name == "留出"
    assert confusion_figure((), [], labels).layout.yaxis.title.text == "正确标注"
