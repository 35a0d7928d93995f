"""All texts of the page, in each of its languages: one folder per language, a JSON file per tab.

A key is `section.name`, as in `train.button`; a tab's file may add keys to sections that several tabs share. A text
that a language lacks is taken from English. English has four sections that stand elsewhere: the refusals are
`rnnlab.messages.MESSAGES`, the help is that of the settings themselves, the slips are `tutorials.SLIPS`, and the breaks
`breaks.BREAKS`, for the command line shows them as well.

Only what makes components of the page (`t`, `translations`, `choice_label`) imports Gradio, when it is called: the
command line reads the same texts and must not wait for it.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from rnnlab.experiments import language_model
from rnnlab.experiments.breaks import BREAKS
from rnnlab.experiments.registry import LESSONS
from rnnlab.experiments.tutorials import SLIPS
from rnnlab.generation import Acrostic, Generation
from rnnlab.inspection import BatchesConfig, EmbeddingConfig, PackedConfig, ProductsConfig, TextConfig
from rnnlab.messages import MESSAGES, name_settings
from rnnlab.ui.i18n.languages import FALLBACK, LANGUAGES, Language
from rnnlab.validation import Config, InvalidInput

if TYPE_CHECKING:
    import gradio as gr
    from gradio.i18n import I18nData

# What no component of Gradio refers to: refusals, and the long texts of guides and exercises.
NOT_TRANSLATED = ("errors.", "guide_", "exercise", "mistake.")
INSPECTED = (TextConfig, ProductsConfig, EmbeddingConfig, PackedConfig, BatchesConfig)


def configs() -> tuple[type[Config], ...]:
    """Return the configurations whose settings a visitor can set."""
    lessons = (lesson.config for lesson in LESSONS)
    return Acrostic, language_model.WhoWrote, Generation, language_model.Config, *lessons, *INSPECTED


@cache
def words(language: Language) -> Mapping[str, str]:
    """Map every key to its text in one language, or in English where the language lacks it; read-only."""
    return MappingProxyType({**own_words(FALLBACK), **own_words(language)})


@cache
def own_words(language: Language) -> Mapping[str, str]:
    """Map the keys that stand in the folder of `language` itself to their texts, read-only."""
    flat: dict[str, str] = {}
    for path in sorted(LANGUAGES[language].folder.glob("*.json")):
        for section, texts in json.loads(path.read_text("utf-8")).items():
            for name, text in texts.items():
                if f"{section}.{name}" in flat:
                    raise KeyError(f"{path}: {section}.{name} stands in another file already")
                flat[f"{section}.{name}"] = text
    if language == FALLBACK:
        flat |= {f"errors.{code}": text for code, text in MESSAGES.items()}
        flat |= {f"slips.{name}": text for name, text in SLIPS.items()}
        flat |= {f"breaks.{name}": text for name, text in BREAKS.items()}
        flat |= {help_key(config, item.name): item.metadata["help"] for config in configs() for item in fields(config)}
    return MappingProxyType(flat)


def forget_words() -> None:
    """Read the texts anew; call it after a change of LANGUAGES or LESSONS."""
    words.cache_clear()
    own_words.cache_clear()


def help_key(config: type[Config], name: str) -> str:
    """Return the key of a setting's help: `help.epochs`, or `help.hello.epochs` for a lesson's.

    A lesson that trains the language model has that model's help for the settings that it takes over unchanged.
    """
    shared = language_model.Config.__dataclass_fields__
    if issubclass(config, language_model.Config) and config.__dataclass_fields__[name] is shared.get(name):
        return f"help.{name}"
    return f"help.{config.lesson}.{name}" if config.lesson else f"help.{name}"


def choice_key(config: type[Config], name: str, option: str) -> str:
    """Return the key of a choice's label: a lesson's own (`choices.sine.memory.reset`) or the shared one."""
    own = f"choices.{config.lesson}.{name}.{option}"
    return own if own in words(FALLBACK) else f"choices.{name}.{option}"


def section(name: str, language: Language) -> dict[str, str]:
    """Return the texts of one section by their names, for a script of the page."""
    start = f"{name}."
    return {key.removeprefix(start): text for key, text in words(language).items() if key.startswith(start)}


def t(key: str) -> I18nData:
    """Return a reference to a text, for a label, value or placeholder; the browser translates it.

    Raises KeyError for a key that English lacks.
    """
    if key not in words(FALLBACK):
        raise KeyError(f"{key}: no such text in rnnlab/ui/i18n/{FALLBACK}")
    from gradio.i18n import I18nData

    return I18nData(key)


def spans(key: str, **facts: object) -> str:
    """Return a text as HTML in every language, for HTML of our own, which `t` does not reach."""
    return spans_of({language: words(language)[key].format(**facts) for language in LANGUAGES})


def spans_of(texts: Mapping[Language, str]) -> str:
    """Return HTML with a span per language; a style in the page's head shows that of the page."""
    return "".join(
        f'<span lang="{row.html}">{html.escape(texts[language], quote=False)}</span>'
        for language, row in LANGUAGES.items()
    )


def translations() -> gr.I18n:
    """Collect the texts that `t` refers to, for `launch(i18n=...)`; the server itself writes refusals."""
    import gradio as gr

    return gr.I18n(**{language: _without_errors(language) for language in LANGUAGES})


def _without_errors(language: Language) -> dict[str, str]:
    return {key: text for key, text in words(language).items() if not key.startswith(NOT_TRANSLATED)}


def message_of(error: InvalidInput, language: Language, *, program: bool = False) -> str:
    """Return the message of a refusal in one language.

    It names a setting by its label, and for a `program` (a caller of the API) by its name as well.
    """
    template = name_settings(words(language)[f"errors.{error.code}"], lambda name: field_name(name, language, program))
    return template.format(field=field_name(error.field, language, program), **error.details)


def field_name(name: str, language: Language, program: bool = False) -> str:
    """Return `Batch size`, or for a program `Batch size (batch_size)`; without a label, the name."""
    label = words(language).get(f"fields.{name}")
    if label is None:
        return name
    return words(language)["app.field"].format(label=label, field=name) if program else label


def choice_label(config: type[Config], name: str, option: str) -> I18nData | str:
    """Return the label of a choice; a recurrent cell without a text goes by its name."""
    try:
        return t(choice_key(config, name, option))
    except KeyError:
        if name != "model":
            raise
        return option.upper()
