"""One input component per setting of an experiment from its rule; and from their values back to a configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import gradio as gr
from gradio.components import Component

from rnnlab.ui.i18n import choice_label, help_key, t
from rnnlab.validation import Choice, Config, Integer, Real, Rule, Switch, Texts, rule_of


def setting_input(config: type[Config], name: str, *, info: bool = True, **words: Any) -> Component:
    """The component in which a visitor sets `config.name`, with its label, help, range and default."""
    item = next(item for item in fields(config) if item.name == name)
    rule = rule_of(item)
    value = words.pop("value", shown_value(rule, item.default))
    words = {"label": t(f"fields.{name}"), "interactive": True, "elem_id": f"set-{name}", **words}
    if info:
        words["info"] = t(help_key(config, name))
    match rule:  # without Gradio's own limits: its refusal would not say which field it means, and it rounds 3.7 to 4
        case Integer(optional=False) | Real(optional=False):
            return gr.Number(value, **words)
        case Choice():
            return gr.Dropdown(
                [(choice_label(config, name, option), option) for option in rule.options], value=value, **words
            )
        case Switch():
            return gr.Checkbox(value, **words)
    words = {"max_lines": 1, **words}
    return gr.Textbox(value, **words)  # a number that may be none, too: Gradio's Number would make it 0


def sections_of(config: type[Config]) -> dict[str, tuple[str, ...]]:
    """Return the settings of each section, in the order of their declaration; a setting may have no section."""
    sections: dict[str, tuple[str, ...]] = {}
    for item in fields(config):
        if section := item.metadata["section"]:
            sections[section] = (*sections.get(section, ()), item.name)
    return sections


def _is_written(rule: Rule) -> bool:
    """Whether a setting is shown as text although it is none: several texts, or a number that may be none."""
    return isinstance(rule, Texts) or getattr(rule, "optional", False)


def shown_value(rule: Rule, value: Any) -> Any:
    """A setting's value as its component shows it: several texts with | between them, none as nothing."""
    if not _is_written(rule):
        return value
    return "" if value is None else rule.show(value)


def shown_values(config: Config, names: Sequence[str]) -> list[Any]:
    """What the components of `names` show for `config`."""
    rules = {item.name: rule_of(item) for item in fields(config)}
    return [shown_value(rules[name], getattr(config, name)) for name in names]


def given_value(rule: Rule, name: str, shown: Any) -> Any:
    """The inverse of `shown_value`; whatever else a component held is left for the configuration to refuse."""
    if not _is_written(rule) or not isinstance(shown, str):
        return shown
    return None if shown.strip() == "" and not isinstance(rule, Texts) else rule.parse(name, shown.strip())


def given_values(config: type[Config], names: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    """What the components of `names` hold, as `config` takes it; checking is the configuration's own business."""
    rules = {item.name: rule_of(item) for item in fields(config)}
    return {name: given_value(rules[name], name, value) for name, value in zip(names, values, strict=True)}
