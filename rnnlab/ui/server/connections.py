"""Connections: how many there may be, what is told to those beyond, and which ones say nothing and must go.

Uvicorn answers whoever asks and waits for whoever does not. Each connection is an open file, and a process may have
only so many: a few hundred that never send a request, or never read the answer, would keep everybody else out.
"""

from __future__ import annotations

import asyncio
import logging
import select
import time
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from rnnlab.hosting import line

FIRST = 10.0  # seconds within which a request must have come, counted from when the connection began to wait for it
SILENCE = 20.0  # seconds without a byte of a request that is on its way
TRIED = 30.0  # seconds after which it must have come at LEAST
LEAST = 1024  # bytes a second
UNREAD = 60.0  # seconds in which nobody reads any more of an answer
GRACE = 0.5  # seconds that a connection is left alone when another one needs its place
PERIOD = 1.0  # seconds between two looks
TELL = 10.0  # seconds between two lines in the log about being full

log = logging.getLogger(__name__)


class ConnectionLimit:
    """All connections: `most` are served, and `outside` more are told that there is no room before they are closed.

    When there is no room for another one, the connection goes that has waited longest for its next request: browsers
    keep theirs in case they need them, and open them anew. Used by the event loop alone, so it needs no lock.
    """

    def __init__(self, most: int, outside: int, full: ASGIApp, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self.most_outside, self.full, self.clock = most, outside, full, clock
        self.inside: dict[Connection, None] = {}  # in the order in which they came
        self.outside: dict[Connection, None] = {}
        self._looking: asyncio.TimerHandle | None = None
        self._told = -TELL

    def admit(self, connection: Connection) -> bool:
        """Whether there is room for it, if need be by closing one that is of no use now."""
        if self._looking is None:
            self._looking = connection.loop.call_later(PERIOD, self._look, connection.loop)
        if len(self.inside) >= self.most and (idle := self._idle_longest()):
            self.leave(idle)
            idle.hang_up()
        if len(self.inside) < self.most:
            self.inside[connection] = None
            return True
        if self.clock() - self._told >= TELL:
            self._told = self.clock()
            log.warning(line("no_more_connections", connections=len(self.inside)))
        if len(self.outside) >= self.most_outside:
            oldest = next(iter(self.outside))
            self.leave(oldest)
            oldest.hang_up()
        self.outside[connection] = None
        return False

    def leave(self, connection: Connection) -> None:
        self.inside.pop(connection, None)
        self.outside.pop(connection, None)

    def _idle_longest(self) -> Connection | None:
        until = self.clock() - GRACE
        idle = [there for there in self.inside if there.waits and there.since < until and not there.unread]
        idle.sort(key=lambda there: there.since)
        return next((there for there in idle if not there.has_spoken()), None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Close those that have been given their time, again and again as long as there are any."""
        now = self.clock()
        for connection in [*self.inside, *self.outside]:
            if connection.is_overdue(now):
                self.leave(connection)
                connection.hang_up()
        there = self.inside or self.outside
        self._looking = loop.call_later(PERIOD, self._look, loop) if there else None


class IdleConnections:
    """A transport whose first `close`, while the other side still sends, only says that no more is to come.

    A connection that is closed with something unread is reset, and with it goes the answer that was on its way: whoever
    sends too much would never learn so. What comes now is thrown away, until the other side closes or is overdue.
    """

    def __init__(self, transport: asyncio.Transport, still_sends: Callable[[], bool]) -> None:
        self._transport, self._still_sends, self.lingers = transport, still_sends, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def close(self) -> None:
        if self.lingers or self._transport.is_closing() or not self._still_sends():
            self._transport.close()
            return
        self.lingers = True
        self._transport.write_eof()
        self._transport.resume_reading()

    def is_closing(self) -> bool:
        return self.lingers or self._transport.is_closing()


class Connection(H11Protocol):
    """One connection as uvicorn serves it, and whether it is of any use."""

    def __init__(self, crowd: ConnectionLimit, **options: Any) -> None:
        super().__init__(**options)
        self.crowd = crowd
        self.since = self.heard = crowd.clock()  # since when it is as it is, and when something last came
        self._read_until = self.since  # when something of an answer was last read
        self._unread = 0  # bytes of an answer
        self._nbytes = 0  # that have come of the request
        self._request: object = None

    @property
    def waits(self) -> bool:
        """Whether no request of it is being answered."""
        return self.cycle is None or self.cycle.response_complete

    @property
    def unread(self) -> int:
        """Bytes that wait here to be read by the other side."""
        return self.transport.get_write_buffer_size()

    def has_spoken(self) -> bool:
        """Whether something has come that is not read yet: on a busy machine a request may lie there for a while."""
        if not hasattr(select, "poll"):  # Windows
            return False
        poll = select.poll()
        poll.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def is_overdue(self, now: float) -> bool:
        """Whether nobody should wait for it any longer. To be asked again and again, for it looks what has changed."""
        before, self._unread = self._unread, self.unread
        if not self._unread or self._unread < before:
            self._read_until = now
        if self._unread:
            return now - self._read_until > UNREAD
        if self.waits:
            return now - self.since > FIRST
        if self.cycle.more_body and not self.flow.read_paused:
            took = now - self.since
            return now - self.heard > SILENCE or (took > TRIED and self._nbytes < LEAST * took)
        return False

    def hang_up(self) -> None:
        """Close it at once: what the other side has not read so far it will not read."""
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(IdleConnections(transport, lambda: self.cycle is not None and self.cycle.more_body))
        if not self.crowd.admit(self):
            self.app = self.crowd.full

    def connection_lost(self, exc: Exception | None) -> None:
        self.crowd.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.lingers:
            return
        self.heard = self.crowd.clock()
        self._nbytes += len(data)
        super().data_received(data)
        if self.cycle is not self._request:  # another request than before has begun
            self._request, self.since, self._nbytes = self.cycle, self.heard, len(data)

    def on_response_complete(self) -> None:
        self.since = self.crowd.clock()
        super().on_response_complete()
