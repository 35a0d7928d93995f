"""How many streams of news one browser may hold open: it has six connections to a host for all of its pages.

A stream that may not last tells what is new and ends, and the browser asks again after a moment, so every page is told.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_STREAMS = 2  # of one browser that last; with its heartbeat that leaves half of its connections for requests
RECONNECT = 2000  # milliseconds until a browser whose stream broke off asks anew
POLL = 1000  # the same for a stream that may not last
POLL_AWAY = 10_000  # the same for a page that nobody looks at


class StreamQuota:
    """The lasting streams of each browser. Used by the server's event loop alone, so it needs no lock."""

    def __init__(self, most: int = MAX_STREAMS) -> None:
        self._most = most
        self._lasting: dict[str, list[Permit]] = {}  # by browser, the oldest first

    def enter(self, permit: Permit) -> None:
        """Let a stream last, if there is room for one more of its browser, or another one gives way.

        One that nobody looks at gives way to one that somebody looks at, and else the oldest to a new one. A stream
        that asks again displaces none that somebody looks at. "" is no known browser: all of its streams last.
        """
        lasting = self._lasting.get(permit.browser, [])
        if permit.browser and len(lasting) >= self._most:
            away = next((other for other in lasting if other.is_away), None)
            displaced = None if permit.is_away else away or (lasting[0] if permit.is_new else None)
            if displaced is None:
                return
            self.leave(displaced)
        permit.lasts = True
        if permit.browser:
            self._lasting.setdefault(permit.browser, []).append(permit)

    def leave(self, permit: Permit) -> None:
        """End a permit; a stream that has one looks whether it still has."""
        permit.lasts = False
        lasting = self._lasting.get(permit.browser, [])
        if permit in lasting:
            lasting.remove(permit)
        if not lasting:
            self._lasting.pop(permit.browser, None)


@dataclass(eq=False)
class Permit:
    """A stream's permit to last, within a `with` block for as long as it does."""

    quota: StreamQuota
    browser: str = ""
    is_new: bool = True  # a page has just opened it; else a browser asks again
    is_away: bool = False  # nobody looks at the page
    lasts: bool = False

    @property
    def retry(self) -> int:
        """Milliseconds after which the browser asks again when the stream ends."""
        if self.lasts:
            return RECONNECT
        return POLL_AWAY if self.is_away else POLL

    def __enter__(self) -> Permit:
        self.quota.enter(self)
        return self

    def __exit__(self, *_: object) -> None:
        self.quota.leave(self)
