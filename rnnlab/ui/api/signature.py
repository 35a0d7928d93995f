"""Make the typed, documented argument list of an endpoint from the settings of an experiment."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import Field, fields
from typing import Any

import gradio as gr

from rnnlab.runs import Runner
from rnnlab.validation import Config, Integer, Real, Switch, Texts, rule_of


def settings_of(config: type[Config]) -> list[inspect.Parameter]:
    """Return an argument per setting of `config`, with its default."""
    return [parameter(item.name, type_of(item), item.default) for item in fields(config)]


def signed(
    endpoint: Callable[..., Any], first: Mapping[str, tuple[Any, Any]], settings: list[inspect.Parameter], returns: Any
) -> Callable[..., Any]:
    """Return `endpoint` with a signature from which Gradio derives its documentation.

    The signature has `runner` and `request`, the arguments `first` (type and default by name), then the settings.
    """
    head = [
        parameter("runner", Runner, inspect.Parameter.empty),
        parameter("request", gr.Request, inspect.Parameter.empty),
    ]
    spelled = [*head, *(parameter(name, kind, default) for name, (kind, default) in first.items()), *settings]
    endpoint.__signature__ = inspect.Signature(spelled, return_annotation=returns)  # type: ignore[attr-defined]  # typeshed lacks it
    endpoint.__annotations__ = {parameter.name: parameter.annotation for parameter in spelled} | {"return": returns}
    return endpoint


def parameter(name: str, kind: Any, default: Any) -> inspect.Parameter:
    """Return an argument of the type `kind`."""
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=kind)


def may_be_null(item: Field[Any]) -> inspect.Parameter:
    """Return an argument for a setting of a recipe: null, its default, keeps the recipe's value."""
    kind = type_of(item)
    return parameter(item.name, kind | str if getattr(rule_of(item), "optional", False) else kind | None, None)


def type_of(item: Field[Any]) -> Any:
    """Return the type of a setting's argument."""
    kind: type
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
