"""What one visitor has: kept by Gradio per session, replaced and never changed in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rnnlab.checkpoints import Checkpoint
from rnnlab.text import TaggedSentence


@dataclass(frozen=True)
class Session:
    """A visitor's run, model and text. Nothing in it is shared with another visitor."""

    run_id: str | None = None  # the run on the screen; the Runner knows it by this id
    offered: str | None = None  # the run whose model the Generate tab has chosen by itself already
    text: str | None = None  # an uploaded text
    model: Checkpoint | None = None  # an uploaded model
    tagged: tuple[TaggedSentence, ...] | None = None  # uploaded sentences with tags
    shares: Mapping[str, object] = field(default_factory=dict, compare=False)  # of the room for uploads, one for each
    lessons: Mapping[str, str] = field(default_factory=dict)  # the run of each lesson that was started, by its name


NOBODY = Session()
