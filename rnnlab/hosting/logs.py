"""The server's log: one line of key=value for each thing that happened, on standard error.

A line says what happened and why, but nothing about who: no text of a visitor and no run's id, which is a key.
"""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

FRAMES = 5  # of a traceback that are logged: the innermost


def line(event: str, **facts: Any) -> str:
    """Format a log message.

    >>> line("run_paused", why="unseen", epoch=7)
    'event=run_paused why=unseen epoch=7'
    """
    return " ".join(f"{name}={_quoted(value)}" for name, value in {"event": event, **facts}.items())


def _quoted(value: Any) -> str:
    text = str(value)
    return text if text and text.isprintable() and not set(text) & set(' "=') else repr(text)


class OneLine(logging.Formatter):
    """Format a record as one line: `2026-11-22T08:30:00Z level=info event=…`.

    Of an exception it shows the class and the place; its message may quote a visitor's text.
    """

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("%(asctime)s level=%(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")

    def format(self, record: logging.LogRecord) -> str:
        record.levelname = record.levelname.lower()
        return " ".join(super().format(record).splitlines())

    def formatException(self, error: tuple[Any, Any, TracebackType | None]) -> str:  # noqa: N802 (logging's name)
        kind, _, trace = error
        places = []
        while trace is not None:
            places.append(f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}")
            trace = trace.tb_next
        return f"error={kind.__name__} at={'>'.join(places[-FRAMES:])}"


def log_to_stderr() -> None:
    """Write the log of `rnnlab.*` to standard error. Only a program calls this; an import never does."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    log = logging.getLogger("rnnlab")
    log.handlers, log.propagate = [handler], False
    log.setLevel(logging.INFO)
