"""Routes of a song that was generated: the next character at a place, and another ending from it.

POST lab/songs/<key>/next     {"begun": [tokens], "also": [tokens]}      the bars of the place after them
POST lab/songs/<key>/ending   {"begun": [tokens], "picked": [token]}     how the song goes on after them

The key is a secret of the visitor whose song it is (`tabs/generate/kept_songs.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from rnnlab.limits import MAX_SONG_REQUEST_BYTES
from rnnlab.ui.i18n import message_of
from rnnlab.ui.i18n.languages import language_of
from rnnlab.ui.server.json_response import json_response
from rnnlab.ui.server.turns import Superseded, Turns
from rnnlab.ui.session.client_id import client_id_of
from rnnlab.validation import InvalidInput, echo

THREADS = 2  # that write at once; others wait

Answer = Mapping[str, Any] | None
Check = Callable[[], None]  # raises Superseded where nobody waits any more
Ask = Callable[[str, dict[str, Any], Check], Answer]


class SongPayloads(Protocol):
    """What the routes ask for; None where the song is not kept any more. All of it raises InvalidInput."""

    def bars(self, key: str, question: dict[str, Any]) -> Answer: ...
    def ending(self, key: str, question: dict[str, Any], check: Check) -> Answer: ...


def song_routes(payloads: SongPayloads) -> list[BaseRoute]:
    """Return the routes; their threads start with the first request."""
    turns = Turns(THREADS, "songs")

    def route(name: str, ask: Ask) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                question = question_in(await request.body())
                key, kind = request.path_params["key"], request.url.path
                answer = await turns.take(client_id_of(request), kind, lambda turn: ask(key, question, turn.check))
            except Superseded:
                return json_response({"state": "superseded"}, 409)
            except InvalidInput as error:
                return json_response({"message": message_of(error, language_of(request))}, 400)
            return json_response({"state": "gone"}, 404) if answer is None else json_response(answer)

        return Route(f"/lab/songs/{{key}}/{name}", endpoint, methods=["POST"])

    def bars(key: str, question: dict[str, Any], _: Check) -> Answer:
        return payloads.bars(key, question)

    return [route("next", bars), route("ending", payloads.ending)]


def question_in(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a request. Raises InvalidInput."""
    if len(body) > MAX_SONG_REQUEST_BYTES:
        raise InvalidInput("too_long", "begun", length=len(body), high=MAX_SONG_REQUEST_BYTES)
    try:
        question = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise InvalidInput("not_a_value", "begun", value=echo(body.decode("utf-8", "replace"))) from None
    if not isinstance(question, dict):
        raise InvalidInput("not_a_value", "begun", value=echo(question))
    return question
