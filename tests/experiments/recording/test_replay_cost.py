"""What a replay would cost, known before it begins."""

import pytest

from rnnlab.experiments.language_model import Config, Trainer
from rnnlab.experiments.language_model.recording import Recorder, Recording, replay, replay_cost
from rnnlab.models.memory_estimate import training_bytes
from rnnlab.validation import InvalidInput

TEXT = "la li lu la le lo\nli la lo lu le la\n" * 6
TINY = Config(
    corpus="own", hidden_size=6, embedding_size=3, batch_size=4, num_steps=5, held_out=0.1, epochs=7, sample_every=None
)


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    recording = Recording(tmp_path_factory.mktemp("run") / "recording", 10**7)
    recorder = Recorder(recording)
    assert list(Trainer(TINY, TEXT, device="cpu", recorder=recorder).events())
    recorder.wait()
    return recording


def test_the_epochs_are_those_after_the_last_kept_state_and_the_seconds_what_they_took(recording):
    assert recording.states == [2, 4, 6]
    for epoch, epochs in ((0, 0), (1, 1), (4, 0), (5, 1), (7, 1)):
        cost = replay_cost(recording, epoch)
        seconds = recording.epoch(max(1, epoch)).row["seconds"]
        assert (cost.epochs, cost.seconds) == (epochs, pytest.approx(epochs * seconds)), epoch
        assert cost.nbytes == training_bytes(TINY, len(recording.index.vocab), 20, 2)


def test_without_states_it_begins_with_the_seed(recording):
    only = Recording(recording.files)
    only._sizes = {key: size for key, size in only._sizes.items() if key[0] == "epoch"}
    assert replay_cost(only, 5).epochs == 5


def test_an_epoch_beyond_the_recorded_ones_needs_the_word_of_the_run(recording):
    with pytest.raises(InvalidInput, match="epoch"):
        replay_cost(recording, 8)
    assert replay_cost(recording, 8, last=8).epochs == 2
    only = Recording(recording.files)
    only._sizes = {key: size for key, size in only._sizes.items() if key[1] < 7}
    with pytest.raises(InvalidInput, match="epoch"):
        replay(only, 7, TEXT)
    whole, short = replay(recording, 7, TEXT), replay(only, 7, TEXT, last=7)
    assert all((tensor == short.weights[name]).all() for name, tensor in whole.weights.items())


def test_the_share_grows_to_one_and_what_it_raises_ends_the_replay(recording):
    shares = []
    replay(recording, 7, TEXT, tick=shares.append)
    assert shares == sorted(shares)
    assert len(set(shares)) > 5
    assert shares[-1] == 1.0

    def enough(share):
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replay(recording, 5, TEXT, tick=enough)
