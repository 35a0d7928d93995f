"""Connections: how many there may be, the answer to those beyond, and which ones the server closes.

Each connection is an open file, of which a process may have only so many. Uvicorn waits without end for a client that
never sends a request or never reads the answer; a few hundred of those would keep all others out.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from rnnlab.hosting import line

IDLE = 10.0  # seconds within which a request must have come
SILENCE = 20.0  # seconds without a byte of a body that has begun
UNREAD = 60.0  # seconds in which the client reads no more of an answer
GRACE = 0.5  # seconds for which an idle connection is not closed in favour of a new one
PERIOD = 1.0  # seconds between two checks
LOG_PERIOD = 10.0  # seconds between two lines in the log about having no room

log = logging.getLogger(__name__)


class ConnectionLimit:
    """All connections: `limit` are served; `max_refused` more get the answer of `full` before they are closed.

    When a new one has no room, the connection is closed that has waited longest for its next request: browsers keep
    those in reserve, and open them anew. Used by the event loop alone, so it needs no lock.
    """

    def __init__(
        self, limit: int, max_refused: int, full: ASGIApp, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limit, self.max_refused, self.full, self.clock = limit, max_refused, full, clock
        self.served: dict[Connection, None] = {}  # in the order in which they came
        self.refused: dict[Connection, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._last_log = -LOG_PERIOD

    def admit(self, connection: Connection) -> bool:
        """Return whether there is room for a connection, if need be by closing an idle one."""
        if self._timer is None:
            self._timer = connection.loop.call_later(PERIOD, self._check, connection.loop)
        if len(self.served) >= self.limit:
            until = self.clock() - GRACE
            idle = [other for other in self.served if other.is_idle and other.since < until and not other.nbytes_unread]
            self._close(*sorted(idle, key=lambda other: other.since)[:1])
        if len(self.served) < self.limit:
            self.served[connection] = None
            return True
        if self.clock() - self._last_log >= LOG_PERIOD:
            self._last_log = self.clock()
            log.warning(line("no_more_connections", connections=len(self.served)))
        if len(self.refused) >= self.max_refused:
            self._close(next(iter(self.refused)))
        self.refused[connection] = None
        return False

    def remove(self, connection: Connection) -> None:
        self.served.pop(connection, None)
        self.refused.pop(connection, None)

    def _close(self, *connections: Connection) -> None:
        for connection in connections:
            self.remove(connection)
            connection.transport.abort()

    def _check(self, loop: asyncio.AbstractEventLoop) -> None:
        """Close the connections that are overdue, every PERIOD for as long as there are any."""
        self._close(*(connection for connection in (*self.served, *self.refused) if connection.is_overdue()))
        self._timer = loop.call_later(PERIOD, self._check, loop) if self.served or self.refused else None


class Connection(H11Protocol):
    """One connection as uvicorn serves it, with the times that tell whether to close it."""

    def __init__(self, limit: ConnectionLimit, **options: Any) -> None:
        super().__init__(**options)
        self.limit = limit
        self.since = self._received = self._read = limit.clock()  # times: of its state, of the last byte in, and out
        self._unread = 0  # bytes of an answer, at the last check
        self._request: object = None

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    @property
    def nbytes_unread(self) -> int:
        """Bytes of an answer that wait here for the client to read them."""
        return self.transport.get_write_buffer_size()

    def is_overdue(self) -> bool:
        """Return whether to close it. Call this regularly, for it compares with the last time."""
        now, before, self._unread = self.limit.clock(), self._unread, self.nbytes_unread
        if not self._unread or self._unread < before:
            self._read = now
        if self._unread:
            return now - self._read > UNREAD
        if self.is_idle:
            return now - self.since > IDLE
        return self.cycle.more_body and not self.flow.read_paused and now - self._received > SILENCE

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        if not self.limit.admit(self):
            self.app = self.limit.full

    def connection_lost(self, exc: Exception | None) -> None:
        self.limit.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._received = self.limit.clock()
        super().data_received(data)
        if self.cycle is not self._request:  # another request than before has begun
            self._request, self.since = self.cycle, self._received

    def on_response_complete(self) -> None:
        self.since = self.limit.clock()
        super().on_response_complete()
