"""The perplexity curve: the data and the style of each trace."""

import itertools
import json
import math
from dataclasses import replace

import pytest

from rnnlab.figures import PerplexityCurve, perplexity_figure
from rnnlab.figures.bounds import MAX_LINE_POINTS
from rnnlab.figures.end_labels import LINE_HEIGHT, PLOT_HEIGHT
from rnnlab.figures.perplexity import DRAWN, LABELS, MORE, TRACES
from rnnlab.figures.theme import BASELINE_COLOR, FONT_SIZE, LINE_WIDTH, MODEL_COLORS

FULL = PerplexityCurve(
    model="lstm",
    epochs=3,
    minibatch=[(0.5, 90.0), (1.0, 70.0)],
    training=[(1, 80.0), (2, 40.5), (3, 9.0)],
    held_out=[(1, 90.0), (2, 70.0), (3, 60.0)],
    published={2: 50.0, 3: 10.0},
    baselines={
        "uniform": 100.0,
        "unigram": 60.0,
        "ngram2": 9.0,
        "ngram3": 3.0,
        "ngram4": None,
        "ngram4_held_out": 50.0,
    },
)


def traces(curve, *labels):
    figure = perplexity_figure(curve, *labels)
    return dict(zip(TRACES, figure.data, strict=True)), figure


def points(trace):
    return list(zip(trace.x or (), trace.y or (), strict=True))


def test_every_trace_has_its_data():
    trace, _ = traces(FULL)
    assert points(trace["minibatch"]) == [(0.5, 90.0), (1.0, 70.0)]
    assert points(trace["training"]) == [(1, 80.0), (2, 40.5), (3, 9.0)]
    assert points(trace["held_out"]) == [(1, 90.0), (2, 70.0), (3, 60.0)]
    assert points(trace["published"]) == [(2, 50.0), (3, 10.0)]
    assert points(trace["uniform"]) == [(0, 100.0), (3.06, 100.0)]
    assert points(trace["unigram"]) == [(0, 60.0), (3.06, 60.0)]


def test_held_out_text_and_the_other_ngrams_are_hidden_until_they_are_asked_for():
    curve = replace(FULL, baselines=FULL.baselines | {"unigram_held_out": 64.0}, kept=(2, 70.0))

    def hidden(**shown):
        figure = perplexity_figure(curve, **shown)
        return {trace.uid for trace in figure.data if trace.visible is False}

    held_out = {"held_out", "kept", *(name for name in (*DRAWN, *MORE) if name.endswith("held_out"))}
    assert hidden(unseen=False, more=True) == held_out
    assert hidden(unseen=True, more=False) == set(MORE)
    assert hidden(unseen=True, more=True) == set()
    trace, _ = traces(curve)
    assert points(trace["ngram3"]) == [(0, 3.0), (3.06, 3.0)]
    assert (trace["ngram3"].line.dash, trace["ngram4_held_out"].line.dash) == ("solid", "dash")
    assert points(trace["ngram4"]) == []


def test_arrows_of_hidden_lines_keep_their_values_for_when_they_are_shown():
    curve = replace(FULL, training=[(1, 5e4), (2, 3.0)], held_out=[(1, 3e9)])
    beyond = {seen: perplexity_figure(curve, unseen=seen).data[TRACES.index("beyond")] for seen in (True, False)}
    assert beyond[True].y == (1000, 1000)
    assert beyond[False].y == (1000, None)
    assert beyond[False].customdata == beyond[True].customdata == (["training", 5e4], ["held_out", 3e9])


def test_each_line_has_its_name_and_its_last_number_at_its_right_end():
    _, figure = traces(replace(FULL, held_out=[(1, 90.0), (2, math.inf)]))
    assert {label.text for label in figure.layout.annotations} == {
        "each minibatch 70", "training 9", "held out ∞", "uniform (1/V) 100", "unigram 60",
    }  # fmt: skip
    assert not figure.layout.showlegend
    by_text = {label.text: label for label in figure.layout.annotations}
    assert by_text["training 9"].font.color == MODEL_COLORS["lstm"]
    assert by_text["unigram 60"].font.color is None, "the grey of its line would be too pale"
    seen = {label.text for label in perplexity_figure(FULL, unseen=False, more=True).layout.annotations}
    assert "2- to 7-gram 3–9" in seen
    assert not any("held out" in text for text in seen)


def test_a_long_axis_of_epochs_grows_with_the_run():
    def end(done, epochs):
        return perplexity_figure(PerplexityCurve(epochs=epochs, minibatch=[(done, 9.0)])).layout.xaxis.range[1]

    assert [end(done, 20) for done in (0.1, 4, 4.5, 9, 20)] == pytest.approx([4.08, 4.08, 8.16, 20.4, 20.4])
    assert (end(0.1, 3), end(150, 200)) == pytest.approx((3.06, 204))


def test_the_uids_are_those_that_the_page_extends():
    _, figure = traces(FULL)
    assert {"minibatch", "training", "held_out", "uniform", "changed", "ghost"} <= set(TRACES)  # in tabs/train/panel.js
    assert tuple(trace.uid for trace in figure.data) == TRACES


@pytest.mark.parametrize("curve", [PerplexityCurve(), PerplexityCurve(held_out=None)])
def test_a_figure_without_data_is_empty(curve):
    trace, figure = traces(curve)
    assert all(points(t) == [] for t in trace.values())
    assert figure.layout.annotations == ()
    json.loads(figure.to_json())


def test_a_run_without_held_out_text_says_so():
    trace, _ = traces(PerplexityCurve(held_out=None))
    assert trace["held_out"].meta["exists"] is False
    trace, _ = traces(PerplexityCurve(held_out=()))
    assert trace["held_out"].meta["exists"] is True  # the line will follow


def test_a_new_learning_rate_is_marked_where_it_began():
    trace, _ = traces(PerplexityCurve(training=[(1, 5.0)], changes=[(0.5, 9.0, 0.002), (0.75, None, 10.0)]))
    assert points(trace["changed"]) == [(0.5, 9.0), (0.75, None)]
    assert list(trace["changed"].text) == ["learning rate 0.002", "learning rate 10"]
    assert list(trace["changed"].customdata) == [0.002, 10.0]


@pytest.mark.parametrize("gone", [math.inf, math.nan, None])
def test_infinite_perplexities_are_gaps(gone):
    trace, figure = traces(PerplexityCurve(training=[(1, 5.0), (2, gone), (3, 4.0)]))
    assert list(trace["training"].y) == [5.0, None, 4.0]
    assert not trace["training"].connectgaps
    assert "Infinity" not in figure.to_json()
    assert "NaN" not in figure.to_json()


@pytest.mark.parametrize("model", MODEL_COLORS)
def test_a_model_keeps_its_colour(model):
    trace, _ = traces(PerplexityCurve(model=model, published={1: 2.0}))
    color = MODEL_COLORS[model]
    for name in ("minibatch", "training", "held_out"):
        assert trace[name].line.color == color
    assert trace["published"].marker.color == color
    assert len(set(MODEL_COLORS.values())) == 3


def test_line_styles_follow_the_common_rules():
    trace, figure = traces(FULL)
    assert trace["training"].line.dash is None  # solid
    assert trace["held_out"].line.dash == "dash"
    assert trace["training"].line.width == trace["held_out"].line.width == LINE_WIDTH >= 3
    assert trace["published"].marker.symbol.endswith("-open")
    assert trace["published"].mode == "markers"
    assert {trace[name].line.color for name in (*DRAWN, *MORE)} == {BASELINE_COLOR}
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.font.size == FONT_SIZE >= 14


def test_the_zoom_is_kept_with_new_data():
    _, figure = traces(FULL)
    assert figure.layout.uirevision == "keep"


def test_labels_are_given_by_the_caller():
    labels = {name: f"<{name}>" for name in LABELS}
    trace, figure = traces(FULL, labels)
    assert {t.name for t in trace.values()} == {f"<{name}>" for name in TRACES}
    assert figure.layout.xaxis.title.text == "<epoch>"
    assert figure.layout.yaxis.title.text == "<perplexity>"
    assert set(LABELS) == {*TRACES, "epoch", "perplexity", "more", "more_held_out"}


@pytest.mark.parametrize(("epochs", "mode"), [(60, "lines+markers"), (61, "lines")])
def test_markers_of_many_epochs_are_left_out(epochs, mode):
    figure = perplexity_figure(PerplexityCurve(epochs=epochs, training=[(1, 9.0)], held_out=[(1, 9.0)]))
    assert {trace.mode for trace in figure.data if trace.uid in ("training", "held_out")} == {mode}


def test_the_axis_ends_at_ten_times_the_uniform_perplexity_for_all_values():
    wild = [(1, 1e300), (2, 5.0), (3, math.inf), (4, 2e10), (5, -1.0), (6, 0.0)]
    trace, figure = traces(replace(FULL, epochs=10, training=wild, held_out=[(1, 3e9)], minibatch=wild))
    assert figure.layout.meta["ceiling"] == 1000
    assert 10**figure.layout.yaxis.maxallowed == pytest.approx(1200)
    assert list(trace["training"].y) == [None, 5.0, None, None, None, None]
    assert figure.layout.yaxis.range == (figure.layout.yaxis.minallowed, figure.layout.yaxis.maxallowed)
    assert set(trace["beyond"].y) == {1000}
    assert list(trace["beyond"].x) == [4, 1, 3, 4, 1], "of the minibatches the last alone; then training, then held out"
    assert list(trace["beyond"].text) == ["", "", "", "2·10¹⁰", ""], "the line that ends there has its label"
    assert trace["beyond"].hovertext[1] == "training: 1·10³⁰⁰"


@pytest.mark.parametrize(("uniform", "ceiling"), [(None, 1e5), (math.nan, 1e5), (2.0, 20.0), (9000.0, 90_000.0)])
def test_a_long_axis_has_labels_at_powers_of_ten_only(uniform, ceiling):
    figure = perplexity_figure(PerplexityCurve(baselines={"uniform": uniform}))
    assert figure.layout.meta["ceiling"] == ceiling
    assert figure.layout.yaxis.dtick == ("D2" if ceiling < 100 else 1)


def test_labels_do_not_overlap():
    baselines = {"uniform": 1060.0, "unigram": 280.4, "ngram5": 1.8, "ngram5_held_out": 277.8}
    _, figure = traces(PerplexityCurve(epochs=20, baselines=baselines))
    heights = sorted(PLOT_HEIGHT * label.y for label in figure.layout.annotations)
    assert min(b - a for a, b in itertools.pairwise(heights)) == pytest.approx(LINE_HEIGHT * FONT_SIZE)
    assert [label.text for label in sorted(figure.layout.annotations, key=lambda label: -label.y)] == [
        "uniform (1/V) 1,060", "unigram 280.4", "5-gram, held out 277.8", "5-gram 1.8",
    ]  # fmt: skip


def test_a_long_line_is_thinned_and_keeps_its_extremes():
    points = [(i, 1.0 + (i * 7919) % 1000) for i in range(10_000)] + [(10_000, 99_999.0)]
    line = traces(PerplexityCurve(epochs=10_000, minibatch=points))[0]["minibatch"]
    assert len(line.x) <= 3 * MAX_LINE_POINTS / 2
    assert (min(line.y), max(line.y), line.x[-1]) == (1.0, 99_999.0, 10_000)
