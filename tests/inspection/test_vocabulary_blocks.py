"""A text that is read in blocks of places gives the numbers of one that is read at once."""

import numpy as np
import pytest
import torch

from rnnlab import limits
from rnnlab.experiments.language_model.inspected import Config, _max_tokens
from rnnlab.experiments.language_model.text_evaluation import _nll
from rnnlab.inspection.gradient_lens import curve_by_lag, read_history
from rnnlab.inspection.held_gates import nats_along
from rnnlab.inspection.probe import read_probe
from rnnlab.inspection.surprise import surprisal
from rnnlab.models import LanguageModel, LanguageModelConfig

VOCAB, LENGTH = 50, 120
IDS = torch.randint(VOCAB, (LENGTH,), generator=torch.Generator().manual_seed(2))


def model_of(**settings):
    config = LanguageModelConfig(hidden_size=5, embedding_size=4, init_scale=2.0, **settings)
    return LanguageModel(config, VOCAB, generator=torch.Generator().manual_seed(1)).eval()


def numbers_of(model):
    reading = read_probe(model, IDS.tolist())
    bits = [reading.surprisal[1:], surprisal(model, IDS)[1:].numpy()]
    nll = _nll(model, IDS, torch.ones(LENGTH, dtype=torch.bool), 2)
    try:
        while True:
            next(nll)
    except StopIteration as end:
        total = np.array(end.value)
    if model.config.bidirectional:
        return [reading.probabilities, total, *bits]
    return [
        reading.probabilities,
        total,
        *bits,
        nats_along(model, IDS.tolist()),
        curve_by_lag(model, read_history(model, IDS))["h"],
    ]


@pytest.mark.parametrize("settings", [{}, {"bidirectional": True}])
def test_numbers_over_the_vocabulary_are_few_at_once_and_the_same(settings, monkeypatch):
    model, rows = model_of(**settings), []
    model.output.register_forward_hook(lambda _, given, __: rows.append(given[0].numel() // given[0].shape[-1]))
    at_once = numbers_of(model)
    assert max(rows) >= LENGTH - 2
    rows.clear()
    monkeypatch.setattr(limits, "MAX_LOGITS_AT_ONCE", 7 * VOCAB + 1)
    assert all(np.allclose(one, other, rtol=1e-5) for one, other in zip(numbers_of(model), at_once, strict=True))
    assert max(rows) == 7
    likeliest = read_probe(model, IDS.tolist()).expected
    monkeypatch.undo()
    assert np.array_equal(likeliest, read_probe(model, IDS.tolist()).expected)


def test_a_bidirectional_network_reads_fewer_one_hot_vectors_at_once():
    config = Config(bidirectional=True, encoding="one-hot", hidden_size=1)
    assert _max_tokens(config, 10**6) == limits.MAX_INSPECTED_BYTES // (12 * 10**6)
    assert _max_tokens(Config(hidden_size=1), 10**6) > 10**6
