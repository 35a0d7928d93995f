"""SessionCleanup: what a visitor has uploaded goes soon after the page has closed.

Gradio keeps the state of a page that has closed for an hour, in case it comes back: one whose connection was cut for a
moment goes on without telling. So its state stays, which is small, and only its uploads go, some minutes after it did
anything last. Of a page that is open they stay; but when there is no room for others' uploads, those of pages on which
nobody has done anything for an hour go, too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import gradio as gr
from gradio.state_holder import StateHolder

from rnnlab.hosting import WallClock

AWAY = timedelta(minutes=5)  # without a connection and without an action
IDLE = timedelta(hours=1)  # without an action


class Sessions(StateHolder):
    """What is remembered of each session. When there are too many, those of open pages are the last to be forgotten.

    Gradio forgets whoever has done nothing for the longest time. Every request may name a session that nobody has heard
    of, so a loop of them would have all pages forget their uploads.
    """

    def __init__(self, is_open: Callable[[str], bool]) -> None:
        super().__init__()
        self._is_open = is_open

    def update(self, session_id: str) -> None:
        """The session does something now."""
        with self.lock:
            if session_id in self.session_data:
                self.session_data.move_to_end(session_id)
            while len(self.session_data) > self.capacity:
                others = (session for session in self.session_data if session != session_id)
                gone = next((s for s in others if not self._is_open(s)), None) or next(iter(self.session_data))
                del self.session_data[gone]
                self.time_last_used.pop(gone, None)


def forget_uploads(
    app: gr.Blocks, states: Sequence[gr.State], idle: timedelta | None = None, wall: WallClock | None = None
) -> None:
    """Let go of the uploads of every page that has closed and was not used since AWAY; of any not used for `idle`.

    With `wall`, pages count as used now if that clock was set since the last time.
    """
    if wall is not None and wall.was_set():
        count_from_now(app)
    holder, now = app.state_holder, datetime.now()
    for visitor, kept in list(holder.session_data.items()):
        unused = now - holder.time_last_used.get(visitor, now)
        if (kept.is_closed and unused >= AWAY) or (idle is not None and unused >= idle):
            for state in states:
                if kept.state_data.get(state._id) is not None:
                    kept.state_data[state._id] = None


def count_from_now(app: gr.Blocks) -> None:
    """Take every page as used at this moment: Gradio notes it by the wall clock, which was set."""
    used = app.state_holder.time_last_used
    used |= dict.fromkeys(list(used), datetime.now())


def evict_first(app: gr.Blocks, visitor: str | None) -> None:
    """When there are too many states, that of this page, which has closed, goes before any of an open one.

    Gradio lets go of the first; it moves a state to the end whenever its page does something.
    """
    holder = app.state_holder
    with holder.lock:
        if visitor in holder.session_data:
            holder.session_data.move_to_end(visitor, last=False)


def reopen(app: gr.Blocks, visitor: str) -> None:
    """A page that had closed is there again; Gradio itself would count it as closed for ever."""
    if visitor in app.state_holder.session_data:
        app.state_holder.session_data[visitor].is_closed = False


class SessionCleanup:
    """Looks when the uploads of pages that have closed may go; one timer at a time, however many close."""

    def __init__(self, app: gr.Blocks, states: Sequence[gr.State], wall: WallClock | None = None) -> None:
        self._app, self._states, self._wall = app, states, wall or WallClock()
        self._lock, self._timer, self._again = threading.Lock(), None, False

    def on_leave(self, request: gr.Request) -> None:
        """A page has closed. One that closes while the timer runs is looked for once more afterwards."""
        evict_first(self._app, request.session_hash)
        with self._lock:
            self._again = self._timer is not None
            if self._timer is None:
                self._wind_up()

    def _wind_up(self) -> None:
        timer = threading.Timer(AWAY.total_seconds() + 1, self._look)
        timer.daemon = True
        timer.start()
        self._timer = timer  # only now: the machine may have had no thread to spare

    def _look(self) -> None:
        try:
            if self._wall.was_set():
                count_from_now(self._app)
                self._again = True
            forget_uploads(self._app, self._states)
        finally:
            with self._lock:
                again, self._again, self._timer = self._again, False, None
                if again:
                    self._wind_up()


def forget_who_leaves(app: gr.Blocks, states: Sequence[gr.State]) -> None:
    """Let `app` forget the uploads, which are in `states`, of those who have left."""
    app.unload(SessionCleanup(app, states).on_leave)
