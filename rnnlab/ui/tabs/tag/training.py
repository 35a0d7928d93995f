"""The second part of the Tagging tab: train a tagger on toys, on real sentences or on a file of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MethodType
from typing import Any

import gradio as gr
from gradio.components import Component

from rnnlab.experiments.tagging import PRESETS, Config, preset
from rnnlab.figures import TaggingCurves, confusion_figure, tagging_accuracy_figure, tagging_loss_figure
from rnnlab.runs import Runner
from rnnlab.text import TaggedSentence, read_treebank
from rnnlab.ui.events import QUIET, REFUSING
from rnnlab.ui.forms import chosen_by_hand, connect_form
from rnnlab.ui.language import LANGUAGES
from rnnlab.ui.lessons import Lesson, View, lesson_of, start_lesson, stop_lesson
from rnnlab.ui.owner import owner_of
from rnnlab.ui.panels import panel
from rnnlab.ui.refusals import refusals_shown, refuse
from rnnlab.ui.remembering import keep_upload
from rnnlab.ui.returning import Returning
from rnnlab.ui.settings import given_values, setting_input, shown_values
from rnnlab.ui.tagging import Watched, default_run, new_trainer, pool_of, record
from rnnlab.ui.uploads import Upload, Uploads
from rnnlab.ui.visitor import Visitor
from rnnlab.ui.words import in_both, message_of, t, words
from rnnlab.validation import Choice

Sentences = tuple[TaggedSentence, ...]

OWN = "own"
UPLOADS_AT_ONCE = 4  # a large one takes a second or two to read, and nobody else should wait for it
COMPARED = ("context",)  # recipes that are about what recurrence is worth

# The settings on the page; the first few stay in reach, the rest are under "Advanced".
IN_REACH = ("model", "epochs", "learning_rate")
ADVANCED = {
    "advanced_model": (
        "implementation", "bidirectional", "embedding_size", "hidden_size", "num_layers", "dropout",
    ),
    "advanced_words": (
        "characters", "character_embedding_size", "character_size", "embedding_spread", "lowercase", "word_dropout",
    ),
    "advanced_learning": ("optimizer", "decay", "grad_clip", "batch_size", "shuffle", "held_out", "seed"),
}  # fmt: skip
SETTINGS = (*IN_REACH, *(name for names in ADVANCED.values() for name in names))


def figures(config: Config, labels: Mapping[str, str]) -> dict[str, Any]:
    """Its figures, empty; the panel fills them from the rows."""
    curves = TaggingCurves(config.model, config.epochs, held_out=() if config.held_out else None)
    return {
        "loss": tagging_loss_figure(curves, labels),
        "accuracy": tagging_accuracy_figure(curves, labels),
        "confusion": confusion_figure((), [], labels),
    }


IDS = {"corpus": "tag-preset"} | {name: f"tag-{name}" for name in SETTINGS}  # a recipe is named as its sentences are
VIEW = View("tag", Config, default_run, figures, record, IDS)


def on_preset(name: str | None, request: gr.Request) -> list[Any]:
    """Show the recipe's settings, whether it compares, and the place for a file of one's own when it is wanted.

    No name: it came back with a run, and so do its settings.
    """
    if name is None:
        return [gr.skip() for _ in range(len(SETTINGS) + 2)]
    with refusals_shown(request):
        config = preset(name).config()
    return [*shown_values(config, SETTINGS), name in COMPARED, gr.update(visible=name == OWN)]


def on_upload(
    uploads: Uploads, before: Upload[Sentences] | None, path: str, request: gr.Request
) -> tuple[Upload[Sentences], str, str]:
    """Keep uploaded sentences for this visitor, choose them, and say what they are."""
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
    said = {}
    for language in LANGUAGES:
        remarks = [message_of(remark, language) for remark in treebank.remarks]
        said[language] = " ".join([words(language)["tag.uploaded"].format(**facts), *remarks])
    return upload, OWN, in_both(said)


def on_train(
    runner: Runner,
    saved: Any,
    uploaded: Upload[Sentences] | None,
    recipe: str,
    beside: bool,
    request: gr.Request,
    *values: Any,
) -> tuple[str, str]:
    """Train in the background; the panel follows."""
    with refusals_shown(request):
        corpus = Choice(tuple(PRESETS)).check("preset", recipe)
        sentences = _own_sentences(uploaded, request) if corpus == OWN else None
        config = Config(corpus=corpus, **given_values(Config, SETTINGS, values))
        lesson = Lesson(VIEW, config, Watched(new_trainer(config, sentences, beside is True)))
        return start_lesson(runner, saved, lesson, pool_of(config), owner_of(request))


def _own_sentences(uploaded: Upload[Sentences] | None, request: gr.Request) -> Sentences:
    if uploaded is None:
        raise refuse("tag.not_uploaded", request, "preset")
    return uploaded.content


def on_stop(runner: Runner, saved: Any) -> None:
    stop_lesson(runner, saved, VIEW)


# --- the page ---


def build() -> dict[str, Any]:
    parts: dict[str, Any] = {}
    with gr.Row(elem_classes="toolbar"):
        recipes = [(t(f"tag.recipe.{name}"), name) for name in PRESETS]
        parts["preset"] = gr.Dropdown(
            recipes, value="toy-en", label=t("tag.recipe"), scale=3, min_width=180, interactive=True,
            elem_id="tag-preset",
        )  # fmt: skip
        parts |= {name: _input(name, info=False, scale=1, min_width=100) for name in IN_REACH}
        small = {"scale": 1, "min_width": 90}
        parts["upload"] = gr.UploadButton(
            t("tag.upload"), file_types=[".conllu", ".txt"], elem_id="tag-upload", scale=1, min_width=150
        )
        parts["stop"] = gr.Button(
            t("tag.stop"), variant="stop", elem_id="tag-stop", elem_classes="while-going", **small
        )
        parts["use"] = gr.Button(t("tag.use"), elem_id="tag-use", elem_classes="when-ended", **small)
        parts["start"] = gr.Button(t("tag.train"), variant="primary", elem_id="tag-start", scale=1, min_width=110)
    parts["about"] = gr.Markdown(t("tag.own_hint"), visible=False, elem_id="tag-about")
    parts["panel"] = panel("tag", "lessons/tag")
    with gr.Accordion(t("tag.advanced"), open=False, elem_id="tag-advanced"):
        parts |= _advanced()
    gr.Markdown(t("tag.next_train"))
    return parts


def _advanced() -> dict[str, Component]:
    parts: dict[str, Component] = {}
    for title, names in ADVANCED.items():
        gr.Markdown(t(f"tag.{title}"), elem_classes="section")
        with gr.Row(elem_classes="settings"):
            parts |= {name: _input(name, min_width=220) for name in names}
            if title == "advanced_model":
                parts["beside"] = gr.Checkbox(
                    label=t("tag.beside"), info=t("tag.beside_help"), interactive=True, elem_id="tag-beside"
                )
    return parts


def _input(name: str, **about: Any) -> Component:
    if name == "bidirectional":  # that of the language model says that it reads the answer, which is no sin here
        about["label"] = t("tag.bidirectional")
    return setting_input(Config, name, elem_id=IDS[name], **about)


def connect(uploads: Uploads, runner: Runner, visitor: Visitor, parts: Mapping[str, Any]) -> Returning:
    saved, uploaded = visitor.runs[VIEW.name], visitor.tagged
    settings = [parts[name] for name in SETTINGS]
    shown = [*settings, parts["beside"], parts["about"]]
    by_hand = chosen_by_hand(VIEW.name, IDS["corpus"])
    parts["preset"].change(on_preset, parts["preset"], shown, js=by_hand, **REFUSING)
    chosen = [uploaded, parts["preset"], parts["about"]]
    some = {"concurrency_limit": UPLOADS_AT_ONCE, "api_visibility": "private"}
    kept = parts["upload"].upload(MethodType(on_upload, uploads), [uploaded, parts["upload"]], chosen, **some)
    keep_upload(kept, visitor, "tagged", parts["about"])
    arguments = [saved, uploaded, parts["preset"], parts["beside"], *settings]
    parts["start"].click(MethodType(on_train, runner), arguments, [parts["panel"], saved], **REFUSING)
    parts["stop"].click(MethodType(on_stop, runner), saved, None, **QUIET)
    connect_form(VIEW.name, parts["panel"], {"corpus": parts["preset"]} | {name: parts[name] for name in SETTINGS})
    return Returning(saved, parts["panel"], partial(lesson_of, VIEW))
