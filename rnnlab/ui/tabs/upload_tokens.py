"""Keep uploads over a reload of the page, by tokens that the browser stores."""

from __future__ import annotations

from types import MethodType

import gradio as gr
from gradio.components import Component
from gradio.events import Dependency

from rnnlab.ui.components.event_options import QUIET
from rnnlab.ui.session.persistence import on_return, token_of
from rnnlab.ui.session.state import Visitor


def keep_upload(uploaded: Dependency, visitor: Visitor, kind: str, about: Component) -> None:
    """Let the browser keep the token of an upload of this `kind`, which `about` describes."""
    visitor.abouts[kind] = about
    uploaded.success(token_of, getattr(visitor, kind), visitor.tokens[kind], **QUIET)


def restore_uploads(app: gr.Blocks, visitor: Visitor) -> None:
    """Give each page that loads the uploads of its browser which the server still holds."""
    tokens = list(visitor.tokens.values())
    abouts = [visitor.abouts[kind] for kind in Visitor.KINDS]
    app.load(MethodType(on_return, visitor.upload_memory), tokens, [*visitor.uploads, *tokens, *abouts], **QUIET)
