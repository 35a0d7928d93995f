"""The seats: who is in, and for whom a seat is held a while because they are on the way."""

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

NAME, SIGNATURE = 16, 32  # hexadecimal digits: a visitor's name by chance, and that we have given it
KEY = 32  # bytes
HELD = 20.0  # seconds a seat is held for who has been let in, or was here a moment ago, and is not connected
UNCLAIMED = 8  # seats at most, and a quarter of all, that an address has for browsers that have not come back yet

log = logging.getLogger(__name__)


class VisitorLimit:
    """Who is in: at most `most` visitors. Used by the server's event loop alone, so it needs no lock.

    With the `key` it signs the names that it gives; a server that is started anew with the same one knows them still.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic, key: bytes = b"") -> None:
        self.most, self.clock, self._key = most, clock, key or secrets.token_bytes(KEY)
        self._open: Counter[str] = Counter()  # connections of each visitor
        self._held: dict[str, float] = {}  # until when; never more than there are seats
        self._unclaimed: dict[str, str] = {}  # of them: names not seen since, and their addresses

    @property
    def visitors(self) -> int:
        """How many are connected."""
        return len(self._open)

    def new_name(self) -> str:
        """A name for a visitor, which nobody can make up."""
        name = secrets.token_hex(NAME // 2)
        return name + self._signature(name)

    def has_given(self, name: str) -> bool:
        """Whether we have given this name."""
        return name.isascii() and hmac.compare_digest(name[NAME:], self._signature(name[:NAME]))

    def _signature(self, name: str) -> str:
        return hmac.new(self._key, name.encode(), hashlib.sha256).hexdigest()[:SIGNATURE]

    def admit(self, visitor: str) -> bool:
        """Hold a seat for whoever asks for the page; False when all others are taken."""
        return self._hold(visitor) or visitor in self._open

    def welcome(self, name: str, address: str, most: int | None = None) -> bool:
        """Hold a seat for one who is on the way to us with this name; False when all others are taken.

        Whoever has a page shows the name with the next request. Where `most` at the address have not done so, the
        oldest of them gives way.
        """
        self._let_go_of_the_past()
        unclaimed = [other for other, of in self._unclaimed.items() if of == address]
        if len(unclaimed) >= (most or min(UNCLAIMED, max(2, self.most // 4))):
            self.claim(unclaimed[0])
            del self._held[unclaimed[0]]
        if not self._hold(name):
            return False
        self._unclaimed[name] = address
        return True

    def claim(self, name: str) -> None:
        """Somebody has come with this name."""
        self._unclaimed.pop(name, None)

    def connect(self, visitor: str) -> None:
        self._held.pop(visitor, None)
        self._open[visitor] += 1
        if self._open[visitor] == 1:
            log.info(line("visitor_came", visitors=self.visitors))

    def disconnect(self, visitor: str, address: str = "") -> None:
        self._open[visitor] -= 1
        if not self._open[visitor]:
            del self._open[visitor]
            if self.has_given(visitor):
                self.welcome(visitor, address)  # a reload comes back to its own seat
            log.info(line("visitor_left", visitors=self.visitors))

    def _hold(self, visitor: str) -> bool:
        """Hold a seat for a while, if one is free; whether it was."""
        self._let_go_of_the_past()
        if len((self._open.keys() | self._held.keys()) - {visitor}) >= self.most:
            return False
        self._held[visitor] = self.clock() + HELD
        return True

    def _let_go_of_the_past(self) -> None:
        now = self.clock()
        self._held = {who: until for who, until in self._held.items() if until > now}
        self._unclaimed = {name: address for name, address in self._unclaimed.items() if name in self._held}


def key_in(folder: Path) -> bytes:
    """The key that this folder keeps, readable by its owner alone; a new one where it has none or can keep none."""
    file, new = folder / "seats.key", secrets.token_bytes(KEY)
    try:
        if file.is_file() and len(key := file.read_bytes()) == KEY:
            return key
        write_file(file, new, 0o600)
    except OSError as error:
        log.warning(line("seats_not_kept", reason=error.strerror))
    return new
