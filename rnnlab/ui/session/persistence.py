"""Find a visitor's uploads again after a reload of the page.

The browser stores a random token for each upload (`rnnlab.ui.tabs.upload_tokens` wires that up). The server holds the
upload until `rnnlab.ui.session.cleanup` releases those of closed pages.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from rnnlab.ui.session.state import Visitor
from rnnlab.ui.session.uploads import Upload, Uploads


def token_of(upload: Upload[Any] | None) -> str | None:
    """Return the token by which a browser finds `upload` again."""
    return None if upload is None else upload.token


def on_return(uploads: Uploads, *tokens: Any) -> list[Any]:
    """Return the uploads of a page that loads, found by the tokens that its browser has kept.

    Returns the value of each upload's state, of each token and of each description: `gr.skip()` leaves one as it is,
    and the token and the description of an upload that the server no longer holds are cleared.
    """
    found = [uploads.find(kind, token) for kind, token in zip(Visitor.KINDS.values(), tokens, strict=True)]
    gone = [token is not None and upload is None for token, upload in zip(tokens, found, strict=True)]
    states = [gr.skip() if upload is None else upload for upload in found]
    return [*states, *(None if lost else gr.skip() for lost in gone), *("" if lost else gr.skip() for lost in gone)]
