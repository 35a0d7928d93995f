"""A visitor's earlier runs: what the list under the curve shows of one, and making it the current run again.

The browser keeps the ids of its own last runs (`earlier_list.js`), asks for each by its id, and learns of no other id.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import gradio as gr
import numpy as np

from rnnlab.experiments.language_model import Config
from rnnlab.figures.bounds import Points, as_array, thinned
from rnnlab.figures.theme import model_color
from rnnlab.runs import Row, Run, Runner
from rnnlab.ui.components.run_title import title_of_run
from rnnlab.ui.i18n import choice_key, words
from rnnlab.ui.i18n.errors import refuse
from rnnlab.ui.i18n.languages import Language
from rnnlab.ui.tabs.train.payload import known_from_text, start_of
from rnnlab.ui.tabs.train.runs import training_of
from rnnlab.validation import Choice, Switch, rule_of

MAX_CURVE_POINTS = 200  # of the thin line of an earlier run
CHOSEN = "chosen"  # follows the "?" of a reference: the form shows the run's settings, as after a reload


def summary(run: Run, beside: Config | None, language: Language) -> dict[str, Any]:
    """Return title, last figures and thin curves of a run, and how its settings differ from those of `beside`."""
    config, snapshot = run.config, run.since(0)
    start = start_of(snapshot.rows) or start_of(known_from_text(config))
    epochs = [row for row in snapshot.rows if row["kind"] == "epoch"]
    last: Row = epochs[-1] if epochs else {}
    return {
        "title": title_of_run(config, [*known_from_text(config), *snapshot.rows], language),
        "model": f"{config.model.upper()} {config.hidden_size}",
        "over": snapshot.over,
        "epochs": len(epochs),
        "perplexity": last.get("perplexity"),
        "held_out": last.get("held_out_perplexity"),
        "has_held_out": bool(config.held_out),
        "uniform": start.get("uniform_perplexity"),
        "differences": [] if beside is None else differences(config, beside, language),
        "color": model_color(config.model),
        "curve": _thin([(row["epoch"], row["perplexity"]) for row in epochs]),
        "held_out_curve": _thin([(row["epoch"], row["held_out_perplexity"]) for row in epochs]),
    }


def differences(config: Config, other: Config, language: Language) -> list[tuple[str, str, str]]:
    """Return the settings that differ, except for the epochs: the field's name, the value of `config`, the other's."""
    texts = words(language)
    return [
        (
            texts[f"fields.{item.name}"],
            _in_words(config, item.name, language),
            _in_words(other, item.name, language),
        )
        for item in fields(Config)
        if item.name != "epochs" and getattr(config, item.name) != getattr(other, item.name)
    ]


def _in_words(config: Config, name: str, language: Language) -> str:
    texts, value = words(language), getattr(config, name)
    rule = rule_of(next(item for item in fields(Config) if item.name == name))
    if name == "corpus":
        return texts.get(f"choices.corpus.{value}", value)
    match rule:
        case Choice():
            return texts.get(choice_key(Config, name, value), value)
        case Switch():
            return texts["earlier.yes" if value else "earlier.no"]
    return texts["earlier.none"] if value is None or value == () else rule.show(value)


def _thin(points: Points) -> dict[str, Sequence[float | None]]:
    all_x, all_y = as_array(points).T
    x, y = thinned(all_x, all_y, limit=MAX_CURVE_POINTS)
    return {"x": x.tolist(), "y": [value if np.isfinite(value) else None for value in y.tolist()]}


def on_choose(runner: Runner, chosen: Any, request: gr.Request) -> tuple[str, str]:
    """Make an earlier run of this visitor the current one: the panel's reference, and the id that the page keeps."""
    if (run := training_of(runner, chosen)) is None:
        raise refuse("earlier.gone", request)
    return f"runs/{run.id}?{CHOSEN}-{secrets.token_hex(4)}", run.id
