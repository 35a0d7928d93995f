"""The songs that can go on from a place: what wrote each, and with which settings, by a secret key.

No state of a network is kept: reading 2000 characters again takes less than a twentieth of a second, and a key names
the weights themselves, so that a song goes on with those that wrote it although its run trains on.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from rnnlab import limits
from rnnlab.experiments.language_model import Writer
from rnnlab.generation import Generation
from rnnlab.resources import SHIPPED_MODELS
from rnnlab.runs import Runner
from rnnlab.ui.latest import Latest
from rnnlab.ui.tabs.generate.learned_text import learned_text
from rnnlab.ui.tabs.generate.writers import COUNTERS, TRAINED, writer_chosen


@dataclass(frozen=True)
class KeptSong:
    """What is needed to write a song on."""

    how: Generation
    writer: Callable[[], Writer]
    nbytes: int  # of the weights that it alone holds


def kept_song(runner: Runner, saved: Any, model: str, writer: Writer, how: Generation) -> KeptSong:
    """Return the song that `writer`, chosen as `model`, writes by `how`.

    Its text and n-grams are not held, for they are large, but found again (`learned_text`).
    """
    if model in COUNTERS:
        return KeptSong(how, lambda: writer_chosen(runner, saved, None, model, None), 0)
    if model in SHIPPED_MODELS:
        return KeptSong(how, _with_text(_shipped.setdefault(model, _slim(writer)), runner, saved, model), 0)
    assert writer.checkpoint is not None
    nbytes = sum(tensor.nbytes for tensor in writer.checkpoint.kept_weights.values())
    return KeptSong(how, _with_text(_slim(writer), runner, saved, model), nbytes)


_shipped: dict[str, Writer] = {}  # the two models that ship, shared by all songs


def _slim(writer: Writer) -> Writer:
    """Return a writer of the same network that holds no text, and of the checkpoint only what describes it."""
    assert writer.checkpoint is not None
    slim = replace(writer.checkpoint, weights={}, training=None, best=None, partial=None, history=())
    return replace(writer, learned=None, checkpoint=slim)


def _with_text(slim: Writer, runner: Runner, saved: Any, model: str) -> Callable[[], Writer]:
    assert slim.checkpoint is not None
    checkpoint = slim.checkpoint
    return lambda: replace(slim, learned=learned_text(runner, saved, checkpoint, is_trained_here=model == TRAINED))


class KeptSongs:
    """The latest songs of each visitor, within MAX_KEPT_SONGS, MAX_KEPT_SONGS_OF_VISITOR and MAX_KEPT_SONGS_BYTES."""

    def __init__(self) -> None:
        self._songs: Latest[str, KeptSong] = Latest(
            limits.MAX_KEPT_SONGS,
            nbytes=lambda song: song.nbytes,
            max_bytes=limits.MAX_KEPT_SONGS_BYTES,
            each=limits.MAX_KEPT_SONGS_OF_VISITOR,
            seconds=math.inf,
        )

    def keep(self, song: KeptSong, owner: str) -> str:
        """Return the key of a song of the visitor `owner`; "" for one whose model is too large to be kept."""
        if song.nbytes > limits.MAX_KEPT_SONGS_BYTES:
            return ""
        key = secrets.token_urlsafe(18)
        self._songs.keep(key, song, owner)
        return key

    def find(self, key: str) -> KeptSong | None:
        """Return the song of that key, if it is still kept."""
        return self._songs.known(key)


SONGS = KeptSongs()
