"""The networks that a visitor can choose: shipped ones, the one just trained, and an uploaded file."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rnnlab import checkpoints
from rnnlab.checkpoints import Checkpoint
from rnnlab.resources import SHIPPED_MODELS, shipped_model
from rnnlab.runs import Runner
from rnnlab.ui.i18n.errors import refuse
from rnnlab.ui.session.uploads import Upload
from rnnlab.ui.tabs.train.runs import training_of
from rnnlab.validation import Choice

TRAINED, UPLOADED = "trained", "uploaded"
NETWORKS = (*SHIPPED_MODELS, TRAINED, UPLOADED)


def network_chosen(
    runner: Runner, saved: Any, uploaded: Upload[Checkpoint] | None, name: str, request: gr.Request | None
) -> Checkpoint:
    """Return the network called `name`, one of NETWORKS; a run's is the latest.

    Raises InvalidInput, or a Refusal where there is none.
    """
    Choice(NETWORKS).check("model", name)
    if name == TRAINED:
        run = training_of(runner, saved)
        if run is None or (latest := runner.latest(run)) is None:
            raise refuse("generate.not_trained", request, "model")
        return latest
    if name == UPLOADED:
        if uploaded is None:
            raise refuse("generate.not_uploaded", request, "model")
        return uploaded.content
    return checkpoints.load(shipped_model(name))
