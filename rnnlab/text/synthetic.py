r"""Make texts whose entropy is known exactly, so that one can tell how much of a text a model has learned.

A source is a Markov chain: a state, and the probability of each next character given that state. Nothing of the chain
depends on a character that its state has forgotten, so the entropy rate is the mean over the states, in the long run,
of the entropy of the next character. Perplexity on new text of the source cannot fall below 2 to the power of that
rate, for any model, except by chance on a short text.

    >>> write(DistanceLines(distance=3), 12, seed=1)
    'Ayyxa\nCyxxc\n'
    >>> round(2 ** DistanceLines(8).entropy_bits, 3), round(2 ** Brackets().entropy_bits, 3)
    (1.878, 1.84)
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

KINDS = ("()",)  # one kind: to know what may come next is to count; with "[]" as well it is to keep a stack
MAX_DEPTH = 6
LETTERS = "ABCD"
BODY = "xy"
DEFAULT_DISTANCE, MAX_DISTANCE = 8, 100


class MarkovSource(Protocol):
    """A source of characters; its states are hashable values."""

    @property
    def start(self) -> Any:
        """The state before the first character."""

    @property
    def entropy_bits(self) -> float:
        """The entropy rate in bits per character, in closed form."""

    def probabilities(self, state: Any) -> Mapping[str, float]:
        """Return the probability of each character that may come next in `state`; they sum to one."""

    def after(self, state: Any, character: str) -> Any:
        """Return the state after `character`."""


@dataclass(frozen=True)
class Brackets:
    r"""Lines of nested brackets, such as `((())())` or `()()`, nested at most `depth` deep.

    A line begins with an opening bracket. At depths 1 to `depth` - 1 the next bracket opens or closes, with probability
    1/2 each; at `depth` it closes; when all are closed the line ends or another bracket opens, with probability 1/2
    each. An opening bracket is of each of K kinds with the same probability; a closing one is of the kind that is open.

    **Entropy.** Let u_d be how often a line rises from depth d to d + 1, on average. All are closed 1/q = 2 times a
    line (q = 1/2 is the probability that the line ends there), so u_0 = 2. A bracket is written at depth d (0 < d < D)
    after a rise from d - 1 or a fall from d + 1, of which there are as many as rises to it: u_{d-1} + u_d times. Half
    of these open, so u_d = (u_{d-1} + u_d)/2, and all u_d are 2. Per line there are written
        1                bracket at the beginning     of log2 K bits
        2                characters at depth 0        of 1 + ½ log2 K bits
        4 (D - 1)        at the depths between        of 1 + ½ log2 K bits
        2                at depth D                   of 0 bits
    in all 4D + 1 characters of 2 D log2 K + 4 D - 2 bits: 22/25 bits per character for K = 1, D = 6, 34/25 for K = 2.
    """

    kinds: tuple[str, ...] = KINDS
    depth: int = MAX_DEPTH

    @property
    def start(self) -> tuple[str, bool]:
        """The brackets that are still to close, the innermost last, and whether a line begins here."""
        return "", True

    @property
    def entropy_bits(self) -> float:
        """The entropy rate in bits per character."""
        return (2 * self.depth * math.log2(len(self.kinds)) + 4 * self.depth - 2) / (4 * self.depth + 1)

    def probabilities(self, state: tuple[str, bool]) -> dict[str, float]:
        """Return the probability of each character that may come next."""
        open_, begins = state
        if len(open_) == self.depth:
            return {open_[-1]: 1.0}
        ends = {} if begins else {open_[-1] if open_ else "\n": 0.5}
        return ends | {kind[0]: (1 - sum(ends.values())) / len(self.kinds) for kind in self.kinds}

    def after(self, state: tuple[str, bool], character: str) -> tuple[str, bool]:
        """Return the state after `character`."""
        closing = next((kind[1] for kind in self.kinds if kind[0] == character), "")
        open_ = state[0] + closing if closing else state[0][:-1]
        return open_, character == "\n"


@dataclass(frozen=True)
class DistanceLines:
    r"""Lines such as `Axyyxyxxya`: a letter, a body of `distance` x or y, and the letter again, in lower case.

    The first letter is each of the `letters` with the same probability, each place of the body is x or y with
    probability 1/2, and the answer and the end of the line are certain.

    **Entropy.** A line of distance + 3 characters has log2 K + distance bits, for K letters: 10/11 bits per character
    for 4 letters and a distance of 8. A model that counts the places but has lost the letter pays log2 K bits once more
    at the answer (`forgetful_bits`). A 5-gram cannot count, either: after four places of the body, the line may end at
    any of those that are left.
    """

    distance: int = DEFAULT_DISTANCE
    letters: str = LETTERS

    @property
    def start(self) -> tuple[str, int]:
        """The first letter, and the place in the line."""
        return "", 0

    @property
    def entropy_bits(self) -> float:
        """The entropy rate in bits per character."""
        return (math.log2(len(self.letters)) + self.distance) / (self.distance + 3)

    @property
    def forgetful_bits(self) -> float:
        """The bits per character that a model pays which knows the place in the line, and not its first letter."""
        return (2 * math.log2(len(self.letters)) + self.distance) / (self.distance + 3)

    def probabilities(self, state: tuple[str, int]) -> dict[str, float]:
        """Return the probability of each character that may come next."""
        letter, place = state
        if place == 0:
            return dict.fromkeys(self.letters, 1 / len(self.letters))
        if place <= self.distance:
            return dict.fromkeys(BODY, 1 / len(BODY))
        return {letter.lower() if place == self.distance + 1 else "\n": 1.0}

    def after(self, state: tuple[str, int], character: str) -> tuple[str, int]:
        """Return the state after `character`."""
        if character == "\n":
            return self.start
        return state[0] or character, state[1] + 1


def write(source: MarkovSource, length: int, seed: int) -> str:
    """Return `length` characters of `source`; the same seed gives the same text with every version of Python."""
    draw, state, written = random.Random(seed).random, source.start, []
    for _ in range(length):
        character = _drawn(source.probabilities(state), draw())
        written.append(character)
        state = source.after(state, character)
    return "".join(written)


def _drawn(probabilities: Mapping[str, float], place: float) -> str:
    """Return the character whose part of [0, 1) `place` is in."""
    *others, last = probabilities.items()
    for character, probability in others:
        place -= probability
        if place < 0:
            return character
    return last[0]


def brackets(length: int, seed: int, kinds: tuple[str, ...] = KINDS, depth: int = MAX_DEPTH) -> str:
    r"""Return `length` characters of nested brackets; see `Brackets`.

    >>> brackets(20, seed=1)
    '((()))(())()()\n()(()'
    """
    return write(Brackets(kinds, depth), length, seed)


def distance_lines(length: int, distance: int, seed: int, letters: str = LETTERS) -> str:
    r"""Return `length` characters of lines whose last letter answers the first; see `DistanceLines`.

    >>> distance_lines(22, distance=8, seed=1)
    'Ayyxxxyyxa\nByxxyxyyxb\n'
    """
    return write(DistanceLines(distance, letters), length, seed)
