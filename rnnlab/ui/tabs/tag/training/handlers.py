"""Handlers of the second part of the Tagging tab: choose a recipe or a file, train, stop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from rnnlab.experiments.tagging import PRESETS, Config, preset
from rnnlab.runs import Runner
from rnnlab.text import TaggedSentence, read_treebank
from rnnlab.ui.components.settings_form import given_values, shown_values
from rnnlab.ui.i18n import message_of, spans_of, words
from rnnlab.ui.i18n.errors import refusals_shown, refuse
from rnnlab.ui.i18n.languages import LANGUAGES
from rnnlab.ui.session.client_id import client_id_of
from rnnlab.ui.session.uploads import Upload, Uploads
from rnnlab.ui.tabs.lesson import Lesson, start_lesson, stop_lesson
from rnnlab.ui.tabs.tag.training.payload import SETTINGS, VIEW, ScoredTrainer, new_trainer, pool_of
from rnnlab.validation import Choice

Sentences = tuple[TaggedSentence, ...]
OWN = "own"  # the recipe for sentences of the visitor's own
COMPARED = ("context",)  # recipes that begin with a tagger without recurrence beside


def on_preset(name: str | None, request: gr.Request) -> list[Any]:
    """Show the recipe's settings, whether it compares, and for `own` the field for a file.

    A recipe that was restored with a run (None) changes nothing.
    """
    if name is None:
        return [gr.skip() for _ in range(len(SETTINGS) + 2)]
    with refusals_shown(request):
        config = preset(name).config()
    return [*shown_values(config, SETTINGS), name in COMPARED, gr.update(visible=name == OWN)]


def on_upload(
    uploads: Uploads, before: Upload[Sentences] | None, path: str, request: gr.Request
) -> tuple[Upload[Sentences], str, str]:
    """Keep uploaded sentences for this visitor, choose them, and describe them."""
    with refusals_shown(request):
        treebank = read_treebank(path, "upload")
        sentences = treebank.sentences
        upload = uploads.keep(before, "upload", sentences)
    facts = {
        "name": Path(path).name,
        "sentences": f"{len(sentences):,}",
        "words": f"{sum(map(len, sentences)):,}",
        "tags": len({tag for sentence in sentences for tag in sentence.tags}),
    }
    about = {}
    for language, row in LANGUAGES.items():
        remarks = [message_of(remark, language) for remark in treebank.remarks]
        about[language] = row.sentence_space.join([words(language)["tag.uploaded"].format(**facts), *remarks])
    return upload, OWN, spans_of(about)


def on_train(
    runner: Runner,
    saved: Any,
    uploaded: Upload[Sentences] | None,
    recipe: str,
    beside: bool,
    request: gr.Request,
    *values: Any,
) -> tuple[str, str]:
    """Start a run in the background, which the panel follows."""
    with refusals_shown(request):
        corpus = Choice(tuple(PRESETS)).check("preset", recipe)
        sentences = _own_sentences(uploaded, request) if corpus == OWN else None
        config = Config(corpus=corpus, **given_values(Config, SETTINGS, values))
        lesson = Lesson(VIEW, config, ScoredTrainer(new_trainer(config, sentences, beside is True)))
        return start_lesson(runner, saved, lesson, pool_of(config), client_id_of(request))


def _own_sentences(uploaded: Upload[Sentences] | None, request: gr.Request) -> Sentences:
    """Return the uploaded sentences; raise a message without them."""
    if uploaded is None:
        raise refuse("tag.not_uploaded", request, "preset")
    return uploaded.content


def on_stop(runner: Runner, saved: Any) -> None:
    """Stop this visitor's run."""
    stop_lesson(runner, saved, VIEW)
