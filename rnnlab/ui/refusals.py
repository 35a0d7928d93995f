"""How a refusal reaches the visitor: as a message in their language, and nothing else happens."""

from __future__ import annotations

import html
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from rnnlab.operating import line
from rnnlab.ui.language import language_of
from rnnlab.ui.words import message_of, words
from rnnlab.validation import InvalidInput

SECONDS_SHOWN = 12.0

log = logging.getLogger(__name__)


@contextmanager
def refusals_shown(request: gr.Request | None, *, program: bool = False) -> Iterator[None]:
    """Turn an InvalidInput into Gradio's message box. It renders HTML, so what a visitor typed is escaped.

    `program`: the caller of an endpoint, who reads a setting's own name beside its label.
    """
    try:
        yield
    except InvalidInput as error:
        field = "?" if error.code == "unknown_field" else error.field  # there the name is the visitor's own
        log.info(line("refused", code=error.code, field=field))
        raise _shown(message_of(error, language_of(request), program=program)) from None


def refuse(key: str, request: gr.Request | None) -> gr.Error:
    """The message box with the words `key`, to be raised."""
    return _shown(words(language_of(request))[key])


def _shown(message: str) -> gr.Error:
    return gr.Error(html.escape(message, quote=False), duration=SECONDS_SHOWN, print_exception=False)
