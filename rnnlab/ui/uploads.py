"""How much visitors may have uploaded, all together.

A session holds what its visitor has uploaded, one thing of each kind, and with each a share of the memory that there is
for uploads. Nobody gives a share back: it is free as soon as no session holds it any more.
"""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from rnnlab.checkpoints import Checkpoint
from rnnlab.text import TaggedSentence
from rnnlab.ui.session import NOBODY, Session
from rnnlab.validation import InvalidInput

MOST_BYTES = 2**30  # in memory, of all visitors together

Content = str | Checkpoint | tuple[TaggedSentence, ...]


@dataclass(frozen=True, eq=False)
class Share:
    """A part of the memory for uploads, for as long as somebody holds it."""

    nbytes: int


@dataclass(frozen=True)
class Uploads:
    """Gives out shares of at most `most` bytes; when none is left, `make_room` may have sessions let go of theirs."""

    most: int = MOST_BYTES
    make_room: Callable[[], None] = lambda: None
    _shares: weakref.WeakSet[Share] = field(default_factory=weakref.WeakSet)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def taken(self) -> int:
        """The bytes that are given out."""
        with self._lock:
            return sum(share.nbytes for share in self._shares)

    def keep(self, session: Session | None, name: str, **uploaded: Content) -> Session:
        """The session with what was uploaded, in place of its last upload of that kind.

        Raises InvalidInput, which calls it `name`, when all visitors together have uploaded too much.
        """
        session = session or NOBODY
        ((kind, content),) = uploaded.items()
        share = self._share(name, nbytes_of(content), session.shares.get(kind))
        return replace(session, **uploaded, shares={**session.shares, kind: share})

    def _share(self, name: str, nbytes: int, instead: Share | None) -> Share:
        if not self._has_room(nbytes, instead):
            self.make_room()
        with self._lock:
            if not self._has_room(nbytes, instead):
                raise InvalidInput("uploads_full", name, size=-(-nbytes // 2**20), high=self.most // 2**20)
            share = Share(nbytes)
            self._shares.add(share)
        return share

    def _has_room(self, nbytes: int, instead: Share | None) -> bool:
        return self.taken - (instead.nbytes if instead else 0) + nbytes <= self.most


def nbytes_of(content: Content) -> int:
    """About what it takes in memory."""
    if isinstance(content, str):
        return sys.getsizeof(content)
    if isinstance(content, Checkpoint):
        return sum(tensor.nbytes for tensor in content.tensors().values()) + footprint(content.history)
    return sum(200 + sum(16 + sys.getsizeof(form) for form in sentence.forms) for sentence in content)


def footprint(rows: object) -> int:
    """About how many bytes plain rows take: dictionaries, lists, texts and numbers."""
    if isinstance(rows, Mapping):
        return 64 + sum(48 + footprint(value) for value in rows.values())
    if isinstance(rows, list | tuple):
        return 56 + sum(8 + footprint(value) for value in rows)
    return sys.getsizeof(rows)
