"""Coming back: after a reload, which a change of language is, every tab finds the run that this browser left there.

The browser keeps the run's id, the server the run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from rnnlab.runs import Run, Runner
from rnnlab.ui.components.event_options import QUIET

BACK = "back"  # follows the "?" of a reference: the panel leaves a run alone that was started meanwhile


@dataclass(frozen=True)
class RestoredRun:
    """What a tab that can come back consists of."""

    saved: gr.BrowserState  # the id of its run
    panel: gr.HTML
    find: Callable[[Runner, Any], Run | None]  # the run with that id, if it is kept and this tab's


@dataclass(frozen=True)
class Return:
    """What a page that loads asks for all its tabs at once."""

    runner: Runner
    tabs: Sequence[RestoredRun]

    def on_load(self, *saved: Any) -> list[Any]:
        """What each panel shall show; one without a run goes on as it is."""
        runs = [tab.find(self.runner, run_id) for tab, run_id in zip(self.tabs, saved, strict=True)]
        return [gr.skip() if run is None else f"runs/{run.id}?{BACK}" for run in runs]


def restore_runs(app: gr.Blocks, runner: Runner, tabs: Sequence[RestoredRun]) -> None:
    """Let the tabs of `app` find their runs whenever a page loads."""
    app.load(Return(runner, tabs).on_load, [tab.saved for tab in tabs], [tab.panel for tab in tabs], **QUIET)
