"""The app, from top to bottom: a header, the tabs, and how they are served."""

from __future__ import annotations

import signal
import threading

import gradio as gr
from starlette.middleware import Middleware

from rnnlab.runs import Runner
from rnnlab.ui.api import build_api
from rnnlab.ui.header import build_header
from rnnlab.ui.lessons import Recordings
from rnnlab.ui.page import Page, compressed, static_routes
from rnnlab.ui.stream import routes
from rnnlab.ui.tabs import TABS, VIEWS
from rnnlab.ui.theme import lab_theme
from rnnlab.ui.words import translations, words


def create_app(runner: Runner) -> gr.Blocks:
    """Build the whole page; `serve` puts it on a port."""
    with gr.Blocks(title=words("en")["app.title"], fill_width=True, analytics_enabled=False) as app:
        build_header()
        session = gr.State(None)
        with gr.Tabs(elem_id="tabs"):
            for tab in TABS:
                tab.build_tab(app, runner, session)
        build_api(runner)
    return app


def serve(
    app: gr.Blocks,
    runner: Runner,
    host: str | None = None,
    port: int | None = None,
    recordings: Recordings | None = None,
) -> str:
    """Start serving in background threads and return the address; `app.close()` ends it.

    Without a host it is GRADIO_SERVER_NAME, else 127.0.0.1; without a port GRADIO_SERVER_PORT, else the first free
    one from 7860 on.
    """
    _, address, _ = app.launch(
        server_name=host,
        server_port=port,
        theme=lab_theme(),
        i18n=translations(),
        app_kwargs={
            "routes": [*static_routes(), *routes(runner, recordings or Recordings(VIEWS))],
            "middleware": [Middleware(Page)],
            "openapi_url": None,
        },
        footer_links=["api"],
        max_file_size="20mb",
        max_threads=200,  # also the number of events in progress at once: a lecture hall presses Train together
        state_session_capacity=500,
        ssr_mode=False,
        show_error=False,
        run_history=False,
        enable_monitoring=False,
        share=False,
        inbrowser=False,
        quiet=True,
        prevent_thread_lock=True,
    )
    return address


def launch(host: str | None = None, port: int | None = None) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    ended = ended_by_signal()
    runner = Runner()
    app, recordings = create_app(runner), Recordings(VIEWS)
    address = serve(app, runner, host, port, recordings)
    print(f"RNN Lab is open at {address} (Ctrl-C ends it)", flush=True)
    threading.Thread(target=compressed, args=("plotly.min.js",), daemon=True).start()  # not on a visitor's time
    recordings.warm()  # likewise
    ended.wait()
    runner.close()
    app.close(verbose=False)


def ended_by_signal() -> threading.Event:
    """Return an event that the first SIGINT or SIGTERM sets."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    return ended
