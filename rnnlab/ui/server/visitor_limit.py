"""VisitorLimit: count the visitors, hold a place for those on their way, and sign the ids in their cookies."""

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
from rnnlab.limits import MAX_UNCONFIRMED

ID_DIGITS, SIGNATURE_DIGITS = 16, 32  # hexadecimal digits of a visitor id: the random part, and its signature
KEY_BYTES = 32
GRACE = 20.0  # grace period (s) for a visitor without an open connection

log = logging.getLogger(__name__)


class VisitorLimit:
    """Count at most `limit` visitors. The server's event loop alone uses it, so it needs no lock.

    A restarted server with the same `key` still recognises the ids that it signed before.
    """

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic, key: bytes = b"") -> None:
        self.limit, self.clock, self._key = limit, clock, key or secrets.token_bytes(KEY_BYTES)
        self._open: Counter[str] = Counter()  # connections of each visitor
        self._expiry: dict[str, float] = {}  # places that are reserved, and until when; at most `limit`
        self._unconfirmed: dict[str, str] = {}  # of them: ids that no request has brought back yet -> their address

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

    def admit(self, visitor: str) -> bool:
        """Reserve a place for GRACE; return whether the visitor has one. Connected visitors always have."""
        now = self.clock()
        self._expiry = {other: until for other, until in self._expiry.items() if until > now}
        self._unconfirmed = {other: of for other, of in self._unconfirmed.items() if other in self._expiry}
        if len((self._open.keys() | self._expiry.keys()) - {visitor}) >= self.limit:
            return visitor in self._open
        self._expiry[visitor] = now + GRACE
        return True

    def admit_new(self, visitor: str, address: str, most: int | None = None) -> bool:
        """Reserve a place for an id that its visitor has yet to send back; return whether there was one.

        An address has at most `most` such places. For another one its oldest is given up.
        """
        unconfirmed = [other for other, of in self._unconfirmed.items() if of == address]
        if len(unconfirmed) >= (most or min(MAX_UNCONFIRMED, max(2, self.limit // 4))):
            self.confirm(unconfirmed[0])
            self._expiry.pop(unconfirmed[0], None)
        if not self.admit(visitor):
            return False
        self._unconfirmed[visitor] = address
        return True

    def confirm(self, visitor: str) -> None:
        """Note that a request has brought this id back."""
        self._unconfirmed.pop(visitor, None)

    def connect(self, visitor: str) -> None:
        """Count one more connection, or open page, of a visitor."""
        self._expiry.pop(visitor, None)
        self._open[visitor] += 1
        if self._open[visitor] == 1:
            log.info(line("visitor_came", visitors=self.connected))

    def disconnect(self, visitor: str, address: str = "") -> None:
        """Count one connection less; after the last one the place stays reserved for GRACE, for a reload."""
        self._open[visitor] -= 1
        if not self._open[visitor]:
            del self._open[visitor]
            if self.is_signed(visitor):
                self.admit_new(visitor, address)
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
