"""Find alike: scores against a slow loop, and the states of a text that is read in rows."""

import itertools

import numpy as np
import pytest
import torch

from rnnlab.inspection.alike import find_alike, states_of_text, units_on
from rnnlab.inspection.probe import read_probe
from rnnlab.models import LanguageModel, LanguageModelConfig


def slow_scores(states, on, length, threshold):
    """Score every place by the definition, with Python's floats: (score, shared, others)."""
    found = []
    for start in range(len(states) - length + 1):
        shared = others = 0
        for unit in range(states.shape[1]):
            passage = [float(states[start + i, unit]) for i in range(length)]
            for sign in (1, -1):
                if all(sign * value >= threshold for value in passage):
                    shared += on[unit] == sign
                    others += on[unit] != sign
        found.append((shared - others, shared, others))
    return found


@pytest.fixture
def states():
    smooth = np.cumsum(np.random.default_rng(3).normal(size=(150, 40)), axis=0)
    return np.sin(smooth).astype(np.float32)


@pytest.mark.parametrize(("first", "length"), [(40, 1), (10, 3), (77, 6)])
def test_scores_agree_with_a_slow_loop(states, first, length):
    on = units_on(states[first : first + length], 0.25)
    slow = slow_scores(states, on, length, 0.25)
    found = find_alike(states, on, length, 0.25)
    assert found[0].start == first
    assert (found[0].score, found[0].others) == (abs(on).sum(), 0)
    assert all((place.score, place.shared, place.others) == slow[place.start] for place in found)
    starts = sorted(place.start for place in found)
    assert all(later - earlier >= length for earlier, later in itertools.pairwise(starts))
    assert [place.score for place in found] == sorted((place.score for place in found), reverse=True)
    left = [
        score for at, (score, shared, _) in enumerate(slow) if shared and min(abs(at - s) for s in starts) >= length
    ]
    assert len(found) == 10
    assert max(left, default=-100) <= found[-1].score


def test_the_sign_of_a_unit_counts():
    values = np.array([[0.9, -0.9], [0.9, -0.6], [0.2, -0.9]], np.float32)
    assert units_on(values[:2], 0.5).tolist() == [1, -1]
    assert units_on(values, 0.5).tolist() == [0, -1]
    opposite = find_alike(-values, units_on(values[:1], 0.5), 1, 0.5)
    assert opposite == []  # no unit is shared


def test_nothing_is_found_without_a_unit_that_is_on_or_in_a_text_that_is_too_short(states):
    assert find_alike(states, np.zeros(40, np.int8), 3, 0.5) == []
    assert find_alike(states[:2], units_on(states[:3], 0.1), 3, 0.1) == []


@pytest.mark.parametrize(("cell", "layers", "encoding"), [("lstm", 2, "one-hot"), ("gru", 1, "embedding")])
def test_a_short_text_is_read_as_the_probe_reads_it(cell, layers, encoding):
    torch.manual_seed(1)
    config = LanguageModelConfig(model=cell, hidden_size=6, num_layers=layers, encoding=encoding, embedding_size=4)
    model = LanguageModel(config, 9).eval()
    ids = np.random.default_rng(2).integers(0, 9, 399)
    activations = read_probe(model, ids.tolist()).activations
    for state in [name for name in activations if name[-1] in "hc" and name != "l0.n"]:
        found = states_of_text(model, ids.tolist(), state)
        assert np.abs(found - activations[state]).max() < 1e-5


def test_rows_of_a_long_text_begin_after_some_context():
    torch.manual_seed(1)
    model = LanguageModel(LanguageModelConfig(model="gru", hidden_size=6), 9).eval()
    ids = np.random.default_rng(2).integers(0, 9, 2003).tolist()
    whole = read_probe(model, ids).activations["l0.h"]
    found = states_of_text(model, ids, "l0.h")
    assert found.shape == whole.shape
    assert np.abs(found[:200] - whole[:200]).max() < 1e-5  # the first row
    assert np.abs(found - whole).max() < 0.02  # the others have read 32 tokens before their own
