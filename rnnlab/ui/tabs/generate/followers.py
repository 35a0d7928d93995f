"""What followed the characters that a visitor types: the handler, and its panel's payload."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.language_model import what_followed
from rnnlab.generation import FollowersTable
from rnnlab.runs import Runner
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.ui.session.uploads import Upload
from rnnlab.ui.tabs.generate.writers import text_chosen

MAX_ROWS = 20  # of the table


def on_followers(
    runner: Runner, saved: Any, uploaded: Upload[Checkpoint] | None, model: str, typed: Any, request: gr.Request
) -> dict[str, Any] | None:
    """Return the panel of what followed `typed` in the text of `model`; None if nothing is typed."""
    if typed == "":
        return None
    with refusals_shown(request):
        learned = text_chosen(runner, saved, uploaded, model, request)
        return followers_value(what_followed(typed, learned, MAX_ROWS))


def followers_value(found: FollowersTable) -> dict[str, Any]:
    """Return the panel's value; probabilities are rounded."""
    value = found.to_dict()
    for row in value["rows"]:
        row |= {"share": round(row["share"], 5), "probability": round(row["probability"], 5)}
    return value
