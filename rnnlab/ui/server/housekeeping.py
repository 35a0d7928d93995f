"""Housekeeping: every few seconds, end abandoned events, close silent pages, forget their uploads and unused texts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import gradio as gr
from gradio.routes import App

from rnnlab.hosting import line
from rnnlab.ui.latest import forget_unused
from rnnlab.ui.server.abandoned_events import AbandonedEvents
from rnnlab.ui.server.heartbeats import OpenPages
from rnnlab.ui.session.cleanup import Sessions

PERIOD = 2.0  # seconds

log = logging.getLogger(__name__)


@asynccontextmanager
async def housekeeping(blocks: gr.Blocks, pages: OpenPages, app: App) -> AsyncIterator[None]:
    """Run a server with our session store and with housekeeping. A lifespan, for starlette."""
    sessions = app.state_holder = Sessions(pages.is_open, pages.visitors.clock)
    sessions.set_blocks(blocks)
    abandoned = AbandonedEvents(lambda: blocks._queue, pages.visitors.clock)
    task = asyncio.create_task(_repeat(pages, sessions, abandoned))
    try:
        yield
    finally:
        task.cancel()


async def _repeat(pages: OpenPages, sessions: Sessions, abandoned: AbandonedEvents) -> None:
    while True:
        await asyncio.sleep(PERIOD)
        try:
            await abandoned.end()
            pages.close_silent()
            sessions.forget_closed()
            forget_unused()
        except Exception:  # one defect must not leave every place taken for good
            log.exception(line("housekeeping_failed"))
