"""Handlers of the first part of the Tagging tab: tag a sentence, or words that the visitor has cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from rnnlab.experiments.tagging import sentence_words
from rnnlab.models import Tagger
from rnnlab.runs import Run, Runner
from rnnlab.tagging import tag_sentence
from rnnlab.text import join_words, split_words
from rnnlab.ui.i18n import section
from rnnlab.ui.i18n.errors import refusals_shown, refuse
from rnnlab.ui.i18n.languages import Language, language_of
from rnnlab.ui.tabs.lesson import Lesson, lesson_of
from rnnlab.ui.tabs.tag.sentence.payload import (
    AUTO,
    SENTENCE_TEXT,
    TAGGER_LANGUAGES,
    language_meant,
    loaded,
    tokens_value,
)
from rnnlab.ui.tabs.tag.training.payload import VIEW, ScoredTrainer
from rnnlab.validation import Choice

TRAINED = "trained"
TAGGERS = (*TAGGER_LANGUAGES, TRAINED)


def examples(language: Language) -> tuple[str, ...]:
    """Return the sentences that the tab offers in `language`, or the English ones."""
    return tuple(section("examples", language).values())


def on_tag(runner: Runner, saved: Any, text: str, tagger: str, request: gr.Request) -> tuple[str, dict[str, Any]]:
    """Cut the text into words and tag them; return the words with spaces between, and the panel's value."""
    with refusals_shown(request):
        text = SENTENCE_TEXT.check("text", text)
        model, name, corpus = tagger_called(runner, saved, tagger, text, request)
        return tagged(sentence_words(text, model.lexicon.words, corpus), model, name, corpus)


def on_words(runner: Runner, saved: Any, cut: str, tagger: str, request: gr.Request) -> tuple[str, dict[str, Any]]:
    """Tag words that are already cut: spaces separate them, and `_` stands for a space inside a word."""
    with refusals_shown(request):
        cut = SENTENCE_TEXT.check("words", cut)
        model, name, corpus = tagger_called(runner, saved, tagger, cut, request)
        return tagged(split_words(cut, model.lexicon.words), model, name, corpus)


def on_example(runner: Runner, example: str, request: gr.Request) -> tuple[str, str, str, dict[str, Any]]:
    """Tag an example with the tagger of its language."""
    return example, AUTO, *on_tag(runner, None, example, AUTO, request)


def on_load(runner: Runner, request: gr.Request) -> dict[str, Any]:
    """Tag the first example in the visitor's language, which the page puts into the field by itself.

    Returns the panel's value, with the example's words as `first`. It may come late, so panel and page check whether
    the visitor has tagged something by then.
    """
    cut, tokens = on_tag(runner, None, examples(language_of(request))[0], AUTO, request)
    return {**tokens, "first": cut}


def tagger_called(
    runner: Runner, saved: Any, name: str, text: str, request: gr.Request | None
) -> tuple[Tagger, str, str]:
    """Return the tagger that a visitor means by `name`, its name, and that of its training sentences."""
    if Choice(TAGGERS).check("tagger", name) == TRAINED:
        run = lesson_of(VIEW, runner, saved)
        if run is None:
            raise refuse("tag.not_trained", request, "tagger")
        latest = trainer_in(run).latest
        return latest.build_model(), TRAINED, latest.config["corpus"]
    language = language_meant(text, name)
    return loaded(language), language, f"everyday-{language}"


def tagged(tokens: Sequence[str], model: Tagger, name: str, corpus: str) -> tuple[str, dict[str, Any]]:
    """Tag `tokens`; return the words in one line, and the panel's value."""
    value = tokens_value(tag_sentence(model, tokens), model, name, corpus)
    return join_words(tokens, model.lexicon.words), value


def trainer_in(run: Run) -> ScoredTrainer:
    """Return the trainer of a run of this lesson."""
    assert isinstance(run.experiment, Lesson)
    assert isinstance(run.experiment.trainer, ScoredTrainer)
    return run.experiment.trainer
