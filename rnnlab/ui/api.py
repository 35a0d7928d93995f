"""The endpoints for programs: `train` and `generate`, with a typed, documented argument per setting.

    client = gradio_client.Client("http://127.0.0.1:7860")
    for row in client.submit(preset="quick", epochs=3, api_name="/train"):
        print(row["epoch"], row["perplexity"])
    client.predict(model=row["run"], prefix="雨", api_name="/generate")["text"]

The page's own handlers call the same functions of the floors below.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import Field, fields
from types import MethodType
from typing import Any

import gradio as gr

from rnnlab import checkpoints
from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.language_model import PRESETS, Config, preset
from rnnlab.generation import Generation, fit_prefix, generate
from rnnlab.resources import SHIPPED_MODELS, shipped_model
from rnnlab.runs import FAILED, Row, Run, Runner
from rnnlab.ui.refusals import refusals_shown
from rnnlab.ui.training import LONGEST_PASTE, OWN, new_run
from rnnlab.validation import NONE, Choice, Integer, InvalidInput, Real, Switch, Text, Texts, rule_of

POLL = 0.1  # seconds between two looks at a run


def train(runner: Runner, request: gr.Request, recipe: str, text: str, *values: Any) -> Iterator[Row]:
    """Train a language model; a row per epoch comes back as it ends, and the last row once more at the end.

    `preset` is the recipe to start from; `corpus` is lyrics-zh, lyrics-en, or own for the `text` that you send. Every
    other argument replaces a setting of the recipe: null keeps it, "none" stands for no limit where that is allowed.
    A row holds the epoch's numbers and samples, the `state`, and `run`, by which /generate finds the model while the
    server keeps it. Cancelling the call stops the run.
    """
    with refusals_shown(request):
        Choice(tuple(PRESETS)).check("preset", recipe)
        config = preset(recipe).config(**_given(values))
        own = Text(2, LONGEST_PASTE).check("text", text) if config.corpus == OWN else None
        run = runner.start(new_run(config, own))
    try:
        with run.viewer():
            yield from _epochs(run)
    finally:
        run.stop()
    with refusals_shown(request):
        if run.state == FAILED:
            raise run.error if isinstance(run.error, InvalidInput) else InvalidInput("run_failed", "run")


def _given(values: tuple[Any, ...]) -> dict[str, Any]:
    """The settings that were sent: not null, with "none" as None where a setting may be none."""
    given = {}
    for item, value in zip(fields(Config), values, strict=True):
        if value is not None:
            may_be_none = getattr(rule_of(item), "optional", False)
            given[item.name] = None if may_be_none and value == NONE else value
    return given


def _epochs(run: Run) -> Iterator[Row]:
    """The run's epochs as they end; after the last, that row again with the state in which the run ended."""
    cursor, last = 0, {"epoch": 0}
    while True:
        snapshot = run.since(cursor)
        cursor = snapshot.cursor
        for row in snapshot.rows:
            if row["kind"] == "epoch":
                last = row
                yield {**row, "run": run.id, "state": snapshot.state}
        if run.wait(POLL) and run.since(cursor).cursor == cursor:
            yield {**last, "run": run.id, "state": run.state}
            return


def sing(runner: Runner, request: gr.Request, model: str, *values: Any) -> dict[str, Any]:
    """Sing with a model: lyrics-zh, lyrics-en, or the `run` of a row that /train gave you.

    Returns the `text` (prefix included), the characters of the prefix that the model does not know (`missing`), and
    each generated character with its `probability` (`choices`).
    """
    with refusals_shown(request):
        settings = {item.name: value for item, value in zip(fields(Generation), values, strict=True)}
        how = Generation(**settings)
        checkpoint = _model(runner, model)
        fitted = fit_prefix(how.prefix, checkpoint.vocab)
        choices = list(generate(checkpoint.build_model(), checkpoint.vocab, how))
    return {
        "text": fitted.text + "".join(choice.character for choice in choices),
        "missing": list(fitted.missing),
        "choices": [{"character": c.character, "probability": c.probability} for c in choices],
    }


def _model(runner: Runner, name: str) -> Checkpoint:
    run = runner.get(Text(1, 100).check("model", name))
    return run.experiment.latest if run is not None else checkpoints.load(shipped_model(name))


def build_api(runner: Runner) -> None:
    """Register both endpoints; call it inside the app's Blocks."""
    own = _signed(
        train, {"preset": (str, "quick"), "text": (str, "")}, [_may_be_null(item) for item in fields(Config)], Row
    )
    gr.api(MethodType(own, runner), api_name="train", concurrency_limit=None)
    settings = [_parameter(item.name, _type(item), item.default) for item in fields(Generation)]
    own = _signed(sing, {"model": (str, next(iter(SHIPPED_MODELS)))}, settings, dict)
    gr.api(MethodType(own, runner), api_name="generate", concurrency_limit=8)


def _signed(
    endpoint: Callable[..., Any], first: dict[str, tuple[type, Any]], settings: list[inspect.Parameter], returns: Any
) -> Callable[..., Any]:
    """`endpoint` with its `*values` spelled out, which is what Gradio derives the documentation from."""
    head = [
        _parameter("runner", Runner, inspect.Parameter.empty),
        _parameter("request", gr.Request, inspect.Parameter.empty),
    ]
    spelled = [*head, *(_parameter(name, kind, default) for name, (kind, default) in first.items()), *settings]
    endpoint.__signature__ = inspect.Signature(spelled, return_annotation=returns)
    endpoint.__annotations__ = {parameter.name: parameter.annotation for parameter in spelled} | {"return": returns}
    return endpoint


def _parameter(name: str, kind: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=kind)


def _may_be_null(item: Field[Any]) -> inspect.Parameter:
    """A setting of the recipe: null, the default, keeps the recipe's value."""
    kind = _type(item)
    return _parameter(item.name, kind | str if getattr(rule_of(item), "optional", False) else kind | None, None)


def _type(item: Field[Any]) -> Any:
    match rule_of(item):
        case Integer(optional=optional):
            kind = int
        case Real(optional=optional):
            kind = float
        case Switch():
            return bool
        case Texts():
            return list[str]
        case _:
            return str
    return kind | None if optional else kind
