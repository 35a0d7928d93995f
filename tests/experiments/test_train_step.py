"""Captured training has the curve of plain training; tested without a GPU."""

import itertools
import logging
from dataclasses import replace

import pytest
import torch

from rnnlab import limits
from rnnlab.devices import choose_device, classify_device_error, describe_device
from rnnlab.experiments.language_model import (
    Config,
    Diverged,
    Epoch,
    Started,
    Step,
    Trainer,
    checkpointing,
    cuda_graph,
    device_fallback,
)
from rnnlab.experiments.language_model.cuda_graph import CapturedStep, make_step, parts
from rnnlab.experiments.language_model.train_step import TrainingStep
from rnnlab.recurrent import input_projection

TEXT = "one fish two fish red fish blue fish " * 4
TINY = {
    "corpus": "own", "hidden_size": 6, "embedding_size": 3, "batch_size": 4, "num_steps": 5, "held_out": 0.0,
    "epochs": 4, "sample_every": None, "learning_rate": 0.0625,  # exact in single precision, as on the device
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch):
    """Compute on the CPU, also where there is a GPU."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


def tiny(**changes):
    return Config(**TINY | changes)


class RepeatingCapturer:
    """Captures nothing: a replay calls `launch` again, and checks that all tensors of a graph would be in place."""

    def __init__(self, trainer):
        self.trainer, self.warm_ups, self.replays = trainer, 0, 0

    def addresses(self):
        step = self.trainer.learn
        moments = [t for kept in step.optimizer.state.values() for t in kept.values()]
        return [t.data_ptr() for t in [*step.model.parameters(), *moments, step._rate]]

    def warm_up(self, launch):
        self.warm_ups += 1
        launch()

    def capture(self, launch):
        recorded, buffers = self.addresses(), launch.args[0]
        recorded_buffers = [t.data_ptr() for t in (buffers.x, buffers.y, buffers.numbers, *parts(buffers.state))]

        def replay():
            self.replays += 1
            assert self.addresses() == recorded
            found = [t.data_ptr() for t in (buffers.x, buffers.y, buffers.numbers, *parts(buffers.state))]
            assert found == recorded_buffers
            launch()

        return replay


def captured(config, capturer=RepeatingCapturer):
    trainer = Trainer(config, TEXT)
    trainer.learn = CapturedStep(trainer.model, trainer.optimizer, capturer(trainer), clip_by=config.clip_by)
    return trainer


def curve(events):
    return [(type(e).__name__, e.perplexity, e.grad_norm) for e in events if isinstance(e, Step | Epoch)]


RECIPES = [
    {"model": model, "implementation": implementation, "optimizer": optimizer, "sampling": sampling, "state": state}
    for model, implementation in itertools.product(("rnn", "gru", "lstm"), ("scratch", "torch"))
    for optimizer, sampling, state in [
        ("sgd", "random", "reset"),
        ("adam", "sequential", "carried"),
        ("adam", "sequential", "reset"),
        ("sgd", "sequential", "carried-across-epochs"),
    ]
] + [
    {"encoding": "one-hot", "implementation": "scratch", "random_offset": True, "num_layers": 2},
    {"implementation": "scratch", "bidirectional": True, "reset_after": False, "grad_clip": None},
    {"implementation": "scratch", "optimizer": "rmsprop", "momentum": 0.5, "schedule": "step"},
    {"implementation": "scratch", "optimizer": "sgd", "momentum": 0.5, "weight_decay": 0.125, "clip_by": "value"},
    {
        "implementation": "scratch",
        "optimizer": "adamw",
        "weight_decay": 0.125,
        "tie_weights": True,
        "embedding_size": 6,
    },
    {"implementation": "scratch", "biases": "one", "num_layers": 2},
]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: "-".join(map(str, recipe.values())))
def test_replayed_training_has_the_same_curve_as_plain_training(recipe):
    expected = Trainer(tiny(**recipe), TEXT)
    trainer = captured(tiny(**recipe))
    assert curve(trainer.events()) == curve(expected.events())
    for name, weight in expected.latest.weights.items():
        assert torch.equal(trainer.latest.weights[name], weight), name
    assert trainer.learn.capturer.warm_ups == cuda_graph.WARMUP_STEPS
    assert trainer.learn.capturer.replays > 3 * 7


@pytest.mark.parametrize("encoding", ["one-hot", "embedding"])
@pytest.mark.parametrize("model", ["rnn", "gru", "lstm"])
def test_operations_of_a_minibatch_depend_on_no_tensor_value(model, encoding, monkeypatch):
    def minibatch():
        trainer = Trainer(tiny(model=model, encoding=encoding, implementation="scratch", optimizer="sgd"), TEXT)
        x, y = next(trainer._batches())
        told, _ = trainer.learn.train(x, y, None, 1.0)
        return [told, *(parameter.detach() for parameter in trainer.model.parameters())]

    def refuse(*_, **__):
        raise AssertionError("a CUDA graph cannot record this")

    expected = minibatch()  # as on a CPU
    train = TrainingStep.train

    def as_recorded(*given):
        with monkeypatch.context() as patch:
            for name in ("item", "tolist", "nonzero", "unique", "__bool__", "__int__", "__float__"):
                patch.setattr(torch.Tensor, name, refuse)
            return train(*given)

    monkeypatch.setattr(input_projection, "distinct_is_cheap", lambda ids: False)
    monkeypatch.setattr(TrainingStep, "train", as_recorded)
    for mine, other in zip(minibatch(), expected, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("state", ["carried", "carried-across-epochs"])
def test_restoring_a_checkpoint_keeps_the_graph(optimizer, state):
    config = tiny(model="lstm", optimizer=optimizer, state=state)
    expected = [item for item in curve(Trainer(config, TEXT).events()) if item[0] == "Epoch"]
    trainer, seen = captured(config), []
    for _ in range(5):  # closed in the middle of each epoch, the first one included: that begins anew
        events = trainer.events()
        for number, event in enumerate(events):
            seen += curve([event]) if isinstance(event, Epoch) else []
            if number == 12:
                break
        events.close()
    assert seen == expected
    assert trainer.learn.capturer.warm_ups == cuda_graph.WARMUP_STEPS


def test_restoring_a_checkpoint_before_the_first_update_keeps_the_graph():
    trainer = captured(tiny())
    events = trainer.events()
    for _ in range(7):
        next(events)
    events.close()  # in the first epoch: the optimizer has no tensors to go back to
    assert curve(trainer.events()) == curve(Trainer(tiny(), TEXT).events())


def test_the_learning_rate_changes_while_it_runs():
    def changed(trainer):
        for event in trainer.events():
            if isinstance(event, Step) and (event.epoch, event.step) == (2, 3):
                trainer.change(learning_rate=0.5)
            yield event

    for optimizer in ("sgd", "adam"):
        config = tiny(optimizer=optimizer)
        expected = curve(changed(Trainer(config, TEXT)))
        assert curve(changed(captured(config))) == expected
        assert expected != curve(Trainer(config, TEXT).events())


def test_divergence_restores_the_last_finite_weights():
    config = tiny(learning_rate=2.0**20, epochs=50, optimizer="sgd", grad_clip=None, model="rnn")
    expected, found = (list(trainer.events())[-1] for trainer in (Trainer(config, TEXT), captured(config)))
    assert isinstance(found, Diverged)
    assert found == expected


def batch(trainer, size, steps=5):
    generator = torch.Generator().manual_seed(size)
    x = torch.randint(len(trainer.vocab), (size, steps + 1), generator=generator)
    return x[:, :-1], x[:, 1:]


def test_each_shape_has_a_graph_up_to_a_maximum():
    trainer, other = captured(tiny()), Trainer(tiny(), TEXT)
    sizes = [*range(1, limits.MAX_CUDA_GRAPHS + 3)] * 2
    for size in sizes:
        x, y = batch(trainer, size)
        assert trainer.learn(x, y, None, 1.0)[:2] == other.learn(x, y, None, 1.0)[:2]
    assert [shape for shape, _ in trainer.learn.buffers] == [(size, 5) for size in range(1, 5)]


def test_captured_step_accepts_its_own_state_a_copy_or_another():
    trainer, other = captured(tiny(model="lstm")), Trainer(tiny(model="lstm"), TEXT)
    x, y = batch(trainer, 4)
    kept = None
    for way in ["none", "own", "own", "own", "own", "none", "other", "own"]:
        mine = {"none": None, "own": kept and kept[0], "other": (torch.ones(1, 4, 6), torch.zeros(1, 4, 6))}[way]
        theirs = kept[1] if way == "own" else mine
        *found, state = trainer.learn(x, y, mine, 1.0)
        *expected, after = other.learn(x, y, theirs, 1.0)
        assert found == expected
        assert all(torch.equal(a, b) for a, b in zip(state, after, strict=True))
        kept = state, after


class RefusingRecorder(RepeatingCapturer):
    def capture(self, launch):
        raise RuntimeError("operation not permitted when stream is capturing")


def test_failed_capture_is_logged_and_training_continues_uncaptured(caplog):
    with caplog.at_level(logging.WARNING):
        found = curve(captured(tiny(), RefusingRecorder).events())
    assert found == curve(Trainer(tiny(), TEXT).events())
    assert caplog.text.count("event=not_captured") == 1


def test_captured_step_is_used_for_scratch_layers_on_a_gpu_without_dropout(monkeypatch):
    trainer = Trainer(tiny(implementation="scratch"), TEXT)
    assert type(trainer.learn) is TrainingStep
    monkeypatch.setattr(torch.Tensor, "is_cuda", property(lambda _: True))
    for changes, kind in [
        ({"implementation": "scratch"}, CapturedStep),
        ({"implementation": "torch"}, TrainingStep),
        ({"implementation": "scratch", "dropout": 0.1}, TrainingStep),
        ({"implementation": "scratch", "embedding_dropout": 0.1}, TrainingStep),
    ]:
        model = Trainer(tiny(**changes), TEXT).model
        assert type(make_step(model, trainer.optimizer)) is kind


# a device that fails


class FailingStep:
    """Fails at its tenth minibatch, the third of the second epoch."""

    def __init__(self, step, error):
        self.step, self.error, self.calls = step, error, 0

    def __call__(self, *minibatch):
        self.calls += 1
        if self.calls == 10:
            raise self.error
        return self.step(*minibatch)


OUT_OF_MEMORY = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
LOST = torch.AcceleratorError("CUDA error: an illegal memory access was encountered")


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (OUT_OF_MEMORY, "memory"),
        (LOST, "lost"),
        (RuntimeError("cuDNN error: X"), "lost"),
        (RuntimeError("Low-level CUDA init (torch._C._cuda_init) reached"), "lost"),
        (AssertionError("Torch not compiled with CUDA enabled"), "lost"),
        (AttributeError("module 'torch._C' has no attribute '_cuda_setStream'"), "lost"),
        (OSError("libnvrtc.so.13: cannot open shared object file"), "lost"),
    ],
)
def test_run_continues_on_the_cpu_when_its_device_fails(error, trouble):
    config = tiny(dropout=0.2, state="carried-across-epochs", sampling="random")
    expected = curve(Trainer(config, TEXT).events())
    trainer = Trainer(config, TEXT)
    failing = trainer.learn = FailingStep(trainer.learn, error)
    events = list(trainer.events())
    first, second = (number for number, event in enumerate(events) if isinstance(event, Started))
    assert (events[first].device_trouble, events[second].device_trouble) == ("", trouble)
    assert (events[second].first_epoch, second) == (2, 1 + 7 + 1 + 2)
    assert trainer.device.type == "cpu"
    assert trainer.learn is not failing
    assert curve(events[:9]) + curve(events[second:]) == expected


def test_a_second_failure_and_one_that_is_not_the_devices_are_raised():
    trainer = Trainer(tiny(), TEXT)
    trainer.learn = FailingStep(trainer.learn, RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    with pytest.raises(RuntimeError, match="mat1"):
        list(trainer.events())
    trainer = Trainer(tiny(), TEXT)
    trainer.device_trouble = "lost"
    trainer.learn = FailingStep(trainer.learn, OUT_OF_MEMORY)
    with pytest.raises(torch.OutOfMemoryError):
        list(trainer.events())


def test_a_model_that_does_not_fit_on_the_device_is_built_on_the_cpu(monkeypatch):
    expected = curve(Trainer(tiny(), TEXT).events())
    make, errors = cuda_graph.make_step, [OUT_OF_MEMORY]

    def scarce(*arguments, **options):
        if errors:
            raise errors.pop()
        return make(*arguments, **options)

    monkeypatch.setattr("rnnlab.experiments.language_model.trainer.make_step", scarce)
    trainer = Trainer(tiny(), TEXT)
    events = list(trainer.events())
    assert events[0].device_trouble == "memory"
    assert curve(events) == expected


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here, which computes")
def test_gpu_that_is_available_but_unusable_falls_back_to_the_cpu_with_a_note(monkeypatch):
    """A GPU as on a Space that lends it per call: it is available, but every use of it fails."""
    expected = curve(Trainer(tiny(), TEXT).events())
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    for device in ("auto", "cuda"):
        trainer = Trainer(tiny(), TEXT, device=device)
        events = list(trainer.events())
        assert (events[0].device_trouble, trainer.device.type) == ("lost", "cpu")
        assert curve(events) == expected
    assert describe_device(choose_device()).startswith("CPU"), "the server starts and says what it has"
    assert Trainer(tiny(), TEXT, device="cpu").device_trouble == ""


def test_gpu_whose_query_fails_falls_back_to_the_cpu_with_a_note(monkeypatch):
    def unasked():
        raise RuntimeError("Low-level CUDA init reached")

    monkeypatch.setattr(torch.cuda, "is_available", unasked)
    assert choose_device().type == "cpu"
    assert next(Trainer(tiny(), TEXT).events()).device_trouble == "lost"


def test_unknown_error_counts_as_the_gpus_but_is_raised_on_the_cpu():
    """An error of another cause fails on the CPU once more, and is raised then."""
    unknown = RuntimeError("device-side assert triggered")
    assert classify_device_error(unknown, torch.device("cuda")) == "lost"
    assert classify_device_error(unknown, torch.device("cpu")) == classify_device_error(unknown) == ""
    assert classify_device_error(ValueError("CUDA"), torch.device("cuda")) == "", "no error of a device"


def without_room(monkeypatch):
    """The device has no room for the next checkpoint."""
    restore, errors = checkpointing.restore, [OUT_OF_MEMORY]

    def scarce(trainer, checkpoint):
        if errors:
            trainer.optimizer.state.clear()  # as far as the failed snapshot got
            raise errors.pop()
        restore(trainer, checkpoint)

    for module in (checkpointing, device_fallback):
        monkeypatch.setattr(module, "restore", scarce)
    return errors


def test_a_checkpoint_that_does_not_fit_on_the_device_is_resumed_on_the_cpu(monkeypatch):
    config = tiny(state="carried-across-epochs", dropout=0.2)
    whole, half = Trainer(config, TEXT), Trainer(replace(config, epochs=2), TEXT)
    expected = curve(whole.events())
    begun = curve(half.events())
    errors = without_room(monkeypatch)
    trainer = Trainer(config, TEXT, checkpoint=half.latest)
    assert errors == []
    events = list(trainer.events())
    assert (events[0].device_trouble, events[0].first_epoch) == ("memory", 3)
    assert begun + curve(events) == expected


def test_epoch_that_does_not_fit_on_the_device_is_repeated_on_the_cpu(monkeypatch):
    config = tiny(dropout=0.2)
    trainer = Trainer(config, TEXT)
    events = trainer.events()
    begun = curve(itertools.islice(events, 1 + 7 + 1 + 3))  # into the second epoch
    events.close()
    without_room(monkeypatch)
    events = list(trainer.events())
    assert (events[0].device_trouble, events[0].first_epoch) == ("memory", 2)
    assert begun[:8] + curve(events) == curve(Trainer(config, TEXT).events())


def test_divergence_on_a_full_device_restores_the_weights_on_the_cpu(monkeypatch):
    config = tiny(learning_rate=2.0**20, epochs=50, optimizer="sgd", grad_clip=None, model="rnn")
    expected = list(Trainer(config, TEXT).events())[-1]
    trainer = Trainer(config, TEXT)
    without_room(monkeypatch)
    assert list(trainer.events())[-1] == expected
    assert trainer.device_trouble == "memory"
    assert all(weight.isfinite().all() for weight in trainer.model.parameters())


def test_device_lost_during_a_snapshot_costs_only_that_epoch(monkeypatch):
    config, errors = tiny(dropout=0.2), []
    expected = curve(Trainer(config, TEXT).events())
    snapshot = checkpointing.snapshot

    def lossy(trainer):
        if errors:
            raise errors.pop()
        return snapshot(trainer)

    monkeypatch.setattr("rnnlab.experiments.language_model.trainer.snapshot", lossy)
    trainer = Trainer(config, TEXT)
    errors.append(LOST)
    events = list(trainer.events())
    second = next(number for number, event in enumerate(events) if isinstance(event, Started) and number)
    assert (events[second].device_trouble, events[second].first_epoch, second) == ("lost", 1, 1 + 7)
    assert curve(events[second:]) == expected
    assert [row["epoch"] for row in trainer.history] == [1, 2, 3, 4]
