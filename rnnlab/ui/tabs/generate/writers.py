"""What can be chosen to write: a network that was shipped, trained here or uploaded, or counting in the text of one."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.language_model import LearnedText, Writer, counting_writer, network_writer
from rnnlab.generation import COUNTING
from rnnlab.resources import SHIPPED_MODELS
from rnnlab.runs import Runner
from rnnlab.ui.i18n.errors import refuse
from rnnlab.ui.session.uploads import Upload
from rnnlab.ui.tabs.generate.learned_text import learned_text
from rnnlab.ui.tabs.networks import NETWORKS, TRAINED, network_chosen
from rnnlab.validation import Choice

# "5-gram:lyrics-zh": which one counts, and the network in whose text
COUNTERS = {f"{name}:{text}": (name, text) for text in (*SHIPPED_MODELS, TRAINED) for name in reversed(COUNTING)}
MODELS = (*NETWORKS, *COUNTERS)


def network_of(model: str) -> str:
    """Return the network that has learned the text in which `model` counts; a network is its own."""
    return COUNTERS[model][1] if model in COUNTERS else model


def writer_chosen(
    runner: Runner, saved: Any, uploaded: Upload[Checkpoint] | None, model: str, request: gr.Request | None
) -> Writer:
    """Return the writer that a visitor means by `model`. Raises InvalidInput, or a Refusal where there is none."""
    checkpoint, learned = _network(runner, saved, uploaded, model, request)
    if model not in COUNTERS:
        return network_writer(checkpoint, learned)
    if learned is None:
        raise refuse("generate.text_unknown", request, "model")
    return counting_writer(COUNTERS[model][0], learned)


def text_chosen(
    runner: Runner, saved: Any, uploaded: Upload[Checkpoint] | None, model: str, request: gr.Request | None
) -> LearnedText:
    """Return the text that `model` has learned or counted. Raises as `writer_chosen`."""
    _, learned = _network(runner, saved, uploaded, model, request)
    if learned is None:
        raise refuse("generate.text_unknown", request, "model")
    return learned


def _network(
    runner: Runner, saved: Any, uploaded: Upload[Checkpoint] | None, model: str, request: gr.Request | None
) -> tuple[Checkpoint, LearnedText | None]:
    """Return the network that `model` is or counts like, a run's with the weights of its kept epoch, and its text."""
    name = network_of(Choice(MODELS).check("model", model))
    checkpoint = network_chosen(runner, saved, uploaded, name, request)
    return checkpoint, learned_text(runner, saved, checkpoint, is_trained_here=name == TRAINED)
