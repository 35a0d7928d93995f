"""The figures of the phase plane."""

import numpy as np
import pytest

from rnnlab.figures import EigenvalueClouds, PhaseWays, eigenvalues_figure, phase_figure
from rnnlab.figures.phase import (
    ALONE_COLOR,
    AXIS_END,
    EIGENVALUE_TRACES,
    MAX_RADIUS,
    MAX_REACH,
    PHASE_TRACES,
    arrows_of,
    pairs_of,
)
from rnnlab.figures.theme import MODEL_COLORS

DRIVEN = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)]
ALONE = [(1.0, 0.0), (0.0, 0.5), (-0.25, 0.0)]


def points(figure, names, name):
    trace = figure.data[names.index(name)]
    return list(zip(trace.x, trace.y, strict=True))


def test_both_ways_begin_at_the_start_and_a_unit_is_as_long_on_both_axes():
    figure = phase_figure(PhaseWays("gru", DRIVEN, ALONE, rest=(0.1, 0.2), reach=1.5))
    assert [trace.uid for trace in figure.data] == list(PHASE_TRACES)
    assert points(figure, PHASE_TRACES, "driven") == DRIVEN
    assert points(figure, PHASE_TRACES, "alone") == ALONE
    assert points(figure, PHASE_TRACES, "start") == [DRIVEN[0]]
    assert points(figure, PHASE_TRACES, "rest") == [(0.1, 0.2)]
    assert (figure.data[0].line.color, figure.data[1].line.color) == (MODEL_COLORS["gru"], ALONE_COLOR)
    assert figure.layout.yaxis.scaleanchor == "x"
    assert figure.layout.xaxis.range == figure.layout.yaxis.range == (-1.5, 1.5)


def test_arrows_are_on_the_way_and_point_along_it():
    assert arrows_of([(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)]) == [
        (0.0, 0.5, 0.0),
        (0.5, 1.0, 90.0),
        (1.0, 0.5, 180.0),
    ]
    assert len(arrows_of([(np.cos(t), np.sin(t)) for t in range(100)])) == 6
    assert arrows_of([]) == arrows_of([(0.0, 0.0)]) == arrows_of([(0.0, 0.0), (0.0, 0.0)]) == []


def test_a_pair_of_eigenvalues_is_drawn_on_both_sides_and_the_largest_has_a_ring():
    figure = eigenvalues_figure(EigenvalueClouds("rnn", [(0.5, 0.5)], [(0.9, 0.3), (0.2, 0.0)], [(0.8, 0.1)], 0.35))
    assert [trace.uid for trace in figure.data] == list(EIGENVALUE_TRACES)
    assert points(figure, EIGENVALUE_TRACES, "driven") == [(0.5, 0.5), (0.5, -0.5)]
    assert points(figure, EIGENVALUE_TRACES, "alone") == [(0.9, 0.3), (0.9, -0.3), (0.2, 0.0)]
    assert points(figure, EIGENVALUE_TRACES, "leading") == [(0.9, 0.3), (0.9, -0.3)]
    assert points(figure, EIGENVALUE_TRACES, "trail") == [(0.8, 0.1)]
    assert figure.data[2].customdata[0] == pytest.approx(np.hypot(0.9, 0.3))
    circle, ray, below = figure.layout.shapes
    assert (circle.x0, circle.x1, circle.y0, circle.y1) == (-1, 1, -1, 1)
    assert np.arctan2(ray.y1, ray.x1) == pytest.approx(0.35)
    assert below.y1 == -ray.y1
    assert figure.layout.annotations[0].text == "20.1°"
    assert pairs_of([]) == []


def test_what_is_far_away_does_not_blow_up_the_picture():
    figure = eigenvalues_figure(EigenvalueClouds(alone=[(0.0, 50.0), (0.1, 0.0)]))
    assert points(figure, EIGENVALUE_TRACES, "alone") == [(0.1, 0.0)]
    assert points(figure, EIGENVALUE_TRACES, "beyond") == [(0.0, MAX_RADIUS), (0.0, -MAX_RADIUS)]
    assert figure.data[-1].marker.angle == (0.0, -180.0)  # degrees clockwise from up
    assert figure.layout.xaxis.range == (-AXIS_END, AXIS_END)
    wide = phase_figure(PhaseWays(driven=[(1e300, 0.0), (np.nan, 1.0), (1.0, 1.0)], reach=1e9))
    assert points(wide, PHASE_TRACES, "driven") == [(1.0, 1.0)]
    assert wide.layout.xaxis.range == (-MAX_REACH, MAX_REACH)
