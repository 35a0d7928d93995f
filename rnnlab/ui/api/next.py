"""`/next`: what a model believes of the next character, and what is drawn from."""

from __future__ import annotations

from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.generation import COUNTING, Generation, fit_prefix, next_tokens
from rnnlab.generation.next_token import LIKELIEST
from rnnlab.resources import SHIPPED_MODELS
from rnnlab.runs import Runner
from rnnlab.ui.api.generate import settings_by_name
from rnnlab.ui.api.signature import parameter, settings_of, signed
from rnnlab.ui.api.writers import DEFAULT_CORPUS, writer_called
from rnnlab.ui.i18n.errors import refusals_shown


def next_token(runner: Runner, request: gr.Request, model: str, *values: Any) -> dict[str, Any]:
    """Tell what a model believes of the next character, and what temperature, top-k and top-p make of it.

    `model` and `corpus` are as in /generate. Returns the `prefix` as it was read, the characters of it that the model
    does not know (`missing`), a row for each of the `likeliest` tokens (`rows`): the `token`, its `rank`, its
    probability by the model itself (`believed`) and in the draw (`drawn_from`, 0 where it is cut off), the same for all
    `others` together, how many tokens the draw could give (`kept`), and the token that the `seed` draws (`drawn`).
    Each row has its `logit` as well: its probability before top_k and top_p is exp(logit / temperature − `log_sum`).
    """
    with refusals_shown(request, program=True):
        *settings, likeliest, corpus = values
        how = Generation(**settings_by_name(settings, but="length"))
        writer = writer_called(runner, model, corpus, needs_text=model in tuple(COUNTING))
        fitted = fit_prefix(how.prefix, writer.vocab)
        found = next_tokens(writer.decoder(), writer.vocab, how, likeliest=likeliest)
    return {"prefix": fitted.text, "missing": list(fitted.missing), **found.to_dict()}


def build_endpoint(runner: Runner) -> None:
    """Register the endpoint; call it inside the app's Blocks."""
    settings = [item for item in settings_of(Generation) if item.name != "length"]
    last = [parameter("likeliest", int, LIKELIEST), parameter("corpus", str, DEFAULT_CORPUS)]
    own = signed(next_token, {"model": (str, next(iter(SHIPPED_MODELS)))}, [*settings, *last], dict)
    gr.api(MethodType(own, runner), api_name="next", concurrency_limit=8)
