"""The surprise over a run's text after any of its epochs."""

import numpy as np
import pytest

from rnnlab import limits
from rnnlab.experiments.language_model import Config, Trainer
from rnnlab.experiments.language_model.recording import Recorder, Recording, replay
from rnnlab.experiments.language_model.surprise_at import (
    PARTS,
    SurpriseText,
    instead,
    measure_surprise,
    nearest_epoch,
    nearest_model,
    surprise_at,
)
from rnnlab.validation import InvalidInput

TEXT = "one fish two fish\nred fish blue fish\n" * 40
TINY = {
    "corpus": "own", "hidden_size": 12, "embedding_size": 6, "batch_size": 4, "num_steps": 10, "epochs": 5,
    "held_out": 0.3, "sample_every": None, "learning_rate": 0.02,
}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A recorded run: its recording, its corpus, and its last state."""
    recording = Recording(tmp_path_factory.mktemp("run") / "recording")
    recorder = Recorder(recording)
    trainer = Trainer(Config(**TINY), TEXT, recorder=recorder)
    for _ in trainer.events():
        pass
    recorder.wait()
    return recording, SurpriseText(trainer.corpus), trainer.latest


def test_measured_epochs_come_as_recorded_and_others_from_their_weights(run):
    recording, text, _ = run
    found = [surprise_at(recording, text, epoch) for epoch in range(6)]
    assert [surprise.source for surprise in found] == [
        "recorded",
        "recorded",
        "rounded",
        "rounded",
        "recorded",
        "rounded",
    ]
    assert [surprise.epoch for surprise in found] == list(range(6))
    means = [surprise.mean_bits("training") for surprise in found]
    assert means == sorted(means, reverse=True), "it learns"
    assert means[0] == pytest.approx(np.log2(len(text.vocab)), abs=0.5), "untrained, it guesses"


def test_rounded_weights_give_the_bits_of_the_exact_ones_within_a_tenth(run):
    recording, text, _ = run
    for epoch in (1, 3, 5):
        exact = measure_surprise(replay(recording, epoch, TEXT).build_model(), text, epoch, "exact")
        shown = surprise_at(recording, text, epoch)
        for part in PARTS:
            assert np.nanmax(np.abs(exact.bits[part] - shown.bits[part])) < 0.1
            assert np.isnan(shown.bits[part]).nonzero()[0].tolist() == [0]


def test_the_parts_are_the_texts_that_were_trained_on_and_held_out(run):
    _, text, latest = run
    whole = "".join(text.pieces["training"]) + "".join(text.pieces["held_out"])
    assert whole == TEXT
    assert text.shown("training") == round(len(TEXT) * 0.7)
    odd = SurpriseText(Trainer(Config(**TINY | {"held_out": 0.0}), TEXT).corpus)
    assert (odd.shown("held_out"), list(odd.ids)) == (0, ["training"])
    found = measure_surprise(latest.build_model(), odd, 5, "final")
    assert list(found.bits) == ["training"]


def test_what_was_expected_has_the_bits_of_the_picture(run):
    recording, text, _ = run
    for epoch in (2, 4):  # from weights; as recorded, in tenths of a bit
        surprise = surprise_at(recording, text, epoch)
        model, of = nearest_model(recording, epoch)
        assert of == epoch
        for part in PARTS:
            for place in (1, 30, 211, len(surprise.bits[part]) - 1):
                found = instead(model, text, surprise, part, place)
                assert found.token == text.pieces[part][place]
                assert found.bits == pytest.approx(surprise.bits[part][place], abs=0.06 if epoch == 4 else 1e-3)
                assert sum(p for _, p in found.likeliest) <= 1 + 1e-6
                if found.token == found.likeliest[0][0]:
                    assert found.likeliest[0][1] == pytest.approx(2**-found.bits, rel=1e-4)


def test_places_outside_of_a_part_are_refused(run):
    recording, text, _ = run
    surprise, (model, _) = surprise_at(recording, text, 2), nearest_model(recording, 2)
    for part, place in (("training", 0), ("training", 10**6), ("test", 1)):
        with pytest.raises(InvalidInput):
            instead(model, text, surprise, part, place)


def test_an_epoch_of_which_nothing_is_kept_gives_the_nearest(run, tmp_path):
    recording, text, _ = run
    assert [nearest_epoch(recording, epoch) for epoch in (0, 3, 5, 900)] == [0, 3, 5, 5]
    with pytest.raises(InvalidInput):
        nearest_epoch(Recording(tmp_path / "none"), 1)
    assert surprise_at(recording, text, 900).epoch == 5


def test_no_more_is_shown_than_the_limit_and_it_is_read_alike(run, monkeypatch):
    recording, text, _ = run
    monkeypatch.setattr(limits, "MAX_SURPRISE_TOKENS", 500)
    assert (text.shown("training"), text.shown("held_out")) == (500, 125)
    recorded, rounded = surprise_at(recording, text, 4), surprise_at(recording, text, 3)
    assert {len(s.bits["training"]) for s in (recorded, rounded)} == {500}
    model, _ = nearest_model(recording, 4)
    found = instead(model, text, recorded, "training", 499)
    assert found.bits == pytest.approx(recorded.bits["training"][499], abs=0.06)


def test_a_model_of_words_shows_words_with_the_space_before_them():
    corpus = Trainer(Config(**TINY | {"tokenizer": "words"}), TEXT).corpus
    pieces = SurpriseText(corpus).pieces
    assert pieces["training"][:6] == ("one", " fish", " two", " fish", "\n", "red")
