"""The cost of growth: the data and the style of each trace."""

import json

import pytest

from rnnlab.figures import growth_figure
from rnnlab.figures.growth import COSTS, SIZES
from rnnlab.figures.theme import FONT_SIZE, LINE_WIDTH, MODEL_COLORS

SWEEPS = {
    "characters": [
        {"characters": 10_000, "tokens_per_second": 900, "memory_mib": 50.0},
        {"characters": 1_000_000, "tokens_per_second": 800, "memory_mib": 60.5},
    ],
    "num_steps": [{"num_steps": 35, "tokens_per_second": 700, "memory_mib": 55.0}],
}


def traces(sweeps):
    figure = growth_figure(sweeps, "lstm")
    return {trace.name: list(zip(trace.x, trace.y, strict=True)) for trace in figure.data}, figure


def test_every_trace_has_its_data():
    trace, figure = traces(SWEEPS)
    assert trace["characters/tokens_per_second"] == [(10_000, 900), (1_000_000, 800)]
    assert trace["characters/memory_mib"] == [(10_000, 50.0), (1_000_000, 60.5)]
    assert trace["num_steps/memory_mib"] == [(35, 55.0)]
    assert trace["hidden_size/memory_mib"] == []
    assert {t.line.color for t in figure.data} == {MODEL_COLORS["lstm"]}
    assert all(t.line.width >= LINE_WIDTH for t in figure.data)


def test_sizes_have_a_logarithmic_axis_and_costs_a_linear_one_from_zero():
    _, figure = traces(SWEEPS)
    assert figure.layout.font.size >= FONT_SIZE
    assert figure.layout.xaxis4.ticktext == ("10k", "1M")
    assert figure.layout.xaxis4.title.text == SIZES["characters"]
    assert {figure.layout[f"xaxis{n or ''}"].type for n in ("", 2, 3, 4, 5, 6)} == {"log"}
    assert (figure.layout.yaxis.title.text, figure.layout.yaxis4.title.text) == tuple(COSTS.values())
    assert {figure.layout[f"yaxis{n or ''}"].rangemode for n in ("", 2, 3, 4, 5, 6)} == {"tozero"}


@pytest.mark.parametrize("sweeps", [{}, {"characters": []}])
def test_a_figure_without_data_is_empty(sweeps):
    trace, figure = traces(sweeps)
    assert list(trace.values()) == [[]] * 6
    json.loads(figure.to_json())
