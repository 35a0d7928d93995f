"""Handlers of the Train tab: choose a recipe and a text, start a run, steer it."""

from __future__ import annotations

import html
import secrets
from pathlib import Path
from typing import Any

import gradio as gr

from rnnlab.experiments.language_model import Config, preset
from rnnlab.resources import SHIPPED_CORPORA
from rnnlab.runs import Run, Runner
from rnnlab.text import Source, read_source
from rnnlab.ui.components.settings_form import given_values, sections_of, shown_values
from rnnlab.ui.i18n import spans, words
from rnnlab.ui.i18n.errors import SECONDS_SHOWN, refusals_shown, refuse
from rnnlab.ui.i18n.languages import language_of
from rnnlab.ui.session.client_id import client_id_of
from rnnlab.ui.session.uploads import Upload, Uploads
from rnnlab.ui.tabs.train.runs import LONGEST_PASTE, OWN, new_run, training_of
from rnnlab.validation import Integer, InvalidInput, Text

# The settings on the page, in its order; the first few stay in reach, those with a section are under "Advanced".
IN_REACH = ("model", "epochs", "learning_rate")
ADVANCED = sections_of(Config)
MAX_NAME = 60  # characters of a file's name that a title shows
SETTINGS = (*IN_REACH, *(name for names in ADVANCED.values() for name in names))


def on_preset(name: str | None, corpus: str = "lyrics-zh") -> list[Any]:
    """Show the recipe's settings for that text; none for a recipe that came back with a run."""
    if name is None:
        return [gr.skip() for _ in SETTINGS]
    return shown_values(preset(name).config(corpus=corpus), SETTINGS)


def on_corpus(corpus: str) -> dict[str, Any]:
    """Show the place for one's own text when it is wanted."""
    return gr.update(visible=corpus == OWN)


def on_another_corpus(corpus: str | None, recipe: str, request: gr.Request) -> Any:
    """Show how much of that text the recipe takes: of one's own all, but for a tutorial's recipe.

    No corpus: it is the one of before, and what was set stays.
    """
    if corpus is None:
        return gr.skip()
    with refusals_shown(request):
        (shown,) = shown_values(preset(recipe).config(corpus=corpus), ("max_tokens",))
    return shown


def on_upload(
    uploads: Uploads, before: Upload[str] | None, path: str, request: gr.Request
) -> tuple[Upload[str], str, str]:
    """Keep an uploaded text for this visitor, say what it is, and clear what was pasted before."""
    with refusals_shown(request):
        source = read_source(path, field="text")
        upload = uploads.keep(before, "text", source.text, file=Path(path).name)
    return upload, about_source(Path(path).name, source), ""


def about_source(name: str, source: Source) -> str:
    """Say, as HTML, what was understood of an uploaded text: encoding, size, beginning, number of files."""
    about = spans(
        "train.uploaded",
        name=name,
        encoding=", ".join(source.encodings),
        characters=f"{len(source.text):,}",
        distinct=f"{len(set(source.text)):,}",
        beginning=source.beginning,
    )
    if source.files > 1:
        about += spans("train.files_joined", files=f"{source.files:,}")
    return about + (spans("train.files_passed_over", files=f"{source.passed_over:,}") if source.passed_over else "")


def on_train(
    runner: Runner,
    saved: Any,
    uploaded: Upload[str] | None,
    corpus: str,
    pasted: str,
    request: gr.Request,
    *values: Any,
) -> tuple[str, str]:
    """Start a run in the background; the panel follows it. One that this visitor had going is stopped, and said so."""
    with refusals_shown(request):
        text = _own_text(uploaded, pasted) if corpus == OWN else None
        name = _name_of(uploaded) if corpus == OWN and not pasted else corpus
        config = Config(corpus=name, **given_values(Config, SETTINGS, values))
        run = runner.start(new_run(runner, config, text, client_id_of(request)))
    if text is not None and config.max_tokens is not None and len(text) > config.max_tokens:
        said = words(language_of(request))["train.part_of_text"]
        facts = {"taken": f"{config.max_tokens:,}", "total": f"{len(text):,}"}
        gr.Info(said.format(**facts), title="", duration=SECONDS_SHOWN)
    if (old := training_of(runner, saved)) is not None and not old.ended:
        runner.stop(old)
        gr.Info(_replaced(old, request), title="", duration=SECONDS_SHOWN)
    return f"runs/{run.id}", run.id


def _replaced(run: Run, request: gr.Request | None) -> str:
    """That `run` has given way to another one, with a link to its model as long as that is kept."""
    language, epoch = language_of(request), run.experiment.epoch
    said = html.escape(words(language)["train.replaced"].format(epoch=epoch))
    if not epoch:
        return said
    link = html.escape(words(language)["train.replaced_model"])
    return f'{said} <a href="lab/runs/{run.id}/model" download>{link}</a>'


def _name_of(uploaded: Upload[str] | None) -> str:
    """What a run calls a text of one's own: its file, if it has a name that no shipped text has."""
    name = "" if uploaded is None else "".join(letter for letter in uploaded.name if letter.isprintable()).strip()
    return name[:MAX_NAME] if name and name not in SHIPPED_CORPORA else OWN


def _own_text(uploaded: Upload[str] | None, pasted: str) -> str:
    """What was pasted, else what was uploaded."""
    if pasted or uploaded is None:
        if isinstance(pasted, str) and len(pasted) > LONGEST_PASTE:
            raise InvalidInput("paste_too_long", "text", length=f"{len(pasted):,}", high=f"{LONGEST_PASTE:,}")
        return Text(2, LONGEST_PASTE).check("text", pasted)
    return uploaded.content


def on_stop(runner: Runner, saved: Any, request: gr.Request) -> None:
    runner.stop(_run_to("steer", runner, saved, request))


def on_pause(runner: Runner, saved: Any, request: gr.Request) -> None:
    runner.pause(_run_to("steer", runner, saved, request))


def on_resume(runner: Runner, saved: Any, request: gr.Request) -> None:
    """Queue the run again; others may have taken its place meanwhile."""
    run = _run_to("steer", runner, saved, request)
    with refusals_shown(request):
        runner.resume(run)


def on_apply(runner: Runner, saved: Any, learning_rate: Any, request: gr.Request) -> None:
    """Let the run train on with another learning rate; the panel hears of it."""
    run = _run_to("change", runner, saved, request)
    if run.ended:
        raise refuse("train.nothing_to_change", request)
    with refusals_shown(request):
        runner.change(run, learning_rate=learning_rate)


def on_more(runner: Runner, saved: Any, epochs: Any, request: gr.Request) -> str:
    """Let the run go on for some more epochs. The panel is told its reference again, so that it looks anew."""
    run = _run_to("extend", runner, saved, request)
    with refusals_shown(request):
        runner.go_on(run, Integer(1, 10_000).check("more_epochs", epochs))
    return f"runs/{run.id}?{secrets.token_hex(4)}"


def _run_to(do: str, runner: Runner, saved: Any, request: gr.Request) -> Run:
    """This visitor's run; where there is none, a message says that there is nothing to `do`."""
    if (run := training_of(runner, saved)) is None:
        raise refuse(f"train.nothing_to_{do}", request)
    return run
