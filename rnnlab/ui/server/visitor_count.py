"""VisitorCount: count the visitors, reserve places for some seconds, and sign the ids in their cookies."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from rnnlab.checkpoints import write_file
from rnnlab.hosting import line

ID_DIGITS, SIGNATURE_DIGITS = 16, 32  # hexadecimal digits of a visitor id: the random part, and its signature
KEY_BYTES = 32
GRACE = 20.0  # grace period (s) for a visitor without an open connection

log = logging.getLogger(__name__)


class VisitorCount:
    """Count at most `limit` visitors. The server's event loop alone uses it, so it needs no lock.

    A restarted server with the same `key` still recognises the ids that it signed before.
    """

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic, key: bytes = b"") -> None:
        self.limit, self.clock, self._key = limit, clock, key or secrets.token_bytes(KEY_BYTES)
        self._open: Counter[str] = Counter()  # connections of each visitor
        self._expiry: dict[str, float] = {}  # places that are reserved, and until when; at most `limit`

    @property
    def connected(self) -> int:
        """The number of connected visitors."""
        return len(self._open)

    def new_id(self) -> str:
        """Return a signed id for a new visitor."""
        name = secrets.token_hex(ID_DIGITS // 2)
        return name + self._signature(name)

    def is_signed(self, visitor: str) -> bool:
        """Return whether this server signed the id."""
        signature = self._signature(visitor[:ID_DIGITS])
        return visitor.isascii() and hmac.compare_digest(visitor[ID_DIGITS:], signature)

    def _signature(self, name: str) -> str:
        return hmac.new(self._key, name.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:SIGNATURE_DIGITS]

    def has_room(self, visitor: str) -> bool:
        """Return whether a visitor has a place or can have one. Connected visitors always have."""
        now = self.clock()
        self._expiry = {other: until for other, until in self._expiry.items() if until > now}
        return visitor in self._open or len((self._open.keys() | self._expiry.keys()) - {visitor}) < self.limit

    def reserve(self, visitor: str) -> None:
        """Reserve a place for GRACE, if there is one and the visitor has none."""
        if visitor not in self._open and self.has_room(visitor):
            self._expiry[visitor] = self.clock() + GRACE

    def connect(self, visitor: str) -> None:
        """Count one more connection, or open page, of a visitor."""
        self._expiry.pop(visitor, None)
        self._open[visitor] += 1
        if self._open[visitor] == 1:
            log.info(line("visitor_came", visitors=self.connected))

    def disconnect(self, visitor: str) -> None:
        """Count one connection less; after the last one the place stays reserved for a reload."""
        self._open[visitor] -= 1
        if not self._open[visitor]:
            del self._open[visitor]
            if self.is_signed(visitor):
                self.reserve(visitor)
            log.info(line("visitor_left", visitors=self.connected))


def key_in(folder: Path) -> bytes:
    """Return the signing key in a folder, or a new one, stored there for its owner alone if that is possible."""
    file, new = folder / "seats.key", secrets.token_bytes(KEY_BYTES)
    try:
        if file.is_file() and len(key := file.read_bytes()) == KEY_BYTES:
            return key
        write_file(file, new, 0o600)
    except OSError as error:
        log.warning(line("seats_not_kept", reason=error.strerror))
    return new
