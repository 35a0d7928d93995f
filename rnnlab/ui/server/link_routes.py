"""Routes of links: what the query of the page's address means, and the link to what the page shows.

GET  lab/link?query=tab%3Dtrain%26model%3Dlstm    what the page does about it; refusals are part of the answer
POST lab/link  {"tab", "part", "fields", "hide", "at"}    the query of the link
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rnnlab.ui.server.json_response import json_response


class LinkPayloads(Protocol):
    """What the routes ask for; neither fails. `rnnlab.ui.links.payload` implements it."""

    def read(self, query: str) -> Mapping[str, Any]: ...
    def write(self, wanted: Any) -> Mapping[str, Any]: ...


def link_route(links: LinkPayloads) -> Route:
    """Return the route."""

    async def answer(request: Request) -> Response:
        if request.method != "POST":
            return json_response(await run_in_threadpool(links.read, request.query_params.get("query", "")))
        try:
            wanted = await request.json()
        except (ValueError, RecursionError):
            wanted = None
        return json_response(await run_in_threadpool(links.write, wanted))

    return Route("/lab/link", answer, methods=["GET", "POST"])
