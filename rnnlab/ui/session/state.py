"""What one visitor has: uploads with the server, in Gradio's session; the ids of their runs with their browser.

An event that ends late puts back all that it was given. So each thing has a place of its own, which only the events
write that are about it. And Gradio forgets a session when there are too many, and all when the server ends. So a run is
known to the page itself, which says its id with every press of a button.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import gradio as gr
from gradio.components import Component

from rnnlab.checkpoints import Checkpoint

# Gradio encrypts what a browser keeps with a secret of its own, anew at each start: then a restart would lose it all.
SECRET = "the browser's own business"


@dataclass(frozen=True)
class Visitor:
    """The components of the page that hold what is a visitor's own: inputs and outputs of the handlers."""

    text: gr.State  # an Upload each, or None
    model: gr.State
    tagged: gr.State  # sentences with tags
    runs: Mapping[str, gr.BrowserState]  # the id of the run of each tab that trains, by the tab's name
    tokens: Mapping[str, gr.BrowserState]  # of each upload, by its kind: how it is found after a reload
    abouts: dict[str, Component]  # what says what each upload is; the tabs add theirs
    offered: gr.State  # the id of the run whose model the Generate tab has chosen by itself already

    KINDS: ClassVar[Mapping[str, type]] = {"text": str, "model": Checkpoint, "tagged": tuple}

    @property
    def uploads(self) -> tuple[gr.State, ...]:
        return self.text, self.model, self.tagged


def build_visitor(tabs: Iterable[str]) -> Visitor:
    """Made outside of `gr.Tabs`, which would take these for tabs and show the next one twice."""
    runs = {name: gr.BrowserState(None, storage_key=f"rnnlab_{name}", secret=SECRET) for name in tabs}
    tokens = {kind: gr.BrowserState(None, storage_key=f"rnnlab_upload_{kind}", secret=SECRET) for kind in Visitor.KINDS}
    text, model, tagged, offered = (gr.State(None) for _ in range(4))
    return Visitor(text, model, tagged, runs, tokens, {}, offered)
