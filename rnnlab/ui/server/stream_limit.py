"""How many event streams one browser may keep open: it has six connections to a host for all of its pages.

A stream beyond the limit sends the news and ends, and the browser asks again after a moment, so every page is up to
date.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rnnlab.limits import MAX_STREAMS_OF_BROWSER

RECONNECT = 2000  # milliseconds until a browser asks again after an interrupted stream
POLL, POLL_HIDDEN = 1000, 10_000  # milliseconds until it asks again after one that may not stay open


class StreamLimit:
    """The open streams of each browser. Used by the server's event loop alone, so it needs no lock."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    @contextmanager
    def claim(self, browser: str = "", is_hidden: bool = False) -> Iterator[int]:
        """Yield for how many milliseconds to wait after the stream, or 0 if it may stay open within the block.

        Those of a hidden page may not, and those of an unknown browser ("") may.
        """
        stays = not browser or (not is_hidden and self._open[browser] < MAX_STREAMS_OF_BROWSER)
        self._open[browser] += stays
        try:
            yield 0 if stays else POLL_HIDDEN if is_hidden else POLL
        finally:
            self._open[browser] -= stays
            self._open += Counter()  # drops the browsers that count nothing
