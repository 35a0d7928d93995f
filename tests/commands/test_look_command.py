"""`rnnlab train --record` and `rnnlab look`."""

import json

import pytest

TINY = ["--hidden-size", "6", "--embedding-size", "3", "--batch-size", "4", "--num-steps", "5", "--epochs", "2"]


@pytest.fixture
def record(call, tmp_path):
    def record(*options):
        """Train and record a small run; return the recording's file."""
        path = tmp_path / "run.zip"
        assert call("train", *options, *TINY, "--sample-length", "6", "--record", path)[0] == 0
        return path

    return record


def test_an_epoch_is_trained_anew_on_the_generated_text_of_the_same_distance(call, record):
    path = record("--corpus", "distance", "--distance", "3", "--max-tokens", "400")
    answers = [call("look", path, "--epoch", "1", *options, "--json") for options in ((), ("--exact",))]
    assert [(status, err) for status, _, err in answers] == [(0, "")] * 2
    kept, anew = (json.loads(out) for _, out, _ in answers)
    assert (kept.pop("replayed"), anew.pop("replayed")) == (False, True)
    assert anew["perplexity"] == kept["perplexity"]
    assert [place["bits"] for place in anew["probe"][1:]] == [place["bits"] for place in kept["probe"][1:]]
    status, _, err = call("look", path, "--exact", "--corpus", "distance", "--json")  # of the run's distance, too
    assert (status, err) == (0, "")


def test_an_own_text_is_needed_to_train_anew_and_only_then(call, refused, record, song):
    path = record("--corpus", song)
    status, out, err = call("look", path)
    assert (status, "epoch 2   perplexity" in out, "3 epochs" in err) == (0, True, True)
    refused(call("look", path, "--exact", "--epoch", "1"), "corpus", "give that text")
    assert call("look", path, "--exact", "--corpus", song, "--json")[0] == 0
