"""Look up where a copied run of a song stands in the text that its own run has learned.

A request names an epoch, a song and a copied run by number, never a text. The id of a run of training is a secret of
its visitor, and grants access to its text: here to what its songs have copied, in the surprise panel to the beginning.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, NamedTuple

from rnnlab.experiments.language_model import LearnedText
from rnnlab.limits import MAX_LEARNED_TEXTS, MAX_LEARNED_TEXTS_BYTES, MAX_REPLAYED_EPOCHS
from rnnlab.resources import SHIPPED_CORPORA
from rnnlab.runs import Row, Run, Training
from rnnlab.text import passage
from rnnlab.ui.latest import Latest
from rnnlab.ui.tabs.generate.copied import MAX_CONTEXT
from rnnlab.ui.tabs.train.runs import training_in
from rnnlab.validation import InvalidInput

# by the run's key
_texts: Latest[str, LearnedText] = Latest(
    MAX_LEARNED_TEXTS, nbytes=lambda text: text.nbytes, max_bytes=MAX_LEARNED_TEXTS_BYTES
)

# rows of epochs of which no songs were kept, by the run's key and the epoch (`replaying`)
trained_anew: Latest[tuple[str, int], dict[str, Any]] = Latest(MAX_REPLAYED_EPOCHS)


class CopiedPlace(NamedTuple):
    """A copied run by its numbers."""

    epoch: int  # 0: before training
    song: int  # from 0
    run: int  # of the song, from 0
    step: int = 0  # of songs within the epoch, the minibatch; 0: after it


def passage_in(rows: Iterable[Row], place: CopiedPlace, learned: LearnedText) -> dict[str, Any] | None:
    """Return the first `rnnlab.text.Passage` of a copied run, as plain data; None if `rows` have no such run.

    Of a text without lines only the ends of the context that are next to the run are kept.
    """
    where = (place.epoch, place.step)
    known = (row for row in rows if (row.get("epoch"), row.get("step", 0)) == where and row.get("copied_runs"))
    row = next(known, None)
    try:
        start, end = row["copied_runs"][place.song][place.run] if row else (0, 0)
        song = row["samples"][place.song] if row else ""
    except IndexError:
        return None
    found = passage(song[start:end], learned.text) if end else None
    if found is None:
        return None
    return {**asdict(found), "before": found.before[-MAX_CONTEXT:], "after": found.after[:MAX_CONTEXT]}


def passage_of_run(run: Run, place: CopiedPlace) -> dict[str, Any] | None:
    """Return where a copied run of a song of `run` stands in its text; None if it has none, or has lost its text."""
    rows = [row for row in run.since(0).rows if row["kind"] in ("epoch", "untrained", "progress")]
    if replayed := trained_anew.known((run.key, place.epoch)):
        rows.append(replayed)
    try:
        return passage_in(reversed(rows), place, learned_of(run))
    except InvalidInput:
        return None


def learned_of(run: Run) -> LearnedText:
    """Return the text of a run; that of a suspended one is read once. Raises InvalidInput if it was lost."""
    return _texts.get(run.key, lambda: _read(run))


def _read(run: Run) -> LearnedText:
    learned = training_in(run).learned()
    weakref.finalize(run, _texts.drop, run.key)  # a run that is forgotten takes its text along
    return learned


def min_copied_of(run: Run) -> int | None:
    """Return the minimal length of a copied run in the text of `run`; None where finding it out would take a while."""
    training = run.experiment
    if not isinstance(training, Training) or (training.is_suspended and run.config.corpus not in SHIPPED_CORPORA):
        return None
    try:
        learned = learned_of(run)
    except InvalidInput:
        return None
    return learned.min_length if learned.is_quick else None
