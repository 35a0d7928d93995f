"""Build the page from top to bottom: a header and the tabs."""

from __future__ import annotations

import gradio as gr

from rnnlab.runs import Runner
from rnnlab.ui.api import build_api
from rnnlab.ui.components.driving import connect_driving
from rnnlab.ui.components.event_options import QUIET
from rnnlab.ui.guides import field_values
from rnnlab.ui.header import build_header
from rnnlab.ui.i18n import words
from rnnlab.ui.i18n.languages import FALLBACK
from rnnlab.ui.links import linked_ids
from rnnlab.ui.server.blocks import Lab
from rnnlab.ui.session.restore import RunRestorer
from rnnlab.ui.session.state import build_visitor
from rnnlab.ui.tabs import tab_builders, views
from rnnlab.ui.tabs.upload_tokens import restore_uploads
from rnnlab.ui.tutorial_dialog import dialog_ids


def create_app(runner: Runner) -> gr.Blocks:
    """Build the whole page; `serve` puts it on a port."""
    with Lab(
        title=words(FALLBACK)["app.title"], fill_width=True, analytics_enabled=False, delete_cache=(3600, 3600)
    ) as app:
        build_header()
        visitor = build_visitor(("train", *(view.name for view in views())), app.uploads)
        with gr.Tabs(elem_id="tabs"):
            built = [build(app, runner, visitor) for build in tab_builders()]
            tabs = [restored for restored in built if restored is not None]
        connect_driving(app, {*dialog_ids(), *linked_ids(), *(elem_id for elem_id, _ in field_values())})
        restorer = RunRestorer(runner, tabs)
        app.load(restorer.on_load, [tab.saved for tab in tabs], [tab.panel for tab in tabs], **QUIET)
        restore_uploads(app, visitor)
        build_api(runner)
    app.take_values_raw()
    return app
