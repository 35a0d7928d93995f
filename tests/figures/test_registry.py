"""Every figure, with no data and with wild values; and a figure that is added in the documented way."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest

import rnnlab.figures
from rnnlab.figures import REGISTRY, register
from rnnlab.figures.bounds import MAX_LINE_POINTS, Bounds
from rnnlab.figures.registry import extreme_points

CASES = extreme_points()


def numbers(trace):
    """Return all numbers of a trace's lines, markers or heatmap; missing ones are None."""
    found = trace.z if trace.type == "heatmap" else trace.y
    return [] if found is None else np.asarray(found, dtype=object).ravel().tolist()


def check_empty(figure):
    """A figure without data draws no number and is valid JSON."""
    assert all(value is None for trace in figure.data for value in numbers(trace))
    json.loads(figure.to_json(), parse_constant=pytest.fail)


def check_bounded(figure):
    """A figure with extreme values has a bounded number of points and is valid JSON."""
    json.loads(figure.to_json(), parse_constant=pytest.fail)
    for trace in figure.data:
        assert len(numbers(trace)) <= (200 * 200 if trace.type == "heatmap" else 2 * MAX_LINE_POINTS), trace.uid


def test_every_exported_figure_is_registered():
    exported = {name.removesuffix("_figure") for name in rnnlab.figures.__all__ if name.endswith("_figure")}
    assert exported == set(REGISTRY)


@pytest.mark.parametrize("name", REGISTRY)
def test_a_figure_without_data_is_drawn(name):
    check_empty(REGISTRY[name].empty())


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", REGISTRY)
def test_a_figure_with_wild_values_is_bounded(name, case):
    check_bounded(REGISTRY[name].of_points(CASES[case]))


@pytest.fixture
def dummy():
    """Add a figure as `rnnlab/figures/registry.py` describes."""

    def dummy_figure(points=()):
        return go.Figure([Bounds(ceiling=10.0).line(points, uid="dummy")])

    register("dummy", dummy_figure, dummy_figure)
    yield REGISTRY["dummy"]
    del REGISTRY["dummy"]


def test_an_added_figure_passes_the_same_tests(dummy):
    check_empty(dummy.empty())
    for points in CASES.values():
        check_bounded(dummy.of_points(points))
    assert dummy.of_points(CASES["wild values"]).data[0].y == (
        5.0,
        None,
        None,
        None,
        -3.0,
        0.0,
        None,
        1e-300,
        None,
        7.0,
    )


def test_a_name_is_registered_once(dummy):
    with pytest.raises(ValueError, match="dummy"):
        register("dummy", dummy.empty, dummy.of_points)


def test_the_checks_find_a_figure_that_is_not_bounded():
    with pytest.raises(AssertionError):
        check_bounded(go.Figure([go.Scatter(x=[0] * 100_000, y=[1] * 100_000)]))
    with pytest.raises(AssertionError):
        check_empty(go.Figure([go.Scatter(x=[0], y=[1])]))
