"""`rnnlab inspect`."""

import json

import pytest

from rnnlab.commands.inspect_prints import PRINTS
from rnnlab.experiments.language_model.looks import LOOKS

TEXT = "The night train\nleaves at ten\n"
TINY = ["--hidden-size", "6", "--embedding-size", "3", "--batch-size", "4", "--num-steps", "5", "--epochs", "2"]


def test_every_look_can_be_printed():
    assert set(PRINTS) == set(LOOKS)


def test_units_with_their_values(call):
    status, out, err = call("inspect", "lyrics-en", "--text", TEXT, "--set", "number=3", "--json")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert (found["what"], found["measure"], found["epoch"], found["source"]) == ("units", "line", 40, "final")
    assert "".join(found["tokens"]) == TEXT
    assert len(found["units"]) == 3
    first = found["units"][0]
    assert first["score"] == abs(first["r"]) >= found["units"][1]["score"]
    assert len(first["values"]) == len(TEXT)
    printed = call("inspect", "lyrics-en", "--text", TEXT, "--set", "number=3")[1].splitlines()
    assert printed[2].split()[:3] == ["l0.h", str(first["index"]), f"{first['r']:+.3f}"]


def test_places_alike_in_a_text_of_ones_own(call, tmp_path):
    song = tmp_path / "song.txt"
    song.write_text("one fish two fish red fish blue fish \n" * 8, "utf-8")
    saved, recorded = tmp_path / "a.safetensors", tmp_path / "run.zip"
    assert call("train", "--corpus", song, *TINY, "--save", saved, "--record", recorded, "--json")[0] == 0
    where = [
        "--text",
        "two fish red",
        "--what",
        "alike",
        "--set",
        "first=4",
        "--set",
        "last=7",
        "--set",
        "threshold=0.01",
    ]
    found = json.loads(call("inspect", recorded, "--epoch", 1, *where, "--corpus", song, "--json")[1])
    assert (found["epoch"], found["source"], found["selection"]) == (1, "rounded", "fish")
    assert found["places"][0]["passage"] == "fish"
    assert "⟦fish⟧" in call("inspect", saved, *where, "--corpus", song)[1]
    status, _, err = call("inspect", saved, *where)
    assert (status, err.count("\n")) == (2, 1)
    assert "one's own" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--what", "nothing"),
        ("--set", "first=3"),  # units have no such option
        ("--set", "measure=depth"),
        ("--what", "alike", "--set", "last=1000"),
        ("--epoch", "3"),
    ],
)
def test_what_cannot_be_is_one_line(call, arguments):
    status, out, err = call("inspect", "lyrics-en", "--text", TEXT, *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)


def test_the_other_cells_are_trained_like_a_recorded_run(call, tmp_path):
    song, recorded = tmp_path / "song.txt", tmp_path / "run.zip"
    song.write_text("one fish two fish red fish blue fish \n" * 8, "utf-8")
    assert call("train", "--corpus", song, *TINY, "--record", recorded, "--json")[0] == 0
    before = recorded.read_bytes()
    asked = ["inspect", recorded, "--text", "two fish red", "--what", "gradient", "--corpus", song, "--others"]
    found = json.loads(call(*asked, "--epoch", 1, "--json")[1])
    assert [(curve["model"], curve["epoch"]) for curve in found["others"]] == [("rnn", 1), ("lstm", 1)]
    assert all(len(curve["h"]) == len(found["curve"]["h"]) for curve in found["others"])
    printed = call(*asked)[1]
    assert "Trained like this run" in printed
    assert "LSTM c, epoch 2" in printed
    assert recorded.read_bytes() == before
    status, _, err = call("inspect", "lyrics-en", "--text", "a b c d e f", "--what", "gradient", "--others")
    assert (status, "recorded run" in err) == (2, True)
    assert call(*asked[:5], "units", *asked[6:])[0] == 2
