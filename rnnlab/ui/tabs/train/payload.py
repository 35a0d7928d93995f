"""Payload of the live panel: first the whole picture, then only the news.

`tabs/train/panel.js` draws it. A `reference` names what to draw: `curves/lyrics-zh` is the recorded curve of a shipped
model, `curves/rnn-scratch` that of a recipe, `runs/<id>` a run. The panel requests `lab/<reference>` once and follows
`lab/runs/<id>/events` from there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from functools import cache, lru_cache
from typing import Any

from rnnlab.experiments.language_model import PRESETS, Config, preset, published_results
from rnnlab.experiments.language_model.baselines import baselines, compared
from rnnlab.experiments.language_model.data import with_entropy
from rnnlab.figures import PerplexityCurve, perplexity_figure
from rnnlab.figures.perplexity import DRAWN, MORE
from rnnlab.figures.theme import DARK_COLORS
from rnnlab.limits import MAX_LINE_POINTS
from rnnlab.resources import CORPORA, corpus_text
from rnnlab.runs import DIVERGED, FAILED, FINISHED, RUNNING, Row, Run, Snapshot
from rnnlab.runs.protocols import progress_of
from rnnlab.text import make_corpus
from rnnlab.ui.components.form_restore import settings_shown
from rnnlab.ui.components.run_title import title_of_run
from rnnlab.ui.i18n import message_of, section, words
from rnnlab.ui.i18n.languages import Language
from rnnlab.ui.tabs.own_text import corpus_field
from rnnlab.ui.tabs.train.passages import min_copied_of
from rnnlab.ui.tabs.train.recording import recording_of
from rnnlab.validation import InvalidInput

RECENT_STEPS = 20  # minibatches from which the page estimates the perplexity of an unfinished epoch


def curve_of(config: Config, rows: Iterable[Row]) -> PerplexityCurve:
    """Sort the rows of a run into the traces of its curve."""
    rows = list(rows)
    start = start_of(rows)
    steps: list[Row] = []
    epochs: list[Row] = []
    changes: list[tuple[float, float | None, float]] = []
    for row in rows:
        if row["kind"] == "start":  # an epoch that was cut short begins again: drop its steps
            steps = [step for step in steps if step["x"] <= row["first_epoch"] - 1]
        elif row["kind"] == "step":
            steps.append(row)
        elif row["kind"] == "epoch":
            epochs.append(row)
        elif row["kind"] == "changed":
            x, y = (steps[-1]["x"], steps[-1]["y"]) if steps else (0.0, start.get("uniform_perplexity"))
            changes.append((x, y, row["learning_rate"]))
    return PerplexityCurve(
        model=config.model,
        epochs=max(config.epochs, 1),
        minibatch=[(step["x"], step["y"]) for step in steps],
        training=[(row["epoch"], row["perplexity"]) for row in epochs],
        held_out=[(row["epoch"], row["held_out_perplexity"]) for row in epochs] if config.held_out else None,
        published={epoch: value for epoch, value in published_results(config).items() if epoch <= config.epochs},
        baselines={name: start.get(f"{name}_perplexity") for name in (*DRAWN, *MORE)}
        | {"floor": start.get("entropy_perplexity")},
        changes=changes,
        kept=_kept(epochs) if config.keep == "best" else None,
    )


def start_of(rows: Iterable[Row]) -> Row:
    """Return the latest row of a start, with the n-grams that were counted after it; {} if there is none."""
    start: Row = {}
    counted: Row = {}
    for row in rows:
        if row["kind"] == "start":
            start = row
        elif row["kind"] == "baselines":
            counted = row
    return {**start, **counted, "kind": "start"} if start else {}


def _kept(epochs: Sequence[Row]) -> tuple[float, float] | None:
    """Return the epoch with the lowest held-out perplexity, and that; None without held-out text."""
    known = [(row["held_out_perplexity"], row["epoch"]) for row in epochs if row["held_out_perplexity"] is not None]
    if not known:
        return None
    value, epoch = min(known)
    return epoch, value


def picture(
    config: Config, rows: Iterable[Row], language: Language, *, recorded: bool = False, min_copied: int | None = None
) -> dict[str, Any]:
    """Return what the panel needs to draw a run from nothing: figure, texts, all epochs, last samples.

    min_copied: the minimal length of a copied run, if it is known.
    """
    rows = list(rows)
    if not any(row["kind"] == "start" for row in rows):
        rows = [*known_from_text(config), *rows]
    epochs = [row for row in rows if row["kind"] == "epoch"]
    start = start_of(rows)
    labels = _labels(start, language)
    steps = [row for row in rows if row["kind"] == "step" and row["x"] > len(epochs)]
    interim = next((row for row in reversed(rows) if row["kind"] in ("epoch", "progress")), {"kind": ""})
    return {
        "settings": form_of(config),
        "figure": json.loads(
            perplexity_figure(curve_of(config, rows), labels, unseen=False).to_json(remove_uids=False)
        ),
        "dark_colors": dict(DARK_COLORS),
        "words": _live_words(config, language),
        "title": title_of_run(config, [*known_from_text(config), *rows], language, recorded=recorded),
        "model": f"{config.model.upper()} {config.hidden_size}",
        "epochs": config.epochs,
        "baselines": [(labels[name], *values) for name, *values in compared(start)] if start else [],
        "counted": {name: start.get(f"{name}_tokens") for name in ("counted", "train")},
        "last": epochs[-1] if epochs else None,
        "steps": [row["y"] for row in steps[-RECENT_STEPS:]],  # of the unfinished epoch
        "uniform": start.get("uniform_perplexity"),
        "keep": config.keep,
        "clip": {"limit": config.grad_clip, "by": config.clip_by},
        "interim": interim if interim["kind"] == "progress" else None,
        "scheduled": config.schedule != "constant",
        "epoch_rows": _thinned(epochs),
        "min_copied": min_copied,
        "untrained": next((row for row in reversed(rows) if row["kind"] == "untrained"), None),
        "first_sample": config.sample_every and min(config.sample_every, config.epochs),
        "device": start.get("device", "").partition(",")[0],
        "device_trouble": start.get("device_trouble", ""),
    }


def _thinned(epochs: Sequence[Row]) -> Sequence[Row]:
    """Leave out epochs of a very long run, evenly, but none with samples and not the last."""
    every = -(-len(epochs) // MAX_LINE_POINTS)
    last = len(epochs) - 1
    return [row for n, row in enumerate(epochs) if n % every == 0 or row.get("samples") or n == last]


def _labels(start: Row, language: Language) -> dict[str, str]:
    """Return the figure's labels; that of published results says when they are of another text than the run's."""
    labels = section("figure", language)
    name = "published" if start.get("is_tutorial_lyrics") else "published_another"
    return labels | {"published": labels[name]}


def _live_words(config: Config, language: Language) -> dict[str, str]:
    """Return the panel's texts; those that name the unit of the text name words where its tokens are words."""
    known = words(language)
    texts = section("live", language) | {"before": known["title.before"]}
    texts |= {key: known[f"generate.{key}"] for key in ("copied.place", "copied.places")}
    return texts | section("live_words", language) if config.tokenizer == "words" else texts


def picture_of_run(run: Run, snapshot: Snapshot, language: Language) -> dict[str, Any]:
    """Return what the panel needs to draw `run` from nothing; `snapshot` holds all of its rows."""
    config = run.config
    return {
        **news(run, snapshot, language),
        **picture(config, snapshot.rows, language, min_copied=min_copied_of(run)),
        "rows": [],
        "live": not snapshot.over,
    }


def news(run: Run, snapshot: Snapshot, language: Language) -> dict[str, Any]:
    """Return the rows since the panel's last request, and the state of the run."""
    changed = any(row["kind"] == "changed" for row in snapshot.rows)
    return {
        "title": title_of_run(run.config, [*known_from_text(run.config), *run.since(0).rows], language)
        if changed
        else None,
        "settings": form_of(run.config),
        "rows": snapshot.rows,
        "cursor": snapshot.cursor,
        "state": snapshot.state,
        "position": snapshot.position,
        "why": run.why,
        "not_saved": run.not_saved,
        "recording_dropped": run.last("recording_dropped") is not None,
        "recording_ended": (run.last("recording_ended") or {}).get("reason", ""),
        "epochs": run.config.epochs,
        "problem": _problem(run, language) if snapshot.state == FAILED else None,
        "progress": progress_of(run.experiment) if snapshot.state == RUNNING else None,
        "stopped_early": snapshot.state == FINISHED and bool((run.last(FINISHED) or {}).get("stopped_early")),
        "diverged": run.last(DIVERGED) if snapshot.state == DIVERGED else None,
        "test_perplexity": (run.last(FINISHED) or {}).get("test_perplexity") if snapshot.state == FINISHED else None,
    }


def _problem(run: Run, language: Language) -> str:
    """Return why the run failed, in the visitor's language; the details of a bug stand in the log only."""
    error = run.error if isinstance(run.error, InvalidInput) else InvalidInput("run_failed", "run")
    return message_of(error, language)


def form_of(config: Config) -> dict[str, Any]:
    """Return what the fields show for a run, by elem_id; the recipe is the most similar one."""
    names = [item.name for item in fields(Config) if item.name != "corpus"]
    shown = settings_shown(config, {name: f"set-{name}" for name in names})
    given = {name: getattr(config, name) for name in names}
    recipes = {name: preset(name).config() for name in PRESETS}
    others = {
        name: sum(getattr(recipe, key) != value for key, value in given.items()) for name, recipe in recipes.items()
    }
    return {"recipe": min(others, key=others.__getitem__), "corpus": corpus_field(config.corpus), **shown}


def known_from_text(config: Config) -> list[Row]:
    """Return a row with the baselines and the size of a shipped or generated text; no row for another."""
    if config.corpus not in CORPORA:
        return []
    names = ("corpus", "distance", "tokenizer", "min_freq", "max_tokens", "held_out", "test")
    return [_known(Config(**{name: getattr(config, name) for name in names}))]


@lru_cache(maxsize=32)
def _known(config: Config) -> Row:
    """Return that row; `config` has the settings of the text, and else the defaults."""
    text = corpus_text(config.corpus, config.distance)
    corpus = make_corpus(
        text,
        tokenizer=config.tokenizer,
        min_freq=config.min_freq,
        max_tokens=config.max_tokens,
        held_out=config.held_out,
        test=config.test,
    )
    corpus = with_entropy(corpus, config, text)
    return {
        "kind": "start",
        "first_epoch": 1,
        "train_tokens": len(corpus.train_ids),
        "characters_taken": corpus.taken_tokens,
        "characters_total": corpus.text_tokens,
        **baselines(corpus),
    }


@cache
def recorded_picture(name: str, language: Language) -> Mapping[str, Any]:
    """Return the picture of how the shipped model or the recipe `name` was trained. Raises InvalidInput."""
    recording = recording_of(name)
    config, min_copied = recording.config, recording.learned.min_length
    rows = [*known_from_text(config), *recording.rows]
    return {
        **picture(config, rows, language, recorded=True, min_copied=min_copied),
        "state": "recorded",
        "progress": None,
        "stopped_early": False,
        "live": False,
        "rows": [],
        "cursor": 0,
    }
