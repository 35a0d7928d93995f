"""The acrostic: the handler, and its panel's payload."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import gradio as gr

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.language_model import Writer, write_acrostic
from rnnlab.generation import Acrostic, AcrosticLine
from rnnlab.generation.acrostic_heads import heads_of
from rnnlab.runs import Runner
from rnnlab.text import visible
from rnnlab.ui.components.settings_form import given_values
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.ui.session.uploads import Upload
from rnnlab.ui.tabs.generate.temperatures import SEEDS
from rnnlab.ui.tabs.generate.writers import writer_chosen

OWN = ("heads", "at", "min_line", "max_line")  # settings that have a field of their own
SHARED = ("temperature", "seed")  # those of the song


def on_acrostic(
    runner: Runner,
    saved: Any,
    uploaded: Upload[Checkpoint] | None,
    model: str,
    locked: Any,
    request: gr.Request,
    *values: Any,
) -> Iterator[tuple[dict[str, Any], Any]]:
    """Write a line for each head; yield the panel's value after each, and the seed: a new one unless it is `locked`."""
    with refusals_shown(request):
        given = given_values(Acrostic, (*OWN, *SHARED), values)
        how = Acrostic(**(given if locked is True else {**given, "seed": secrets.randbelow(SEEDS)}))
        writer = writer_chosen(runner, saved, uploaded, model, request)
        written = write_acrostic(writer, how)
        rows: list[dict[str, Any]] = []
        for line in written.lines:
            rows.append(line_value(line))
            yield acrostic_value(rows, written.how, writer, model), how.seed


def acrostic_value(rows: list[dict[str, Any]], how: Acrostic, writer: Writer, model: str) -> dict[str, Any]:
    """Return the panel's value after some of the lines."""
    return {
        "lines": list(rows),
        "total": len(heads_of(how.heads)),
        "at": how.at,
        "low": how.min_line,
        "high": how.max_line,
        "seed": how.seed,
        "model": model,
        "has_words": writer.vocab.has_words,
    }


def line_value(line: AcrosticLine) -> dict[str, Any]:
    """Return one line cut at its head, with the head's price; a candidate is [text, P(end), P(head)]."""
    return {
        "parts": [line.text[: line.head_start], line.text[line.head_start : line.head_end], line.text[line.head_end :]],
        "head": line.head,
        "rank": line.rank,
        "probability": line.probability,
        "bits": line.bits,
        "likeliest": visible(line.likeliest),
        "instead": line.likeliest_probability,
        "nearest": list(line.nearest),
        "measure": line.measure,
        "candidates": [[each.text, each.end_probability, each.head_probability] for each in line.candidates],
        "chosen": line.chosen,
    }
