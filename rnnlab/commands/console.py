"""Options of several commands, and functions that print texts, events and JSON safely."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from rnnlab.commands.language import say
from rnnlab.devices import DEVICES, MATMUL_PRECISIONS
from rnnlab.experiments.event import Event, row
from rnnlab.experiments.language_model import Started
from rnnlab.inspection import count_lines
from rnnlab.resources import CORPORA, corpus_text
from rnnlab.text import Source, read_source
from rnnlab.text.synthetic import DEFAULT_DISTANCE

Device = Annotated[str, typer.Option(help="Where to compute.", metavar="|".join(DEVICES))]
Precision = Annotated[str, typer.Option(help="Of float32 matrix products.", metavar="|".join(MATMUL_PRECISIONS))]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


def source_of(corpus: str, distance: int = DEFAULT_DISTANCE) -> Source:
    """Read a text by its name in CORPORA, or the text of a file or a folder by its path.

    distance: see `resources.generated_source`.
    """
    return Source(corpus_text(corpus, distance), ("UTF-8",)) if corpus in CORPORA else read_source(corpus)


def print_source(corpus: str, source: Source, only_if_recognised: bool = False) -> None:
    """Describe a text that is not a shipped one on standard error.

    only_if_recognised: do so only for an encoding other than UTF-8, or for several files.
    """
    plain = source.encodings == ("UTF-8",) and source.files == 1
    if corpus not in CORPORA and not (only_if_recognised and plain):
        notes().print(printable(about(Path(corpus).name, source)), markup=False, soft_wrap=True)


def about(name: str, source: Source) -> str:
    """Describe a text in one line: its files, its encodings, its size and its beginning."""
    return say(
        "about_source",
        name=name,
        joined=say("files_joined", files=source.files) if source.files > 1 else "",
        encodings=", ".join(source.encodings),
        characters=f"{len(source.text):,}",
        distinct=f"{len(set(source.text)):,}",
        others=say("files_passed_over", files=source.passed_over) if source.passed_over else "",
        beginning=source.beginning,
    )


def print_training_facts(source: Source, started: Started) -> None:
    """Say on standard error, before training begins, what is trained on."""
    lines, taken, vocab_size = count_lines(source.text), started.characters_taken, started.vocab_size
    key = "training_facts" if lines > 1 else "training_facts_of_a_line"
    notes().print(say(key, lines=lines, taken=taken, vocab_size=vocab_size, steps=started.steps), soft_wrap=True)


def notes() -> Console:
    """Return a console on standard error, for lines that are not the result."""
    return Console(stderr=True, highlight=False)


def print_row(event: Event) -> None:
    """Print an event with its kind as one line of JSON."""
    print_json(row(event))


def print_json(value: Mapping[str, Any]) -> None:
    """Print one line of JSON: in ASCII, which every program reads, but not escaped on a UTF-8 terminal."""
    readable = sys.stdout.isatty() and (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    print(json.dumps(value, ensure_ascii=not readable), flush=True)


def printable(text: str) -> str:
    """Replace control characters, by which the text of a foreign model could control the terminal."""
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) == "Cc" else c for c in text)


def printable_lines(text: str) -> str:
    """Replace control characters except line ends and tabs."""
    return "".join(c if c in "\n\t" else printable(c) for c in text)
