"""`rnnlab look` with the name of a recipe: its recorded run ships."""

import json

import pytest

from rnnlab.resources import shipped_recording


def test_a_recipe_and_its_file_are_the_same(call):
    told = [call("look", name, "--epoch", 64, "--json") for name in ("rnn-scratch", shipped_recording("rnn-scratch"))]
    assert told[0] == told[1]
    code, output, _ = told[0]
    found = json.loads(output)
    assert (code, found["epoch"], found["replayed"]) == (0, 64, False)
    assert found["perplexity"] == pytest.approx(39.87, rel=1e-3)
    assert len(found["probe"]) == 60
    assert found["surprise"]["training"]["tokens"] == 10_000
    assert (found["recorded"]["weights"], found["recorded"]["states"]) == ([], [])


def test_an_epoch_of_which_only_the_songs_are_recorded(call):
    code, output, _ = call("look", "rnn-scratch", "--epoch", 50, "--json")
    found = json.loads(output)
    assert code == 0
    assert found["samples"][0].startswith("分开")
    assert (found["probe"], found["surprise"]) == ([], {})


def test_another_name_is_no_recording(call):
    code, _, error = call("look", "rnn-scratched")
    assert code == 2
    assert "rnn-scratched" in error
