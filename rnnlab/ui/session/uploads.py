"""How much visitors may have uploaded, all together.

A visitor has one thing of each kind. Nobody gives back the memory that it takes: it is free as soon as nobody holds the
upload any more.
"""

from __future__ import annotations

import secrets
import sys
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

from rnnlab.checkpoints import Checkpoint
from rnnlab.runs.history import json_nbytes
from rnnlab.text import TaggedSentence
from rnnlab.validation import InvalidInput

MOST_BYTES = 2**30  # in memory, of all visitors together

Content = TypeVar("Content", str, Checkpoint, tuple[TaggedSentence, ...])


@dataclass(frozen=True, eq=False)
class Upload(Generic[Content]):
    """What a visitor has uploaded, and its part of the memory for as long as somebody holds it."""

    content: Content
    nbytes: int
    name: str = ""  # of its file
    token: str = field(default_factory=partial(secrets.token_urlsafe, 24), repr=False)  # by which its browser finds it


@dataclass(frozen=True)
class Uploads:
    """Takes uploads of at most `most` bytes together; when there is no room, `make_room` may have some let go."""

    most: int = MOST_BYTES
    make_room: Callable[[], None] = lambda: None
    _held: weakref.WeakSet[Upload] = field(default_factory=weakref.WeakSet)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def taken(self) -> int:
        """The bytes of all that is held."""
        with self._lock:
            return sum(upload.nbytes for upload in self._held)

    def keep(self, before: Upload[Content] | None, name: str, content: Content, *, file: str = "") -> Upload[Content]:
        """Take `content`, from a file of that name, in place of what its visitor has uploaded `before`.

        Raises InvalidInput, which calls it `name`, when all visitors together have uploaded too much.
        """
        upload = Upload(content, nbytes_of(content), file)
        if not self._has_room(upload, before):
            self.make_room()
        with self._lock:
            if not self._has_room(upload, before):
                raise InvalidInput("uploads_full", name, size=-(-upload.nbytes // 2**20), high=self.most // 2**20)
            self._held.add(upload)
        return upload

    def find(self, kind: type[Content], token: Any) -> Upload[Content] | None:
        """Return the upload of this kind with that token, if somebody still holds it."""
        with self._lock:
            held = list(self._held)
        return next((upload for upload in held if upload.token == token and isinstance(upload.content, kind)), None)

    def _has_room(self, upload: Upload, before: Upload | None) -> bool:
        return self.taken - (before.nbytes if before else 0) + upload.nbytes <= self.most


def nbytes_of(content: Content) -> int:
    """About what it takes in memory."""
    if isinstance(content, str):
        return sys.getsizeof(content)
    if isinstance(content, Checkpoint):
        return sum(tensor.nbytes for tensor in content.tensors().values()) + json_nbytes(content.history)
    return sum(200 + sum(16 + sys.getsizeof(form) for form in sentence.forms) for sentence in content)
