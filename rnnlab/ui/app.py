"""The page from top to bottom: a header and the tabs."""

from __future__ import annotations

import gradio as gr

from rnnlab.runs import Runner
from rnnlab.ui.api import build_api
from rnnlab.ui.header import build_header
from rnnlab.ui.i18n import words
from rnnlab.ui.server.blocks import Lab
from rnnlab.ui.session.persistence import bring_back_uploads
from rnnlab.ui.session.restore import restore_runs
from rnnlab.ui.session.state import build_visitor
from rnnlab.ui.tabs import TABS, VIEWS


def create_app(runner: Runner) -> gr.Blocks:
    """Build the whole page; `serve` puts it on a port."""
    with Lab(
        title=words("en")["app.title"], fill_width=True, analytics_enabled=False, delete_cache=(3600, 3600)
    ) as app:
        build_header()
        visitor = build_visitor(("train", *(view.name for view in VIEWS)))
        with gr.Tabs(elem_id="tabs"):
            tabs = [tab.build_tab(app, runner, visitor) for tab in TABS]
        restore_runs(app, runner, [tab for tab in tabs if tab is not None])
        bring_back_uploads(app, app.uploads, visitor)
        build_api(runner)
    app.take_values_raw()
    return app
