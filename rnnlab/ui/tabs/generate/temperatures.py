"""Temperatures side by side: the handler, and its panel's payload."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

import gradio as gr

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.language_model import TemperatureColumn, Writer, temperature_columns
from rnnlab.generation import Generation, check_temperatures, fit_prefix
from rnnlab.runs import Runner
from rnnlab.ui.components.settings_form import given_values
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.ui.session.uploads import Upload
from rnnlab.ui.tabs.generate.copied import runs_value
from rnnlab.ui.tabs.generate.writers import writer_chosen

BESIDE = tuple(item.name for item in fields(Generation) if item.name != "temperature")  # the columns have their own
SEEDS = 10_000  # to draw from: short enough to be read aloud


def settings_given(names: Sequence[str], values: Sequence[Any], locked: Any) -> Generation:
    """Return the settings `names` of the fields, with a new seed unless it is `locked`. Raises InvalidInput."""
    given = given_values(Generation, names, values)
    return Generation(**(given if locked is True else {**given, "seed": secrets.randbelow(SEEDS)}))


def on_temperatures(
    runner: Runner,
    saved: Any,
    uploaded: Upload[Checkpoint] | None,
    model: str,
    locked: Any,
    temperatures: Any,
    request: gr.Request,
    *values: Any,
) -> Iterator[tuple[dict[str, Any], Any]]:
    """Write at each temperature; yield the panel's value after each, and the seed: a new one unless it is `locked`."""
    with refusals_shown(request):
        checked = check_temperatures(temperatures)
        how = settings_given(BESIDE, values, locked)
        writer = writer_chosen(runner, saved, uploaded, model, request)
        columns: list[dict[str, Any]] = []
        for column in temperature_columns(writer, how, checked):
            columns.append(column_value(column, writer, how))
            yield columns_value(columns, writer, how, len(checked), model), how.seed


def on_moved(
    runner: Runner,
    saved: Any,
    uploaded: Upload[Checkpoint] | None,
    model: str,
    locked: Any,
    temperatures: Any,
    request: gr.Request,
    *values: Any,
) -> dict[str, Any]:
    """Write some columns anew whose handles were moved on the ruler, as `on_temperatures` does."""
    *_, (value, _) = on_temperatures(runner, saved, uploaded, model, locked, temperatures, request, *values)
    return {**value, "moved": True}


def columns_value(
    columns: list[dict[str, Any]], writer: Writer, how: Generation, total: int, model: str = ""
) -> dict[str, Any]:
    """Return the panel's value after some of `total` columns; columns of the same `of` may stand side by side."""
    settings = {name: getattr(how, name) for name in BESIDE}
    trained = None if writer.checkpoint is None else (writer.checkpoint.text_digest, writer.checkpoint.epoch)
    return {
        "of": f"{model} {trained} {settings}",
        "prefix": fit_prefix(how.prefix, writer.vocab).text,
        "columns": list(columns),
        "total": total,
        "seed": how.seed,
        "has_words": writer.vocab.has_words,
    }


def column_value(column: TemperatureColumn, writer: Writer, how: Generation) -> dict[str, Any]:
    """Return one column, with where its copied runs stand in the text; places count from the prefix's beginning."""
    prefix = fit_prefix(how.prefix, writer.vocab).text
    copied = None if writer.learned is None else runs_value(writer.learned, prefix + column.text, column.runs)
    return {
        "temperature": column.temperature,
        "text": column.text,
        "departs": None if column.departs is None else len(prefix) + column.departs,
        "entropy": round(column.entropy, 4),
        "distinct": column.distinct,
        "share": column.copied_share,
        "copied": copied,
    }
