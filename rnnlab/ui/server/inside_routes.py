"""The routes of the tab Inside: what a section draws of a text that a visitor has opened with a network.

lab/inside/<key>/units?measure=line       404 where the server does not keep what was opened: the page opens it again
lab/inside/<key>/exact                    what takes long: lines of `progress_stream`
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from rnnlab.ui.i18n import message_of
from rnnlab.ui.i18n.languages import language_of
from rnnlab.ui.server.json_response import json_response
from rnnlab.ui.server.progress_stream import Tick, progress_stream
from rnnlab.ui.server.turns import Superseded, Turns
from rnnlab.ui.session.client_id import client_id_of
from rnnlab.validation import InvalidInput

THREADS = 2  # that compute at once; others wait
MAX_QUERY = 4000  # characters of a value of the query that are looked at

Check = Callable[[], None]  # raises Superseded where nobody waits any more
SectionValue = Callable[[str, str, Mapping[str, str], Check], Mapping[str, Any] | None]


@dataclass(frozen=True)
class LongWork:
    """What takes long, and whose turn it is. Of a visitor the newest request for it alone is done."""

    turns: Turns
    value: Callable[[str, Request, Tick], Mapping[str, Any] | None]  # by the key; raises InvalidInput


def inside_routes(section_value: SectionValue, long: Mapping[str, LongWork]) -> list[BaseRoute]:
    """Return the routes; their threads start with the first request.

    section_value: returns plain data by the key, the section and the query; None where nothing is kept by the key. It
        calls its last argument from time to time.
    long: by the last part of the address.
    """
    turns = Turns(THREADS, "inside")

    async def endpoint(request: Request) -> Response:
        key, section = request.path_params["key"], request.path_params["section"]
        query = {name: value[:MAX_QUERY] for name, value in request.query_params.items()}
        try:
            kind = request.url.path  # of the questions of a section the newest alone is wanted
            answer = await turns.take(
                client_id_of(request), kind, lambda turn: section_value(key, section, query, turn.check)
            )
        except Superseded:
            return json_response({"state": "superseded"}, 409)
        except InvalidInput as error:
            return json_response({"message": message_of(error, language_of(request))}, 400)
        return json_response({"state": "gone"}, 404) if answer is None else json_response(answer)

    def long_route(name: str, work: LongWork) -> Route:
        async def endpoint(request: Request) -> Response:
            key = request.path_params["key"]
            return progress_stream(work.turns, request, f"inside/{name}", lambda tick: work.value(key, request, tick))

        return Route(f"/lab/inside/{{key}}/{name}", endpoint)

    return [*(long_route(name, work) for name, work in long.items()), Route("/lab/inside/{key}/{section}", endpoint)]
