"""The first part of the Tagging tab: type a sentence, see the kind of every word, cut the words otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.experiments.tagging import sentence_words
from rnnlab.models import Tagger
from rnnlab.runs import Runner
from rnnlab.tagging import tag_sentence
from rnnlab.text import join_words, split_words
from rnnlab.ui.events import QUIET, REFUSING
from rnnlab.ui.language import language_of
from rnnlab.ui.lessons import lesson_of
from rnnlab.ui.panels import panel
from rnnlab.ui.refusals import refusals_shown, refuse
from rnnlab.ui.remembering import remember
from rnnlab.ui.tabs.tag.training import VIEW
from rnnlab.ui.tagging import LANGUAGES, LONGEST_TEXT, language_meant, loaded, tokens_value
from rnnlab.ui.words import t
from rnnlab.validation import Choice

TRAINED = "trained"
TAGGERS = (*LANGUAGES, TRAINED)

FIRST_WORDS = "(words, tokens) => words || tokens?.first || ''"  # JavaScript: what stands there stays

EXAMPLES = {
    "en": (
        "They book a table and read a book.",
        "The blick glorped quietly near Wugtown.",
        "She can open the can.",
    ),
    "zh": ("他画的画真好看。", "南京市长江大桥很长。", "小狗躺在沙发上睡觉。"),
}


def on_tag(runner: Runner, saved: Any, text: str, tagger: str, request: gr.Request) -> tuple[str, dict[str, Any]]:
    """Cut the text into words and tag them: the words with spaces between, and what the panel is told."""
    with refusals_shown(request):
        text = LONGEST_TEXT.check("text", text)
        model, name, corpus = tagger_called(runner, saved, tagger, text, request)
        return tagged(sentence_words(text, model.lexicon.words, corpus), model, name, corpus)


def on_words(runner: Runner, saved: Any, cut: str, tagger: str, request: gr.Request) -> tuple[str, dict[str, Any]]:
    """Tag the words as somebody has cut them: spaces part them, and `_` stands for a space inside a word."""
    with refusals_shown(request):
        cut = LONGEST_TEXT.check("words", cut)
        model, name, corpus = tagger_called(runner, saved, tagger, cut, request)
        return tagged(split_words(cut, model.lexicon.words), model, name, corpus)


def on_example(runner: Runner, example: str, request: gr.Request) -> tuple[str, str, str, dict[str, Any]]:
    """Tag an example with the tagger of its language."""
    return example, LANGUAGES[0], *on_tag(runner, None, example, LANGUAGES[0], request)


def on_load(runner: Runner, request: gr.Request) -> dict[str, Any]:
    """Begin with the first example in the visitor's language, which the page has written there meanwhile.

    Returns what the panel is told, and as `first` how the example was cut. It may come late, so panel and page look
    whether the visitor has tagged something by then.
    """
    cut, tokens = on_tag(runner, None, EXAMPLES[language_of(request)][0], LANGUAGES[0], request)
    return {**tokens, "first": cut}


def tagger_called(
    runner: Runner, saved: Any, name: str, text: str, request: gr.Request | None
) -> tuple[Tagger, str, str]:
    """The tagger that a visitor means by `name`, what it goes by, and the sentences that it was trained on."""
    if Choice(TAGGERS).check("tagger", name) == TRAINED:
        run = lesson_of(VIEW, runner, saved)
        if run is None:
            raise refuse("tag.not_trained", request, "tagger")
        latest = run.experiment.trainer.latest
        return latest.build_model(), TRAINED, latest.config["corpus"]
    language = language_meant(text, name)
    return loaded(language), language, f"everyday-{language}"


def tagged(tokens: Sequence[str], model: Tagger, name: str, corpus: str) -> tuple[str, dict[str, Any]]:
    """The words in one line, and what the panel is told of them."""
    told = tokens_value(tag_sentence(model, tokens), model, name, corpus)
    return join_words(tokens, model.lexicon.words), told


# --- the page ---


def build() -> dict[str, Any]:
    """The sentence on top, the tagged tokens as the picture, and below them the words with their spaces."""
    parts: dict[str, Any] = {}
    with gr.Row(elem_classes="toolbar"):
        parts["text"] = gr.Textbox(
            label=t("tag.text"), max_lines=1, scale=5, min_width=260, interactive=True, elem_id="tag-text"
        )
        taggers = [(t(f"tag.tagger.{name}"), name) for name in TAGGERS]
        parts["tagger"] = gr.Dropdown(
            taggers, value=LANGUAGES[0], label=t("fields.tagger"), scale=2, min_width=180, interactive=True,
            elem_id="tag-tagger",
        )  # fmt: skip
        parts["tag"] = gr.Button(t("tag.tag"), variant="primary", scale=1, min_width=120, elem_id="tag-sentence")
    with gr.Row(elem_classes="chips"):
        parts["examples"] = [
            gr.Button(example, size="sm", scale=0, min_width=40, elem_classes=f"in-{language}")
            for language, examples in EXAMPLES.items()
            for example in examples
        ]
    parts["tokens"] = panel("tokens")
    with gr.Row(elem_classes="toolbar"):
        parts["words"] = gr.Textbox(
            label=t("tag.words"), info=t("tag.words_help"), max_lines=2, scale=6, min_width=260, interactive=True,
            elem_id="tag-words",
        )  # fmt: skip
        parts["again"] = gr.Button(t("tag.again"), scale=1, min_width=120, elem_id="tag-again")
    gr.Markdown(t("tag.next_sentence"))
    return parts


def connect(app: gr.Blocks, runner: Runner, saved: gr.BrowserState, parts: Mapping[str, Any]) -> None:
    shown = [parts["words"], parts["tokens"]]
    pressed = [parts["tag"].click, parts["text"].submit, parts["tagger"].input]
    gr.on(pressed, MethodType(on_tag, runner), [saved, parts["text"], parts["tagger"]], shown, **REFUSING)
    again = [parts["again"].click, parts["words"].submit]
    gr.on(again, MethodType(on_words, runner), [saved, parts["words"], parts["tagger"]], shown, **REFUSING)
    everything = [parts["text"], parts["tagger"], *shown]
    for example in parts["examples"]:
        example.click(MethodType(on_example, runner), example, everything, **REFUSING)
    readable = {language: (examples[0], LANGUAGES[0]) for language, examples in EXAMPLES.items()}
    remember(app, "sentence", [parts["text"], parts["tagger"], parts["words"]], readable)
    tagged = app.load(MethodType(on_load, runner), None, parts["tokens"], **QUIET)
    tagged.then(None, shown, parts["words"], js=FIRST_WORDS, **QUIET)
