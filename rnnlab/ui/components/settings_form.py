"""Make input components from the rules of settings, and a configuration from their values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

import gradio as gr
from gradio.components import Component

from rnnlab.ui.i18n import choice_label, help_key, t
from rnnlab.validation import Choice, Config, Integer, Real, Rule, Switch, Texts, rule_of


def setting_input(config: type[Config], name: str, *, info: bool = True, **look: Any) -> Component:
    """Make the component that sets `config.name`, with its label, help and default; `look` goes to Gradio.

    It has none of Gradio's own limits: a refusal by Gradio would not name the field, and its Number rounds 3.7 to 4.
    """
    item = next(item for item in fields(config) if item.name == name)
    rule = rule_of(item)
    value = look.pop("value", shown_value(rule, item.default))
    look = {"label": t(f"fields.{name}"), "interactive": True, "elem_id": f"set-{name}", **look}
    if info:
        look["info"] = t(help_key(config, name))
    match rule:
        case Integer(optional=False) | Real(optional=False):
            return gr.Number(value, **look)
        case Choice():
            options = [(choice_label(config, name, option), option) for option in rule.options]
            return gr.Dropdown(options, value=value, **look)
        case Switch():
            return gr.Checkbox(value, **look)
    return gr.Textbox(value, **{"max_lines": 1, **look})  # also for an optional number: Gradio's Number makes None a 0


def submits_of(components: Iterable[Component]) -> list[Any]:
    """Return the `submit` events (the Enter key) of those components that are text boxes."""
    return [component.submit for component in components if isinstance(component, gr.Textbox)]


def upload_button(key: str, kinds: Sequence[str], **look: Any) -> gr.UploadButton:
    """Make a button that uploads a file.

    `key` names its text; `kinds` are the endings that the browser's dialog offers first.
    """
    label: Any = t(key)  # Gradio's stub names str only, but every label may be I18nData
    return gr.UploadButton(label, file_types=list(kinds), **look)


def sections_of(config: type[Config]) -> dict[str, tuple[str, ...]]:
    """Return the settings of each section, in the order of their declaration; a setting may have no section."""
    sections: dict[str, tuple[str, ...]] = {}
    for item in fields(config):
        if section := item.metadata["section"]:
            sections[section] = (*sections.get(section, ()), item.name)
    return sections


def _is_written(rule: Rule) -> bool:
    """Return whether a text box shows a setting that is no text: several texts, or an optional number."""
    return isinstance(rule, Texts) or getattr(rule, "optional", False)


def shown_value(rule: Rule, value: Any) -> Any:
    """Return a setting's value as its component shows it: several texts with | between them, None as ""."""
    if not _is_written(rule):
        return value
    return "" if value is None else rule.show(value)


def shown_values(config: Config, names: Sequence[str]) -> list[Any]:
    """Return what the components of the settings `names` show for `config`."""
    rules = {item.name: rule_of(item) for item in fields(config)}
    return [shown_value(rules[name], getattr(config, name)) for name in names]


def given_value(rule: Rule, name: str, shown: Any) -> Any:
    """Invert `shown_value`; a value that the setting cannot have is left for the configuration to refuse."""
    if not _is_written(rule) or not isinstance(shown, str):
        return shown
    return None if shown.strip() == "" and not isinstance(rule, Texts) else rule.parse(name, shown.strip())


def given_values(config: type[Config], names: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    """Return the values of the components of `names` as `config` takes them; `config` checks them."""
    rules = {item.name: rule_of(item) for item in fields(config)}
    return {name: given_value(rules[name], name, value) for name, value in zip(names, values, strict=True)}
