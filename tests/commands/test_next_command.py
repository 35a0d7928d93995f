"""`rnnlab next`."""

import json

import pytest

from rnnlab import checkpoints
from rnnlab.generation import Generation, next_tokens
from rnnlab.resources import shipped_model


def test_json_is_what_the_library_finds(call):
    words = ["--prefix", "不分", "--temperature", 0.5, "--top-k", 3, "--seed", 4]
    status, out, err = call("next", "lyrics-zh", *words, "--likeliest", 5, "--json")
    assert (status, err) == (0, "")
    saved = checkpoints.load(shipped_model("lyrics-zh"))
    how = Generation(prefix="不分", temperature=0.5, top_k=3, seed=4)
    found = next_tokens(saved.build_model(), saved.vocab, how, likeliest=5)
    assert json.loads(out) == {"prefix": "不分", "missing": [], **json.loads(json.dumps(found.to_dict()))}
    printed = call("next", "lyrics-zh", *words)[1]
    assert "▸" in printed
    assert "1,051" in printed, "all others"


def test_counting_in_a_text_of_ones_own(call, song):
    status, out, _ = call("next", "2-gram", "--corpus", song, "--prefix", "fis", "--json")
    assert status == 0
    assert json.loads(out)["rows"][0]["token"] == "h"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["next"], ["model"]),
        (["next", "none.safetensors"], ["none.safetensors"]),
        (["next", "lyrics-zh", "--likeliest", "0"], ["likeliest", "from 1 to 1000"]),
        (["next", "lyrics-zh", "--top-p", "2"], ["top_p"]),
        (["next", "lyrics-zh", "--length", "9"], ["--length"]),
    ],
    ids=lambda value: " ".join(value)[:40],
)
def test_bad_input_is_refused(call, refused, tmp_path, monkeypatch, words, named):
    monkeypatch.chdir(tmp_path)
    refused(call(*words), *named)
