"""The phase plane: axes, Jacobians, fixed points and their eigenvalues, in float64."""

import math

import numpy as np
import pytest
import torch

from rnnlab.inspection.phase_plane import (
    ClosedLoop,
    Feedback,
    RegressorStep,
    eigenvalues,
    principal_axes,
    spectral_radius,
)
from rnnlab.models import SequenceRegressor

CELLS = ("rnn", "gru", "lstm")
SIZE = 5


def regressor(cell, size=SIZE, implementation="torch"):
    return SequenceRegressor(cell, implementation, size, generator=torch.Generator().manual_seed(7))


def some_state(cell):
    generator = np.random.default_rng(3)
    return generator.uniform(-0.9, 0.9, cell.size)


def numeric(function, point, step=1e-6):
    """Return the derivatives of `function` at `point` by central differences."""
    columns = []
    for k in range(len(point)):
        shift = np.zeros_like(point)
        shift[k] = step
        columns.append((function(point + shift) - function(point - shift)) / (2 * step))
    return np.column_stack(columns)


def rotation(angle, size=1.0):
    return size * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


def rotating_network(angle, size):
    """Return two units without input and output whose W_hh is a rotation: at h = 0 tanh has the slope 1."""
    model = regressor("rnn", 2)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.recurrent.state_dict()["weight_hh_l0"].copy_(torch.from_numpy(rotation(angle, size)))
    return RegressorStep(model, "rnn")


@pytest.mark.parametrize("size", [0.5, 1.25])
def test_a_rotation_by_20_degrees_has_eigenvalues_at_20_degrees(size):
    """By hand: at rest h_t = tanh(R h) has the Jacobian diag(1 - 0²) R = R, whose eigenvalues are size · e^{±iθ}."""
    cell = rotating_network(math.radians(20), size)
    found = eigenvalues(cell.jacobian(np.zeros(2), 0.0)[:, :2])
    assert sorted(np.degrees(np.angle(found))) == pytest.approx([-20, 20], abs=1e-4)
    assert np.abs(found) == pytest.approx([size, size], rel=1e-6)
    # inside the circle the states spiral in; outside they spiral out until tanh saturates
    states = cell.walk(np.array([0.01, 0.0]), [0.0] * 60)
    lengths = np.linalg.norm(states, axis=1)
    assert lengths[9] == pytest.approx(0.01 * size**10, rel=0.02)
    assert lengths[-1] < 1e-10 if size < 1 else 0.5 < lengths[-1] < math.sqrt(2)


@pytest.mark.parametrize("implementation", ["torch", "scratch"])
@pytest.mark.parametrize("kind", CELLS)
def test_a_step_in_double_precision_is_the_networks_step(kind, implementation):
    model = regressor(kind, implementation=implementation).double()
    cell = RegressorStep(model, kind)
    inputs = [0.3, -0.7, 0.1]
    states = cell.walk(cell.state_of(None), inputs)
    with torch.no_grad():
        expected, end = model(torch.tensor(inputs, dtype=torch.float64).view(1, -1, 1))
    assert [cell.output(state) for state in states] == pytest.approx(expected.flatten().tolist(), abs=1e-12)
    assert cell.state_of(end) == pytest.approx(states[-1], abs=1e-12)
    assert cell.walk(cell.state_of(None), []).shape == (0, cell.size)


@pytest.mark.parametrize("kind", CELLS)
def test_the_jacobian_of_a_step_equals_differences_and_by_hand_equals_autograd(kind):
    cell = RegressorStep(regressor(kind), kind)
    state = some_state(cell)
    found = cell.jacobian(state, 0.4)
    assert found.shape == (cell.size, cell.size + 1)
    by_differences = numeric(lambda both: cell.step(both[:-1], float(both[-1])), np.append(state, 0.4))
    assert np.abs(found - by_differences).max() < 1e-8
    assert np.abs(found - cell.autograd_jacobian(state, 0.4)).max() < 1e-14


@pytest.mark.parametrize("kind", CELLS)
def test_the_jacobian_of_a_closed_loop_goes_through_the_output(kind):
    cell = RegressorStep(regressor(kind), kind)
    loop = ClosedLoop(cell, Feedback(0.9, 0.35))
    point = np.append(some_state(cell), 0.4)
    assert np.abs(loop.jacobian(point) - numeric(loop.step, point)).max() < 1e-8
    after = loop.step(point)
    assert after[-1] == pytest.approx(0.9 * 0.4 + 0.35 * cell.output(after[:-1]), abs=1e-14)


def test_a_clipped_input_does_not_depend_on_anything():
    loop = ClosedLoop(RegressorStep(regressor("rnn"), "rnn"), Feedback(9.0, 0.1, limit=10.0))
    point = np.append(np.zeros(SIZE), 5.0)
    assert loop.step(point)[-1] == 10.0
    assert not loop.jacobian(point)[-1].any()


@pytest.mark.parametrize("kind", CELLS)
def test_a_fixed_point_stays_and_its_radius_tells_how_fast_neighbours_approach(kind):
    loop = ClosedLoop(RegressorStep(regressor(kind), kind), Feedback(math.cos(0.3), math.sin(0.3)))
    near = loop.walk(loop.cell.state_of(None), 0.5, 5)[-1]
    rest = loop.fixed_point(near)
    assert np.abs(loop.step(rest) - rest).max() < 1e-10
    radius = spectral_radius(loop.jacobian(rest))
    assert radius < 1
    distances = np.linalg.norm(loop.walk(rest[:-1], rest[-1] + 1e-3, 300)[::100] - rest, axis=1)
    assert (distances[2] / distances[1]) ** 0.01 == pytest.approx(radius, abs=0.01)


def test_where_nothing_rests_there_is_no_fixed_point():
    """A next input of x + 1 never equals x, and its derivative by x is 1."""
    model = regressor("rnn", 1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.output.bias.fill_(1.0)
    loop = ClosedLoop(RegressorStep(model, "rnn"), Feedback(1.0, 1.0))
    assert loop.fixed_point(np.zeros(2)) is None
    assert loop.fixed_point(np.array([np.nan, 0.0])) is None


def circle(points=40, turns=1.0):
    t = 2 * np.pi * turns * np.arange(points) / points
    return np.column_stack([np.cos(t), np.sin(t)])


def test_axes_are_those_of_the_covariance_and_their_signs_are_fixed():
    states = np.random.default_rng(1).standard_normal((30, 6)) * [5, 3, 1, 1, 1, 1]
    axes = principal_axes(states)
    values, vectors = np.linalg.eigh(np.cov(states.T))
    for k in range(2):
        along = vectors[:, -1 - k]
        assert abs(along @ axes.directions[:, k]) == pytest.approx(1, abs=1e-12)
        assert axes.explained[k] == pytest.approx(values[-1 - k] / values.sum(), rel=1e-12)
        assert axes.directions[np.abs(axes.directions[:, k]).argmax(), k] > 0
    assert axes.project(states).mean(axis=0) == pytest.approx([0, 0], abs=1e-12)


def test_axes_turned_toward_a_circle_give_back_that_circle_however_it_lies_in_the_space():
    """A circle has two equal variances: without `toward` any direction in its plane is a principal axis."""
    basis = np.linalg.qr(np.random.default_rng(2).standard_normal((6, 6)))[0][:, :2]
    for turn in (0.0, 1.0, 2.5):
        states = circle() @ rotation(turn) @ basis.T * [1, -1, 1, 1, 1, 1] + 3.0  # turned, mirrored, and moved
        axes = principal_axes(states, toward=circle())
        assert axes.project(states) == pytest.approx(circle(), abs=1e-12)
        assert axes.explained == pytest.approx((0.5, 0.5))
        assert axes.directions.T @ axes.directions == pytest.approx(np.eye(2), abs=1e-12)


def test_one_unit_has_one_axis_and_constant_states_have_none():
    line = principal_axes(np.array([[0.0], [1.0], [2.0]]), toward=np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]))
    assert line.explained == (1.0, 0.0)
    assert np.linalg.norm(line.project(np.array([[2.0]]))) == pytest.approx(1.0)
    assert principal_axes(np.ones((4, 3))).explained == (0.0, 0.0)


def test_where_there_are_no_eigenvalues_one_kind_of_error_says_so():
    with pytest.raises(torch.linalg.LinAlgError):
        eigenvalues(np.array([[np.inf, 0.0], [0.0, 1.0]]))
