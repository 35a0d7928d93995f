"""One input component per setting of an experiment from its rule; and from their values back to a configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import gradio as gr
from gradio.components import Component

from rnnlab.ui.words import t
from rnnlab.validation import Choice, Config, Integer, Real, Switch, Texts, rule_of


def setting_input(config: type[Config], name: str, *, info: bool = True, **words: Any) -> Component:
    """The component in which a visitor sets `config.name`, with its label, help, range and default."""
    item = next(item for item in fields(config) if item.name == name)
    rule = rule_of(item)
    value = words.pop("value", shown_value(rule, item.default))
    words = {"label": t(f"fields.{name}"), "interactive": True, "elem_id": f"set-{name}", **words}
    if info:
        words["info"] = t(f"help.{name}")
    match rule:
        case Integer():
            return gr.Number(value, precision=0, minimum=rule.low, maximum=rule.high, **words)
        case Real():
            return gr.Number(value, minimum=rule.low, maximum=rule.high, **words)
        case Choice():
            return gr.Dropdown(
                [(t(f"choices.{name}.{option}"), option) for option in rule.options], value=value, **words
            )
        case Switch():
            return gr.Checkbox(value, **words)
    return gr.Textbox(value, max_lines=1, **words)


def shown_value(rule: Any, value: Any) -> Any:
    """A setting's value as its component shows it: several texts are one, with | between them."""
    return rule.show(value) if isinstance(rule, Texts) else value


def shown_values(config: Config, names: Sequence[str]) -> list[Any]:
    """What the components of `names` show for `config`."""
    rules = {item.name: rule_of(item) for item in fields(config)}
    return [shown_value(rules[name], getattr(config, name)) for name in names]


def given_values(config: type[Config], names: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    """What the components of `names` hold, as `config` takes it; checking is the configuration's own business."""
    rules = {item.name: rule_of(item) for item in fields(config)}
    given = dict(zip(names, values, strict=True))
    return {
        name: rules[name].parse(name, value) if isinstance(rules[name], Texts) and isinstance(value, str) else value
        for name, value in given.items()
    }
