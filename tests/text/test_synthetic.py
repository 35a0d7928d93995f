"""Generated texts have the entropy that is claimed for them, computed by other ways."""

import math
from collections import defaultdict

import numpy as np
import pytest

from rnnlab.resources import GENERATED_CHARACTERS, corpus_text, generated_source
from rnnlab.text.synthetic import Brackets, DistanceLines, brackets, distance_lines, write

TWO = ("()", "[]")
SOURCES = [
    Brackets(), Brackets(TWO), Brackets(TWO, depth=3), Brackets(depth=1), DistanceLines(), DistanceLines(3, "ABCDE"),
]  # fmt: skip
each = pytest.mark.parametrize("source", SOURCES, ids=repr)


def states_of(source):
    """Return every state that can be reached, with its probabilities."""
    found, waiting = {}, [source.start]
    while waiting:
        state = waiting.pop()
        if state not in found:
            found[state] = source.probabilities(state)
            waiting += [source.after(state, character) for character in found[state]]
    return found


@each
def test_probabilities_of_every_state_sum_to_one(source):
    for probabilities in states_of(source).values():
        assert sum(probabilities.values()) == pytest.approx(1.0, abs=1e-15)
        assert min(probabilities.values()) > 0


@each
def test_the_closed_form_is_the_entropy_of_the_whole_markov_chain(source):
    """Solve π P = π over all states, stacks of brackets included, in float64."""
    states = states_of(source)
    number = {state: i for i, state in enumerate(states)}
    moves = np.zeros((len(states), len(states)))
    bits = np.zeros(len(states))
    for state, probabilities in states.items():
        for character, p in probabilities.items():
            moves[number[state], number[source.after(state, character)]] += p
            bits[number[state]] -= p * math.log2(p)
    equations = np.vstack([moves.T - np.eye(len(states)), np.ones(len(states))])
    stationary = np.linalg.lstsq(equations, np.append(np.zeros(len(states)), 1.0), rcond=None)[0]
    assert source.entropy_bits == pytest.approx(stationary @ bits, rel=1e-9)


@each
def test_the_mean_surprise_of_a_long_text_comes_near_the_entropy(source):
    state, bits, length = source.start, 0.0, 40_000
    for character in write(source, length, seed=5):
        bits -= math.log2(source.probabilities(state)[character])
        state = source.after(state, character)
    assert bits / length == pytest.approx(source.entropy_bits, rel=0.02)


def test_figures_of_the_lines_by_hand():
    assert 2 ** DistanceLines(8).entropy_bits == pytest.approx(2 ** (10 / 11))  # 1.878
    assert 2 ** DistanceLines(8).forgetful_bits == pytest.approx(2 ** (12 / 11))  # 2.130
    assert Brackets().entropy_bits == pytest.approx(22 / 25)
    assert Brackets(("()", "[]")).entropy_bits == pytest.approx(34 / 25)


@pytest.mark.parametrize("kinds", [("()",), ("()", "[]")])
def test_lines_of_brackets_are_nested_to_the_allowed_depth(kinds):
    depths, lines = set(), brackets(20_000, seed=3, kinds=kinds).split("\n")[:-1]
    for line in lines:
        stack = []
        for character in line:
            if character in "([":
                stack.append({"(": ")", "[": "]"}[character])
            else:
                assert stack.pop() == character
            depths.add(len(stack))
        assert not stack
        assert line
    assert depths == set(range(7))


def test_the_last_letter_of_a_line_answers_the_first():
    seen = defaultdict(int)
    for line in distance_lines(9000, 12, seed=4).split("\n")[:-1]:
        assert len(line) == 14
        assert line[-1] == line[0].lower()
        assert set(line[1:-1]) <= {"x", "y"}
        seen[line[0]] += 1
    assert set(seen) == set("ABCD")


def test_a_generated_corpus_is_always_the_same_and_has_its_distance():
    text = corpus_text("distance", 5)
    assert len(text) == GENERATED_CHARACTERS
    assert text == corpus_text("distance", 5) != corpus_text("distance", 6)
    assert text.index("\n") == 7
    assert generated_source("distance", 5) == DistanceLines(5)
    assert corpus_text("brackets", 5) == corpus_text("brackets", 6)
