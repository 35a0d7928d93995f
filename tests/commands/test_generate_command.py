"""`rnnlab generate`: its output and its errors."""

import json
from dataclasses import replace

import pytest

from rnnlab import checkpoints
from rnnlab.experiments.language_model import Config, Trainer
from rnnlab.text import Vocab

TEXT = "one fish two fish red fish blue fish \n" * 4


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    config = Config(corpus="own", hidden_size=6, embedding_size=3, batch_size=4, num_steps=5, sample_every=None)
    checkpoints.save(Trainer(config, TEXT).latest, path)
    return path


def test_generate_prints_the_text(call, model):
    status, out, err = call("generate", model, "--prefix", "fi", "--length", 20, "--temperature", 1.5, "--seed", 3)
    assert (status, err) == (0, "")
    assert out.startswith("fi")
    assert len(out) == 2 + 20 + 1
    assert call("generate", model, "--prefix", "fi", "--length", 20, "--temperature", 1.5, "--seed", 3)[1] == out
    assert call("generate", model, "--prefix", "fi", "--length", 20, "--temperature", 1.5, "--seed", 4)[1] != out


def test_generate_as_json(call, model):
    words = ["--prefix", "f語i", "--length", 5, "--top-k", 2, "--top-p", "0.9"]
    status, out, err = call("generate", model, *words, "--json")
    assert status == 0
    song = json.loads(out)
    assert list(song) == ["text", "missing", "choices"]
    assert song["missing"] == ["語"]
    assert song["text"] == "fi" + "".join(choice["text"] for choice in song["choices"])
    assert all(0 < choice["probability"] <= 1 for choice in song["choices"])
    assert len(song["choices"]) == 5
    assert "語" in err


def test_characters_that_the_model_lacks_are_named_on_standard_error(call, model):
    status, out, err = call("generate", model, "--prefix", "語f", "--length", 1)
    assert status == 0
    assert out.startswith("f")
    assert err == "The model does not know 語; it goes on without.\n"


def test_control_characters_of_a_model_do_not_reach_the_terminal(call, model, tmp_path):
    odd = checkpoints.load(model)
    tokens = ["\x1b", "\x9b", "\x07", *odd.vocab.tokens[3:]]
    path = tmp_path / "odd.safetensors"
    checkpoints.save(replace(odd, vocab=Vocab.from_list(tokens, unknown=False)), path)
    _, out, err = call("generate", path, "--temperature", 5, "--length", 300, "--prefix", "\x1bx\x08")
    assert not {"\x1b", "\x9b", "\x07", "\x08"} & set(out + err)


def test_line_ends_and_tabs_are_printed_as_they_are(call, model, tmp_path):
    code = checkpoints.load(model)
    path = tmp_path / "code.safetensors"
    tokens = ["\n", "\t", "x", *"+-*/;:=!?.,()[]{}<>~&%$#@^|"][: len(code.vocab)]
    checkpoints.save(replace(code, vocab=Vocab.from_list(tokens, unknown=False)), path)
    words = ["generate", path, "--prefix", "x\n\tx", "--temperature", 5, "--length", 60]
    status, out, err = call(*words)
    assert (status, err) == (0, "")
    assert out.startswith("x\n\tx")
    assert "\ufffd" not in out
    assert json.loads(call(*words, "--json")[1])["text"] + "\n" == out
    assert call("generate", path, "--prefix", r"x\n\tx", *words[4:])[1:] == (out, "Read \\n as ↵.\nRead \\t as ⇥.\n")


def test_other_spellings_are_reported(call, model):
    status, out, err = call("generate", model, "--prefix", "ｆish", "--length", 1)
    assert (status, err) == (0, "Read ｆ as f.\n")
    assert out.startswith("fish")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["checkpoint"]),
        (["none.safetensors"], ["checkpoint", "none.safetensors"]),
        (["."], ["checkpoint"]),
        (["MODEL", "--length", "0"], ["length"]),
        (["MODEL", "--length", "1e9"], ["length"]),
        (["MODEL", "--temperature", "hot"], ["temperature"]),
        (["MODEL", "--temperature", "nan"], ["temperature"]),
        (["MODEL", "--top-k", "0"], ["top_k"]),
        (["MODEL", "--top-p", "1.1"], ["top_p"]),
        (["MODEL", "--seed", "-1"], ["seed"]),
        (["MODEL", "--prefix", "a" * 300], ["prefix", "300"]),
        (["MODEL", "--prefix", "\udcff"], ["prefix"]),
        (["MODEL", "--loud"], ["--loud"]),
    ],
    ids=lambda value: " ".join(value)[:30].encode("ascii", "replace").decode() if isinstance(value, list) else None,
)
def test_generate_refuses_bad_input(call, model, tmp_path, monkeypatch, arguments, words, refused):
    monkeypatch.chdir(tmp_path)
    refused(call("generate", *(model if a == "MODEL" else a for a in arguments)), *words)
