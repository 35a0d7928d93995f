"""What several commands share: options, and how a line is printed."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from rnnlab.devices import DEVICES, MATMUL_PRECISIONS
from rnnlab.experiments.event import Event, row
from rnnlab.resources import SHIPPED_CORPORA, shipped_corpus
from rnnlab.text import Source, read_source

Device = Annotated[str, typer.Option(help="Where to compute.", metavar="|".join(DEVICES))]
Precision = Annotated[str, typer.Option(help="Of float32 matrix products.", metavar="|".join(MATMUL_PRECISIONS))]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


def source_of(corpus: str) -> Source:
    """Read a shipped text by name, or the text in a file or a folder."""
    return Source(shipped_corpus(corpus), ("UTF-8",)) if corpus in SHIPPED_CORPORA else read_source(corpus)


def say_source(corpus: str, source: Source, only_if_recognised: bool = False) -> None:
    """Say on standard error what a text of one's own was taken for.

    With `only_if_recognised` just where there was something to recognise: another encoding than UTF-8, several files.
    """
    plain = source.encodings == ("UTF-8",) and source.files == 1
    if corpus not in SHIPPED_CORPORA and not (only_if_recognised and plain):
        notes().print(printable(about(Path(corpus).name, source)), markup=False, soft_wrap=True)


def about(name: str, source: Source) -> str:
    """What was understood of a text, in one line: its files, its encoding, its size, and how it begins."""
    joined = f"{source.files} files joined in the order of their names, " if source.files > 1 else ""
    others = f" {source.passed_over} other file(s) passed over." if source.passed_over else ""
    characters, distinct = f"{len(source.text):,}", f"{len(set(source.text)):,}"
    return (
        f"{name}: {joined}{', '.join(source.encodings)}, {characters} characters, {distinct} distinct.{others} "
        f"It begins: {source.beginning}"
    )


def notes() -> Console:
    """Standard error, for what is not the result."""
    return Console(stderr=True, highlight=False)


def print_row(event: Event) -> None:
    """Print an event with its kind as one line of JSON."""
    print_json(row(event))


def print_json(value: Mapping[str, Any]) -> None:
    """Print one line of JSON, in ASCII, which every reader of a pipe understands; readable on a UTF-8 terminal."""
    readable = sys.stdout.isatty() and (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    print(json.dumps(value, ensure_ascii=not readable), flush=True)


def printable(text: str) -> str:
    """Replace control characters: somebody else's model must not steer the terminal that it sings in."""
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) == "Cc" else c for c in text)


def printable_lines(text: str) -> str:
    """`text` as `printable` makes it, with its line ends and tabs."""
    return "".join(c if c in "\n\t" else printable(c) for c in text)
