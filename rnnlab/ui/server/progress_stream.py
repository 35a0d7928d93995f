"""Answer a request for long work with lines of JSON: how much is done, and at last what was asked for.

{"share": 0.25}                 of the work, four times a second
{"value": {…}}                  the answer; in its place {"message": "…"} says why there is none,
                                {"state": "gone"} that there is no such thing, {"state": "superseded"} that a newer
                                request of the same kind has come
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from rnnlab.ui.i18n import message_of
from rnnlab.ui.i18n.languages import language_of
from rnnlab.ui.server.sse import Stream
from rnnlab.ui.server.turns import Superseded, Turn, Turns
from rnnlab.ui.session.client_id import client_id_of
from rnnlab.validation import InvalidInput

INTERVAL = 0.25  # seconds between two lines

Tick = Callable[[float], None]  # called with the share that is done; raises Superseded where nobody waits any more


def progress_stream(
    turns: Turns, request: Request, kind: str, work: Callable[[Tick], Mapping[str, Any] | None]
) -> Response:
    """Have `work` done at the turn of who asks. It calls its argument from time to time; None: there is no such thing.

    When the page goes away, the work ends at its next call.
    """
    return Stream(
        _lines(turns, request, kind, work),
        media_type="application/x-ndjson",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _lines(
    turns: Turns, request: Request, kind: str, work: Callable[[Tick], Mapping[str, Any] | None]
) -> AsyncGenerator[bytes]:
    share = 0.0

    def at_turn(turn: Turn) -> Mapping[str, Any] | None:
        def tick(done: float) -> None:
            nonlocal share
            share = done
            turn.check()

        return work(tick)

    task = asyncio.ensure_future(turns.take(client_id_of(request), kind, at_turn))
    try:
        while not (await asyncio.wait({task}, timeout=INTERVAL))[0]:
            yield orjson.dumps({"share": round(share, 3)}) + b"\n"
        yield orjson.dumps(_last_line(task, request)) + b"\n"
    finally:
        task.cancel()


def _last_line(task: asyncio.Future[Mapping[str, Any] | None], request: Request) -> Mapping[str, Any]:
    try:
        found = task.result()
    except InvalidInput as error:
        return {"message": message_of(error, language_of(request))}
    except Superseded:
        return {"state": "superseded"}
    return {"state": "gone"} if found is None else {"value": found}
