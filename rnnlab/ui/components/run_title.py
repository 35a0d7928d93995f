"""Titles of runs, in one line: model, size, data, optimizer, learning rate, seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rnnlab.experiments import adding, hello, race, sine, tagging
from rnnlab.experiments.language_model import Config
from rnnlab.figures.bounds import short_number
from rnnlab.runs import Row
from rnnlab.ui.i18n import choice_key, words
from rnnlab.ui.i18n.languages import Language
from rnnlab.validation import Config as AnyConfig

SEPARATOR = " · "
MAX_RATES = 3  # of a run whose rate was changed more often, the first and the last two


def title_of_run(config: Config, rows: Sequence[Row], language: Language, *, recorded: bool = False) -> str:
    """Name a run of the language model.

    LSTM 192 · English songs, first 10,000 of 24,994 · Adam 0.015 · seed 1
    """
    starts = [row for row in rows if row["kind"] == "start"]  # an older run's lacks the text's size
    start = next((row for row in reversed(starts) if row.get("characters_total")), {})
    say = _Words(language)
    parts = [
        say("recorded") if recorded else "",
        _model(config, say),
        _text(config.corpus, start, say, "_words" if config.tokenizer == "words" else ""),
        say("distance", distance=config.distance) if config.corpus == "distance" else "",
        f"{_choice(config, 'optimizer', language)} {_rates(config.learning_rate, rows)}",
        say("schedule", name=_choice(config, "schedule", language)) if config.schedule != "constant" else "",
        say("dropout", rate=short_number(config.dropout)) if config.dropout else "",
        say("seed", seed=config.seed),
    ]
    return SEPARATOR.join(filter(None, parts))


def title_of_lesson(config: AnyConfig, language: Language) -> str:
    """Name a run of a lesson; return "" for a lesson without a title."""
    say = _Words(language)
    match config:
        case hello.Config():
            parts = _hello(config, say, language)
        case sine.ComparisonConfig():
            parts = _sine(config, say, language)
        case tagging.Config():
            parts = _tagging(config, say, language)
        case race.Config():
            parts = _race(config, say, language)
        case adding.Config():
            parts = _adding(config, say, language)
        case _:
            parts = []
    return SEPARATOR.join(filter(None, parts))


class _Words:
    """The texts of titles in one language; a call fills in their placeholders."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **facts: Any) -> str:
        return words(self.language)[f"title.{key}"].format(**facts)


def _hello(config: hello.Config, say: _Words, language: Language) -> list[str]:
    return [
        f"{config.module} ({_choice(config, 'implementation', language)})",
        f"{config.source} → {config.target}",
        f"Adam {short_number(config.learning_rate)}",
        say("epochs", epochs=f"{config.epochs:,}"),
        say("seed", seed=config.seed),
    ]


def _sine(config: sine.ComparisonConfig, say: _Words, language: Language) -> list[str]:
    return [
        f"{config.model.upper()} {config.hidden_size}",
        _choice(config, "memory", language),
        say("windows", windows=f"{config.windows:,}", points=config.points),
        f"Adam {short_number(config.learning_rate)}",
        say("noise", noise=short_number(config.noise)) if config.noise else "",
        say("seed", seed=config.seed),
    ]


def _tagging(config: tagging.Config, say: _Words, language: Language) -> list[str]:
    recipe = words(language).get(f"tag.recipe.{config.corpus}", config.corpus)
    return [
        _model(config, say),
        recipe,
        f"{_choice(config, 'optimizer', language)} {short_number(config.learning_rate)}",
        say("dropout", rate=short_number(config.dropout)) if config.dropout else "",
        say("seed", seed=config.seed),
    ]


def _race(config: race.Config, say: _Words, language: Language) -> list[str]:
    optimizers = {lane.config.optimizer for lane in config.lane_configs()}
    optimizer = f"{_choice(config, 'optimizer', language)} {short_number(config.learning_rate)}"
    return [
        say("against").join(lane_label(lane.named, language) for lane in config.lane_configs()),
        words(language).get(f"choices.corpus.{config.corpus}", config.corpus),
        optimizer if optimizers == {config.optimizer} else "",
        say("seed", seed=config.seed),
    ]


def _adding(config: adding.Config, say: _Words, language: Language) -> list[str]:
    bias = config.forget_bias
    return [
        say("comma").join(model_label(model, language) for model in config.model_names()),
        words(language)["adding.title_units"].format(units=config.hidden_size),
        words(language)["adding.title_growing" if config.grow else "adding.title_length"].format(length=config.length),
        f"Adam {short_number(config.learning_rate)}",
        "" if bias is None else words(language)["adding.title_bias"].format(bias=short_number(bias)),
        say("seed", seed=config.seed),
    ]


def model_label(model: str, language: Language) -> str:
    """Name a recurrent cell; one without a name in the texts by its own in capitals."""
    return words(language).get(f"choices.model.{model}", model.upper())


def lane_label(named: Sequence[tuple[str, str]], language: Language) -> str:
    """Name a lane of a race by the settings that differ in it: LSTM, hidden_size 64."""
    known = words(language)
    parts = [
        known.get(f"choices.{name}.{value}") or (value.upper() if name == "model" else f"{name} {value}")
        for name, value in named
    ]
    return known["title.comma"].join(parts)


def _model(config: Any, say: _Words) -> str:
    """Return the model with its size: LSTM 192, 2 layers."""
    parts = [f"{model_label(config.model, say.language)} {config.hidden_size}"]
    if config.num_layers > 1:
        parts.append(say("layers", layers=config.num_layers))
    if config.bidirectional:
        parts.append(say("bidirectional"))
    return say("comma").join(parts)


def _text(corpus: str, start: Mapping[str, Any], say: _Words, unit: str) -> str:
    """Return the name of the text and how much of it is used."""
    name = words(say.language).get(f"choices.corpus.{corpus}", corpus)
    taken, total = start.get("characters_taken", 0), start.get("characters_total", 0)
    if not total:
        return name
    key = "part" if taken < total else "whole"
    return say(f"{key}{unit}", name=name, taken=f"{taken:,}", total=f"{total:,}")


def _rates(now: float, rows: Sequence[Row]) -> str:
    """Return the learning rate and the earlier ones: 0.015 → 0.005."""
    changed = [row for row in rows if row["kind"] == "changed"]
    rates = [row["before"] for row in changed[:1] if row.get("before") is not None]
    rates += [row["learning_rate"] for row in changed] or [now]
    rates = [rate for i, rate in enumerate(rates) if i == 0 or rate != rates[i - 1]]
    if len(rates) > MAX_RATES:
        rates = [rates[0], None, *rates[1 - MAX_RATES :]]
    return " → ".join("…" if rate is None else short_number(rate) for rate in rates)


def _choice(config: AnyConfig, name: str, language: Language) -> str:
    option = getattr(config, name)
    return words(language).get(choice_key(type(config), name, option), option)
