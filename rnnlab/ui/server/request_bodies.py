"""The bodies of requests: how large one may be, and how much all of them may take that come now or wait in the queue.

A body is weighed by what it will take in memory: 24 MB of `[],[],[],…` are eight million lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from starlette.types import Message, Receive

MIB = 2**20
BODY = "rnnlab.body"  # where the scope of a request keeps its body
MOST_BYTES = 24 * MIB  # of one request: a file of 20 MB and what is around it, or a text of 10 MB and its escapes
HEAVIEST = 96 * MIB  # one request, by weight
MOST_WEIGHT = 256 * MIB  # all together
LIGHT = 64 * 1024  # bytes, below which nobody asks whether there is room
LIST, VALUE = 64, 32  # bytes that a list or an object takes besides its values, and a value


class TooLarge(Exception):
    """A request that goes on beyond MOST_BYTES, or holds too much for its size."""


class Body:
    """A request's `receive`, which raises TooLarge beyond `most` bytes whatever the headers promised.

    One that is no upload (`parsed`) is weighed as well; texts in which brackets and commas abound weigh more, too.
    """

    def __init__(self, receive: Receive, most: int = MOST_BYTES, parsed: bool = False) -> None:
        self._receive, self._most, self._parsed = receive, most, parsed
        self.nbytes = self.weight = 0
        self._ended = False

    async def receive(self) -> Message:
        message = await self._receive()
        came = message.get("body", b"")
        self.nbytes += len(came)
        self.weight += len(came)
        if self._parsed:
            self.weight += LIST * (came.count(b"[") + came.count(b"{")) + VALUE * came.count(b",")
        self._ended = not message.get("more_body", False)
        if self.nbytes > self._most or self.weight > HEAVIEST:
            raise TooLarge
        return message

    async def drain(self) -> None:
        """Read on to the end, up to the most: who is still sending does not hear an answer."""
        while not self._ended and self.nbytes <= self._most:
            message = await self._receive()
            self.nbytes += len(message.get("body", b""))
            self._ended = not message.get("more_body", False)


class Waiting(Protocol):
    """The queue, as far as it is asked what waits there."""

    def weight(self, owner: str | None = None) -> int:
        """Of the bodies of all events that wait or are in progress, or of one owner's."""


class Bodies:
    """How much may still come. Used by the server's event loop alone, so it needs no lock."""

    def __init__(self, waiting: Callable[[], Waiting], most: int = MOST_WEIGHT) -> None:
        """`waiting` gives the queue. One owner has half of `most`."""
        self._waiting, self.most = waiting, most
        self._coming: list[tuple[str, float, Body]] = []  # whose, of how many bytes by what it says

    @contextmanager
    def taking(self, nbytes: float, body: Body, owner: str) -> Iterator[bool]:
        """Whether a request may come that says to have so many bytes; while it comes it takes that room."""
        if not self._has_room(nbytes, owner):
            yield False
            return
        coming = owner, nbytes, body
        self._coming.append(coming)
        try:
            yield True
        finally:
            self._coming.remove(coming)

    def _has_room(self, nbytes: float, owner: str) -> bool:
        if nbytes <= LIGHT:
            return True
        waiting, coming = self._waiting(), [(of, max(said, body.weight)) for of, said, body in self._coming]
        own = waiting.weight(owner) + sum(weight for of, weight in coming if of == owner)
        everybodys = waiting.weight() + sum(weight for _, weight in coming)
        return own + nbytes <= self.most // 2 and everybodys + nbytes <= self.most
