"""Leaving: what a visitor has uploaded goes soon after the page has closed.

Gradio keeps the state of a page that has closed for an hour, in case it comes back: one whose connection was cut for a
moment goes on without telling. So its state stays, which is small, and only its uploads go, some minutes after it did
anything last. Of a page that is open they stay; but when there is no room for others' uploads, those of pages on which
nobody has done anything for an hour go, too.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from functools import partial

import gradio as gr

from rnnlab.ui.session import Session
from rnnlab.ui.uploads import without_uploads

AWAY = timedelta(minutes=5)  # without a connection and without an action
IDLE = timedelta(hours=1)  # without an action


def forget_uploads(app: gr.Blocks, state: gr.State, idle: timedelta | None = None) -> None:
    """Let go of the uploads of every page that has closed and was not used since AWAY; of any not used for `idle`."""
    holder, now = app.state_holder, datetime.now()
    for visitor, kept in list(holder.session_data.items()):
        unused = now - holder.time_last_used.get(visitor, now)
        session = kept.state_data.get(state._id)
        gone = (kept.is_closed and unused >= AWAY) or (idle is not None and unused >= idle)
        if gone and isinstance(session, Session) and session.shares:
            kept.state_data[state._id] = without_uploads(session)


def on_leave(app: gr.Blocks, state: gr.State) -> None:
    """A page has closed: look again when its uploads may go."""
    timer = threading.Timer(AWAY.total_seconds() + 1, forget_uploads, (app, state))
    timer.daemon = True
    timer.start()


def forget_who_leaves(app: gr.Blocks, state: gr.State) -> None:
    """Let `app` forget the uploads of those who have left."""
    app.unload(partial(on_leave, app, state))
