"""What was expected at a place agrees with the bits of the whole text, and with float64."""

import math

import pytest
import torch

from rnnlab.inspection import surprise
from rnnlab.inspection.expected import MAX_BEFORE, expected_along, expected_at
from rnnlab.inspection.surprise import CONTEXT, rows_of, surprisal
from rnnlab.models import LanguageModel, LanguageModelConfig

VOCAB = 11


def model_of(kind="gru", **settings):
    config = LanguageModelConfig(model=kind, hidden_size=6, embedding_size=4, init_scale=1.0, **settings)
    return LanguageModel(config, VOCAB, generator=torch.Generator().manual_seed(1))


def text_of(length):
    return torch.randint(VOCAB, (length,), generator=torch.Generator().manual_seed(2))


def read_token_by_token(model, ids):
    """Return log2 p (N, V) before each of `ids` but the first, read one by one in float64; each row as `rows_of` cuts.

    Row r begins CONTEXT tokens before its own, from a state of zeros; the last row reads the rest.
    """
    model = model.double()
    rows, length = rows_of(len(ids))
    before = {}
    with torch.no_grad():
        for row in range(rows):
            start, end = row * length, (row + 1) * length if row < rows - 1 else len(ids) - 1
            state = None
            for place in range(max(0, start - CONTEXT) if row else 0, end):
                logits, state = model(ids[None, place : place + 1], state)
                if place >= start:
                    before[place + 1] = logits[0, 0].log_softmax(-1) / math.log(2)
    return before


@pytest.mark.parametrize(("kind", "length"), [("rnn", 30), ("gru", 523), ("lstm", 840)])
def test_bits_of_every_character_are_those_of_a_sequential_reading_in_float64(kind, length):
    model, ids = model_of(kind), text_of(length)
    bits = surprisal(model, ids)
    places = sorted({1, 2, length // 2, length // 2 + 1, length - 2, length - 1})
    found = {place: expected_at(model, ids, place) for place in places}
    exact = read_token_by_token(model, ids)
    assert len(exact) == length - 1
    assert math.isnan(bits[0])
    for place, log_p in exact.items():
        assert bits[place].item() == pytest.approx(-log_p[ids[place]].item(), abs=1e-4), place
    for place, expected in found.items():
        log_p = exact[place]
        assert expected.bits == pytest.approx(-log_p[ids[place]].item(), abs=1e-4)
        assert list(expected.ids) == log_p.argsort(descending=True)[:5].tolist()
        assert expected.probabilities == pytest.approx((2 ** log_p.sort(descending=True).values[:5]).tolist(), abs=1e-5)


@pytest.mark.parametrize(
    "of", [range(1), range(1, 2), range(200, 262), range(261, 263), range(700, 840), range(839, 840)], ids=str
)
def test_only_the_rows_with_the_wanted_tokens_are_read(of, monkeypatch):
    model, ids = model_of(), text_of(840)
    whole, read, bits_of = surprisal(model, ids), [], surprise._bits
    monkeypatch.setattr(surprise, "_bits", lambda model, x, *rest: read.append(x.numel()) or bits_of(model, x, *rest))
    found = surprisal(model, ids, of)
    window = slice(of.start, of.stop)
    assert found[window].tolist() == pytest.approx(whole[window].tolist(), abs=1e-5, nan_ok=True)
    assert sum(read) <= 2 * 210


def test_bits_of_a_bidirectional_model_are_those_of_the_parts_that_it_reads_at_once():
    model, ids = model_of(bidirectional=True), text_of(450)
    bits = surprisal(model, ids)
    for place in (1, 25, 26, 224, 225, 226, 448, 449):
        assert expected_at(model, ids, place).bits == pytest.approx(bits[place].item(), abs=1e-4), place


def test_a_place_far_into_a_long_row_is_read_from_a_thousand_tokens_before():
    model, ids = model_of("lstm"), text_of(32 * 1200 + 1)
    assert rows_of(len(ids))[1] > MAX_BEFORE
    assert expected_at(model, ids, 2399).bits == pytest.approx(surprisal(model, ids)[2399].item(), abs=1e-3)


def test_along_a_text_nothing_but_its_beginning_is_without_a_past():
    model, ids = model_of(), text_of(60)
    along = [expected.bits for expected in expected_along(model, ids)]
    assert along == pytest.approx(surprisal(model, ids)[1:].tolist(), abs=1e-4)
    assert list(expected_along(model, ids[:1])) == []
