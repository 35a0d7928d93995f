"""`rnnlab surprise`."""

import json

import pytest

TINY = ["--hidden-size", "6", "--embedding-size", "3", "--batch-size", "4", "--num-steps", "5", "--epochs", "2"]


@pytest.fixture(scope="module")
def long_song(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "song.txt"
    path.write_text("one fish two fish red fish blue fish \n" * 8, "utf-8")
    return path


def test_json_of_a_text_of_ones_own(call):
    status, out, err = call("surprise", "lyrics-en", "--text", "The night Q", "--json")
    assert (status, err) == (0, "")
    found = json.loads(out)
    places = found["parts"]["text"]["places"]
    assert "".join(place["text"] for place in places) == "The night Q"
    assert (places[0]["bits"], places[-1]["bits"]) == (None, None)
    known = [place["bits"] for place in places[1:-1]]
    assert found["parts"]["text"]["mean_bits"] == pytest.approx(sum(known) / len(known))
    evaluated = call("surprise", "lyrics-en", "--text", "The night Q")[1]
    assert "h 99%" in evaluated


def test_an_epoch_of_a_recording_beside_its_exact_weights(call, long_song, tmp_path):
    saved, recorded = tmp_path / "a.safetensors", tmp_path / "run.zip"
    files = ["--save", saved, "--record", recorded]
    assert call("train", "--corpus", long_song, *TINY, *files, "--json")[0] == 0
    of_own = ["--corpus", long_song, "--json"]
    answers = {
        "recorded": call("surprise", recorded, "--epoch", 1, *of_own),
        "rounded": call("surprise", recorded, *of_own),
        "exact": call("surprise", recorded, "--epoch", 2, "--exact", *of_own),
        "final": call("surprise", saved, *of_own),
    }
    found = {}
    for source, (status, out, err) in answers.items():
        assert (status, err) == (0, "")
        found[source] = json.loads(out)
        assert found[source]["source"] == source
    assert [answer["epoch"] for answer in found.values()] == [1, 2, 2, 2]
    text = "".join(found["final"]["parts"]["training"]["tokens"] + found["final"]["parts"]["held_out"]["tokens"])
    assert text == long_song.read_text("utf-8")
    assert found["exact"]["parts"] == found["final"]["parts"]
    for part in ("training", "held_out"):
        rounded, exact = (found[source]["parts"][part]["bits"][1:] for source in ("rounded", "exact"))
        assert rounded == pytest.approx(exact, abs=0.1)
    status, out, _ = call("surprise", recorded, "--epoch", 1, "--corpus", long_song)
    assert status == 0
    assert "epoch 1" in out
    assert "held-out text" in out


def test_what_does_not_go_together_is_refused(call, refused, long_song, tmp_path):
    refused(call("surprise", "lyrics-zh", "--corpus", long_song, "--text", "ab"), "--corpus")
    refused(call("surprise", "lyrics-zh", "--epoch", 3), "train --record")
    refused(call("surprise", "lyrics-zh", "--corpus", "lyrics-en"), "another text")
    refused(call("surprise", tmp_path / "none.zip"), "cannot be read")
    refused(call("surprise", "lyrics-zh", "--text", "Q"))
