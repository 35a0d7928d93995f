"""Rank the units of a network by how much each tells of a text that it has read.

A measure compares the values of one unit with something that is known at each token:

line       |r| with the number of tokens since the last line end
space      |r| with the number of tokens since the last space
depth      |r| with the depth of the brackets that are open after the token
character  the share of the unit's variance that the token itself explains
memory     the share that it does not explain: what the unit knows from before

r is Pearson's correlation. The last two are Kelley's ε² (1935), which corrects the correlation ratio η² for the number
of groups, and 1 − ε²: with T tokens that occur at least twice, of k different kinds,

    ε² = 1 − (SS_within / (T − k)) / (SS_total / (T − 1)),    cut off at 0 and 1.

    for unit in rank_units({"l0.c": cells}, tokens, "depth")[:3]:
        print(unit.state, unit.index, unit.score, unit.r)

Shapes: T tokens, H units of a state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnlab.validation import Choice, InvalidInput

Vector = NDArray[np.float64]
Values = NDArray[np.floating]

OPENING, CLOSING = "([{<（【「『《", ")]}>）】」』》"
LINE_ENDS = ("\n", "<eos>")
SPACES = (" ", "\u3000")
SHIFTS = 20  # rotations of the text, by which chance is measured


@dataclass(frozen=True)
class Unit:
    """A unit and its score."""

    state: str  # its name in `probe.Reading.activations`: "l0.h", or of an LSTM's cell "l0.c"
    index: int  # from 0
    score: float  # by the measure, from 0 to 1; 0 for a unit that does not change
    r: float | None  # of a correlation, with its sign


def since(tokens: Sequence[str], ends: Sequence[str]) -> Vector:
    """Return how many tokens before each one the last of `ends` stands, or the text begins (T,).

    >>> since("ab\\ncde", "\\n").tolist()
    [0.0, 1.0, 2.0, 0.0, 1.0, 2.0]
    """
    counts, count = [], 0
    for token in tokens:
        counts.append(count)
        count = 0 if token in ends else count + 1
    return np.array(counts, np.float64)


def depth(tokens: Sequence[str]) -> Vector:
    """Return how many brackets are open after each token (T,); one that closes nothing counts as none.

    >>> depth("a(b[c])").tolist()
    [0.0, 1.0, 1.0, 2.0, 2.0, 1.0, 0.0]
    """
    depths, now = [], 0
    for token in tokens:
        now = max(0, now + (token in OPENING) - (token in CLOSING))
        depths.append(now)
    return np.array(depths, np.float64)


def correlations(values: Values, target: Vector) -> Vector:
    """Return Pearson's r of each column of `values` (T, H) with `target` (T,): (H,), 0 where either is constant."""
    x = values.astype(np.float64) - values.mean(axis=0, dtype=np.float64)
    y = target - target.mean()
    norms = np.linalg.norm(x, axis=0) * np.linalg.norm(y)
    return np.divide(y @ x, norms, out=np.zeros(len(norms)), where=norms > _noise(values) * np.linalg.norm(y))


def explained_by_token(values: Values, tokens: Sequence[str]) -> Vector:
    """Return Kelley's ε² of each column of `values` (T, H) for groups of equal tokens: (H,), NaN where undefined.

    Tokens that occur once are left out. It is undefined for a constant unit, and where fewer than two groups are left.
    """
    _, group, count = np.unique(np.array(list(tokens)), return_inverse=True, return_counts=True)
    kept = count[group] > 1
    _, group = np.unique(group[kept], return_inverse=True)
    x, groups = values[kept].astype(np.float64), int(group.max()) + 1 if kept.any() else 0
    if groups < 2 or len(x) <= groups:
        return np.full(values.shape[1], np.nan)
    x -= x.mean(axis=0)
    sums = np.zeros((groups, x.shape[1]))
    np.add.at(sums, group, x)
    within = x - (sums / np.bincount(group)[:, None])[group]
    total = (x**2).sum(axis=0)
    share = np.divide(
        (within**2).sum(axis=0) / (len(x) - groups), total / (len(x) - 1), out=np.full(x.shape[1], np.nan),
        where=np.sqrt(total) > _noise(values),
    )  # fmt: skip
    clipped: Vector = np.clip(1 - share, 0, 1)
    return clipped


def _noise(values: Values) -> Vector:
    """Return the norm below which the changes of each column are those of rounding (H,)."""
    largest = np.abs(values).max(axis=0).astype(np.float64)
    return np.sqrt(len(values)) * 4 * np.finfo(np.float32).eps * largest + np.finfo(np.float64).tiny


TARGETS: Mapping[str, Callable[[Sequence[str]], Vector]] = {
    "depth": depth,
    "line": lambda tokens: since(tokens, LINE_ENDS),
    "space": lambda tokens: since(tokens, SPACES),
}
MEASURES = (*TARGETS, "memory", "character")
# What a text needs for a measure.
NEEDED: Mapping[str, Sequence[str]] = {"depth": OPENING, "line": LINE_ENDS, "space": SPACES}


def measures_of(tokens: Sequence[str]) -> tuple[str, ...]:
    """Return the measures that a text allows: "depth" only one with brackets, and so on."""
    found = set(tokens)
    fitting = tuple(name for name in TARGETS if found & set(NEEDED[name]) and np.ptp(TARGETS[name](tokens)) > 0)
    return fitting + (("memory", "character") if len(found) < len(tokens) else ())


def chance_level(states: Mapping[str, Values], tokens: Sequence[str], measure: str) -> float | None:
    """Return the |r| that the best unit reaches with a target that has nothing to do with it; None without an r.

    It is the median over SHIFTS rotations of the target along the text, which keep how fast the target changes. In a
    short text, the best of many units follows anything to some degree.
    """
    if measure not in TARGETS:
        return None
    target = TARGETS[measure](tokens)
    by = np.linspace(0, len(target), SHIFTS + 2)[1:-1].round().astype(int)
    best = [max(float(np.abs(correlations(v, np.roll(target, shift))).max()) for v in states.values()) for shift in by]
    return float(np.median(best))


def rank_units(states: Mapping[str, Values], tokens: Sequence[str], measure: str) -> list[Unit]:
    """Return the units of all `states` (T, H), the highest score first; equal ones in the order of their index.

    Raises InvalidInput for a measure that the text does not allow.
    """
    allowed = measures_of(tokens)
    if Choice(MEASURES).check("measure", measure) not in allowed:
        raise InvalidInput("not_a_choice", "measure", value=measure, choices=", ".join(allowed) or "–")
    units = []
    for name, values in states.items():
        if measure in TARGETS:
            signed = correlations(values, TARGETS[measure](tokens))
            units += [Unit(name, i, abs(r), r) for i, r in enumerate(signed.tolist())]
        else:
            share = explained_by_token(values, tokens)
            scores = np.nan_to_num(share if measure == "character" else 1 - share)
            units += [Unit(name, i, score, None) for i, score in enumerate(scores.tolist())]
    return sorted(units, key=lambda unit: -unit.score)
