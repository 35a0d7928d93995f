"""Turn a refusal (InvalidInput) into Gradio's message box, in the visitor's language.

The page gets the message in every language and shows the one that it is in, also when that changes later; it marks the
field that is meant (`frontend/lib/fields.js`). A caller of the API gets one language.
"""

from __future__ import annotations

import html
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from rnnlab.hosting import line
from rnnlab.ui.i18n import message_of, spans_of, words
from rnnlab.ui.i18n.languages import LANGUAGES, language_of
from rnnlab.validation import InvalidInput

SECONDS_SHOWN = 12.0  # of a message that is no refusal

log = logging.getLogger(__name__)


class Refusal(gr.Error):
    """Gradio's message box about a field, as HTML; it stays until it is closed or a button is pressed."""

    message: str  # as gr.Error keeps it

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message, duration=None, print_exception=False)
        self.field = field

    def mark(self, elem_id: str) -> None:
        """Let the page mark the component `elem_id` and show the message beside it."""
        self.message = f'<output for="{html.escape(elem_id)}">{self.message}</output>'


@contextmanager
def refusals_shown(request: gr.Request | None, *, program: bool = False) -> Iterator[None]:
    """Raise an InvalidInput of the block as Gradio's message box; text of the visitor in it is escaped.

    `program`: the caller of an endpoint, for whom the message names a setting by its own name as well.
    """
    try:
        yield
    except InvalidInput as error:
        field = "?" if error.code == "unknown_field" else error.field  # there the name is the visitor's own
        log.info(line("refused", code=error.code, field=field))
        if program:
            message = html.escape(message_of(error, language_of(request), program=True), quote=False)
        else:
            message = spans_of({language: message_of(error, language) for language in LANGUAGES})
        raise Refusal(message, field) from None


def refuse(key: str, request: gr.Request | None, field: str = "") -> Refusal:
    """Return the message box with the text `key`, to be raised; `field` is its field, if any."""
    log.info(line("refused", code=key, field=field, language=language_of(request)))
    return Refusal(spans_of({language: words(language)[key] for language in LANGUAGES}), field)
