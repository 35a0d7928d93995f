"""The state of one visitor: uploads in Gradio's session on the server, the ids of runs in the browser.

Each value has a component of its own, written only by the events that concern it, because an event that ends late
writes back every value that it was given. A page sends the id of its run with every event: Gradio forgets sessions when
there are too many, and all of them when the server ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import gradio as gr
from gradio.components import Component

from rnnlab.checkpoints import Checkpoint
from rnnlab.ui.session.uploads import Uploads

# Gradio encrypts what a browser keeps with a secret of its own, anew at each start: then a restart would lose it all.
SECRET = "the browser's own business"


@dataclass(frozen=True)
class Visitor:
    """The components that hold a visitor's state; they are inputs and outputs of the handlers."""

    text: gr.State  # an Upload each, or None
    model: gr.State
    tagged: gr.State  # sentences with tags
    runs: Mapping[str, gr.BrowserState]  # the id of the run of each tab that trains, by the tab's name
    tokens: Mapping[str, gr.BrowserState]  # of each upload, by its kind: by it the upload is found after a reload
    abouts: dict[str, Component]  # describe each upload, by its kind; the tabs add theirs
    shared: dict[str, Component]  # of one tab that others read, by their names; the tabs add theirs
    offered: gr.State  # the id of the run whose model the Generate tab has already chosen by itself
    upload_memory: Uploads  # shared by all visitors

    KINDS: ClassVar[Mapping[str, type]] = {"text": str, "model": Checkpoint, "tagged": tuple}

    @property
    def uploads(self) -> tuple[gr.State, ...]:
        """Return the states that hold uploads, in the order of KINDS."""
        return self.text, self.model, self.tagged


def build_visitor(tabs: Iterable[str], upload_memory: Uploads | None = None) -> Visitor:
    """Make the components; call it outside of `gr.Tabs`, which would take them for tabs.

    `tabs` names the tabs that train. Without `upload_memory` uploads have the default limit.
    """
    runs = {name: gr.BrowserState(None, storage_key=f"rnnlab_{name}", secret=SECRET) for name in tabs}
    tokens = {kind: gr.BrowserState(None, storage_key=f"rnnlab_upload_{kind}", secret=SECRET) for kind in Visitor.KINDS}
    text, model, tagged, offered = (gr.State(None) for _ in range(4))
    return Visitor(text, model, tagged, runs, tokens, {}, {}, offered, upload_memory or Uploads())
