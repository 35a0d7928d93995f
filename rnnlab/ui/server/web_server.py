"""The web server: uvicorn, as Gradio starts it, but on sockets and with connections of ours.

Gradio has no way to say how uvicorn is set up, so for the time of its launch another function starts it.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import uvicorn
from gradio import http_server
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from rnnlab.hosting.file_limits import BURST, Capacity
from rnnlab.hosting.listening import PENDING, port_of, url_of
from rnnlab.ui.server.admission import outside
from rnnlab.ui.server.connections import Connection, ConnectionLimit


class Server(http_server.Server):
    """One that runs in a thread, on sockets that listen already."""

    def __init__(self, config: uvicorn.Config, sockets: Sequence[socket.socket]) -> None:
        super().__init__(config)
        self.sockets = list(sockets)

    def run_in_thread(self) -> None:
        """Begin, however long it takes on a busy machine. Raises OSError if it ends instead."""
        self.thread = threading.Thread(target=self.run, args=(self.sockets,), name="server", daemon=True)
        self.thread.start()
        while not self.started:
            if not self.thread.is_alive():
                raise OSError("the server could not be started")
            time.sleep(0.001)
        for each in self.sockets:  # asyncio has made it as short as the BURST that it takes at once
            each.listen(PENDING)


@contextmanager
def served_on(sockets: Sequence[socket.socket], host: str, capacity: Capacity) -> Iterator[None]:
    """Within the block, what Gradio launches is served on these sockets, to so many connections."""
    port = port_of(list(sockets))

    def start_server(app: Any, **_: Any) -> tuple[str, int, str, Server]:
        crowd = ConnectionLimit(capacity.connections, capacity.outside, partial(crowded, capacity.connections))
        config = uvicorn.Config(
            app, host, port, log_level="warning", http=partial(Connection, crowd), ws="none", backlog=BURST
        )
        server = Server(config, sockets)
        server.run_in_thread()
        return host, port, url_of(host, port), server

    gradios = http_server.start_server
    http_server.start_server = start_server
    try:
        yield
    finally:
        http_server.start_server = gradios


async def crowded(connections: int, scope: Scope, receive: Receive, send: Send) -> None:
    """The answer to every request on a connection for which there is no room."""
    response = outside(Request(scope), connections, crowded=True)
    response.headers["Connection"] = "close"
    await response(scope, receive, send)
