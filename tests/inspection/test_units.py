"""Units, ranked by how much they tell of a text: the measures against slow loops, and an LSTM that counts brackets."""

import math

import numpy as np
import pytest

from rnnlab.experiments.language_model import Trainer
from rnnlab.experiments.language_model.inspected import inspect_text
from rnnlab.experiments.language_model.presets import preset
from rnnlab.inspection.units import (
    chance_level,
    correlations,
    depth,
    explained_by_token,
    measures_of,
    rank_units,
    since,
)
from rnnlab.validation import InvalidInput

TEXT = "(a[b])\nba ab((\nc"


@pytest.fixture
def values():
    return np.random.default_rng(1).normal(size=(len(TEXT), 6)).astype(np.float32)


def mean(numbers):
    return sum(numbers) / len(numbers)


def slow_r(x, y):
    """Pearson's r of two lists of Python's floats, which have 64 bits."""
    mx, my = mean(x), mean(y)
    covariance = sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True))
    return covariance / math.sqrt(sum((a - mx) ** 2 for a in x) * sum((b - my) ** 2 for b in y))


def slow_epsilon(x, tokens):
    """Kelley's ε² by its definition, over the tokens that occur more than once."""
    kept = [(value, token) for value, token in zip(x, tokens, strict=True) if tokens.count(token) > 1]
    groups = {token: [value for value, of in kept if of == token] for _, token in kept}
    within = sum((value - mean(groups[token])) ** 2 for value, token in kept)
    total = sum((value - mean([v for v, _ in kept])) ** 2 for value, _ in kept)
    share = 1 - (within / (len(kept) - len(groups))) / (total / (len(kept) - 1))
    return min(1.0, max(0.0, share))


def test_the_depth_counts_open_brackets_after_each_token():
    assert depth(TEXT).tolist() == [1, 1, 2, 2, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2, 2]
    assert depth("))(").tolist() == [0, 0, 1]  # one that closes nothing counts as none


def test_places_are_counted_from_the_last_end():
    assert since("ab\n\nc", ("\n",)).tolist() == [0, 1, 2, 0, 0]
    assert since(["the", "<eos>", "a"], ("\n", "<eos>")).tolist() == [0, 1, 0]


@pytest.mark.parametrize("measure", ["depth", "line", "space"])
def test_correlations_agree_with_a_slow_loop(values, measure):
    target = {"depth": depth(TEXT), "line": since(TEXT, "\n"), "space": since(TEXT, " ")}[measure]
    expected = [slow_r(values[:, i].astype(float).tolist(), target.tolist()) for i in range(6)]
    assert correlations(values, target) == pytest.approx(expected, abs=1e-12)
    ranked = rank_units({"l0.h": values}, TEXT, measure)
    assert [unit.index for unit in ranked] == sorted(range(6), key=lambda i: -abs(expected[i]))
    assert all(unit.score == abs(unit.r) == pytest.approx(abs(expected[unit.index])) for unit in ranked)


def test_what_the_token_explains_agrees_with_a_slow_loop(values):
    values[:, 0] += [3.0 * (token == "a") for token in TEXT]
    expected = [slow_epsilon(values[:, i].astype(float).tolist(), TEXT) for i in range(6)]
    assert explained_by_token(values, TEXT) == pytest.approx(expected, abs=1e-9)
    assert expected[0] > 0.5
    by_token = rank_units({"l0.h": values}, TEXT, "character")
    by_memory = rank_units({"l0.h": values}, TEXT, "memory")
    assert by_token[0].index == 0 == by_memory[-1].index
    assert by_token[0].score == pytest.approx(1 - by_memory[-1].score)


def test_a_unit_that_does_not_change_tells_nothing(values):
    values[:, 2] = 0.3
    values[:, 3] = np.float32(0.3) + np.float32(3e-8) * (np.arange(len(TEXT)) % 2)  # the last bit alone
    for measure in ("depth", "character", "memory"):
        scores = {unit.index: unit.score for unit in rank_units({"l0.h": values}, TEXT, measure)}
        assert scores[2] == scores[3] == 0


def test_units_of_all_states_are_ranked_together(values):
    target = depth(TEXT)
    cells = np.stack([target, -target], 1).astype(np.float32)
    first, second = rank_units({"l0.h": values, "l0.c": cells}, TEXT, "depth")[:2]
    assert [(unit.state, unit.index, unit.r) for unit in (first, second)] == [
        ("l0.c", 0, pytest.approx(1)),
        ("l0.c", 1, pytest.approx(-1)),
    ]


def test_a_text_allows_the_measures_for_which_it_has_signs(values):
    assert measures_of(TEXT) == ("depth", "line", "space", "memory", "character")
    assert measures_of("abcabc") == ("memory", "character")
    assert measures_of("abc") == ()
    with pytest.raises(InvalidInput) as refused:
        rank_units({"l0.h": values}, "abcabc" + "abcdefghij", "depth")
    assert refused.value.field == "measure"


def test_chance_is_the_best_unit_of_the_rotated_text(values):
    expected = []
    for shift in np.linspace(0, len(TEXT), 22)[1:-1].round().astype(int).tolist():
        target = depth(TEXT).tolist()
        rotated = target[len(target) - shift :] + target[: len(target) - shift]
        expected.append(max(abs(slow_r(values[:, i].astype(float).tolist(), rotated)) for i in range(6)))
    assert chance_level({"l0.h": values}, TEXT, "depth") == pytest.approx(np.median(expected))
    assert chance_level({"l0.h": values}, TEXT, "memory") is None


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_lstm_of_32_units_learns_to_count_brackets_in_one_cell(seed):
    """15 epochs on 20,000 characters, the recipe `brackets` with fewer units; read on text that it has not seen."""
    config = preset("brackets").config(hidden_size=32, max_tokens=20_000, epochs=15, sample_every=None, seed=seed)
    trainer = Trainer(config, device="cpu")
    for _ in trainer.events():
        pass
    text = "".join(trainer.vocab.decode(trainer.corpus.held_out_ids.tolist()))[:1000]
    inspected = inspect_text(trainer.latest.build_model(), trainer.vocab, config, text)
    states = {name: inspected.reading.activations[name] for name in inspected.states}
    first, second = rank_units(states, inspected.tokens, "depth")[:2]
    assert first.state == "l0.c"
    assert first.score >= 0.95
    assert first.score > second.score
    assert first.score > 2 * chance_level(states, inspected.tokens, "depth")
    cell = states["l0.c"][:, first.index].astype(float).tolist()
    assert first.r == pytest.approx(slow_r(cell, depth(text).tolist()))
