"""Everything the page says, in both languages: the folders `en` and `zh` have the same files, sections and keys.

A key is `section.name`, as in `train.button`; a file is a tab's, and adds to shared sections what only it needs. The
English refusals are `rnnlab.messages.MESSAGES` and the English help is that of the settings themselves (the command
line speaks them too), so only `zh` has sections for them.
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

from rnnlab.experiments import hello, language_model, sine, tagging
from rnnlab.generation import Generation
from rnnlab.inspection import BatchesConfig, LayersConfig
from rnnlab.messages import MESSAGES, name_settings
from rnnlab.ui.i18n.languages import LANGUAGES, Language
from rnnlab.validation import Config, InvalidInput

TAGS: dict[Language, str] = {"en": "en", "zh": "zh-CN"}  # as the page's `lang` names them

# Everything that a visitor can set.
CONFIGS: tuple[type[Config], ...] = (
    Generation,
    language_model.Config,
    hello.Config,
    sine.Config,
    tagging.Config,
    LayersConfig,
    BatchesConfig,
)


@cache
def words(language: Language) -> Mapping[str, str]:
    """Map every key to its words in one language, read-only."""
    flat = {}
    for path in sorted((Path(__file__).parent / language).glob("*.json")):
        for section, texts in json.loads(path.read_text("utf-8")).items():
            for name, text in texts.items():
                if f"{section}.{name}" in flat:
                    raise KeyError(f"{path}: {section}.{name} stands in another file already")
                flat[f"{section}.{name}"] = text
    if language == "en":
        flat |= {f"errors.{code}": text for code, text in MESSAGES.items()}
        flat |= {help_key(config, item.name): item.metadata["help"] for config in CONFIGS for item in fields(config)}
    return MappingProxyType(flat)


def help_key(config: type[Config], name: str) -> str:
    """Name the help of a setting: `help.epochs`, or `help.hello.epochs` for a lesson's."""
    return f"help.{config.lesson}.{name}" if config.lesson else f"help.{name}"


def choice_key(config: type[Config], name: str, option: str) -> str:
    """Name the label of a choice: a lesson's own, as `choices.sine.memory.reset`, or the one that all share."""
    own = f"choices.{config.lesson}.{name}.{option}"
    return own if own in words("en") else f"choices.{name}.{option}"


def choice_label(config: type[Config], name: str, option: str) -> I18nData | str:
    """Return the label of a choice; a cell that was registered without words goes by its name."""
    key = choice_key(config, name, option)
    return option.upper() if name == "model" and key not in words("en") else t(key)


def section(name: str, language: Language) -> dict[str, str]:
    """The words of one section by their own keys, for a script of ours."""
    start = f"{name}."
    return {key.removeprefix(start): text for key, text in words(language).items() if key.startswith(start)}


def t(key: str) -> I18nData:
    """Name words for a component's label, value or placeholder; the browser shows them in the visitor's language."""
    if key not in words("en"):
        raise KeyError(f"{key}: no such words in rnnlab/ui/i18n/en")
    return I18nData(key)


def both(key: str, **facts: object) -> str:
    """Write words into HTML of our own, where `t` does not reach: both texts, of which style.css shows one."""
    return in_both({language: words(language)[key].format(**facts) for language in LANGUAGES})


def in_both(texts: Mapping[Language, str]) -> str:
    """Write a text of each language into one piece of HTML; style.css shows the one that the page speaks."""
    return "".join(f'<span lang="{TAGS[name]}">{html.escape(texts[name], quote=False)}</span>' for name in LANGUAGES)


def translations() -> gr.I18n:
    """Collect the words that `t` names, for `launch(i18n=...)`; refusals are put together on the server."""
    return gr.I18n(**{language: _without_errors(language) for language in LANGUAGES})


def _without_errors(language: Language) -> dict[str, str]:
    return {key: text for key, text in words(language).items() if not key.startswith("errors.")}


def message_of(error: InvalidInput, language: Language, *, program: bool = False) -> str:
    """Say a refusal in the visitor's language.

    The page's visitors read a setting's label alone; `program`: a caller of the API reads its own name as well.
    """
    template = name_settings(words(language)[f"errors.{error.code}"], lambda name: field_name(name, language, program))
    return template.format(field=field_name(error.field, language, program), **error.details)


def field_name(name: str, language: Language, program: bool = False) -> str:
    """`Batch size`, or for a program `Batch size (batch_size)`; a field without a label goes by its name."""
    label = words(language).get(f"fields.{name}")
    if label is None:
        return name
    return words(language)["app.field"].format(label=label, field=name) if program else label
