"""Serve the page: settings of the server, sockets, middleware, signals."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import gradio as gr
from starlette.middleware import Middleware

import rnnlab
from rnnlab.devices import choose_device, tune_process
from rnnlab.hosting import AwakeClock, ServerSettings, data_folder, flags_of, line, log_to_stderr
from rnnlab.hosting.file_limits import Capacity, open_files, raise_open_files
from rnnlab.hosting.listening import listen
from rnnlab.models.memory_estimate import most_bytes
from rnnlab.runs import Runner, Store
from rnnlab.ui.app import create_app
from rnnlab.ui.i18n import translations
from rnnlab.ui.server.abandoned_events import Listeners, Listening, watched
from rnnlab.ui.server.admission import Admission
from rnnlab.ui.server.health import device_in_words, health_route
from rnnlab.ui.server.heartbeats import Heartbeats
from rnnlab.ui.server.page_head import Page
from rnnlab.ui.server.queue import PLACES
from rnnlab.ui.server.request_bodies import Bodies
from rnnlab.ui.server.security import MOST_BYTES_OF_A_FILE, guarded
from rnnlab.ui.server.sse import routes
from rnnlab.ui.server.static_files import FILES, compressed, static_routes
from rnnlab.ui.server.upload_storage import UploadStorage, gradio_inbox
from rnnlab.ui.server.visitor_limit import VisitorLimit, key_in
from rnnlab.ui.server.web_server import served_on
from rnnlab.ui.session.cleanup import reopen
from rnnlab.ui.tabs import VIEWS
from rnnlab.ui.tabs.lesson import DefaultRuns
from rnnlab.ui.tabs.payloads import TabPayloads
from rnnlab.ui.theme import lab_theme
from rnnlab.validation import InvalidInput, echo

FLAGS = flags_of(ServerSettings)
CLOSING = 6.0  # seconds that the runs have to be kept when the server is told to end
log = logging.getLogger(__name__)


def serve(
    app: gr.Blocks,
    runner: Runner,
    host: str | None = None,
    port: int | None = None,
    recordings: DefaultRuns | None = None,
    seats: VisitorLimit | None = None,
    ending: threading.Event | None = None,
    inbox: Path | None = None,
    sockets: Sequence[socket.socket] | None = None,
) -> str:
    """Start serving in background threads and return the address; `app.close()` ends it.

    Without a host it is GRADIO_SERVER_NAME, else 127.0.0.1; without a port GRADIO_SERVER_PORT, else the first free
    one from 7860 on. When `ending` is set, the streams of news end, and a page that listens asks for the next server.
    `inbox` is where uploads lie, if that is a folder of ours alone. `sockets` listen there already. Raises
    InvalidInput for an address that cannot be had.
    """
    told = ServerSettings.told({"host": host, "port": port and str(port)}, os.environ)
    seats = seats or VisitorLimit(told.max_visitors)
    capacity = Capacity.of(open_files(), seats.most)
    with served_on(sockets or listen(told.host, told.port), told.host, capacity):
        return _launched(app, runner, recordings or DefaultRuns(VIEWS), seats, ending or threading.Event(), inbox)


def _launched(
    app: gr.Blocks,
    runner: Runner,
    recordings: DefaultRuns,
    seats: VisitorLimit,
    ending: threading.Event,
    inbox: Path | None,
) -> str:
    """Have Gradio serve it, with our routes and in our way; return the address."""
    most = Capacity.of(open_files(), seats.most).connections
    listeners = Listeners(lambda: app._queue, seats.clock, most // 2)
    _, address, _ = app.launch(
        theme=lab_theme(),
        i18n=translations(),
        app_kwargs={
            "routes": [
                health_route(runner, seats),
                *static_routes(),
                *routes(runner, TabPayloads(recordings), ending),
            ],
            "middleware": [
                Middleware(Heartbeats, seats=seats, clock=seats.clock, on_return=partial(reopen, app)),
                Middleware(Admission, seats=seats),
                Middleware(Page),
                Middleware(Listening, listeners=listeners),
            ],
            "lifespan": partial(
                watched,
                listeners,
                partial(
                    guarded,
                    UploadStorage(inbox, app.upload_file_set, clock=seats.clock),
                    bodies=Bodies(lambda: app._queue),
                    seats=seats,
                ),
            ),
            "openapi_url": None,
        },
        footer_links=["api"],
        max_file_size=MOST_BYTES_OF_A_FILE,
        max_threads=PLACES,  # also the number of events in progress at once
        state_session_capacity=2 * seats.most + 100,  # half a megabyte each; Gradio keeps those who left for an hour
        ssr_mode=False,
        show_error=False,
        run_history=False,
        enable_monitoring=False,
        share=False,
        inbrowser=False,
        quiet=True,
        prevent_thread_lock=True,
        _frontend=False,  # Gradio's only use of it: else it asks itself for the page and gives up after 3 s, when busy
    )
    return address


def launch(flags: Mapping[str, str | None]) -> None:
    """Serve until Ctrl-C or SIGTERM, as the flags (named as in ServerSettings) and the environment say.

    Raises InvalidInput for what they must not say, and for an address or a folder that cannot be had.
    """
    settings = ServerSettings.told(flags, os.environ)
    raise_open_files()
    with data_folder(settings.data_dir) as folder:
        log_to_stderr()
        tune_process(settings.matmul_precision)
        most_bytes()  # refuses now, and not at a visitor's first run, what the environment must not say
        if settings.device == "cpu":  # before anybody looks for a GPU: then there is none
            os.environ["CUDA_VISIBLE_DEVICES"] = ""
        elif settings.device == "cuda" and choose_device("cuda").type != "cuda":
            log.warning(line("no_cuda_device", so="training on the CPU"))
        sockets = listen(settings.host, settings.port)
        clock = AwakeClock().tick()
        runner = runner_of(settings, folder, clock)
        inbox = gradio_inbox(folder / "uploads")
        serve_until_told(runner, settings, VisitorLimit(settings.max_visitors, clock, key_in(folder)), inbox, sockets)
        log.info(line("server_ended", **runner.census()))


def runner_of(settings: ServerSettings, folder: Path, clock: AwakeClock) -> Runner:
    """The runner with what an earlier process has left in the folder. Raises InvalidInput where that cannot be read."""
    try:
        return Runner(settings.max_runs, store=Store(folder / "runs"), clock=clock)
    except OSError as error:
        value = echo(str(folder / "runs"), 200)
        raise InvalidInput("data_dir_unusable", "data_dir", value=value, reason=error.strerror) from None


def serve_until_told(
    runner: Runner, settings: ServerSettings, seats: VisitorLimit, inbox: Path, sockets: Sequence[socket.socket]
) -> None:
    """Serve until SIGINT or SIGTERM; before there is anything to serve, these end the process at once."""
    app, recordings = create_app(runner), DefaultRuns(VIEWS)
    ended = ended_by_signal()
    address = serve(app, runner, settings.host, settings.port, recordings, seats, ended, inbox, sockets)
    tell_what_it_holds(Capacity.of(open_files(), seats.most), seats.most, runner)
    print(f"RNN Lab is open at {address} (Ctrl-C ends it)", flush=True)
    threading.Thread(target=compressed, args=(FILES["plotly.min.js"],), daemon=True).start()  # not on a visitor's time
    recordings.warm()  # likewise
    ended.wait()
    runner.close(CLOSING)  # first, so that the pages still hear of it
    app.close(verbose=False)


def tell_what_it_holds(capacity: Capacity, visitors: int, runner: Runner) -> None:
    """A line in the log about the start, and another one where the system allows fewer connections than it may take."""
    holds = {"connections": capacity.connections, "open_files": capacity.open_files}
    device = device_in_words()
    log.info(line("server_started", version=rnnlab.__version__, device=device, **holds, **runner.census()))
    if capacity.is_short:
        so = f"beyond {capacity.connections} connections new ones are turned away; allow more with ulimit -n"
        log.warning(line("few_open_files", open_files=capacity.open_files, max_visitors=visitors, so=so))


def ended_by_signal() -> threading.Event:
    """Return an event that the first SIGINT or SIGTERM sets."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    return ended
