"""Evaluation of a model on a text: against other computations, and what it does with unknown characters."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from torch import nn

from rnnlab.experiments.language_model import Config, Epoch, Trainer, text_evaluation
from rnnlab.experiments.language_model.evaluation import held_out_rows
from rnnlab.experiments.language_model.text_evaluation import evaluate, evaluating
from rnnlab.validation import InvalidInput

SONG = "one fish two fish red fish blue fish\n" * 12
SMALL = Config(
    corpus="fish", hidden_size=8, embedding_size=4, batch_size=4, num_steps=5, epochs=1, sample_every=None, held_out=0.3
)
TEXT = "red fish, no fish: two one!\nblue bed\n" * 5


def trained(**settings):
    trainer = Trainer(replace(SMALL, **settings), SONG)
    epochs = [event for event in trainer.events() if isinstance(event, Epoch)]
    return trainer, epochs[-1]


@pytest.fixture(scope="module", params=["rnn", "gru", "lstm"])
def checkpoint(request):
    return trained(model=request.param, implementation="scratch")[0].latest


def known_ids(checkpoint):
    return checkpoint.vocab.encode([character for character in TEXT if character in checkpoint.vocab])


def test_it_equals_float64_computed_step_by_step(checkpoint):
    model, ids = checkpoint.build_model().double(), known_ids(checkpoint)
    state, total = None, 0.0
    with torch.no_grad():
        for before, after in pairwise(ids):
            logits, state = model(torch.tensor([[before]]), state)
            total -= float(logits[0, 0].log_softmax(0)[after])
    result = evaluate(checkpoint, TEXT)
    assert result.nats == pytest.approx(total / (len(ids) - 1), rel=1e-6)
    assert result.bits == pytest.approx(result.nats / math.log(2))
    assert result.perplexity == pytest.approx(2**result.bits)
    assert result.predicted == len(ids) - 1


def test_it_equals_torch_nn_with_the_same_weights(checkpoint):
    weights, ids = checkpoint.weights, torch.tensor(known_ids(checkpoint))
    layer = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[checkpoint.architecture.model](4, 8)
    with torch.no_grad():
        layer.load_state_dict(
            {
                name.removeprefix("recurrent."): tensor
                for name, tensor in weights.items()
                if name.startswith("recurrent.")
            }
        )
        hidden, _ = layer(nn.functional.embedding(ids[:-1], weights["embedding.weight"]))
        logits = hidden @ weights["output.weight"].T + weights["output.bias"]
        nats = nn.functional.cross_entropy(logits, ids[1:])
    assert evaluate(checkpoint, TEXT).nats == pytest.approx(float(nats), rel=1e-5)


@pytest.mark.parametrize("implementation", ["torch", "scratch"])
def test_held_out_text_in_the_same_rows_has_the_perplexity_of_the_epoch(implementation):
    trainer, epoch = trained(implementation=implementation, dropout=0.3)
    held_out = "".join(trainer.vocab.decode(trainer.corpus.held_out_ids.tolist()))
    rows = held_out_rows(len(held_out), trainer.config)
    assert rows > 1
    result = evaluate(trainer.latest, held_out, rows=rows)
    assert result.perplexity == pytest.approx(epoch.held_out_perplexity, rel=1e-5)
    assert evaluate(trainer.latest, held_out).perplexity != pytest.approx(epoch.held_out_perplexity, rel=1e-5)


def test_it_does_not_depend_on_the_parts(checkpoint, monkeypatch):
    whole = evaluate(checkpoint, TEXT)
    monkeypatch.setattr(text_evaluation, "PART", 7)
    shares = list(evaluating(checkpoint, TEXT))
    assert evaluate(checkpoint, TEXT).nats == pytest.approx(whole.nats, rel=1e-5)
    assert shares == sorted(shares)
    assert len(shares) == math.ceil(whole.predicted / 7)
    assert shares[-1] == 1


def test_unknown_characters_are_counted_and_left_out(checkpoint):
    clean, strange = "red fish\ntwo fish\n", "re語d fish\n2two fis語h\n"
    result = evaluate(checkpoint, strange)
    assert (result.tokens, result.unknown, result.unknown_tokens) == (len(strange), 3, ("語", "2"))
    assert result.predicted == len(clean) - 1
    assert result.nats == pytest.approx(evaluate(checkpoint, clean).nats)


def test_a_vocabulary_with_unk_reads_it_and_does_not_count_it():
    trainer, _ = trained(tokenizer="cleaned")
    ids = trainer.vocab.encode("fi語sh")
    assert ids[2] == 0
    with torch.no_grad():
        logits, _ = trainer.latest.build_model()(torch.tensor([ids[:-1]]))
    log_p = logits[0].log_softmax(-1)
    expected = -sum(float(log_p[place, ids[place + 1]]) for place in (0, 2, 3)) / 3
    result = evaluate(trainer.latest, "fi語sh")
    assert (result.predicted, result.unknown, result.tokens) == (3, 1, 5)
    assert result.nats == pytest.approx(expected, rel=1e-5)


def test_the_text_is_cut_as_the_models_training_was():
    trainer, _ = trained(tokenizer="raw")
    assert evaluate(trainer.latest, "red\nfish").unknown == 0
    assert evaluate(trainer.latest, "red\nfish").nats == evaluate(trainer.latest, "red fish").nats


def test_many_unknown_characters_are_not_all_named(checkpoint):
    strange = "".join(map(chr, range(0x4E00, 0x4E20)))
    result = evaluate(checkpoint, "fish" + strange)
    assert (result.unknown, len(result.unknown_tokens)) == (32, text_evaluation.MAX_NAMED_TOKENS)


@pytest.mark.parametrize("text", ["語語語", "語f語", "f"])
def test_a_text_without_two_known_characters_is_refused(checkpoint, text):
    with pytest.raises(InvalidInput, match=r"corpus: the model knows [01] of its [13] token") as refusal:
        evaluate(checkpoint, text)
    assert refusal.value.code == "nothing_to_evaluate"


def test_a_vocabulary_with_unk_needs_one_known_character_to_predict():
    trainer, _ = trained(tokenizer="cleaned")
    with pytest.raises(InvalidInput, match="knows 1 of its 3"):
        evaluate(trainer.latest, "f語語")
    assert evaluate(trainer.latest, "語f").predicted == 1


@pytest.mark.parametrize(("text", "rows"), [("", 1), ("a\0b", 1), ("fish", 0), ("fish", 4)])
def test_invalid_arguments_are_refused(checkpoint, text, rows):
    with pytest.raises(InvalidInput):
        evaluate(checkpoint, text, rows=rows)


def test_every_token_is_equally_likely_for_weights_of_zero(checkpoint):
    zeros = {name: torch.zeros_like(tensor) for name, tensor in checkpoint.weights.items()}
    result = evaluate(replace(checkpoint, weights=zeros), TEXT)
    assert result.perplexity == pytest.approx(len(checkpoint.vocab))
