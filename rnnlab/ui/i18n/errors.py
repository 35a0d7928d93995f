"""How a refusal reaches the visitor: as a message in their language, and nothing else happens.

The page gets it in both languages and shows the one that it speaks, also when that changes later; it marks the field
that is meant (`frontend/lib/fields.js`). A caller of the API gets one language.
"""

from __future__ import annotations

import html
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from rnnlab.hosting import line
from rnnlab.ui.i18n import in_both, message_of, words
from rnnlab.ui.i18n.languages import LANGUAGES, language_of
from rnnlab.validation import InvalidInput

SECONDS_SHOWN = 12.0  # of a message that refuses nothing

log = logging.getLogger(__name__)


class Refusal(gr.Error):
    """Gradio's message box, which renders HTML, about a field; it stays until it is closed or a button is pressed."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message, duration=None, print_exception=False)
        self.field = field

    def mark(self, elem_id: str) -> None:
        """Let the page mark the component `elem_id`, and keep the message beside it."""
        self.message = f'<output for="{html.escape(elem_id)}">{self.message}</output>'


@contextmanager
def refusals_shown(request: gr.Request | None, *, program: bool = False) -> Iterator[None]:
    """Turn an InvalidInput into Gradio's message box. What a visitor typed is escaped.

    `program`: the caller of an endpoint, who reads a setting's own name beside its label.
    """
    try:
        yield
    except InvalidInput as error:
        field = "?" if error.code == "unknown_field" else error.field  # there the name is the visitor's own
        log.info(line("refused", code=error.code, field=field))
        if program:
            message = html.escape(message_of(error, language_of(request), program=True), quote=False)
        else:
            message = in_both({language: message_of(error, language) for language in LANGUAGES})
        raise Refusal(message, field) from None


def refuse(key: str, request: gr.Request | None, field: str = "") -> Refusal:
    """The message box with the words `key`, to be raised; it is about `field`, if about any."""
    log.info(line("refused", code=key, field=field, language=language_of(request)))
    return Refusal(in_both({language: words(language)[key] for language in LANGUAGES}), field)
