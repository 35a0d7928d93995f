"""Request bodies: how large one may be, and how much memory all may take that arrive or wait in the queue.

The weight of a body is what it will take in memory: 24 MB of `[],[],[],…` are eight million lists.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from starlette.types import Message, Receive

from rnnlab.limits import KIB, MAX_BODIES_WEIGHT, MAX_REQUEST_BYTES, MAX_REQUEST_WEIGHT

BODY = "rnnlab.body"  # key of a request's scope; an event in the queue keeps its request, and so its body
DRAIN = 60.0  # seconds
LIGHT = 64 * KIB  # bytes of a body that is always accepted
LIST_WEIGHT, VALUE_WEIGHT = 64, 32  # bytes that a list or an object takes besides its values, and a value


class TooLarge(Exception):
    """A request body beyond MAX_REQUEST_BYTES or MAX_REQUEST_WEIGHT."""


class Body:
    """A request's `receive`, which raises TooLarge beyond the limits, whatever the headers promised."""

    def __init__(self, receive: Receive, nbytes: float = 0, client: str = "", parsed: bool = False) -> None:
        """`nbytes`: by the headers. A `parsed` body (no upload) weighs more for its brackets and commas."""
        self._receive, self._parsed, self.client = receive, parsed, client
        self.nbytes = self._structure = 0
        self._announced, self._ended = nbytes, False

    @property
    def weight(self) -> float:
        """Bytes of memory: those announced until the body has arrived, then those that came and their structure."""
        return max(0 if self._ended else self._announced, self.nbytes + self._structure)

    async def receive(self) -> Message:
        message = await self._receive()
        chunk = message.get("body", b"")
        self.nbytes += len(chunk)
        if self._parsed:
            self._structure += LIST_WEIGHT * (chunk.count(b"[") + chunk.count(b"{")) + VALUE_WEIGHT * chunk.count(b",")
        self._ended = not message.get("more_body", False)
        if self.nbytes > MAX_REQUEST_BYTES or self.nbytes + self._structure > MAX_REQUEST_WEIGHT:
            raise TooLarge
        return message

    async def drain(self) -> None:
        """Discard the rest for DRAIN seconds at most: a client that still sends reads no answer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN):
                while not self._ended:
                    self._ended = not (await self._receive()).get("more_body", False)


class Bodies:
    """The bodies of all requests. Used by the server's event loop alone, so it needs no lock."""

    def __init__(self, waiting: Callable[[], Iterable[Body]] = tuple, max_weight: int = MAX_BODIES_WEIGHT) -> None:
        """`waiting` returns the bodies of the events in the queue."""
        self._waiting, self._max_weight = waiting, max_weight
        self._arriving: set[Body] = set()

    @contextmanager
    def admit(self, body: Body) -> Iterator[bool]:
        """Yield whether there is room for a body, and count it within the block. One client has half of the room."""
        others = self._arriving.union(self._waiting())
        total = body.weight + sum(other.weight for other in others)
        own = body.weight + sum(other.weight for other in others if other.client == body.client)
        if body.weight > LIGHT and (total > self._max_weight or own > self._max_weight // 2):
            yield False
            return
        self._arriving.add(body)
        try:
            yield True
        finally:
            self._arriving.discard(body)
