"""Serve the page: server settings, sockets, middleware, signals."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

import rnnlab
from rnnlab.devices import choose_device, tune_process
from rnnlab.hosting import AwakeClock, ServerSettings, data_folder, flags_of, line, log_to_stderr
from rnnlab.hosting.file_limits import Capacity, open_files, raise_open_files
from rnnlab.hosting.listening import listen
from rnnlab.limits import MAX_EVENTS, MAX_FILE_BYTES
from rnnlab.models.memory_estimate import max_run_bytes
from rnnlab.runs import Runner, Store
from rnnlab.ui.app import create_app
from rnnlab.ui.guides.routes import guide_routes
from rnnlab.ui.i18n import translations
from rnnlab.ui.links.payload import Links
from rnnlab.ui.server.adding_routes import adding_routes
from rnnlab.ui.server.admission import Admission
from rnnlab.ui.server.health import device_in_words, health_route
from rnnlab.ui.server.heartbeats import Heartbeats, OpenPages
from rnnlab.ui.server.housekeeping import housekeeping
from rnnlab.ui.server.inside_routes import LongWork, inside_routes
from rnnlab.ui.server.link_routes import link_route
from rnnlab.ui.server.page_head import Page
from rnnlab.ui.server.queue import bodies_of
from rnnlab.ui.server.request_bodies import Bodies
from rnnlab.ui.server.run_summaries import summary_route
from rnnlab.ui.server.security import RequestFilter
from rnnlab.ui.server.song_routes import song_routes
from rnnlab.ui.server.sse import routes
from rnnlab.ui.server.static_files import FILES, compressed, static_routes
from rnnlab.ui.server.stream_limit import StreamLimit
from rnnlab.ui.server.surprise_routes import surprise_routes
from rnnlab.ui.server.turns import Turns
from rnnlab.ui.server.upload_storage import UploadStorage, upload_folder
from rnnlab.ui.server.visitor_count import VisitorCount, key_in
from rnnlab.ui.server.watch_routes import watch_routes
from rnnlab.ui.server.web_server import serving
from rnnlab.ui.tabs import stored_lessons, views
from rnnlab.ui.tabs.adding.payload import AddingAnswers
from rnnlab.ui.tabs.generate.next_characters import NextCharacters
from rnnlab.ui.tabs.inside.other_cells import train_others
from rnnlab.ui.tabs.inside.payload import exact_value
from rnnlab.ui.tabs.inside.sections import section_value
from rnnlab.ui.tabs.lesson import DefaultRuns
from rnnlab.ui.tabs.payloads import TabPayloads
from rnnlab.ui.tabs.train.surprise import TrainSurprise
from rnnlab.ui.tabs.watched import WatchedPayloads
from rnnlab.ui.theme import lab_theme
from rnnlab.validation import InvalidInput, echo

REPLAY_THREADS = 2  # that train an epoch anew: what is quick does not wait for them
OTHER_CELLS_THREADS = 2  # that train the other cells like a visitor's run, for minutes
FLAGS = flags_of(ServerSettings)
MAX_CLOSING = 6.0  # seconds for saving the runs when the server ends
LAUNCH_OPTIONS: Mapping[str, Any] = {
    "footer_links": ["api"],
    "max_file_size": MAX_FILE_BYTES,
    "max_threads": MAX_EVENTS,  # also the number of events in progress at once
    "ssr_mode": False,
    "show_error": False,
    "run_history": False,
    "enable_monitoring": False,
    "share": False,
    "inbrowser": False,
    "quiet": True,
    "prevent_thread_lock": True,
    "_frontend": False,  # Gradio's only use of it: else it asks itself for the page and gives up after 3 s, when busy
}
log = logging.getLogger(__name__)


def serve(
    app: gr.Blocks,
    runner: Runner,
    host: str | None = None,
    port: int | None = None,
    recordings: DefaultRuns | None = None,
    visitors: VisitorCount | None = None,
    ending: threading.Event | None = None,
    inbox: Path | None = None,
    sockets: Sequence[socket.socket] | None = None,
) -> str:
    """Start serving in background threads and return the address; `app.close()` ends it.

    The default host is GRADIO_SERVER_NAME, else 127.0.0.1; the default port is GRADIO_SERVER_PORT, else the first free
    one from 7860 on. When `ending` is set, the event streams end, and an open page looks for the next server.
    `inbox` is a folder for uploads that nothing else uses. `sockets` already listen on host and port. Raises
    InvalidInput if the address cannot be used.
    """
    settings = ServerSettings.resolve({"host": host, "port": str(port) if port else None}, os.environ)
    visitors = visitors or VisitorCount(settings.max_visitors)
    capacity = Capacity.of(open_files(), visitors.limit)
    storage = UploadStorage(inbox, app.upload_file_set, clock=visitors.clock)
    bodies = Bodies(lambda: bodies_of(app._queue))
    request_filter = partial(RequestFilter, storage=storage, bodies=bodies, visitors=visitors)
    with serving(sockets or listen(settings.host, settings.port), settings.host, capacity, request_filter):
        return _launched(app, runner, recordings or DefaultRuns(views()), visitors, ending or threading.Event())


def _launched(
    app: gr.Blocks,
    runner: Runner,
    recordings: DefaultRuns,
    visitors: VisitorCount,
    ending: threading.Event,
) -> str:
    """Launch the app with our routes and middleware; return the address."""
    payloads, streams = TabPayloads(recordings), StreamLimit()
    replays, others = Turns(REPLAY_THREADS, "replay"), Turns(OTHER_CELLS_THREADS, "other cells")
    pages, connections = OpenPages(visitors), Capacity.of(open_files(), visitors.limit).connections
    _, address, _ = app.launch(
        theme=lab_theme(),
        i18n=translations(),
        app_kwargs={
            "routes": [
                health_route(runner, visitors),
                link_route(Links()),  # before the files, whose route takes any name
                *guide_routes(),
                *static_routes(),
                *routes(runner, payloads, ending, streams),
                *watch_routes(runner, WatchedPayloads(payloads), ending, streams),
                summary_route(runner, payloads),
                *surprise_routes(runner, TrainSurprise(runner), replays),
                *song_routes(NextCharacters()),
                *inside_routes(
                    section_value,
                    {"exact": LongWork(replays, exact_value), "others": LongWork(others, train_others)},
                ),
                *adding_routes(runner, AddingAnswers()),
            ],
            "middleware": [
                Middleware(Heartbeats, pages=pages, ending=ending),
                Middleware(Admission, visitors=visitors, max_anonymous=connections // 2),
                Middleware(Page),
            ],
            "lifespan": partial(housekeeping, app, pages),
            "openapi_url": None,
        },
        state_session_capacity=2 * visitors.limit
        + 100,  # half a megabyte each; Gradio keeps those who left for an hour
        **LAUNCH_OPTIONS,
    )
    return address


def launch(flags: Mapping[str, str | None]) -> None:
    """Serve until Ctrl-C or SIGTERM, with the settings of `flags` and the environment.

    The flags are named as in ServerSettings. Raises InvalidInput for a bad setting, and for an address or a folder
    that cannot be used.
    """
    settings = ServerSettings.resolve(flags, os.environ)
    raise_open_files()
    with data_folder(settings.data_dir) as folder:
        log_to_stderr()
        tune_process(settings.matmul_precision)
        max_run_bytes()  # refuses a bad setting of the environment now, and not at a visitor's first run
        if settings.device == "cpu":  # before torch looks for a GPU
            os.environ["CUDA_VISIBLE_DEVICES"] = ""
        elif settings.device == "cuda" and choose_device("cuda").type != "cuda":
            log.warning(line("no_cuda_device", so="training on the CPU"))
        sockets = listen(settings.host, settings.port)
        clock = AwakeClock().tick()
        runner = runner_of(settings, folder, clock)
        inbox = upload_folder(folder / "uploads")
        serve_until_signal(runner, settings, VisitorCount(settings.max_visitors, clock, key_in(folder)), inbox, sockets)
        log.info(line("server_ended", **runner.census()))


def runner_of(settings: ServerSettings, folder: Path, clock: AwakeClock) -> Runner:
    """Make the runner with the runs of an earlier process. Raises InvalidInput if they cannot be read."""
    try:
        return Runner(settings.max_runs, store=Store(folder / "runs", lessons=stored_lessons()), clock=clock)
    except OSError as error:
        value = echo(str(folder / "runs"), 200)
        raise InvalidInput("data_dir_unusable", "data_dir", value=value, reason=error.strerror) from None


def serve_until_signal(
    runner: Runner, settings: ServerSettings, visitors: VisitorCount, inbox: Path, sockets: Sequence[socket.socket]
) -> None:
    """Serve until SIGINT or SIGTERM, which end the process at once until the page is built."""
    app, recordings = create_app(runner), DefaultRuns(views())
    ended = ended_by_signal()
    address = serve(app, runner, settings.host, settings.port, recordings, visitors, ended, inbox, sockets)
    log_capacity(Capacity.of(open_files(), visitors.limit), visitors.limit, runner)
    print(f"RNN Lab is open at {address} (Ctrl-C ends it)", flush=True)
    threading.Thread(target=compressed, args=(FILES["plotly.min.js"],), daemon=True).start()  # no visitor waits for it
    recordings.warm()  # likewise
    ended.wait()
    recordings.close()
    runner.close(MAX_CLOSING)  # first, so that the pages still receive the end of their runs
    app.close(verbose=False)


def log_capacity(capacity: Capacity, visitors: int, runner: Runner) -> None:
    """Log the start, and a warning if the system allows fewer connections than the visitors may need."""
    limits = {"connections": capacity.connections, "open_files": capacity.open_files}
    device = device_in_words()
    log.info(line("server_started", version=rnnlab.__version__, device=device, **limits, **runner.census()))
    if capacity.is_short:
        so = f"beyond {capacity.connections} connections new ones are turned away; allow more with ulimit -n"
        log.warning(line("few_open_files", open_files=capacity.open_files, max_visitors=visitors, so=so))


def ended_by_signal() -> threading.Event:
    """Return an event that the first SIGINT or SIGTERM sets."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    return ended
