"""Session cleanup: forget the uploads of pages that have closed, and the sessions of which there are too many.

A page whose connection was interrupted continues the same session. So its state stays, which is small, and its uploads
are forgotten AWAY seconds after it was last seen. Open pages keep theirs; but when there is no room for other visitors'
uploads, those of pages without an action for IDLE seconds are forgotten, too.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from gradio.state_holder import StateHolder

from rnnlab.ui.session.uploads import Upload

AWAY = 300.0  # seconds without an open page and without an action
IDLE = 3600.0  # seconds without an action


class Sessions(StateHolder):
    """Gradio's state of each session. When there are too many, those of open pages are the last to be evicted.

    Gradio evicts the session that has been idle for longest. Every request may name a new session, so a loop of them
    would have all open pages lose their uploads. Times are those of `clock`, not of the wall clock, which may be set.
    """

    def __init__(self, is_open: Callable[[str], bool], clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._is_open, self._clock = is_open, clock
        self.last_action: dict[str, float] = {}
        self.last_seen: dict[str, float] = {}  # open, or with an action

    def update(self, session_id: str) -> None:
        """Note an action of a session, and evict one if there are too many. Gradio calls this."""
        with self.lock:
            if session_id in self.session_data:
                self.session_data.move_to_end(session_id)
                self.last_action[session_id] = self.last_seen[session_id] = self._clock()
            while len(self.session_data) > self.capacity:
                others = (session for session in self.session_data if session != session_id)
                evicted = next((s for s in others if not self._is_open(s)), None) or next(iter(self.session_data))
                for by_session in (self.session_data, self.time_last_used, self.last_action, self.last_seen):
                    by_session.pop(evicted, None)

    def forget_closed(self) -> None:
        """Forget the uploads of pages that have been closed for AWAY. To be called every few seconds."""
        now = self._clock()
        for session in list(self.session_data):
            if self._is_open(session):
                self.last_seen[session] = now
            elif now - self.last_seen.get(session, now) >= AWAY:
                self._forget_uploads(session)

    def forget_idle(self) -> None:
        """Forget the uploads of pages, open or not, without an action for IDLE."""
        now = self._clock()
        for session in list(self.session_data):
            if now - self.last_action.get(session, now) >= IDLE:
                self._forget_uploads(session)

    def _forget_uploads(self, session: str) -> None:
        if kept := self.session_data.get(session):
            for key, value in list(kept.state_data.items()):
                if isinstance(value, Upload):
                    kept.state_data[key] = None
