"""Everything the page says, in both languages: `en.json` and `zh.json` have the same sections and keys.

A key is `section.name`, as in `train.button`. The English refusals are `rnnlab.messages.MESSAGES` and the English help
is that of the settings themselves (the command line speaks them too), so only `zh.json` has sections for them.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from types import MappingProxyType

import gradio as gr
from gradio.i18n import I18nData

from rnnlab.experiments.language_model import Config
from rnnlab.generation import Generation
from rnnlab.messages import MESSAGES
from rnnlab.ui.language import LANGUAGES, Language
from rnnlab.validation import InvalidInput


@cache
def words(language: Language) -> Mapping[str, str]:
    """Map every key to its words in one language, read-only."""
    sections = json.loads(Path(__file__).with_name(f"{language}.json").read_text("utf-8"))
    if language == "en":
        sections["errors"] = MESSAGES
        sections["help"] = {item.name: item.metadata["help"] for item in (*fields(Generation), *fields(Config))}
    flat = {f"{section}.{name}": text for section, texts in sections.items() for name, text in texts.items()}
    return MappingProxyType(flat)


def section(name: str, language: Language) -> dict[str, str]:
    """The words of one section by their own keys, for a script of ours."""
    start = f"{name}."
    return {key.removeprefix(start): text for key, text in words(language).items() if key.startswith(start)}


def t(key: str) -> I18nData:
    """Name words for a component's label, value or placeholder; the browser shows them in the visitor's language."""
    if key not in words("en"):
        raise KeyError(f"{key}: no such words in rnnlab/ui/words/en.json")
    return I18nData(key)


def both(key: str) -> str:
    """Write words into HTML of our own, where `t` does not reach: both texts, of which style.css shows one."""
    return "".join(
        f'<span lang="{tag}">{html.escape(words(language)[key])}</span>'
        for language, tag in zip(LANGUAGES, ("en", "zh-CN"), strict=True)
    )


def translations() -> gr.I18n:
    """Collect the words that `t` names, for `launch(i18n=...)`; refusals are put together on the server."""
    return gr.I18n(**{language: _without_errors(language) for language in LANGUAGES})


def _without_errors(language: Language) -> dict[str, str]:
    return {key: text for key, text in words(language).items() if not key.startswith("errors.")}


def message_of(error: InvalidInput, language: Language) -> str:
    """Say a refusal in the visitor's language; a field with a label is named by it and, for links, by its own name."""
    known = words(language)
    label = known.get(f"fields.{error.field}")
    field = known["app.field"].format(label=label, field=error.field) if label else error.field
    return known[f"errors.{error.code}"].format(field=field, **error.details)
