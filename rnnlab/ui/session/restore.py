"""Restore the runs of a browser after a reload of the page; each tab shows its own run again.

The browser keeps the run's id, the server the run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from rnnlab.runs import Run, Runner

BACK = "back"  # follows the "?" of a reference: the panel ignores it if the visitor has started a run meanwhile


@dataclass(frozen=True)
class RestoredRun:
    """The components of one tab that take part in restoring its run."""

    saved: gr.BrowserState  # the id of the tab's run
    panel: gr.HTML
    find: Callable[[Runner, Any], Run | None]  # returns the run with a saved id, if it is kept and belongs to the tab


@dataclass(frozen=True)
class RunRestorer:
    """The runs of all tabs, restored by one event when a page loads."""

    runner: Runner
    tabs: Sequence[RestoredRun]

    def on_load(self, *saved: Any) -> list[Any]:
        """Return the reference that each panel shall show; a panel without a run stays as it is."""
        runs = [tab.find(self.runner, run_id) for tab, run_id in zip(self.tabs, saved, strict=True)]
        return [gr.skip() if run is None else f"runs/{run.id}?{BACK}" for run in runs]
