"""The web server: uvicorn, as Gradio starts it, but on our sockets, connections and request filter.

Gradio's `launch` takes no settings of uvicorn, so for its duration another function starts the server.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import uvicorn
from gradio import http_server
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from rnnlab.hosting.file_limits import BURST, Capacity
from rnnlab.hosting.listening import BACKLOG, port_of, url_of
from rnnlab.ui.server.connections import Connection, ConnectionLimit
from rnnlab.ui.server.full_page import full_response

SHUTDOWN = 3  # seconds until requests in progress, such as heartbeats, are cut off when the server ends


class Server(http_server.Server):
    """A server in a thread, on sockets that listen already."""

    def __init__(self, config: uvicorn.Config, sockets: Sequence[socket.socket]) -> None:
        super().__init__(config)
        self.sockets = list(sockets)

    def run_in_thread(self) -> None:
        """Start, however long it takes on a busy machine. Raises OSError if it ends instead."""
        self.thread = threading.Thread(target=self.run, args=(self.sockets,), name="server", daemon=True)
        self.thread.start()
        while not self.started:
            if not self.thread.is_alive():
                raise OSError("the server could not be started")
            time.sleep(0.001)
        for each in self.sockets:  # asyncio has set the backlog to the BURST that it accepts at once
            each.listen(BACKLOG)


@contextmanager
def serving(
    sockets: Sequence[socket.socket], host: str, capacity: Capacity, wrap: Callable[[ASGIApp], ASGIApp]
) -> Iterator[None]:
    """Have Gradio serve what it launches within the block on these sockets, behind the ASGI middleware `wrap`."""
    port, full = port_of(list(sockets)), partial(refuse_connection, capacity.connections)

    def start_server(app: ASGIApp, *_: Any, **__: Any) -> tuple[str, int, str, http_server.Server]:
        limit = ConnectionLimit(capacity.connections, capacity.max_refused, full)
        config = uvicorn.Config(
            wrap(app), host, port, log_level="warning", ws="none", backlog=BURST, timeout_graceful_shutdown=SHUTDOWN,
            http=partial(Connection, limit),  # type: ignore[arg-type]  # uvicorn calls it like a class
        )  # fmt: skip
        server = Server(config, sockets)
        server.run_in_thread()
        return host, port, url_of(host, port), server

    gradios = http_server.start_server
    http_server.start_server = start_server
    try:
        yield
    finally:
        http_server.start_server = gradios


async def refuse_connection(limit: int, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request on a connection for which there is no room."""
    response = full_response(Request(scope), limit, "connections")
    response.headers["Connection"] = "close"
    await response(scope, receive, send)
