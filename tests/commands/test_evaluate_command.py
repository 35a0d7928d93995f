"""`rnnlab evaluate`: its output and its errors."""

import json
import math

import pytest

from rnnlab import checkpoints
from rnnlab.experiments.language_model import Config, Trainer
from rnnlab.experiments.language_model.text_evaluation import evaluate

TEXT = "one fish two fish red fish blue fish \n" * 4


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    config = Config(corpus="own", hidden_size=6, embedding_size=3, batch_size=4, num_steps=5, sample_every=None)
    checkpoints.save(Trainer(config, TEXT).latest, path)
    return path


@pytest.fixture
def other(tmp_path):
    path = tmp_path / "other.txt"
    path.write_text("red fish, two fish\n", "utf-8")
    return path


def test_as_json(call, model, other):
    status, out, err = call("evaluate", model, "--corpus", other, "--json")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert list(found) == ["nats", "bits", "perplexity", "predicted", "tokens", "unknown", "unknown_tokens"]
    assert found["nats"] == evaluate(checkpoints.load(model), "red fish, two fish\n").nats
    assert found["bits"] == pytest.approx(math.log2(found["perplexity"]))
    assert (found["predicted"], found["tokens"], found["unknown"], found["unknown_tokens"]) == (17, 19, 1, [","])


def test_as_lines_to_read(call, model, other):
    status, out, err = call("evaluate", model, "--corpus", other)
    assert status == 0
    assert out.startswith("perplexity ")
    assert out.endswith("per token, of 17 predicted\n")
    assert err.splitlines()[-1] == "The model does not know 1 of 19 tokens, which are left out; the first are ,"


def test_a_shipped_model_and_text(call, monkeypatch):
    text = "The night is long, the road is wide.\n"
    monkeypatch.setattr("rnnlab.commands.evaluate.source_of", lambda *_: type("Source", (), {"text": text})())
    monkeypatch.setattr("rnnlab.commands.evaluate.print_source", lambda *_, **__: None)
    status, out, _ = call("evaluate", "lyrics-en", "--corpus", "lyrics-en", "--json")
    assert status == 0
    assert 1 < json.loads(out)["perplexity"] < 51


def test_what_is_wrong_is_one_line(call, model, other, tmp_path, refused):
    refused(call("evaluate", tmp_path / "none.safetensors", "--corpus", other), "checkpoint: the file")
    refused(call("evaluate", model, "--corpus", tmp_path / "none.txt"), "corpus: there is no text")
    other.write_text("語語語", "utf-8")
    refused(call("evaluate", model, "--corpus", other, "--json"), "knows 0 of its 3")
