"""Phase planes of the sine experiment, recomputed from the networks that it trained."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnlab.experiments.event import row
from rnnlab.experiments.sine import (
    ComparisonConfig,
    Config,
    PhasePlane,
    Window,
    make_learner,
    measured_windows,
    phase_plane,
    run,
    run_with_phase_planes,
    window_of,
)
from rnnlab.experiments.sine.phase_plane import MAX_POINTS, verdict_of
from rnnlab.inspection.phase_plane import RegressorStep, principal_axes
from rnnlab.limits import MAX_PHASE_PLANES

SMALL = Config(hidden_size=8, points=6, windows=4, free_run=2, learning_rate=0.01, phase=0.4, noise=0.05)


def planes_of(config):
    return [event for event in run_with_phase_planes(config) if isinstance(event, PhasePlane)]


def trained(config, memory="carried"):
    learner = make_learner(config, memory)
    for window in range(1, config.windows + 1):
        t, target = window_of(config, window)
        learner.learn(np.sin(t), target)
    return learner


@pytest.mark.parametrize("model", ["rnn", "gru", "lstm"])
def test_alone_a_plane_shows_the_free_run_of_the_lesson(model):
    """The same network alone, in the lesson's single precision: its states lie where the plane shows them."""
    config = replace(SMALL, model=model, noise=0.0)
    learner = trained(config)
    plane = phase_plane(config, learner, config.windows, "carried")
    cell = RegressorStep(learner.model, model)
    start = cell.state_of(learner.now)
    t = np.concatenate([window_of(config, window)[0] for window in (5, 6)])
    driven = cell.walk(start, np.sin(t).tolist())[:, :8]
    axes = principal_axes(driven, np.column_stack([np.cos(t), np.sin(t)]))
    assert plane.driven == pytest.approx(axes.project(np.vstack([start[:8], driven])), abs=1e-12)
    assert sum(plane.explained) == pytest.approx(
        np.var(axes.project(driven), axis=0).sum() / np.var(driven, axis=0).sum()
    )
    assert plane.alone[0] == pytest.approx(plane.driven[0])
    for window in (1, 2):
        learner.free_run(window_of(config, 4 + window)[0])
        expected = axes.project(cell.state_of(learner.now)[:8])
        assert plane.alone[round(window * plane.alone_per_window)] == pytest.approx(expected, abs=1e-4)


def test_the_first_planes_spiral_in_and_the_pair_leaves_the_circle_while_it_learns():
    """What the picture is shown for: 64 units, before they have learned and after; the angle is that of a step, 20°."""
    config = Config(windows=30, free_run=0)
    planes = planes_of(config)
    assert {plane.window for plane in planes} == measured_windows(config)
    first, last = planes[0], planes[-1]
    assert (first.verdict, last.verdict) == ("in", "out")
    rests = np.array(last.rest)
    assert np.linalg.norm(first.alone[-1] - first.rest) < 1e-3, "at the fixed point"
    assert np.linalg.norm(last.alone[-30:] - rests, axis=1).min() > 0.5, "a limit cycle"
    leading = complex(*last.rest_eigenvalues[0])
    assert abs(leading) == pytest.approx(last.rest_radius)
    assert last.rest_radius > 1
    assert np.degrees(np.angle(leading)) == pytest.approx(20, abs=3)
    assert last.driven_radius < 0.95
    angles = np.unwrap(np.arctan2(*last.driven[1:].T[::-1]))
    assert angles[-1] - angles[0] == pytest.approx(2 * np.pi, abs=0.5), "counterclockwise, once around"
    assert last.driven[-1][0] > 0, "right is cos t = 1"


def test_planes_leave_the_training_as_it_is_and_reset_has_none():
    config = replace(SMALL, memory="all")
    events = list(run_with_phase_planes(config))
    planes = [event for event in events if isinstance(event, PhasePlane)]
    assert {plane.memory for plane in planes} == {"carried", "bptt"}
    others = [row(event) for event in events if not isinstance(event, PhasePlane)]
    assert others == [row(event) for event in run(config)]
    assert not planes_of(replace(SMALL, memory="reset"))


@pytest.mark.parametrize(
    ("changes", "fewest", "most"),
    [
        ({}, 38, MAX_PHASE_PLANES),
        ({"windows": 1}, 1, 1),
        ({"model": "lstm", "hidden_size": 256}, 3, 5),
        ({"points": 200, "windows": 60}, 10, 30),
    ],
)
def test_large_networks_have_fewer_planes_the_first_and_the_last_included(changes, fewest, most):
    config = ComparisonConfig(**changes)
    windows = measured_windows(config)
    assert {1, config.windows} <= windows <= set(range(1, config.windows + 1))
    assert fewest <= len(windows) <= most


def test_a_row_is_small_and_has_no_numbers_that_json_lacks():
    config = replace(SMALL, points=200, windows=1)
    plane = planes_of(config)[0]
    plane = replace(plane, rest=(), rest_radius=np.inf, driven_eigenvalues=np.full((2, 2), np.nan))
    found = row(plane)
    assert (found["kind"], found["rest"], found["rest_radius"]) == ("phaseplane", [], None)
    assert found["driven_eigenvalues"] == [[None, None]] * 2
    assert max(len(found["driven"]), len(found["alone"])) <= MAX_POINTS
    assert len(str(found)) < 8000


def test_the_verdict_needs_both_radii_on_the_same_side_of_the_circle():
    radii = [(0.9, 0.95), (1.02, 1.01), (1.01, 0.99), (1.0005, 1.0), (0.9995, 0.9)]
    assert [verdict_of(*pair) for pair in radii] == ["in", "out", "edge", "edge", "edge"]


def test_a_plane_is_measured_after_the_update_of_its_window():
    """Its numbers are those of the weights at the end of the window, not of those that predicted it."""
    events = list(run_with_phase_planes(replace(SMALL, noise=0.0)))
    last = [event for event in events if isinstance(event, PhasePlane)][-1]
    assert isinstance(events[events.index(last) - 1], Window)
    again = phase_plane(SMALL, trained(replace(SMALL, noise=0.0)), 4, "carried")
    assert last.driven_radius == pytest.approx(again.driven_radius, abs=1e-6)
    assert last.rest_radius == pytest.approx(again.rest_radius, abs=1e-6)


@pytest.mark.parametrize("model", ["rnn", "lstm"])
def test_a_network_that_has_blown_up_still_has_a_plane_of_finite_numbers(model):
    config = replace(SMALL, model=model, learning_rate=10.0, windows=12)
    for plane in planes_of(config):
        assert np.isfinite(plane.driven).all()
        assert np.abs(plane.alone).max() < 20
        assert plane.verdict in ("in", "out", "edge", "none")


def test_an_output_that_hardly_tells_the_cosine_has_planes_as_well():
    """cos φ is 4·10⁻⁶ here, so the output fed back counts 10⁵ times: powers of such eigenvalues exceed all numbers."""
    for plane in planes_of(Config(hidden_size=4, points=120, windows=2, phase=1.5708, free_run=0)):
        assert np.isfinite(plane.alone).all()
        assert plane.verdict in ("out", "none")


def test_a_saturated_network_trains_on_without_the_plane_that_cannot_be_measured(monkeypatch):
    """Of a finite Jacobian of this LSTM LAPACK may find no eigenvalues, after the seventh window."""
    saturated = Config(model="lstm", learning_rate=10, points=100, hidden_size=16, windows=8, free_run=0)
    assert list(run_with_phase_planes(saturated))[-1].kind == "finished"

    def fail(matrix):
        raise torch.linalg.LinAlgError("did not converge")

    monkeypatch.setattr(torch.linalg, "eigvals", fail)
    events = list(run_with_phase_planes(SMALL))
    assert not any(isinstance(event, PhasePlane) for event in events)
    assert [row(event) for event in events] == [row(event) for event in run(SMALL)]
