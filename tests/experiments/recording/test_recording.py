"""A run's memory of itself: what is recorded, what is kept, and the way back to any epoch."""

import json
import math
import threading
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from rnnlab.checkpoints.recorded_epoch import RecordedEpoch, as_bytes, bits_of, surprise_bytes, weights_to_bytes
from rnnlab.experiments.language_model import Config, Epoch, Recorded, Step, Trainer, Untrained
from rnnlab.experiments.language_model.recording import (
    Recorder,
    Recording,
    describe,
    is_measured,
    look,
    model_at,
    replay,
)
from rnnlab.experiments.language_model.recording.spacing import least_needed
from rnnlab.inspection.surprise import surprisal
from rnnlab.validation import InvalidInput

TEXT = "la li lu la le lo\nli la lo lu le la\n" * 12
TINY = Config(
    corpus="own", hidden_size=6, embedding_size=3, batch_size=4, num_steps=5, held_out=0.1, sample_length=8, epochs=6
)
OTHERS = {
    "dropout": {"dropout": 0.3, "embedding_dropout": 0.2, "num_layers": 2},
    "random": {"sampling": "random", "model": "lstm"},
    "offset": {"random_offset": True, "model": "rnn", "optimizer": "sgd", "learning_rate": 0.5},
    "carried": {"state": "carried-across-epochs", "optimizer": "rmsprop", "momentum": 0.5},
    "cosine": {"schedule": "cosine", "implementation": "torch"},
    "plateau": {"schedule": "plateau", "learning_rate": 0.3},
    "shuffled": {"shuffle_text": True, "random_offset": True, "implementation": "scratch"},
    "output": {"trained": "output", "optimizer": "adamw", "weight_decay": 0.1},
    "undetached": {"detach": False, "dropout": 0.2},
    "distance": {"corpus": "distance", "distance": 3, "max_tokens": 500},
}


def weights_of(trainer):
    return {name: tensor.clone() for name, tensor in trainer.latest.weights.items()}


def text_of(config):
    """The text of a run whose text has no name."""
    return TEXT if config.corpus == "own" else None


def test_a_replay_begins_with_a_nearer_state_and_hands_over_those_on_its_way(tmp_path):
    recording, _, weights = recorded_run(tmp_path / "r")
    for state in recording.states:
        (tmp_path / "r" / "recording" / f"state-{state:05d}.safetensors").unlink()
    recording = Recording(tmp_path / "r" / "recording")
    assert recording.states == []
    passed, epochs = [], []
    replay(recording, 3, TEXT, passed=passed.append)
    assert [state.epoch for state in passed] == [1, 2, 3]
    last = replay(
        recording,
        5,
        TEXT,
        nearer=passed[2],
        passed=passed.append,
        progress=lambda done, all_: epochs.append((done, all_)),
    )
    assert epochs == [(1, 2), (2, 2)]
    assert [state.epoch for state in passed] == [1, 2, 3, 4, 5]
    for state in (*passed, last, replay(recording, 3, TEXT, nearer=passed[2]), replay(recording, 2, TEXT, nearer=last)):
        assert equal(state.weights, weights[state.epoch])


def equal(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def recorded_run(folder, config=TINY, max_bytes=10**7):
    """Train and record; return the recording, the trainer, and the weights after each epoch."""
    recording = Recording(folder / "recording", max_bytes)
    recorder, weights = Recorder(recording), {}
    trainer = Trainer(config, text_of(config), device="cpu", recorder=recorder)
    for event in trainer.events():
        if isinstance(event, Epoch):
            weights[event.epoch] = weights_of(trainer)
    recorder.wait()
    return recording, trainer, weights


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    return recorded_run(tmp_path_factory.mktemp("recorded"))


def test_each_epoch_is_recorded_after_its_event(tmp_path):
    recorder = Recorder(Recording(tmp_path / "r"))
    kinds = [
        (type(event), getattr(event, "epoch", None))
        for event in Trainer(replace(TINY, epochs=2), TEXT, device="cpu", recorder=recorder).events()
        if isinstance(event, Untrained | Epoch | Recorded)
    ]
    assert kinds == [(Untrained, 0), (Recorded, 0), (Epoch, 1), (Recorded, 1), (Epoch, 2), (Recorded, 2)]


def test_recording_changes_no_event(recorded):
    _, trainer, _ = recorded
    plain = Trainer(TINY, TEXT, device="cpu")
    for _ in plain.events():
        pass
    assert equal(weights_of(plain), weights_of(trainer))
    without = ("seconds", "tokens_per_second")
    for one, other in zip(plain.history, trainer.history, strict=True):
        assert {k: v for k, v in one.items() if k not in without} == {
            k: v for k, v in other.items() if k not in without
        }


def test_a_row_has_the_songs_and_numbers_of_its_epoch(recorded):
    recording, trainer, _ = recorded
    assert recording.epochs == list(range(7))
    assert recording.epoch(0).row["kind"] == "untrained"
    for row in trainer.history:
        assert recording.epoch(row["epoch"]).row == {"kind": "epoch", **row}


@pytest.mark.parametrize("model", ["rnn", "gru", "lstm"])
def test_the_probe_is_what_the_model_does_recomputed_in_float64(tmp_path, model):
    recording, trainer, _ = recorded_run(tmp_path, replace(TINY, model=model, epochs=2))
    found = recording.epoch(2)
    ids = trainer.corpus.train_ids[:60]
    exact = trainer.model.double().eval()
    with torch.no_grad():
        hidden, _ = exact.read(ids[None])
        log_p = exact.output(hidden)[0].log_softmax(-1)
    assert torch.equal(found.probe["ids"], ids.int())
    assert np.abs(found.activation("l0.h") - hidden[0].numpy()).max() < 2 / 255
    bits = -log_p[:-1].gather(1, ids[1:, None])[:, 0] / math.log(2)
    assert np.isnan(found.probe["surprisal"][0].item())
    assert torch.allclose(found.probe["surprisal"][1:].double(), bits, atol=0.01)
    top = log_p.exp().topk(5).values
    assert torch.allclose(found.probe["probabilities"].double(), top, atol=1e-3)
    assert torch.allclose(log_p.exp().gather(1, found.probe["expected"].long()), top, atol=1e-5)


def test_the_gates_give_the_states(tmp_path):
    for model, gates in {"gru": "rzn", "lstm": "ifgo"}.items():
        recording, *_ = recorded_run(tmp_path / model, replace(TINY, model=model, epochs=1, num_layers=2))
        found = recording.epoch(1)
        for layer in (0, 1):
            h = found.activation(f"l{layer}.h")
            before = np.vstack([np.zeros_like(h[:1]), h[:-1]])
            own = {letter: found.activation(f"l{layer}.{letter}") for letter in gates}
            if model == "gru":
                expected = (1 - own["z"]) * own["n"] + own["z"] * before
            else:
                c = found.activation(f"l{layer}.c")
                kept = own["f"] * np.vstack([np.zeros_like(c[:1]), c[:-1]])
                assert np.abs(kept + own["i"] * own["g"] - c).max() < 0.02 * np.abs(c).max()
                expected = own["o"] * np.tanh(c)
            assert np.abs(expected - h).max() < 0.03


def test_the_surprise_is_measured_at_growing_distances_and_agrees_with_the_model(recorded):
    recording, trainer, _ = recorded
    assert [epoch for epoch in recording.epochs if recording.epoch(epoch).surprise] == [0, 1, 4]
    assert [epoch for epoch in range(300) if is_measured(epoch)] == [0, 1, 4, 16, 64, 256]
    model = replay(recording, 4, TEXT).build_model()
    for part, ids in {"training": trainer.corpus.train_ids, "held_out": trainer.corpus.held_out_ids}.items():
        bits = recording.epoch(4).bits(part)
        assert len(bits) == len(ids)
        assert np.nanmax(np.abs(bits - surprisal(model, ids).numpy())) <= 0.051


def test_kept_weights_are_those_of_the_run_in_half_precision(recorded):
    recording, _, weights = recorded
    for epoch in (1, 3, 6):
        assert equal({k: t.half().float() for k, t in weights[epoch].items()}, recording.weights(epoch))
        assert model_at(recording, epoch).training is False


@pytest.mark.parametrize("name", OTHERS)
def test_any_epoch_is_trained_anew_to_the_last_bit(tmp_path, name):
    config = replace(TINY, **OTHERS[name], epochs=5)
    recording, _, weights = recorded_run(tmp_path, config)
    assert recording.states == [2, 4]
    for epoch in (1, 3, 5):
        assert equal(replay(recording, epoch, text_of(config)).weights, weights[epoch]), epoch


def test_without_a_state_it_is_trained_anew_from_the_seed(recorded):
    recording, _, weights = recorded
    only = Recording(recording.files)
    only._sizes = {key: size for key, size in only._sizes.items() if key[0] == "epoch"}
    told = []
    assert equal(replay(only, 3, TEXT, progress=lambda *done: told.append(done)).weights, weights[3])
    assert told == [(1, 3), (2, 3), (3, 3)]


def changed_run(folder, at):
    """Train with a rate that is changed before minibatch `at` of epoch 2, then longer than planned."""
    recording = Recording(folder / "recording")
    recorder = Recorder(recording)
    trainer = Trainer(replace(TINY, epochs=3, schedule="cosine"), TEXT, device="cpu", recorder=recorder)
    weights = {}
    for event in trainer.events():
        if isinstance(event, Step) and (event.epoch, event.step) == (2, at - 1):
            trainer.change(0.5)
        if isinstance(event, Epoch):
            weights[event.epoch] = weights_of(trainer)
    trainer.extend(2)
    for event in trainer.events():
        if isinstance(event, Epoch):
            weights[event.epoch] = weights_of(trainer)
    recorder.wait()
    return recording, weights


def test_a_changed_rate_and_added_epochs_are_trained_anew_as_they_were(tmp_path):
    recording, weights = changed_run(tmp_path, at=4)
    assert [(epoch, step) for epoch, step, _ in recording.index.changes] == [(1, 1), (2, 4), (4, 1)]
    for kept in recording.states:
        recording._remove("state", kept)
    for epoch in (2, 3, 5):
        assert equal(replay(recording, epoch, TEXT).weights, weights[epoch]), epoch


@pytest.mark.parametrize("at", [1, 3])
def test_a_run_that_was_interrupted_goes_on_recording(tmp_path, at):
    config, folder = replace(TINY, epochs=4, random_offset=True), tmp_path / "recording"
    recorder = Recorder(Recording(folder))
    trainer = Trainer(config, TEXT, device="cpu", recorder=recorder)
    events = trainer.events()
    for event in events:
        if isinstance(event, Step) and (event.epoch, event.step) == (3, at):
            break
    events.close()
    recorder.wait()
    trainer.change(0.05)
    checkpoint = replace(trainer.checkpoint(), config=trainer.config.to_strings())
    recording = Recording(folder)
    assert recording.epochs == [0, 1, 2]
    recorder = Recorder(recording)
    trainer = Trainer(trainer.config, TEXT, device="cpu", checkpoint=checkpoint, recorder=recorder)
    weights = {event.epoch: weights_of(trainer) for event in trainer.events() if isinstance(event, Epoch)}
    recorder.wait()
    assert recording.epochs == [0, 1, 2, 3, 4]
    for kept in recording.states:
        recording._remove("state", kept)
    for epoch in (3, 4):
        assert equal(replay(recording, epoch, TEXT).weights, weights[epoch]), epoch


def test_looking_at_an_epoch_exactly_gives_what_was_recorded(recorded):
    recording, *_ = recorded
    kept, replayed = look(recording, 4, TEXT)
    again, anew = look(recording, 4, TEXT, exact=True)
    assert (replayed, anew) == (False, True)
    assert {**again.row, "kind": "epoch"} == kept.row
    for name in kept.probe:
        assert torch.equal(again.probe[name].nan_to_num(), kept.probe[name].nan_to_num()), name
    assert torch.equal(again.surprise["training"], kept.surprise["training"])


def test_a_file_has_all_and_is_the_same_each_time(recorded, tmp_path):
    recording, _, weights = recorded
    for name in ("a.zip", "b.zip"):
        recording.save(tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    opened = Recording.open(tmp_path / "a.zip")
    assert describe(opened)["epochs"] == list(range(7))
    assert equal(replay(opened, 5, TEXT).weights, weights[5])
    recording.save(tmp_path / "small.zip", without=("weights", "state"))
    small = Recording.open(tmp_path / "small.zip")
    assert (small.weighted, small.states) == ([], [])
    assert small.epoch(3).row == recording.epoch(3).row
    with pytest.raises(InvalidInput, match="not recorded"):
        small.weights(3)


@pytest.mark.parametrize("epoch", [-1, 7, 10**9])
def test_an_epoch_that_there_is_not_is_refused_with_the_range(recorded, epoch):
    with pytest.raises(InvalidInput, match="0 to 6"):
        replay(recorded[0], epoch, TEXT)


def test_another_text_is_refused(recorded):
    with pytest.raises(InvalidInput, match="another text"):
        look(recorded[0], 3, TEXT.replace("lu", "la"), exact=True)


def test_weights_and_states_stay_within_their_room(tmp_path):
    recording, _, weights = recorded_run(tmp_path, replace(TINY, epochs=40, sample_every=None), max_bytes=150_000)
    assert recording.nbytes < 1.1 * 150_000
    assert recording.states, "some"
    assert len({b - a for a, b in pairwise(recording.states)}) == 1, "evenly spaced"
    kept = recording.weighted
    assert (kept[0], kept[-1]) == (0, 40)
    assert 3 < len(kept) < 40
    gaps = np.diff(kept)
    assert gaps[: len(gaps) // 2].mean() < gaps[len(gaps) // 2 :].mean(), "their distances grow"
    assert equal(replay(recording, 33, TEXT).weights, weights[33])


def test_the_least_needed_epoch_is_never_the_first_or_the_last():
    kept = []
    for epoch in range(1000):
        kept.append(epoch)
        if len(kept) > 12:
            gone = least_needed(kept)
            assert gone not in (0, epoch)
            kept.remove(gone)
    ratios = [math.log1p(b) - math.log1p(a) for a, b in pairwise(kept)]
    assert max(ratios) < 3 * np.mean(ratios)


def test_a_disk_that_takes_no_more_ends_the_recording_and_not_the_run(tmp_path, monkeypatch):
    recording = Recording(tmp_path / "r")
    recorder = Recorder(recording)
    trainer = Trainer(TINY, TEXT, device="cpu", recorder=recorder)

    def full(name, content):
        raise OSError(28, "No space left on device")

    for event in trainer.events():
        if isinstance(event, Epoch) and event.epoch == 2:
            recorder.wait()
            monkeypatch.setattr(recording.files, "write", full)
    recorder.wait()
    assert trainer.epoch == TINY.epochs
    assert recording.epochs == []
    assert not (tmp_path / "r").exists()


def test_bytes_of_surprise_and_of_states():
    bits = torch.tensor([math.nan, 0.0, 0.04, 3.33, 25.4, 99.0])
    assert surprise_bytes(bits).tolist() == [255, 0, 0, 33, 254, 254]
    assert bits_of(surprise_bytes(bits).numpy())[1:4].tolist() == pytest.approx([0.0, 0.0, 3.3])
    values = np.array([[-1.0, 0.5, math.inf, math.nan]], np.float32)
    tensor, (low, high) = as_bytes(values[:, :2])
    assert np.abs(low + (high - low) / 255 * tensor.numpy() - values[:, :2]).max() < 1 / 255
    assert as_bytes(values)[0].dtype == torch.uint8


def damaged(recording, tmp_path):
    """Yield files of a recording that somebody has changed."""
    content = recording.epoch(4).to_bytes()
    yield content[:-3]
    yield content[: len(content) // 2]
    yield b"PK\x03\x04"
    yield b""
    for old, new in ((b'\\"epoch\\": 4', b'\\"epoch\\":-4'), (b"surprisal", b"surprisaX"), (b"l0.h", b"l0.X")):
        assert old in content
        yield content.replace(old, new, 1)
    yield weights_to_bytes({"a": torch.zeros(3)})


def test_a_damaged_file_is_refused(recorded, tmp_path):
    for content in damaged(recorded[0], tmp_path):
        with pytest.raises(InvalidInput, match="damaged"):
            RecordedEpoch.from_bytes(content, "epoch-00004.safetensors")
    for place, index in enumerate(
        (b"", b"{}", b"[]", b'{"changes": [[1, 1, {}]]}', json.dumps({"changes": []}).encode())
    ):
        folder = tmp_path / f"index{place}"
        folder.mkdir()
        (folder / "recording.json").write_bytes(index)
        with pytest.raises(InvalidInput, match="damaged"):
            Recording.open(folder)
    recorded[0].save(tmp_path / "bent.zip")
    content = bytearray((tmp_path / "bent.zip").read_bytes())
    content[60:160] = bytes(100)  # within its first member
    (tmp_path / "bent.zip").write_bytes(content)
    bent = Recording.open(tmp_path / "bent.zip")
    with pytest.raises(InvalidInput, match="damaged"):
        bent.epoch(bent.epochs[0])
    (tmp_path / "no.zip").write_bytes(b"not a zip file")
    for path in ("no.zip", "missing.zip"):
        with pytest.raises(InvalidInput, match="no recording"):
            Recording.open(tmp_path / path)


def test_a_run_whose_epochs_are_too_short_leaves_some_out_and_does_not_wait(tmp_path, monkeypatch):
    recording, gate = Recording(tmp_path / "r"), threading.Event()
    write = recording.files.write
    recorder = Recorder(recording, waits=False)

    def slow(name, content):
        assert name == "recording.json" or gate.wait(20)
        write(name, content)

    monkeypatch.setattr(recording.files, "write", slow)
    for _ in Trainer(replace(TINY, epochs=8), TEXT, device="cpu", recorder=recorder).events():
        pass  # it ends although nothing is written
    gate.set()
    recorder.wait()
    assert recording.epochs == [0, 1, 2, 3]
