"""Handlers of the Train tab: choose a recipe and a text, start, pause, stop and extend a run."""

from __future__ import annotations

import html
import secrets
from typing import Any

import gradio as gr

from rnnlab.experiments.language_model import Config, break_text_facts, preset
from rnnlab.limits import MAX_TEXT_CHARACTERS
from rnnlab.resources import CORPORA, GENERATED_CORPORA
from rnnlab.runs import Run, Runner
from rnnlab.ui.components.settings_form import given_values, sections_of, shown_values
from rnnlab.ui.i18n import spans, words
from rnnlab.ui.i18n.errors import SECONDS_SHOWN, refusals_shown, refuse
from rnnlab.ui.i18n.languages import language_of
from rnnlab.ui.session.client_id import client_id_of
from rnnlab.ui.session.uploads import Upload
from rnnlab.ui.tabs.own_text import OWN, chosen_text, tell_part
from rnnlab.ui.tabs.train.runs import new_run, training_in, training_of
from rnnlab.validation import Choice, Integer

# The settings on the page, in its order; the first few stay in reach, those with a section are under "Advanced".
IN_REACH = ("model", "epochs", "learning_rate")
ADVANCED = sections_of(Config)
SETTINGS = (*IN_REACH, *(name for names in ADVANCED.values() for name in names))


def on_preset(
    name: str | None, corpus: str = "lyrics-zh", pasted: Any = 0, uploaded: Upload[str] | None = None
) -> list[Any]:
    """Show the recipe's settings for that text, and its own text if it has one.

    A recipe restored with a run (None) changes nothing. A recipe for songs takes the place of a generated text.

    pasted: the number of characters of the pasted text, which goes before an uploaded one.
    """
    if name is None:
        return [gr.skip() for _ in (*SETTINGS, "corpus")]
    corpus = Choice((*CORPORA, OWN)).check("corpus", corpus)
    characters = _characters_of(corpus, pasted, uploaded)
    recipe = preset(name)
    own = recipe.settings.get("corpus")
    corpus = own or (Config().corpus if corpus in GENERATED_CORPORA else corpus)
    config = recipe.config(corpus=corpus) if characters is None else recipe.config_for(characters, corpus=corpus)
    return [*shown_values(config, SETTINGS), corpus]


def _characters_of(corpus: str, pasted: Any, uploaded: Upload[str] | None) -> int | None:
    """Return the length of the visitor's text; None if it is not chosen, or not there yet."""
    if corpus != OWN:
        return None
    length = int(pasted) if isinstance(pasted, str) and pasted.isascii() and pasted.isdigit() else 0
    return min(length, MAX_TEXT_CHARACTERS) or (None if uploaded is None else len(uploaded.content))


def on_recipe(name: str) -> dict[str, Any]:
    """Show below the recipe what the tutorial's code does besides, or why the recipe fails on purpose."""
    recipe = preset(name)
    texts = [spans(f"slips.{slip}") for slip in recipe.slips]
    if recipe.breaks:
        texts.append(spans(f"breaks.{recipe.breaks}", **break_text_facts(recipe.config())))
    return gr.update(value="".join(f"<p>{text}</p>" for text in texts), visible=bool(texts))


def on_corpus(corpus: str) -> dict[str, Any]:
    """Show the field for the visitor's own text if that is chosen."""
    return gr.update(visible=corpus == OWN)


def on_another_corpus(corpus: str | None, recipe: str, request: gr.Request) -> Any:
    """Show how many characters of that text the recipe takes.

    Of the visitor's own text that is all, except for a tutorial's recipe. If the corpus is the same as before (None),
    the field stays as it is.
    """
    if corpus is None:
        return gr.skip()
    with refusals_shown(request):
        (shown,) = shown_values(preset(recipe).config(corpus=corpus), ("max_tokens",))
    return shown


def on_train(
    runner: Runner,
    saved: Any,
    uploaded: Upload[str] | None,
    corpus: str,
    pasted: str,
    request: gr.Request,
    *values: Any,
) -> tuple[str, str]:
    """Start a run, which the panel follows; stop the visitor's earlier run, with a message."""
    with refusals_shown(request):
        name, text = chosen_text(corpus, uploaded, pasted)
        config = Config(corpus=name, **given_values(Config, SETTINGS, values))
        run = runner.start(new_run(runner, config, text, client_id_of(request)))
    tell_part(config, text, request)
    if (old := training_of(runner, saved)) is not None and not old.ended:
        runner.stop(old)
        gr.Info(_replaced(old, request), title="", duration=SECONDS_SHOWN)
    return f"runs/{run.id}", run.id


def _replaced(run: Run, request: gr.Request | None) -> str:
    """Return the message that another run replaces `run`, with a link to its model, if it has one."""
    language, epoch = language_of(request), training_in(run).epoch
    message = html.escape(words(language)["train.replaced"].format(epoch=epoch))
    if not epoch:
        return message
    link = html.escape(words(language)["train.replaced_model"])
    return f'{message} <a href="lab/runs/{run.id}/model" download>{link}</a>'


def on_stop(runner: Runner, saved: Any, request: gr.Request) -> None:
    """Stop the run."""
    runner.stop(_run_to("steer", runner, saved, request))


def on_pause(runner: Runner, saved: Any, request: gr.Request) -> None:
    """Pause the run."""
    runner.pause(_run_to("steer", runner, saved, request))


def on_resume(runner: Runner, saved: Any, request: gr.Request) -> None:
    """Queue the run again; another run may hold its place by now."""
    run = _run_to("steer", runner, saved, request)
    with refusals_shown(request):
        runner.resume(run)


def on_apply(runner: Runner, saved: Any, learning_rate: Any, request: gr.Request) -> None:
    """Continue the run with another learning rate."""
    run = _run_to("change", runner, saved, request)
    if run.ended:
        raise refuse("train.nothing_to_change", request)
    with refusals_shown(request):
        runner.change(run, learning_rate=learning_rate)


def on_more(runner: Runner, saved: Any, epochs: Any, request: gr.Request) -> str:
    """Continue the run for more epochs; return a new reference, so that the panel loads the run again."""
    run = _run_to("extend", runner, saved, request)
    with refusals_shown(request):
        more = Integer(1, 10_000).check("more_epochs", epochs)
        assert more is not None  # the rule is not optional
        runner.go_on(run, more)
    return f"runs/{run.id}?{secrets.token_hex(4)}"


def _run_to(do: str, runner: Runner, saved: Any, request: gr.Request) -> Run:
    """Return this visitor's run; without one, raise a message that there is nothing to `do`."""
    if (run := training_of(runner, saved)) is None:
        raise refuse(f"train.nothing_to_{do}", request)
    return run
