"""What one visitor has: uploads with the server, in a session of Gradio's; the ids of their runs with their browser.

A session is replaced and never changed in place. Gradio forgets one when there are too many, and all when the server
ends; and an event that ends late puts back what it was given. So what runs is not written there: each tab's run is
known to the page itself, which says it with every press of a button.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import gradio as gr

from rnnlab.checkpoints import Checkpoint
from rnnlab.text import TaggedSentence

# Gradio encrypts what a browser keeps with a secret of its own, anew at each start: then a restart would lose it all.
SECRET = "the browser's own business"


@dataclass(frozen=True)
class Session:
    """A visitor's uploads. Nothing in it is shared with another visitor."""

    text: str | None = None
    model: Checkpoint | None = None
    tagged: tuple[TaggedSentence, ...] | None = None  # sentences with tags
    shares: Mapping[str, object] = field(default_factory=dict, compare=False)  # of the room for uploads, one for each


NOBODY = Session()


@dataclass(frozen=True)
class Visitor:
    """The components of the page that hold what is a visitor's own: inputs and outputs of the handlers."""

    session: gr.State
    runs: Mapping[str, gr.BrowserState]  # the id of the run of each tab that trains, by the tab's name
    offered: gr.BrowserState  # the id of the run whose model the Generate tab has chosen by itself already


def build_visitor(tabs: Iterable[str]) -> Visitor:
    """Made outside of `gr.Tabs`, which would take these for tabs and show the next one twice."""
    return Visitor(gr.State(None), {name: _kept_by_the_browser(name) for name in tabs}, _kept_by_the_browser("offered"))


def _kept_by_the_browser(name: str) -> gr.BrowserState:
    return gr.BrowserState(None, storage_key=f"rnnlab_{name}", secret=SECRET)
