"""Uploads: the content of uploaded files in memory, and how much of it all visitors together may have.

A visitor has one upload of each kind. Memory is accounted with weak references; there is no explicit release.
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
from rnnlab.limits import MAX_UPLOADED_BYTES, MIB
from rnnlab.runs.history import json_nbytes
from rnnlab.text import TaggedSentence
from rnnlab.validation import InvalidInput

Content = TypeVar("Content", str, Checkpoint, tuple[TaggedSentence, ...])


@dataclass(frozen=True, eq=False)
class Upload(Generic[Content]):
    """The content of a visitor's upload, which takes up memory for as long as a session refers to it."""

    content: Content
    nbytes: int
    name: str = ""  # of its file
    token: str = field(default_factory=partial(secrets.token_urlsafe, 24), repr=False)  # kept by the visitor's browser


@dataclass(frozen=True)
class Uploads:
    """All uploads, at most `max_bytes` together; when there is no room, `make_room` may have some forgotten."""

    max_bytes: int = MAX_UPLOADED_BYTES
    make_room: Callable[[], None] = lambda: None
    _uploads: weakref.WeakSet[Upload] = field(default_factory=weakref.WeakSet)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def nbytes(self) -> int:
        """The bytes of all uploads that sessions refer to."""
        with self._lock:
            return sum(upload.nbytes for upload in self._uploads)

    def keep(self, before: Upload[Content] | None, name: str, content: Content, *, file: str = "") -> Upload[Content]:
        """Return `content`, of a file of that name, as an upload that replaces the visitor's upload `before`.

        Raises InvalidInput for the field `name` when all visitors together have uploaded too much.
        """
        upload = Upload(content, nbytes_of(content), file)
        if not self._has_room(upload, before):
            self.make_room()
        with self._lock:
            if not self._has_room(upload, before):
                raise InvalidInput("uploads_full", name, size=-(-upload.nbytes // MIB), high=self.max_bytes // MIB)
            self._uploads.add(upload)
        return upload

    def find(self, kind: type[Content], token: Any) -> Upload[Content] | None:
        """Return the upload of this kind with that token, if a session still refers to it."""
        with self._lock:
            uploads = list(self._uploads)
        return next((upload for upload in uploads if upload.token == token and isinstance(upload.content, kind)), None)

    def _has_room(self, upload: Upload, before: Upload | None) -> bool:
        return self.nbytes - (before.nbytes if before else 0) + upload.nbytes <= self.max_bytes


def nbytes_of(content: Content) -> int:
    """Estimate the memory that an upload's content takes."""
    if isinstance(content, str):
        return sys.getsizeof(content)
    if isinstance(content, Checkpoint):
        return sum(tensor.nbytes for tensor in content.tensors().values()) + json_nbytes(content.history)
    return sum(200 + sum(16 + sys.getsizeof(form) for form in sentence.forms) for sentence in content)
