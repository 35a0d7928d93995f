"""Keep field values and uploads over a reload: values in the browser tab's session storage, uploads on the server.

The browser stores a random token for each upload. The server holds the upload until `rnnlab.ui.session.cleanup`
releases those of closed pages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import MethodType
from typing import Any

import gradio as gr
from gradio.components import Component
from gradio.events import Dependency

from rnnlab.ui.components.event_options import QUIET
from rnnlab.ui.i18n.languages import Language
from rnnlab.ui.session.state import Visitor
from rnnlab.ui.session.uploads import Upload, Uploads


def remember(
    app: gr.Blocks, name: str, components: Sequence[Component], first: Mapping[Language, Sequence[Any]] | None = None
) -> None:
    """Let `components` show after a reload what they showed before; `frontend/lib/fields.js` keeps it under `name`.

    `first` is what they show when nothing is kept, in the page's language; without it they stay as they are built.
    """
    changes = [component.change for component in components]
    gr.on(changes, None, components, None, js=f"(...values) => rnnlab.keep({json.dumps(name)}, values)", **QUIET)
    start = f"({json.dumps(first)})[rnnlab.language().slice(0, 2)]" if first else "[]"
    restored = f"() => rnnlab.kept({json.dumps(name)}, {len(components)}, {start})"
    app.load(None, None, components, js=restored, **QUIET)


def keep_upload(uploaded: Dependency, visitor: Visitor, kind: str, about: Component) -> None:
    """Let the browser keep the token of what was just uploaded; `about` says what that is."""
    visitor.abouts[kind] = about
    uploaded.success(token_of, getattr(visitor, kind), visitor.tokens[kind], **QUIET)


def token_of(upload: Upload | None) -> str | None:
    return None if upload is None else upload.token


def on_return(uploads: Uploads, *tokens: Any) -> list[Any]:
    """Give a page that loads the uploads that its browser has tokens of.

    Of one that is gone it forgets the token, and says nothing more about it.
    """
    found = [uploads.find(kind, token) for kind, token in zip(Visitor.KINDS.values(), tokens, strict=True)]
    gone = [token is not None and upload is None for token, upload in zip(tokens, found, strict=True)]
    states = [gr.skip() if upload is None else upload for upload in found]
    return [*states, *(None if lost else gr.skip() for lost in gone), *("" if lost else gr.skip() for lost in gone)]


def bring_back_uploads(app: gr.Blocks, uploads: Uploads, visitor: Visitor) -> None:
    """Let whatever this browser has uploaded, and the server still holds, be there whenever a page loads."""
    tokens = list(visitor.tokens.values())
    abouts = [visitor.abouts[kind] for kind in Visitor.KINDS]
    app.load(MethodType(on_return, uploads), tokens, [*visitor.uploads, *tokens, *abouts], **QUIET)
