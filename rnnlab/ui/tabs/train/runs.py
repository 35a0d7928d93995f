"""Runs of the language-model experiment as the page and the API start them."""

from __future__ import annotations

from functools import partial
from typing import Any

from rnnlab.experiments.language_model import Config
from rnnlab.runs import Run, Runner, Training, training_run

OWN = "own"  # the corpus that is a text of one's own
LONGEST_PASTE = 1_000_000  # characters; a longer text comes as a file


def new_run(runner: Runner, config: Config, text: str | None, owner: str = "") -> Run:
    """Make a run for `runner`, not started yet; `text` is needed for a corpus of one's own. Raises InvalidInput."""
    return runner.make(owner, partial(training_run, config, text, owner=owner))


def training_of(runner: Runner, saved: Any) -> Run | None:
    """The training whose id the page has `saved`, if it is kept; a lesson's run is none."""
    run = runner.get(saved)
    return run if run is not None and isinstance(run.experiment, Training) else None
