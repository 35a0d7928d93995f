"""Handlers of the Generate tab: choose a model, generate, upload. The panels below the song have theirs beside them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import gradio as gr

from rnnlab import checkpoints
from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.language_model import Writer
from rnnlab.generation import Generation, SampledToken, fit_prefix, generate
from rnnlab.runs import Runner
from rnnlab.ui.i18n import spans
from rnnlab.ui.i18n.errors import Refusal, refusals_shown
from rnnlab.ui.session.client_id import owner_of
from rnnlab.ui.session.uploads import Upload, Uploads
from rnnlab.ui.tabs.generate.copied import compared_value, copied_value
from rnnlab.ui.tabs.generate.kept_songs import SONGS, kept_song
from rnnlab.ui.tabs.generate.payload import kept_facts, song_value
from rnnlab.ui.tabs.generate.temperatures import settings_given
from rnnlab.ui.tabs.generate.writers import network_of, writer_chosen
from rnnlab.ui.tabs.networks import TRAINED, UPLOADED
from rnnlab.ui.tabs.train.runs import training_in, training_of
from rnnlab.validation import InvalidInput

SETTINGS = tuple(item.name for item in fields(Generation))
BEGINNINGS = {"lyrics-zh": "不分开", "lyrics-en": "The night "}  # the first prefix for each shipped model
INTERVAL = 0.08  # seconds between two values of the panel while the song grows


def on_generate(
    runner: Runner,
    saved: Any,
    uploaded: Upload[Checkpoint] | None,
    model: str,
    locked: Any,
    request: gr.Request,
    *values: Any,
) -> Iterator[tuple[dict[str, Any], Any]]:
    """Generate; yield the panel's value as the song grows, and the seed: a new one unless it is `locked`."""
    with refusals_shown(request):
        settings = settings_given(SETTINGS, values, locked)
        writer = writer_chosen(runner, saved, uploaded, model, request)
        kept = SONGS.keep(kept_song(runner, saved, model, writer, settings), owner_of(request))
        for value in _growing(writer, settings, kept):
            yield value, settings.seed


def on_first_song(
    runner: Runner,
    saved: Any,
    uploaded: Upload[Checkpoint] | None,
    model: str,
    has_song: Any,
    request: gr.Request,
    *values: Any,
) -> Iterator[Any]:
    """Generate with the seed of the field when the tab opens, unless the page `has_song`; nobody has asked for it."""
    if has_song is True:
        yield gr.skip()
        return
    try:
        settings = settings_given(SETTINGS, values, locked=True)
        writer = writer_chosen(runner, saved, uploaded, model, request)
    except (InvalidInput, Refusal):  # the button will say why
        yield gr.skip()
        return
    kept = SONGS.keep(kept_song(runner, saved, model, writer, settings), owner_of(request))
    yield from _growing(writer, settings, kept, is_first=True)


def _growing(writer: Writer, settings: Generation, key: str, is_first: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the panel's value as a song grows, and last with what is compared to it."""
    fitted, learned = fit_prefix(settings.prefix, writer.vocab), writer.learned
    sampled: list[SampledToken] = []

    def value(copied: dict[str, Any] | None) -> dict[str, Any]:
        return song_value(fitted, sampled, writer.checkpoint, copied, key, settings.length, is_first)

    tracker = learned.tracker() if learned is not None and learned.is_quick else None
    if tracker is not None:
        tracker.add(fitted.text)
    shown = 0.0
    for token in generate(writer.decoder(), writer.vocab, settings):
        sampled.append(token)
        if tracker is not None:
            tracker.add(token.text)
        if time.monotonic() - shown > INTERVAL:
            yield value(copied_value(tracker))
            shown = time.monotonic()
    yield value(copied_value(tracker))
    if learned is not None:  # what takes longer comes when the song is there
        song = fitted.text + "".join(token.text for token in sampled)
        yield value(compared_value(learned, song, len(fitted.text), settings))


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
        "tokens": f"{len(model.vocab):,}",
        "epoch": model.epoch,
    }
    about = spans("generate.uploaded_words" if model.vocab.has_words else "generate.uploaded", **facts)
    if model.best_epoch is not None:
        about += " " + spans("generate.kept", **kept_facts(model))
    return upload, UPLOADED, about


def on_open(runner: Runner, saved: Any, offered: Any) -> tuple[Any, Any]:
    """Choose the visitor's trained model when the tab opens, once for each run."""
    run = training_of(runner, saved)
    return (gr.skip(), gr.skip()) if run is None or run.id == offered else (run.id, TRAINED)


def on_model(runner: Runner, saved: Any, model: str, prefix: str) -> str | dict[str, Any]:
    """Replace one of our prefixes by one that suits the model; a prefix that the visitor has typed stays."""
    run = training_of(runner, saved)
    sampled = training_in(run).prefixes if run is not None else ()
    suited = prefix
    if prefix in (*BEGINNINGS.values(), *sampled):
        network = network_of(model) if isinstance(model, str) else ""  # what was sent may be any JSON
        suited = sampled[-1] if network == TRAINED and sampled else BEGINNINGS.get(network, prefix)
    return gr.skip() if suited == prefix else suited


def on_suit(runner: Runner, saved: Any, model: str, prefix: str) -> list[str]:
    """Return the prefix in question and the one that suits; the page replaces no other than the first."""
    suited = on_model(runner, saved, model, prefix)
    return [prefix, prefix if isinstance(suited, dict) else suited]
