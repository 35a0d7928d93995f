"""Layout of the Train tab: choose a recipe, start, watch perplexity fall and samples improve."""

from __future__ import annotations

from dataclasses import dataclass
from types import MethodType
from typing import Any

import gradio as gr
from gradio.components import Component

from rnnlab.experiments.language_model import MIN_BOOK_CHARACTERS, PRESETS, Config
from rnnlab.resources import CORPORA
from rnnlab.runs import Runner
from rnnlab.text import SUFFIXES
from rnnlab.text.synthetic import DEFAULT_DISTANCE, MAX_DISTANCE
from rnnlab.ui.components.event_options import QUIET, REFUSING, changes_of
from rnnlab.ui.components.field_storage import remember
from rnnlab.ui.components.form_restore import chosen_anew, chosen_by_hand, connect_form
from rnnlab.ui.components.panel import panel
from rnnlab.ui.components.settings_form import setting_input, upload_button
from rnnlab.ui.i18n import spans, t
from rnnlab.ui.session.restore import RestoredRun
from rnnlab.ui.session.state import Visitor
from rnnlab.ui.tabs.own_text import OWN, on_upload
from rnnlab.ui.tabs.train.earlier import on_choose
from rnnlab.ui.tabs.train.handlers import (
    ADVANCED,
    IN_REACH,
    SETTINGS,
    on_another_corpus,
    on_apply,
    on_corpus,
    on_more,
    on_pause,
    on_preset,
    on_recipe,
    on_resume,
    on_stop,
    on_train,
)
from rnnlab.ui.tabs.train.recorded import on_recorded
from rnnlab.ui.tabs.train.runs import training_of
from rnnlab.ui.tabs.train.text_facts import TEXT_SETTINGS, facts_of_preset, on_text_facts
from rnnlab.ui.tabs.upload_tokens import keep_upload

SMALL: dict[str, Any] = {"scale": 1, "min_width": 90}


@dataclass(frozen=True)
class OwnText:
    """The components for a text of the visitor's own."""

    row: gr.Row
    pasted: gr.Textbox
    upload: gr.UploadButton
    about: gr.HTML  # describes the uploaded file
    book: gr.Button  # chooses the recipe for a long text


def build_tab(app: gr.Blocks, runner: Runner, visitor: Visitor) -> RestoredRun:
    """Build the Train tab inside `gr.Tabs`."""
    with gr.Tab(t("train.tab"), id="train"):
        with gr.Row(elem_classes="toolbar"):
            recipe, corpus = _recipe(), _corpus()
            fields = {name: setting_input(Config, name, info=False, scale=1, min_width=100) for name in IN_REACH}
            buttons, more_epochs = _buttons(), _more_epochs()
            more = gr.Button(t("train.more"), elem_id="more", elem_classes="when-ended", **SMALL)
            gr.Button(t("train.settings"), elem_id="open-advanced", elem_classes="open-sheet", scale=0, min_width=60)
        slips = gr.HTML(visible=False, elem_id="recipe-slips")
        fields["distance"] = _distance()
        own = _own_text()
        facts = panel("text-facts", "train", facts_of_preset("quick", "lyrics-zh"), "text_panel")
        live = panel("live", "train", "curves/lyrics-zh")
        panel("surprise", "train", None, "surprise_panel")
        panel("take-along", "train", None, "take_along")
        with gr.Accordion(t("train.advanced"), open=False, elem_id="advanced", elem_classes="sheet"):
            fields |= _advanced()
        gr.Markdown(t("train.next"))

    settings = [fields[name] for name in SETTINGS]
    _connect_form_events(recipe, corpus, fields, own, visitor)
    recipe.change(on_recipe, recipe, slips, **QUIET)
    described = [visitor.text, corpus, own.pasted, *(fields[name] for name in (*TEXT_SETTINGS, "distance"))]
    _connect_own_text(app, visitor, own, more_epochs)
    few = {**REFUSING, "concurrency_limit": 2, "concurrency_id": "text-facts"}  # a long text takes many times its size
    gr.on(
        [*changes_of([*described[1:], own.about]), facts.submit], on_text_facts, described, facts,
        trigger_mode="always_last", **few,
    )  # fmt: skip
    saved = visitor.runs["train"]
    anew = chosen_anew("train", "recipe")
    recipe.input(MethodType(on_recorded, runner), [recipe, corpus, saved], live, js=anew, **QUIET)
    start = [saved, visitor.text, corpus, own.pasted, *settings]
    buttons["train"].click(MethodType(on_train, runner), start, [live, saved], **REFUSING)
    for name, handler in {"stop": on_stop, "pause": on_pause, "resume": on_resume}.items():
        buttons[name].click(MethodType(handler, runner), saved, None, **REFUSING)
    buttons["apply"].click(MethodType(on_apply, runner), [saved, fields["learning_rate"]], None, **REFUSING)
    more.click(MethodType(on_more, runner), [saved, more_epochs], live, **REFUSING)
    chosen = "() => [rnnlab.chosenRun ?? null]"  # `earlier.js` says which
    live.select(MethodType(on_choose, runner), saved, [live, saved], js=chosen, **REFUSING)
    connect_form("train", live, {"recipe": recipe, "corpus": corpus} | {name: fields[name] for name in SETTINGS})
    return RestoredRun(saved, live, training_of)


def _recipe() -> gr.Dropdown:
    recipes = [(t(f"presets.{name}"), name) for name in PRESETS]
    return gr.Dropdown(
        recipes, value="quick", label=t("train.preset"), scale=3, min_width=180, interactive=True, elem_id="recipe"
    )


def _corpus() -> gr.Dropdown:
    corpora = [(t(f"choices.corpus.{name}"), name) for name in (*CORPORA, OWN)]
    return gr.Dropdown(
        corpora, value="lyrics-zh", label=t("fields.corpus"), scale=2, min_width=130, interactive=True, elem_id="corpus"
    )


def _distance() -> gr.Slider:
    """Make the slider for the distance, which only the text of that name has; see `frontend/styles/train.css`."""
    slider = gr.Slider(
        1, MAX_DISTANCE, value=DEFAULT_DISTANCE, step=1, label=t("fields.distance"), info=t("help.distance"),
        interactive=True, elem_id="set-distance",
    )  # fmt: skip
    setattr(slider, "preprocess", lambda value: value)  # noqa: B010 - the configuration refuses, and names the field
    return slider


def _buttons() -> dict[str, gr.Button]:
    """Make the buttons; by their class, `frontend/styles/page.css` shows those that fit the run's state."""
    return {
        "train": gr.Button(t("train.train"), variant="primary", scale=2, min_width=120, elem_id="train"),
        "apply": gr.Button(t("train.apply"), elem_id="apply", elem_classes="while-going", **SMALL),
        "pause": gr.Button(t("train.pause"), elem_id="pause", elem_classes="while-running", **SMALL),
        "resume": gr.Button(t("train.resume"), elem_id="resume", elem_classes="while-paused", **SMALL),
        "stop": gr.Button(t("train.stop"), variant="stop", elem_id="stop", elem_classes="while-going", **SMALL),
    }


def _more_epochs() -> gr.Number:
    return gr.Number(
        20, label=t("train.more_epochs"), interactive=True, elem_id="more-epochs", elem_classes="when-ended", **SMALL
    )


def _own_text() -> OwnText:
    with gr.Row(visible=False) as row:
        pasted = gr.Textbox(
            label=t("train.own_text"), placeholder=t("train.own_placeholder"), lines=2, max_lines=2, scale=1,
            elem_id="own-text",
        )  # fmt: skip
        with gr.Column(scale=1, min_width=320, elem_id="own-file"):
            with gr.Row():
                upload = upload_button("train.upload", SUFFIXES, elem_id="upload-text", scale=0, min_width=150)
                about = gr.HTML(elem_id="about-text")
            with gr.Row(elem_id="suggest-book"):
                gr.HTML(f'<span data-least="{MIN_BOOK_CHARACTERS}">{spans("train.suggest_book")}</span>')
                book = gr.Button(t("train.use_book"), elem_id="use-book", size="sm", scale=0, min_width=190)
    return OwnText(row, pasted, upload, about, book)


def _advanced() -> dict[str, Component]:
    fields: dict[str, Component] = {}
    for section, names in ADVANCED.items():
        gr.Markdown(t(f"train.advanced_{section}"), elem_classes="section")
        with gr.Row(elem_classes="settings"):
            fields |= {name: setting_input(Config, name, min_width=220) for name in names if name != "distance"}
    return fields


def _connect_form_events(
    recipe: gr.Dropdown, corpus: gr.Dropdown, fields: dict[str, Component], own: OwnText, visitor: Visitor
) -> None:
    """Let the recipe and the corpus set other fields, and a long text suggest its recipe."""
    settings = [fields[name] for name in SETTINGS]
    by_hand = f"(value, corpus, pasted, ...others) => ({chosen_by_hand('train', 'recipe')})"
    by_hand += "(value, corpus, String(pasted?.length ?? 0), ...others)"  # the length suffices
    recipe.change(on_preset, [recipe, corpus, own.pasted, visitor.text], [*settings, corpus], js=by_hand, **REFUSING)
    texts = [own.pasted, recipe, corpus]
    suggest = "(...values) => rnnlab.suggestBook(...values)"
    gr.on(changes_of([*texts, own.about]), None, texts, None, js=suggest, trigger_mode="always_last", **QUIET)
    own.book.click(None, None, recipe, js="() => 'book'", **QUIET)
    corpus.change(on_corpus, corpus, own.row, **QUIET)
    anew = chosen_anew("train", "corpus")
    corpus.input(on_another_corpus, [corpus, recipe], fields["max_tokens"], js=anew, **QUIET)


def _connect_own_text(app: gr.Blocks, visitor: Visitor, own: OwnText, more_epochs: gr.Number) -> None:
    """Take uploads, and keep upload, pasted text and number of epochs over a reload."""
    on_file = MethodType(on_upload, visitor.upload_memory)
    shown = [visitor.text, own.about, own.pasted]
    uploaded = own.upload.upload(on_file, [visitor.text, own.upload], shown, api_visibility="private")
    keep_upload(uploaded, visitor, "text", own.about)
    visitor.shared["pasted"] = own.pasted
    remember(app, "own-text", [own.pasted, own.about, more_epochs])
