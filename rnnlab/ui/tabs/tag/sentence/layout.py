"""Layout of the first part of the Tagging tab: a sentence, its tags, and its words to cut otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.runs import Runner
from rnnlab.ui.components.event_options import QUIET, REFUSING
from rnnlab.ui.components.field_storage import remember
from rnnlab.ui.components.panel import panel
from rnnlab.ui.i18n import section, t
from rnnlab.ui.i18n.languages import FALLBACK, LANGUAGES
from rnnlab.ui.tabs.tag.sentence.handlers import TAGGERS, examples, on_example, on_load, on_tag, on_words
from rnnlab.ui.tabs.tag.sentence.payload import AUTO

FIRST_WORDS = "(words, tokens) => words || tokens?.first || ''"  # JavaScript: fills the field if it is empty


def build() -> dict[str, Any]:
    """Make the components, by name: the sentence, the panel of tagged words, and the words to cut."""
    parts: dict[str, Any] = {}
    with gr.Row(elem_classes="toolbar"):
        parts["text"] = gr.Textbox(
            label=t("tag.text"), max_lines=1, scale=5, min_width=260, interactive=True, elem_id="tag-text"
        )
        taggers = [(t(f"tag.tagger.{name}"), name) for name in TAGGERS]
        parts["tagger"] = gr.Dropdown(
            taggers, value=AUTO, label=t("fields.tagger"), scale=2, min_width=180, interactive=True,
            elem_id="tag-tagger",
        )  # fmt: skip
        parts["tag"] = gr.Button(t("tag.tag"), variant="primary", scale=1, min_width=120, elem_id="tag-sentence")
    with gr.Row(elem_classes="chips"):
        parts["examples"] = [
            gr.Button(example, size="sm", scale=0, min_width=40, elem_classes=f"in-{language}")
            for language in LANGUAGES
            if section("examples", language) != section("examples", FALLBACK) or language == FALLBACK
            for example in examples(language)
        ]
    parts["tokens"] = panel("tokens", "tag/sentence")
    with gr.Row(elem_classes="toolbar"):
        parts["words"] = gr.Textbox(
            label=t("tag.words"), info=t("tag.words_help"), max_lines=2, scale=6, min_width=260, interactive=True,
            elem_id="tag-words",
        )  # fmt: skip
        parts["again"] = gr.Button(t("tag.again"), scale=1, min_width=120, elem_id="tag-again")
    gr.Markdown(t("tag.next_sentence"))
    return parts


def connect(app: gr.Blocks, runner: Runner, saved: gr.BrowserState, parts: Mapping[str, Any]) -> None:
    """Connect the components of `build` with the handlers."""
    shown = [parts["words"], parts["tokens"]]
    pressed = [parts["tag"].click, parts["text"].submit, parts["tagger"].input]
    gr.on(pressed, MethodType(on_tag, runner), [saved, parts["text"], parts["tagger"]], shown, **REFUSING)
    again = [parts["again"].click, parts["words"].submit]
    gr.on(again, MethodType(on_words, runner), [saved, parts["words"], parts["tagger"]], shown, **REFUSING)
    everything = [parts["text"], parts["tagger"], *shown]
    for example in parts["examples"]:
        example.click(MethodType(on_example, runner), example, everything, **REFUSING)
    first = {language: (examples(language)[0], AUTO) for language in LANGUAGES}
    remember(app, "sentence", [parts["text"], parts["tagger"], parts["words"]], first)
    tagged = app.load(MethodType(on_load, runner), None, parts["tokens"], **QUIET)
    tagged.then(None, shown, parts["words"], js=FIRST_WORDS, **QUIET)
