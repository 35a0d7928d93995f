"""From sin to cos: the data by hand, the memories against plain loops, the free run against the true sine."""

import dataclasses
import math
from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.experiments import sine
from rnnlab.experiments.sine import (
    LAST,
    MEMORIES,
    ComparisonConfig,
    Config,
    Finished,
    FreeRun,
    Started,
    Wave,
    Window,
    WindowDiverged,
    compare,
    loss_floor,
    make_learner,
    run,
    window_of,
)  # fmt: skip
from rnnlab.experiments.sine.learner import MAX_FREE_INPUT, Learner, as_sequence
from rnnlab.recurrent import MODELS
from rnnlab.validation import InvalidInput

TINY = {"hidden_size": 6, "points": 5, "windows": 7, "free_run": 2}


def tiny(**changes):
    return Config(**TINY | changes)


def windows(events, memory=None):
    return [e for e in events if isinstance(e, Window) and memory in (None, e.memory)]


def free_runs(events, memory=None):
    return [e for e in events if isinstance(e, FreeRun) and memory in (None, e.memory)]


def dicts(events):
    return [(type(event).__name__, event.to_dict()) for event in events]


# settings


def test_the_defaults_are_the_tutorials():
    config = Config()
    assert (config.model, config.hidden_size, config.points, config.windows) == ("rnn", 64, 10, 300)
    assert (config.learning_rate, config.memory, config.phase, config.noise) == (0.001, "carried", 0.0, 0.0)
    assert Config.from_strings(tiny(phase=0.5, memory="all").to_strings()) == tiny(phase=0.5, memory="all")
    assert ComparisonConfig().memories == MEMORIES
    assert dataclasses.replace(ComparisonConfig(), memory="carried").to_strings() == Config().to_strings()


@settings(deadline=None)
@given(st.integers(2, 200), st.sampled_from([*MEMORIES, "all"]), st.integers(2, 20), st.integers(0, 50))
def test_too_long_run_is_refused_with_the_allowed_number_of_windows(points, memory, depth, free_run):
    passes = {"carried": 1, "reset": 1, "bptt": depth, "all": 2 + depth}[memory]
    networks = 3 if memory == "all" else 1
    words = {"points": points, "memory": memory, "bptt_windows": depth, "free_run": free_run}
    longest = (130_000 - networks * free_run * points * 2) // (passes * (points + 15))
    assert longest > 0
    if longest >= 5000:
        assert Config(**words, windows=5000).windows == 5000
        return
    assert Config(**words, windows=longest).windows == longest
    with pytest.raises(InvalidInput, match=f"^windows: .* at most {longest} windows") as refused:
        Config(**words, windows=longest + 1)
    assert refused.value.code == "sine_too_long"


def test_cost_of_many_short_windows_is_bounded():
    """An update has a fixed cost: 5000 short windows would take an LSTM more than a minute."""
    short = {"points": 2, "memory": "all", "bptt_windows": 8, "free_run": 0}
    assert Config(**short, windows=764).windows == 764  # (1 + 1 + 8) · (2 + 15) · 764 = 129 880
    with pytest.raises(InvalidInput, match="at most 764 windows"):
        Config(**short, windows=5000)


def test_tutorial_settings_allow_the_maximum_of_windows():
    assert Config(windows=5000).windows == 5000
    with pytest.raises(InvalidInput, match=r"at most 4957 windows .* or free_run"):
        Config(windows=5000, free_run=50, points=11)  # (130 000 - 50 · 11 · 2) / (11 + 15)


@pytest.mark.parametrize("phase", [math.pi / 2, -math.pi / 2, 3 * math.pi / 2, 1.5])
def test_free_run_is_refused_for_a_phase_without_cosine(phase):
    with pytest.raises(InvalidInput, match=r"phase: .*free_run to 0"):
        tiny(phase=phase)
    assert windows(run(tiny(phase=phase, free_run=0)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("points", 1), ("points", 201), ("windows", 0), ("bptt_windows", 1), ("bptt_windows", 21), ("free_run", 51),
        ("noise", -0.1), ("phase", 7.0), ("memory", "both"), ("hidden_size", 257), ("learning_rate", math.nan),
    ],
)  # fmt: skip
def test_value_out_of_range_is_refused(name, value):
    with pytest.raises(InvalidInput, match=f"^{name}: "):
        tiny(**{name: value})


# data


def test_the_first_windows_by_hand():
    first, second = windows(run(Config(points=3, windows=2, free_run=0)))
    assert first.t.tolist() == pytest.approx([0.0, math.pi / 2, math.pi])
    assert first.input.tolist() == pytest.approx([0.0, 1.0, 0.0], abs=1e-12)
    assert first.target.tolist() == pytest.approx([1.0, 0.0, -1.0], abs=1e-12)
    assert second.t.tolist() == pytest.approx([math.pi, 1.5 * math.pi, 2 * math.pi])
    assert second.input.tolist() == pytest.approx([0.0, -1.0, 0.0], abs=1e-12)
    assert second.target.tolist() == pytest.approx([-1.0, 0.0, 1.0], abs=1e-12)


def test_the_tutorials_first_window_by_hand():
    # 10 samples, both ends included: steps of π/9 = 20°; sin 20° = 0.34202, cos 20° = 0.93969
    first = windows(run(Config(windows=1, free_run=0)))[0]
    assert len(first.t) == 10
    assert first.t[1] == pytest.approx(0.3490659)
    assert first.input[[0, 1, 9]].tolist() == pytest.approx([0.0, 0.3420201, 0.0], abs=1e-7)
    assert first.target[[0, 1, 9]].tolist() == pytest.approx([1.0, 0.9396926, -1.0], abs=1e-7)


def test_the_phase_shifts_the_target():
    t, target = window_of(tiny(phase=math.pi), 3)
    assert t[0] == pytest.approx(2 * math.pi)
    assert target == pytest.approx(-np.cos(t))


def test_noise_is_on_the_input_and_the_same_for_all_memories():
    noisy = list(compare(tiny(noise=0.3, points=40)))
    inputs = {memory: np.concatenate([w.input for w in windows(noisy, memory)]) for memory in MEMORIES}
    assert np.array_equal(inputs["carried"], inputs["reset"])
    assert np.array_equal(inputs["carried"], inputs["bptt"])
    t = np.concatenate([w.t for w in windows(noisy, "carried")])
    assert 0.2 < np.std(inputs["carried"] - np.sin(t)) < 0.4
    assert np.concatenate([w.target for w in windows(noisy, "carried")]) == pytest.approx(np.cos(t))
    assert dicts(compare(tiny(noise=0.3, points=40))) == dicts(noisy)
    other = np.concatenate([w.input for w in windows(run(tiny(noise=0.3, points=40, seed=4)))])
    assert not np.array_equal(other, inputs["carried"])


# events


def test_events_of_a_comparison():
    events = list(compare(tiny()))
    started, finished = events[0], events[-1]
    assert isinstance(started, Started)
    assert (started.memories, started.windows, started.points, started.free_run) == (MEMORIES, 7, 5, 2)
    assert started.parameters == 6 + 36 + 12 + 7
    turns = [(type(e), e.window, e.memory) for e in events[1:-1]]
    expected = [(Window, window, memory) for window in range(1, 8) for memory in MEMORIES]
    assert turns == expected + [(FreeRun, window, memory) for window in (8, 9) for memory in MEMORIES]
    assert isinstance(finished, Finished)
    for memory, mean_loss in zip(MEMORIES, finished.mean_losses, strict=True):
        losses = [w.loss for w in windows(events, memory)]
        assert mean_loss == windows(events, memory)[-1].mean_loss == pytest.approx(np.mean(losses))
    for memory, mean_error in zip(MEMORIES, finished.mean_errors, strict=True):
        assert mean_error == pytest.approx(np.mean([alone.error for alone in free_runs(events, memory)]))
    assert list(run(tiny(free_run=0)))[-1].mean_errors == ()


def test_single_memory_gives_the_numbers_of_the_comparison():
    together = dicts(compare(tiny()))[1:-1]
    for memory in MEMORIES:
        alone = dicts(run(tiny(memory=memory)))
        assert alone[0][1]["memories"] == [memory]
        assert alone[1:-1] == [event for event in together if event[1]["memory"] == memory]


def test_numbers_of_a_window():
    losses = []
    for window in windows(run(tiny(windows=25))):
        assert window.loss == pytest.approx(np.mean((window.prediction - window.target) ** 2), rel=1e-5)
        losses.append(window.loss)
        assert window.mean_loss == pytest.approx(np.mean(losses[-LAST:]))
    for alone in free_runs(run(tiny())):
        assert alone.error == pytest.approx(np.mean((alone.prediction - alone.target) ** 2))


def test_events_are_frozen_plain_data_and_their_rows_short():
    for event in compare(tiny(noise=0.1)):
        for value in (getattr(event, item.name) for item in dataclasses.fields(event)):
            assert type(value) in (int, float, str, tuple, np.ndarray)
        with pytest.raises(dataclasses.FrozenInstanceError):
            event.window = 0
        if isinstance(event, Wave):
            row = event.to_dict()
            assert row["prediction"] == [round(float(value), 4) for value in event.prediction]
            assert row["t"] == pytest.approx(event.t, abs=5e-5)


def test_the_same_seed_gives_the_same_events_and_global_randomness_is_left_alone():
    before = torch.random.get_rng_state()
    assert dicts(compare(tiny())) == dicts(compare(tiny()))
    assert dicts(run(tiny())) != dicts(run(tiny(seed=4)))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_closing_stops_within_a_window(monkeypatch):
    learned = Counter()
    learn = Learner.learn
    monkeypatch.setattr(Learner, "learn", lambda self, *data: learned.update(["window"]) or learn(self, *data))
    events = compare(tiny(windows=100))
    for count in range(5):  # the first event is Started
        assert learned["window"] == max(0, count - 1)
        next(events)
    events.close()
    assert learned["window"] == 4


def test_number_that_is_not_finite_ends_the_run(monkeypatch):
    def broken(config, memory):
        learner = make_learner(config, memory)
        if memory == "reset":
            learner.model.output.bias.data.fill_(math.nan)
        return learner

    monkeypatch.setattr(sine, "make_learner", broken)
    events = list(compare(tiny()))
    assert [type(event) for event in events] == [Started, Window, WindowDiverged]
    assert (events[-1].window, events[-1].memory) == (1, "reset")


# memories


@pytest.mark.parametrize("model", MODELS)
def test_scratch_and_torch_give_the_same_events(model):
    ours, theirs = (list(compare(tiny(model=model, implementation=name))) for name in ("scratch", "torch"))
    for one, other in zip(ours[1:-1], theirs[1:-1], strict=True):
        assert (type(one), one.window, one.memory) == (type(other), other.window, other.memory)
        assert one.prediction == pytest.approx(other.prediction, abs=1e-4)
    assert ours[-1].mean_losses == pytest.approx(theirs[-1].mean_losses, rel=1e-3)


def plain_losses(config, memory):
    """The tutorial's loop with torch.nn.RNN, written out once more, and its two variants."""
    initial = make_learner(config, memory).model.state_dict()
    rnn = torch.nn.RNN(1, config.hidden_size, batch_first=True)
    out = torch.nn.Linear(config.hidden_size, 1)
    rnn.load_state_dict({name.split(".")[1]: value for name, value in initial.items() if "recurrent" in name})
    out.load_state_dict({name.split(".")[1]: value for name, value in initial.items() if "output" in name})
    optimizer = torch.optim.Adam([*rnn.parameters(), *out.parameters()], lr=config.learning_rate)
    losses, inputs = [], []
    start = first_end = torch.zeros(1, 1, config.hidden_size)
    for step in range(config.windows):
        t = np.linspace(step * np.pi, (step + 1) * np.pi, config.points)
        x, y = (torch.tensor(f(t), dtype=torch.float32).reshape(1, -1, 1) for f in (np.sin, np.cos))
        if memory == "bptt":  # one sequence as long as the gradient, from the state at its beginning
            inputs = [*inputs, x]
            if len(inputs) > config.bptt_windows:
                start = first_end.detach()
                inputs = inputs[1:]
            first_end = rnn(inputs[0], start)[1]
            hidden = rnn(torch.cat(inputs, dim=1), start)[0][:, -config.points :]
        else:
            hidden, end = rnn(x, start)
            start = end.detach() if memory == "carried" else torch.zeros_like(end)
        loss = ((out(hidden) - y) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("memory", MEMORIES)
def test_the_losses_are_those_of_a_plain_loop(memory):
    config = tiny(memory=memory, windows=12, bptt_windows=3, learning_rate=0.01)
    expected = plain_losses(config, memory)
    assert [w.loss for w in windows(run(config))] == pytest.approx(expected, rel=1e-3)
    assert expected[-1] < expected[0]


def test_the_memories_differ_from_the_second_window_on():
    events = list(compare(tiny(windows=3)))
    carried, reset, bptt = ([w.prediction.tolist() for w in windows(events, memory)] for memory in MEMORIES)
    assert carried[0] == reset[0] == bptt[0]
    assert carried[1] != reset[1]
    assert carried[2] != bptt[2]
    assert bptt[2] != reset[2]


def test_a_gradient_through_one_window_is_the_carried_memory():
    config = tiny()
    carried = make_learner(config, "carried")
    bptt = Learner(config, carries=True, depth=1)
    for window in range(1, 5):
        t, target = window_of(config, window)
        (ours, loss), (theirs, other) = (learner.learn(np.sin(t), target) for learner in (carried, bptt))
        assert np.array_equal(ours, theirs)
        assert loss == other


@pytest.mark.parametrize("model", MODELS)
def test_the_gradient_runs_back_through_exactly_so_many_windows(model):
    """Compare with one long sequence under autograd, detached at the right place, and at wrong ones."""
    config, depth, last = tiny(model=model, bptt_windows=3), 3, 6
    learner = make_learner(config, "bptt")
    sines = [np.sin(window_of(config, window)[0]) for window in range(1, last + 1)]
    target = as_sequence(window_of(config, last)[1])
    for heard in sines:
        prediction = learner.read(heard)  # without updates, so the state at every cut is the one of these weights
    names = [name for name, _ in learner.model.named_parameters()]

    def gradients(answer):
        loss = ((answer - target) ** 2).mean()
        return torch.autograd.grad(loss, list(learner.model.parameters()))

    def unrolled(through):
        with torch.no_grad():
            state = learner.model(as_sequence(np.concatenate(sines[: last - through])))[1]
        answer, _ = learner.model(as_sequence(np.concatenate(sines[last - through :])), state)
        return gradients(answer[:, -config.points :])

    found = gradients(prediction)
    for name, ours, theirs in zip(names, found, unrolled(depth), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6, msg=name)
    recurrent = names.index("recurrent.weight_hh_l0")
    for other in (depth - 1, depth + 1):
        assert not torch.allclose(found[recurrent], unrolled(other)[recurrent], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_memory_lowers_the_loss(seed):
    finished = list(compare(Config(seed=seed, windows=150, free_run=0)))[-1]
    carried, reset, bptt = finished.mean_losses
    assert carried < reset / 4
    assert bptt < reset / 20
    assert reset > loss_floor(Config())


@pytest.mark.parametrize("model", ["gru", "lstm"])
def test_memory_helps_gated_layers_as_well(model):
    finished = list(compare(Config(model=model, windows=150, free_run=0)))[-1]
    assert max(finished.mean_losses[0], finished.mean_losses[2]) < finished.mean_losses[1] / 4


def test_the_floor_by_hand():
    # ten samples, of which the first may be 1 or -1: the best answer is 0, a squared error of 1 in ten
    assert loss_floor(Config()) == pytest.approx(0.1)
    assert loss_floor(Config(points=2)) == pytest.approx(1.0)
    assert loss_floor(Config(phase=math.pi / 3)) == pytest.approx(0.025)  # cos² 60° = 1/4
    assert loss_floor(Config(phase=math.pi / 2, free_run=0)) == pytest.approx(0.0)


# free run


class Oracle:
    """A model that predicts the target cos(t + φ) at each time, plus an error."""

    def __init__(self, times, phase, error=0.0):
        self.answers = iter(np.cos(np.asarray(times) + phase) + error)

    def __call__(self, x, state):
        return torch.tensor([[[next(self.answers)]]], dtype=torch.float64), state


def alone(config, count, error=0.0):
    """Return times, inputs and predictions of an oracle's first windows after three of training."""
    learner = make_learner(config, "carried")
    learner.last_input = 0.0  # sin 3π
    spans = [window_of(config, 4 + k)[0] for k in range(count)]
    learner.model = Oracle(np.concatenate(spans), config.phase, error)
    return [(t, *learner.free_run(t)) for t in spans]


@settings(max_examples=40, deadline=None)
@given(st.floats(-1.4, 1.4) | st.floats(1.8, 4.5), st.integers(3, 12))
def test_free_run_of_an_oracle_is_the_true_sine(phase, points):
    ((t, heard, said),) = alone(Config(phase=phase, points=points), 1)
    assert heard == pytest.approx(np.sin(t), abs=1e-6)
    assert said == pytest.approx(np.cos(t + phase), abs=1e-6)


def test_oracle_free_run_continues_the_sine_across_windows():
    for t, heard, _ in alone(Config(), 5):
        assert heard == pytest.approx(np.sin(t), abs=1e-9)


def test_the_rotation_by_hand():
    # three points: steps of π/2, so a prediction is the next input; between two windows there is no step.
    # Predicted is cos t + 0.25 at 3π, 3.5π, 4π, and again at 4π, 4.5π, 5π: -0.75, 0.25, 1.25, 1.25, 0.25, -0.75
    (_, first, _), (_, second, _) = alone(Config(points=3), 2, error=0.25)
    assert first.tolist() == pytest.approx([0.0, -0.75, 0.25])
    assert second.tolist() == pytest.approx([0.25, 1.25, 0.25])


def test_free_run_input_is_clipped():
    parts = alone(Config(phase=1.47, points=200), 3, error=1.0)
    assert max(np.abs(heard).max() for _, heard, _ in parts) == MAX_FREE_INPUT


def test_free_run_starts_from_the_last_input():
    events = list(compare(tiny(noise=0.2)))
    for memory in MEMORIES:
        assert free_runs(events, memory)[0].input[0] == pytest.approx(windows(events, memory)[-1].input[-1])


def test_free_run_errors_of_the_default_rank_the_memories():
    """In every window; with a carried state the error grows visibly."""
    events = list(compare(Config()))
    carried, reset = ([e.error for e in free_runs(events, memory)] for memory in ("carried", "reset"))
    assert len(carried) == 10
    assert carried == sorted(carried)
    assert carried[0] < 0.02 < 0.2 < carried[-1]
    assert all(here < other / 2 for here, other in zip(carried, reset, strict=True))
    means = dict(zip(MEMORIES, events[-1].mean_errors, strict=True))
    assert means["bptt"] < means["carried"] / 10
    assert means["carried"] < means["reset"] / 5


def test_free_run_of_a_resetting_network_begins_each_window_at_zero():
    config = tiny(memory="reset")
    learner = make_learner(config, "reset")
    t, target = window_of(config, 1)
    learner.learn(np.sin(t), target)
    said = []
    for _ in range(2):
        learner.last_input = 0.5
        said.append(learner.free_run(t)[1].tolist())
    assert said[0] == said[1]
