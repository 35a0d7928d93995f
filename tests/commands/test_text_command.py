"""`rnnlab text`: what it says about files, shipped texts and standard input."""

import io
import json
import sys
from types import SimpleNamespace

from rnnlab.resources import shipped_corpus


def test_a_file(call, song):
    status, out, err = call("text", song, "--batch-size", 2, "--num-steps", 5)
    assert (status, err) == (0, "")
    assert "song.txt: UTF-8\n4 lines, 152 characters, 16 distinct\n  one fish two fish red fish blue fish \n" in out
    assert "152 of 152 tokens taken, vocabulary 16" in out
    assert "       0  ␣  32\n" in out
    assert "15 minibatches per epoch (2 × 5, sequential)" in out


def test_json_of_a_shipped_text(call):
    _, out, _ = call("text", "lyrics-zh", "--json", "--head", 3, "--max-tokens", "none")
    row = json.loads(out)
    text = shipped_corpus("lyrics-zh")
    assert (row["lines"], row["characters"], row["vocab_size"]) == (len(text.splitlines()), len(text), len(set(text)))
    assert [entry["id"] for entry in row["vocabulary"]] == [0, 1, 2]
    assert row["vocabulary"][0] == {"token": "\n", "id": 0, "count": text.count("\n")}
    assert "".join(token for token, _ in row["beginning"]) == text[:20]


def test_standard_input_in_another_encoding(call, monkeypatch):
    text = "春の風が窓をたたく 君の声が聞こえる\n" * 4
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode("shift_jis"))))
    status, out, _ = call("text", "-")
    assert status == 0
    assert out.startswith("standard input: Shift_JIS\n4 lines")
    assert "春" in out


def test_a_text_cannot_control_the_terminal(call, tmp_path):
    path = tmp_path / "red.txt"
    path.write_text("la \x1b[31m la\n" * 40, "utf-8")
    _, out, _ = call("text", path)
    assert "\x1b" not in out
    assert "U+001B" in out


def test_errors_name_the_field(call, refused, tmp_path):
    refused(call("text", tmp_path / "missing.txt"), "corpus: there is no text at")
    refused(call("text", "lyrics-zh", "--sampling", "backwards"), "sampling", "random, sequential")
