"""The recorded runs of the tutorials' recipes: they are of the recipes as they are now, and can be made again."""

import math
from dataclasses import replace

import pytest

from rnnlab.experiments.language_model import PRESETS, Config, Epoch, LearnedText, run
from rnnlab.experiments.language_model.copying import copied_of_samples
from rnnlab.experiments.language_model.data import prepare
from rnnlab.experiments.language_model.recording import Recording
from rnnlab.experiments.language_model.recording.rows import ROWS, rows_of
from rnnlab.reproduce.recordings import RECIPES, is_looked_at, record
from rnnlab.resources import RECORDED_CORPUS, SHIPPED_RECORDINGS, resource, shipped_recording
from rnnlab.validation import InvalidInput

MAX_BYTES = 6_000_000  # of all recordings
NOT_RECORDED = {  # the longest ones
    "lstm-scratch-patient",
    "lstm-torch-patient",
}
TINY = Config(model="gru", hidden_size=8, max_tokens=300, batch_size=4, num_steps=10, epochs=3, sample_every=3)


@pytest.fixture(scope="module", params=SHIPPED_RECORDINGS)
def recipe(request):
    return PRESETS[request.param].config(), Recording.open(shipped_recording(request.param))


def test_the_recipes_that_lack_a_recording_are_known():
    assert set(RECIPES) - set(SHIPPED_RECORDINGS) == NOT_RECORDED


def test_the_recordings_are_small_and_no_other_file_is_among_them():
    folder = resource(next(iter(SHIPPED_RECORDINGS.values()))).parent
    assert {path.stem for path in folder.iterdir()} == set(SHIPPED_RECORDINGS)
    assert sum(path.stat().st_size for path in folder.iterdir()) <= MAX_BYTES


def test_a_recording_has_the_settings_of_its_recipe_and_its_text(recipe):
    config, recording = recipe
    assert config.corpus == RECORDED_CORPUS
    assert [Config.from_strings(strings) for *_, strings in recording.index.changes] == [config]
    assert recording.index.text_digest == prepare(config).corpus.text_digest


def test_a_recording_has_every_epoch_and_the_songs(recipe):
    config, recording = recipe
    rows = rows_of(recording)
    epochs = [row for row in rows if row["kind"] == "epoch"]
    assert [row["epoch"] for row in epochs] == list(range(1, config.epochs + 1))
    assert rows[0]["kind"] == "untrained"
    assert len(rows[0]["samples"]) == len(config.sample_prefixes)
    steps = [row for row in rows if row["kind"] == "step"]
    assert len(steps) >= config.epochs
    looked_at = [epoch for epoch in range(config.epochs + 1) if is_looked_at(epoch, config.epochs)]
    sampled = {*looked_at, *range(config.sample_every, config.epochs + 1, config.sample_every)}
    assert recording.epochs == sorted(sampled)
    assert {row["epoch"] for row in (rows[0], *epochs) if row["samples"]} == sampled
    assert all(row["tokens_per_second"] is None and row["seconds"] is None for row in epochs)
    for epoch in looked_at:
        recorded = recording.epoch(epoch)
        assert recorded.row == (rows[0] if epoch == 0 else epochs[epoch - 1])
        assert recorded.probe["l0.h"].shape == (60, config.hidden_size)
        assert len(recorded.bits("training")) == config.max_tokens


def test_what_the_songs_copy_is_counted_in_the_text(recipe):
    config, recording = recipe
    learned = LearnedText(prepare(config).corpus)
    row = recording.epoch(config.epochs).row
    found = copied_of_samples(learned, row["samples"], config.sample_prefixes)
    assert (row["copied_share"], row["longest_copied"]) == (found["copied_share"], found["longest_copied"])


def test_the_surprise_of_the_last_epoch_fits_its_perplexity(recipe):
    """The mean over the text after the epoch, against the mean over its minibatches, each before its update."""
    config, recording = recipe
    first, last = (recording.epoch(epoch).bits("training")[1:].mean() for epoch in (0, config.epochs))
    assert first == pytest.approx(math.log2(len(recording.index.vocab)), rel=0.02)
    assert last < 0.5 * first


def test_the_first_epochs_trained_anew_have_the_recorded_perplexities():
    config = replace(PRESETS["rnn-scratch"].config(), epochs=2, sample_every=None)
    anew = [event.perplexity for event in run(config, device="cpu") if isinstance(event, Epoch)]
    rows = rows_of(Recording.open(shipped_recording("rnn-scratch")))
    recorded = [row["perplexity"] for row in rows if row["kind"] == "epoch"]
    assert anew == pytest.approx(recorded[:2], rel=1e-3)


def test_the_same_recipe_makes_the_same_file(tmp_path):
    paths = [tmp_path / "one.zip", tmp_path / "two.zip"]
    told = [list(record(TINY, path)) for path in paths]
    assert told[0] == told[1]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    recording = Recording.open(paths[0])
    assert (recording.epochs, recording.weighted, recording.states) == ([0, 1, 2, 3], [], [])
    assert [row for row in rows_of(recording) if row["kind"] == "epoch"] == told[0]
    assert [bool(row["samples"]) for row in told[0]] == [True] * 3  # also where the recipe itself samples nothing


@pytest.mark.parametrize("content", [b"[", b"{}", b'[{"epoch": 1}]', b"[1]", b'[{"kind": 1}]', b"\xff"])
def test_damaged_rows_are_refused(tmp_path, content):
    recording = Recording(tmp_path)
    with pytest.raises(InvalidInput) as error:
        rows_of(recording)
    assert error.value.code == "recording_missing"
    recording.files.write(ROWS, content)
    with pytest.raises(InvalidInput) as error:
        rows_of(recording)
    assert error.value.code == "recording_damaged"
