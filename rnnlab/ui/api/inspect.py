"""`/inspect`: what a trained model does at each character of a text."""

from __future__ import annotations

from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.experiments.event import plain
from rnnlab.experiments.language_model import Config
from rnnlab.experiments.language_model.inspected import inspect_text
from rnnlab.experiments.language_model.looks import LOOKS, look_at
from rnnlab.limits import MAX_INSPECTED_CHARACTERS
from rnnlab.resources import SHIPPED_MODELS
from rnnlab.runs import Runner
from rnnlab.text import Corpus
from rnnlab.ui.api.signature import signed
from rnnlab.ui.api.writers import model_called, text_called
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.validation import InvalidInput, Text

MAX_OPTIONS = 20


def inspect(
    runner: Runner, request: gr.Request, model: str, text: str, what: str, options: list[str]
) -> dict[str, Any]:
    """Look at what a model does at each character of a text.

    `model` is lyrics-zh, lyrics-en, or the `run` of a row that /train gave you; `text` has at most 2000 characters, of
    which those that the model does not know are left out (`missing`). `options` are texts such as "measure=line".
    `what` is "units": the units of highest score and their values after each token, sorted by `measure` (line,
    space, depth, memory or character), those of one `state` (l0.h, of an LSTM l0.c) or of all, `number` of them;
    "alike": the units of a `state` that are on over the tokens `first` to `last`, counted from 0, with a size of at
    least `threshold`, and the ten `places` of the training text where the same units are on; "gates": of each gate the
    mean over the units at each token (`along`) and of each unit the share of the text below 0.1 and above 0.9 (`low`,
    `high`); with a `place`, a `layer` and a `unit` also every number of that unit in the step at that token; or
    "gradient": the length of the gradient of the prediction at a `place`, from 1, to a `state` by lag (`norms`), with
    the medians over 64 places of this network, of the same before its training (`start`), and of RNN, GRU and LSTM
    that were `measured` in advance.
    """
    with refusals_shown(request, program=True):
        read = Text(1, MAX_INSPECTED_CHARACTERS).check("text", text)
        checkpoint = model_called(runner, model)

        def corpus() -> Corpus:
            return text_called(runner, model).corpus

        config = Config.from_strings(checkpoint.config)
        inspected = inspect_text(checkpoint.build_model(), checkpoint.vocab, config, read, corpus)
        found = look_at(inspected, what, _query(options))
    answer: dict[str, Any] = plain({"missing": list(inspected.fitted.missing), "what": what, **found})
    return answer


def _query(options: Any) -> dict[str, str]:
    if not isinstance(options, list) or len(options) > MAX_OPTIONS or not all(isinstance(o, str) for o in options):
        raise InvalidInput("not_text", "options", value=str(options)[:40])
    return dict(option.partition("=")[::2] for option in options)


def build_endpoint(runner: Runner) -> None:
    """Register the endpoint; call it inside the app's Blocks."""
    first = {
        "model": (str, next(iter(SHIPPED_MODELS))),
        "text": (str, ""),
        "what": (str, next(iter(LOOKS))),
        "options": (list[str], []),
    }
    own = signed(inspect, first, [], dict)
    gr.api(MethodType(own, runner), api_name="inspect", concurrency_limit=2)
