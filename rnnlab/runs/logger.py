"""The logger of the package, and what it says about an experiment."""

from __future__ import annotations

import logging
from dataclasses import fields

from rnnlab.runs.protocols import Configured, Experiment, HasEpoch

logger = logging.getLogger("rnnlab.runs")

LOGGED_SETTINGS = ("model", "hidden_size", "epochs")


def log_fields(experiment: Experiment) -> dict[str, object]:
    """Return an experiment's name, main settings and epoch for the log; no text of a visitor."""
    about: dict[str, object] = {}
    if isinstance(experiment, Configured):
        config = experiment.config
        about["experiment"] = config.lesson or "train"
        known = {item.name for item in fields(config)}
        about |= {name: getattr(config, name) for name in LOGGED_SETTINGS if name in known}
    if isinstance(experiment, HasEpoch):
        about["epoch"] = experiment.epoch
    return about
