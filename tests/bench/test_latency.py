"""What a step through the epochs costs, on a small model: every number is there, and of the right epochs."""

import math

from rnnlab.bench.latency import measure_latency
from rnnlab.experiments.language_model import Config

SMALL = Config(hidden_size=8, embedding_size=4, max_tokens=600, batch_size=4, num_steps=10, epochs=4, sample_every=None)


def test_every_epoch_is_looked_at_and_replayed():
    found = measure_latency(1, SMALL)
    epochs = found["epochs"]
    assert epochs["count"] == 4 == len(epochs["milliseconds_by_replayed_epoch"])
    assert set(epochs["whole_states"]) <= {1, 2, 3, 4}
    measured = ("surprise_of_a_kept_epoch", "surprise_and_songs_of_a_replayed_epoch", "the_same_stepping_back")
    for each in (*(epochs[name] for name in measured), *found["clicks"].values()):
        assert 0 < each["median"] <= each["largest"] < math.inf
    assert 0 < epochs["training"]["median"] < math.inf
    assert found["clicks"].keys() == {"140", "1,940"}
