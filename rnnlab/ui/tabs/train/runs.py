"""Runs of the language-model experiment as the page and the API start them."""

from __future__ import annotations

from functools import partial
from typing import Any

from rnnlab.experiments.language_model import Config
from rnnlab.runs import Run, Runner, Training, training_run


def new_run(runner: Runner, config: Config, text: str | None, owner: str = "") -> Run:
    """Make a run, not started yet; only a corpus of the visitor's own needs `text`. Raises InvalidInput."""
    return runner.make(owner, partial(training_run, config, text, owner=owner))


def training_of(runner: Runner, saved: Any) -> Run | None:
    """Return the run of the language model whose id the page has `saved`, if the server keeps it."""
    run = runner.get(saved)
    return run if run is not None and isinstance(run.experiment, Training) else None


def training_in(run: Run) -> Training:
    """Return the experiment of a run that `training_of` has found."""
    assert isinstance(run.experiment, Training)
    return run.experiment
