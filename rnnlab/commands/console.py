"""What several commands share: options, and how a line is printed."""

from __future__ import annotations

import json
import unicodedata
from typing import Annotated

import typer
from rich.console import Console

from rnnlab.devices import DEVICES, MATMUL_PRECISIONS
from rnnlab.experiments.event import Event, row
from rnnlab.resources import SHIPPED_CORPORA, shipped_corpus
from rnnlab.text import read_corpus

Device = Annotated[str, typer.Option(help="Where to compute.", metavar="|".join(DEVICES))]
Precision = Annotated[str, typer.Option(help="Of float32 matrix products.", metavar="|".join(MATMUL_PRECISIONS))]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


def text_of(corpus: str) -> str:
    """A shipped text by name, or the text in a file."""
    return shipped_corpus(corpus) if corpus in SHIPPED_CORPORA else read_corpus(corpus)


def notes() -> Console:
    """Standard error, for what is not the result."""
    return Console(stderr=True, highlight=False)


def print_row(event: Event) -> None:
    """Print an event with its kind as one line of JSON."""
    print(json.dumps(row(event), ensure_ascii=False), flush=True)


def printable(text: str) -> str:
    """Replace control characters: somebody else's model must not steer the terminal that it sings in."""
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) == "Cc" else c for c in text)


def printable_lines(text: str) -> str:
    """`text` as `printable` makes it, with its line ends and tabs."""
    return "".join(c if c in "\n\t" else printable(c) for c in text)
