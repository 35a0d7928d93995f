"""Handlers of the first part of the Tagging tab: tag a sentence, or the words as the visitor has cut them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from rnnlab.experiments.tagging import sentence_words
from rnnlab.models import Tagger
from rnnlab.runs import Runner
from rnnlab.tagging import tag_sentence
from rnnlab.text import join_words, split_words
from rnnlab.ui.i18n import section
from rnnlab.ui.i18n.errors import refusals_shown, refuse
from rnnlab.ui.i18n.languages import Language, language_of
from rnnlab.ui.tabs.lesson import lesson_of
from rnnlab.ui.tabs.tag.sentence.payload import (
    AUTO,
    SENTENCE_TEXT,
    TAGGER_LANGUAGES,
    language_meant,
    loaded,
    tokens_value,
)
from rnnlab.ui.tabs.tag.training.payload import VIEW
from rnnlab.validation import Choice

TRAINED = "trained"
TAGGERS = (*TAGGER_LANGUAGES, TRAINED)


def examples(language: Language) -> tuple[str, ...]:
    """Return the sentences that the tab offers in `language`; the English ones where the language has none."""
    return tuple(section("examples", language).values())


def on_tag(runner: Runner, saved: Any, text: str, tagger: str, request: gr.Request) -> tuple[str, dict[str, Any]]:
    """Cut the text into words and tag them: the words with spaces between, and what the panel is told."""
    with refusals_shown(request):
        text = SENTENCE_TEXT.check("text", text)
        model, name, corpus = tagger_called(runner, saved, tagger, text, request)
        return tagged(sentence_words(text, model.lexicon.words, corpus), model, name, corpus)


def on_words(runner: Runner, saved: Any, cut: str, tagger: str, request: gr.Request) -> tuple[str, dict[str, Any]]:
    """Tag the words as somebody has cut them: spaces part them, and `_` stands for a space inside a word."""
    with refusals_shown(request):
        cut = SENTENCE_TEXT.check("words", cut)
        model, name, corpus = tagger_called(runner, saved, tagger, cut, request)
        return tagged(split_words(cut, model.lexicon.words), model, name, corpus)


def on_example(runner: Runner, example: str, request: gr.Request) -> tuple[str, str, str, dict[str, Any]]:
    """Tag an example with the tagger of its language."""
    return example, AUTO, *on_tag(runner, None, example, AUTO, request)


def on_load(runner: Runner, request: gr.Request) -> dict[str, Any]:
    """Begin with the first example in the visitor's language, which the page has written there meanwhile.

    Returns what the panel is told, and as `first` how the example was cut. It may come late, so panel and page look
    whether the visitor has tagged something by then.
    """
    cut, tokens = on_tag(runner, None, examples(language_of(request))[0], AUTO, request)
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
