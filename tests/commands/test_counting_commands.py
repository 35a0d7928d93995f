"""Counting at the command line, `rnnlab followers` and `rnnlab temperatures`."""

import json

import pytest

from rnnlab.experiments.language_model import text_to_count, what_followed
from rnnlab.generation import TEMPERATURES, Generation, NGramDecoder, generate
from rnnlab.models import NGrams
from rnnlab.text import make_corpus


def test_counting_writes_from_a_text_of_ones_own(call, song):
    corpus = make_corpus(song.read_text("utf-8"))
    decoder = NGramDecoder(NGrams(corpus.train_ids.tolist(), len(corpus.vocab), 5), 2)
    how = Generation(prefix="fi", length=20, seed=3)
    expected = "fi" + "".join(token.text for token in generate(decoder, corpus.vocab, how))
    words = ["--corpus", song, "--prefix", "fi", "--length", 20, "--seed", 3]
    assert call("generate", "--model", "2-gram", *words) == (0, expected + "\n", "")
    assert call("generate", "2-gram", *words)[1] == expected + "\n"
    assert json.loads(call("generate", "--model", "2-gram", *words, "--json")[1])["text"] == expected


def test_the_shipped_text_is_counted_as_its_model_learned_it(call):
    status, out, err = call("copied", "5-gram", "--corpus", "lyrics-zh", "--length", 40, "--json")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert found["copied_share"] == found["ngram_copied_share"]
    assert found["ngram_counted"] == 9000


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["generate"], ["checkpoint", "FILE", "5-gram"]),
        (["generate", "--model", "3-gram"], ["model", "5-gram"]),
        (["generate", "--model", "5-gram", "--corpus", "none.txt"], ["none.txt"]),
        (["followers", ""], ["context"]),
        (["followers", "abc", "--n", "6"], ["n:", "from 1 to 5"]),
        (["followers", "abc", "--corpus", "none.txt"], ["none.txt"]),
        (["temperatures", "lyrics-zh", "--temperatures", "1,hot"], ["temperatures", "hot"]),
        (["temperatures", "lyrics-zh", "--temperatures", "1,1,1,1,1,1"], ["temperatures", "at most 5"]),
        (["temperatures", "none.safetensors"], ["none.safetensors"]),
        (["temperatures", "lyrics-zh", "--temperature", "1"], ["--temperature"]),
    ],
    ids=lambda value: " ".join(value)[:40],
)
def test_bad_input_is_refused(call, refused, tmp_path, monkeypatch, words, named):
    monkeypatch.chdir(tmp_path)
    refused(call(*words), *named)


def test_followers_as_json_are_those_of_the_library(call, song):
    status, out, err = call("followers", "ish", "--corpus", song, "--json")
    assert (status, err) == (0, "")
    found = what_followed("ish", text_to_count(song.read_text("utf-8")))
    assert json.loads(out) == json.loads(json.dumps(found.to_dict()))
    assert [(row.token, row.count) for row in found.rows] == [(" ", 16)]


def test_followers_are_printed_with_their_place_and_the_fall_back(call, song):
    status, out, err = call("followers", "ish", "--corpus", song)
    assert (status, err) == (0, "")
    assert "after ish: 16 times, 1 different" in out
    assert "1: one f⟦ish␣⟧two fish red fish bl\n" in out
    out = call("followers", "xsh", "--corpus", song, "--rows", 1)[1]
    assert out.startswith("Not in the text, left out: x\n")
    out = call("followers", "osh", "--corpus", song, "--rows", 1)[1]
    assert out.startswith("osh is never followed by anything in the text; counted instead: after sh\n")
    assert "  osh  never, passes on 100%" in out
    assert "退而统计 sh 之后的" in call("followers", "osh", "--corpus", song, "--lang", "zh")[1]


def test_temperatures_as_json(call):
    words = ["--prefix", "不分开", "--length", 30, "--seed", 4, "--json"]
    found = json.loads(call("temperatures", "lyrics-zh", *words)[1])
    assert [column["temperature"] for column in found["columns"]] == list(TEMPERATURES)
    assert found["prefix"] == "不分开"
    greedy = json.loads(call("generate", "lyrics-zh", *words, "--temperature", 0)[1])["text"]
    assert found["prefix"] + found["columns"][0]["text"] == greedy
    alone = json.loads(call("temperatures", "lyrics-zh", "--temperatures", "1.6", *words)[1])["columns"]
    assert alone == [{**found["columns"][-1], "departs": None, "departs_token": None}]


def test_temperatures_are_printed_with_marks(call):
    words = ["--prefix", "不分开", "--length", 30, "--seed", 4]
    status, out, err = call("temperatures", "lyrics-zh", "--temperatures", "0 2.5", *words)
    assert (status, err) == (0, "")
    assert out.startswith("temperature 0: word for word in its text 100%, entropy 0.")
    assert out.count("▸") == 1
    plain = out.replace("⟦", "").replace("⟧", "").replace("▸", "")
    assert plain.count("不分开") >= 2
    assert "▸" in call("temperatures", "uniform", "--temperatures", "0 1", *words)[1]
