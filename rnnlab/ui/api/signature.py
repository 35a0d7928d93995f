"""The typed, documented argument list of an endpoint, made from the settings of an experiment."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import Field, fields
from typing import Any

import gradio as gr

from rnnlab.runs import Runner
from rnnlab.validation import Config, Integer, Real, Switch, Texts, rule_of


def settings_of(config: type[Config]) -> list[inspect.Parameter]:
    """An argument per setting of `config`, with its default."""
    return [parameter(item.name, type_of(item), item.default) for item in fields(config)]


def signed(
    endpoint: Callable[..., Any], first: dict[str, tuple[type, Any]], settings: list[inspect.Parameter], returns: Any
) -> Callable[..., Any]:
    """`endpoint` with its `*values` spelled out, which is what Gradio derives the documentation from."""
    head = [
        parameter("runner", Runner, inspect.Parameter.empty),
        parameter("request", gr.Request, inspect.Parameter.empty),
    ]
    spelled = [*head, *(parameter(name, kind, default) for name, (kind, default) in first.items()), *settings]
    endpoint.__signature__ = inspect.Signature(spelled, return_annotation=returns)
    endpoint.__annotations__ = {parameter.name: parameter.annotation for parameter in spelled} | {"return": returns}
    return endpoint


def parameter(name: str, kind: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=kind)


def may_be_null(item: Field[Any]) -> inspect.Parameter:
    """A setting of the recipe: null, the default, keeps the recipe's value."""
    kind = type_of(item)
    return parameter(item.name, kind | str if getattr(rule_of(item), "optional", False) else kind | None, None)


def type_of(item: Field[Any]) -> Any:
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
