"""What the text of the Train form holds: its panel's payload, and the handler that computes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import gradio as gr

from rnnlab.experiments.language_model import Config, preset
from rnnlab.inspection import TextConfig, TextFacts, text_facts
from rnnlab.limits import MAX_SHOWN_VOCABULARY
from rnnlab.resources import CORPORA, corpus_text
from rnnlab.text import Source
from rnnlab.text.synthetic import DEFAULT_DISTANCE
from rnnlab.ui.components.settings_form import given_values
from rnnlab.ui.i18n import message_of
from rnnlab.ui.i18n.languages import LANGUAGES
from rnnlab.ui.session.uploads import Upload
from rnnlab.ui.tabs.own_text import OWN
from rnnlab.validation import InvalidInput, echo

TEXT_SETTINGS = tuple(item.name for item in fields(TextConfig))  # of the form: those that say how a text is taken


def on_text_facts(uploaded: Upload[str] | None, corpus: str, pasted: str, *values: Any) -> Any:
    """Return the panel of the chosen text, as the form's settings take it. An empty number changes nothing.

    Of the visitor's own text the pasted one counts, else the uploaded one. A text that cannot be taken says why.
    values: of TEXT_SETTINGS, and then, where the form has it, the distance of the text of that name.
    """
    try:
        values, rest = values[: len(TEXT_SETTINGS)], values[len(TEXT_SETTINGS) :]
        given = given_values(Config, TEXT_SETTINGS, values)
        if corpus not in (*CORPORA, OWN) or any(value is None for name, value in given.items() if name != "max_tokens"):
            return gr.skip()
        if corpus == OWN and not isinstance(pasted, str):  # the hidden field may hold nothing
            raise InvalidInput("not_text", "text", value=echo(pasted))
        distance = Config(distance=rest[0]).distance if rest and corpus == "distance" else DEFAULT_DISTANCE
        text = corpus_text(corpus, distance) if corpus != OWN else pasted or (uploaded.content if uploaded else "")
        if not text.strip():
            return {"message": None}
        return facts_value(text_facts(Source(text, ("UTF-8",)), TextConfig(**given)))
    except InvalidInput as error:
        return {"message": {language: message_of(error, language) for language in LANGUAGES}}


def facts_of_preset(name: str, corpus: str) -> dict[str, Any]:
    """Return the panel of a shipped or generated text with the settings of a preset."""
    config = preset(name).config(corpus=corpus)
    given: Mapping[str, Any] = {setting: getattr(config, setting) for setting in TEXT_SETTINGS}
    return facts_value(text_facts(Source(corpus_text(corpus, config.distance), ("UTF-8",)), TextConfig(**given)))


def facts_value(facts: TextFacts) -> dict[str, Any]:
    """Return the numbers, and the first entries of the vocabulary with their ids and counts."""
    shown = facts.vocabulary[:MAX_SHOWN_VOCABULARY]
    return {
        "lines": facts.lines,
        "characters": facts.characters,
        "distinct": facts.distinct,
        "taken": facts.taken,
        "tokens": facts.tokens,
        "vocab_size": facts.vocab_size,
        "minibatches": facts.minibatches,
        "vocabulary": [entry.token for entry in shown],  # by id
        "counts": [entry.count for entry in shown],
        "beginning": [token for token, _ in facts.beginning],
        "ids": [number for _, number in facts.beginning],
    }
