"""Generate: give a trained model the beginning of a song, and see how sure it is of each character that follows."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from types import MethodType
from typing import Any

import gradio as gr

from rnnlab import checkpoints
from rnnlab.checkpoints import Checkpoint
from rnnlab.generation import Generation, fit_prefix, generate
from rnnlab.resources import SHIPPED_MODELS, shipped_model
from rnnlab.runs import Runner
from rnnlab.ui.events import QUIET
from rnnlab.ui.intake import Lab
from rnnlab.ui.language import LANGUAGES
from rnnlab.ui.panels import panel
from rnnlab.ui.refusals import refusals_shown, refuse
from rnnlab.ui.remembering import keep_upload, remember
from rnnlab.ui.settings import given_values, setting_input
from rnnlab.ui.song import song_value
from rnnlab.ui.training import training_of
from rnnlab.ui.uploads import Upload, Uploads
from rnnlab.ui.visitor import SECRET, Visitor
from rnnlab.ui.words import both, t
from rnnlab.validation import Choice

TRAINED, UPLOADED = "trained", "uploaded"
MODELS = (*SHIPPED_MODELS, TRAINED, UPLOADED)
SETTINGS = tuple(item.name for item in fields(Generation))
BEGINNINGS = {"lyrics-zh": "不分开", "lyrics-en": "The night "}  # of a first song with a shipped model
SEEDS = 10_000  # that a press draws from: short enough to be read aloud
# JavaScript: what was typed meanwhile stays.
SUIT = "(suited, prefix) => (suited && suited[0] === prefix ? suited[1] : prefix)"
INTERVAL = 0.08  # seconds between two looks at a growing song


def model_called(
    runner: Runner, saved: Any, uploaded: Upload[Checkpoint] | None, name: str, request: gr.Request | None
) -> Checkpoint:
    """The model that a visitor means by `name`; a run's is the one of its last whole epoch."""
    Choice(MODELS).check("model", name)
    if name == TRAINED:
        run = training_of(runner, saved)
        if run is None or (latest := runner.latest(run)) is None:
            raise refuse("generate.not_trained", request, "model")
        return latest
    if name == UPLOADED:
        if uploaded is None:
            raise refuse("generate.not_uploaded", request, "model")
        return uploaded.content
    return checkpoints.load(shipped_model(name))


def on_generate(
    runner: Runner,
    saved: Any,
    uploaded: Upload[Checkpoint] | None,
    model: str,
    locked: Any,
    request: gr.Request,
    *values: Any,
) -> Iterator[tuple[dict[str, Any], Any]]:
    """Write, and let the panel see the song grow. Each press draws a new seed unless it is `locked`; say which."""
    with refusals_shown(request):
        given = given_values(Generation, SETTINGS, values)
        how = Generation(**(given if locked is True else {**given, "seed": secrets.randbelow(SEEDS)}))
        checkpoint = model_called(runner, saved, uploaded, model, request)
        fitted = fit_prefix(how.prefix, checkpoint.vocab)
        choices, shown = [], 0.0
        for choice in generate(checkpoint.build_model(), checkpoint.vocab, how):
            choices.append(choice)
            if time.monotonic() - shown > INTERVAL:
                yield song_value(fitted, choices), how.seed
                shown = time.monotonic()
        yield song_value(fitted, choices), how.seed


def on_upload(
    uploads: Uploads, before: Upload[Checkpoint] | None, path: str, request: gr.Request
) -> tuple[Upload[Checkpoint], str, str]:
    """Keep an uploaded model for this visitor and choose it."""
    with refusals_shown(request):
        model = checkpoints.load(path)
        upload = uploads.keep(before, "checkpoint", model)
    facts = {
        "name": Path(path).name,
        "model": model.architecture.model.upper(),
        "characters": f"{len(model.vocab):,}",
        "epoch": model.epoch,
    }
    return upload, UPLOADED, both("generate.uploaded", **facts)


def on_open(runner: Runner, saved: Any, offered: Any) -> tuple[Any, Any]:
    """Whoever comes from training wants to hear what was trained: choose it, once for each run."""
    run = training_of(runner, saved)
    return (gr.skip(), gr.skip()) if run is None or run.id == offered else (run.id, TRAINED)


def on_model(runner: Runner, saved: Any, model: str, prefix: str) -> str | dict[str, Any]:
    """Change a prefix that was ours for one that suits the model; a visitor's own, whole or half typed, stays."""
    run = training_of(runner, saved)
    sampled = run.experiment.prefixes if run is not None else ()
    suited = prefix
    if prefix in (*BEGINNINGS.values(), *sampled):
        if model == TRAINED and sampled:
            suited = sampled[-1]
        elif model in tuple(BEGINNINGS):  # a tuple: what was sent may be any JSON
            suited = BEGINNINGS[model]
    return gr.skip() if suited == prefix else suited


def on_suit(runner: Runner, saved: Any, model: str, prefix: str) -> list[str]:
    """Answer with the prefix that was asked about, and with the one that suits: the page changes no other."""
    suited = on_model(runner, saved, model, prefix)
    return [prefix, prefix if isinstance(suited, dict) else suited]


def build_tab(app: Lab, runner: Runner, visitor: Visitor) -> None:
    with gr.Tab(t("generate.tab"), id="generate") as tab:
        with gr.Row(elem_classes="toolbar"):
            names = [(t(f"generate.model.{name}"), name) for name in MODELS]
            model = gr.Dropdown(
                names, value="lyrics-zh", label=t("generate.model"), scale=3, min_width=200, interactive=True,
                elem_id="song-model",
            )  # fmt: skip
            inputs = {
                "prefix": setting_input(
                    Generation, "prefix", info=False, scale=3, min_width=180, value=BEGINNINGS["lyrics-zh"],
                    placeholder=t("generate.prefix_placeholder"), max_lines=4,
                ),
                "temperature": setting_input(Generation, "temperature", info=False, scale=1, min_width=90),
                "length": setting_input(Generation, "length", info=False, scale=1, min_width=90),
            }  # fmt: skip
            inputs["seed"] = setting_input(Generation, "seed", info=False, scale=1, min_width=90, elem_id="song-seed")
            locked = gr.Checkbox(False, label=t("generate.lock"), elem_id="song-lock", scale=0, min_width=90)
            sing = gr.Button(t("generate.generate"), variant="primary", scale=1, min_width=120, elem_id="generate")
            upload = gr.UploadButton(
                t("generate.upload"), file_types=[".safetensors"], scale=1, min_width=120, elem_id="upload-model"
            )
        about = gr.Markdown(elem_id="about-model")
        suited = gr.BrowserState(None, storage_key="rnnlab_suited", secret=SECRET)  # a prefix, and the better one
        song = panel("song")
        with gr.Accordion(t("generate.advanced"), open=False), gr.Row(elem_classes="settings"):
            inputs |= {
                name: setting_input(Generation, name, min_width=220, elem_id=f"song-{name}")
                for name in ("top_k", "top_p")
            }
        gr.Markdown(t("generate.next"))

    saved, uploaded = visitor.runs["train"], visitor.model
    arguments = [saved, uploaded, model, locked, *(inputs[name] for name in SETTINGS)]
    growing = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": 8}
    gr.on(
        [sing.click, inputs["prefix"].submit], MethodType(on_generate, runner), arguments,
        [song, inputs["seed"]], trigger_mode="always_last", **growing,
    )  # fmt: skip
    inputs["seed"].input(None, None, locked, js="() => true", **QUIET)  # who types a seed wants that one
    kept = upload.upload(
        MethodType(on_upload, app.uploads), [uploaded, upload], [uploaded, model, about], api_visibility="private"
    )
    keep_upload(kept, visitor, "model", about)
    suits = (MethodType(on_suit, runner), [saved, model, inputs["prefix"]], suited)
    opened = tab.select(MethodType(on_open, runner), [saved, visitor.offered], [visitor.offered, model], **QUIET)
    # Not at any change of the model: what a reload puts back stays as it was.
    for asked in (opened.then(*suits, **QUIET), model.input(*suits, **QUIET)):
        asked.then(None, [suited, inputs["prefix"]], inputs["prefix"], js=SUIT, **QUIET)
    readable = {language: (f"lyrics-{language}", BEGINNINGS[f"lyrics-{language}"]) for language in LANGUAGES}
    shown = [model, inputs["prefix"], *(inputs[name] for name in SETTINGS if name != "prefix"), locked, about]
    remember(app, "generate", shown, readable)
