"""`rnnlab copied`."""

import json

from rnnlab.text import make_corpus

TINY = ["--hidden-size", "6", "--embedding-size", "3", "--batch-size", "4", "--num-steps", "5", "--epochs", "1"]


def test_json_of_a_shipped_model(call):
    status, out, err = call("copied", "lyrics-zh", "--length", 60, "--seed", 3, "--json")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert found["is_its_text"] is True
    assert found["copied_share"] == 1.0
    assert {"longest", "ngram_copied_share", "held_out_copied_share", "min_length", "runs", "text"} <= found.keys()
    assert all(found["text"][start:end] for start, end in found["runs"])


def test_text_puts_what_is_copied_in_brackets(call):
    status, out, _ = call("copied", "lyrics-zh", "--length", 60, "--seed", 3)
    assert status == 0
    assert out.count("⟦") - 1 == out.count("⟧") - 1 >= 1  # one pair stands in the explanation
    assert "100%" in out
    assert "5-gram" in out


def test_a_model_of_words_is_looked_up_in_its_text_without_the_test_part(call, song, tmp_path):
    saved, words = tmp_path / "a.safetensors", ["--tokenizer", "words", "--min-freq", "2", "--test", "0.3"]
    song.write_text(song.read_text("utf-8") * 4, "utf-8")
    assert call("train", "--corpus", song, *TINY, *words, "--save", saved)[0] == 0
    found = json.loads(call("copied", saved, "--corpus", song, "--length", 10, "--json")[1])
    assert found["is_its_text"] is True
    tokens = make_corpus(song.read_text("utf-8"), tokenizer="words", min_freq=2, held_out=0.1, test=0.3)
    assert found["ngram_counted"] == len(tokens.train_ids)


def test_a_model_of_ones_own_text_needs_the_text(call, song, tmp_path):
    saved = tmp_path / "a.safetensors"
    assert call("train", "--corpus", song, *TINY, "--save", saved)[0] == 0
    status, _, err = call("copied", saved, "--length", 20, "--json")
    assert status == 2
    assert "give that text" in err
    status, out, err = call("copied", saved, "--corpus", song, "--length", 20, "--json")
    assert (status, err) == (0, "")
    assert json.loads(out)["is_its_text"] is True
    status, out, err = call("copied", saved, "--corpus", "lyrics-en", "--length", 20, "--json")
    assert (status, json.loads(out)["is_its_text"]) == (0, False)
    assert "another text" in err
