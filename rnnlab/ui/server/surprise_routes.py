"""Routes of the surprise panel: a run's text with the bits of each token, and what was expected at a place.

lab/runs/<id>/surprise?epoch=7&training=3000     the text from token 3000 on; without an epoch, the last one
lab/runs/<id>/surprise/exact?epoch=7             of an epoch of which nothing is kept: lines of `progress_stream`
lab/runs/<id>/songs/exact?epoch=7                likewise the row of that epoch with its songs
lab/runs/<id>/expected?epoch=7&part=training&place=12
lab/curves/<name>/…                              the same of a shipped model, or of a recipe's recorded run: that has
                                                 bits of some epochs and no weights, so nothing else was expected
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from rnnlab.runs import Run, Runner
from rnnlab.ui.i18n import message_of
from rnnlab.ui.i18n.languages import language_of
from rnnlab.ui.server.json_response import json_response
from rnnlab.ui.server.progress_stream import Tick, progress_stream
from rnnlab.ui.server.turns import Superseded, Turns
from rnnlab.ui.session.client_id import client_id_of
from rnnlab.validation import Integer, InvalidInput

THREADS = 2  # that measure at once; others wait
MAX_NUMBER = 10**9

Answer = Mapping[str, Any] | None


class SurprisePayloads(Protocol):
    """What the routes ask for; None where there is no such thing. All of it raises InvalidInput."""

    def of_run(self, run: Run, epoch: int | None, starts: dict[str, int], with_text: bool) -> Answer: ...
    def of_curve(self, name: str, epoch: int | None, starts: dict[str, int], with_text: bool) -> Answer: ...
    def exact_of_run(
        self, run: Run, epoch: int | None, starts: dict[str, int], with_text: bool, tick: Tick
    ) -> Answer: ...
    def songs_of_run(self, run: Run, epoch: int | None, tick: Tick) -> Answer: ...
    def expected_of_run(self, run: Run, epoch: int | None, part: str, place: int) -> Answer: ...
    def expected_of_curve(self, name: str, epoch: int | None, part: str, place: int) -> Answer: ...


def surprise_routes(runner: Runner, payloads: SurprisePayloads, replays: Turns) -> list[BaseRoute]:
    """Return the routes; their threads start with the first request.

    replays: for what trains an epoch anew, which may take 20 s: what is quick does not wait for it.
    """
    turns = Turns(THREADS, "surprise")

    def run_in(request: Request) -> Run | None:
        return runner.get(request.path_params["run_id"])

    def surprise(request: Request) -> Answer:
        given = (_epoch(request), _starts(request), "bare" not in request.query_params)
        if "name" in request.path_params:
            return payloads.of_curve(request.path_params["name"], *given)
        run = run_in(request)
        return None if run is None else payloads.of_run(run, *given)

    def expected(request: Request) -> Answer:
        place = _number(request, "place")
        given = (_epoch(request), request.query_params.get("part", ""), -1 if place is None else place)
        if "name" in request.path_params:
            return payloads.expected_of_curve(request.path_params["name"], *given)
        run = run_in(request)
        return None if run is None else payloads.expected_of_run(run, *given)

    def route(path: str, make: Callable[[Request], Answer]) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                answer = await turns.take(client_id_of(request), kind_of(request), lambda _: make(request))
            except Superseded:
                return json_response({"state": "superseded"}, 409)
            except InvalidInput as error:
                if error.code == "not_a_choice" and error.field == "model":  # no such shipped model
                    return json_response({"state": "gone"}, 404)
                return json_response({"message": message_of(error, language_of(request))}, 400)
            return json_response({"state": "gone"}, 404) if answer is None else json_response(answer)

        return Route(path, endpoint)

    return _exact_routes(runner, payloads, replays) + [
        route(f"/lab/{whose}/{name}", make)
        for whose in ("runs/{run_id}", "curves/{name}")
        for name, make in (("surprise", surprise), ("expected", expected))
    ]


def _exact_routes(runner: Runner, payloads: SurprisePayloads, replays: Turns) -> list[BaseRoute]:
    """Return the routes that train an epoch anew, in the turns `replays`."""

    async def exact(request: Request) -> Response:
        """Answer by lines; the query is read first, so that a bad one gets the usual refusal."""
        try:
            epoch, starts = _epoch(request), _starts(request)
        except InvalidInput as error:
            return json_response({"message": message_of(error, language_of(request))}, 400)
        run, with_text = runner.get(request.path_params["run_id"]), "bare" not in request.query_params
        if run is None:
            return json_response({"state": "gone"}, 404)
        if request.url.path.endswith("/songs/exact"):
            return progress_stream(
                replays, request, kind_of(request), lambda tick: payloads.songs_of_run(run, epoch, tick)
            )
        return progress_stream(
            replays, request, kind_of(request), lambda tick: payloads.exact_of_run(run, epoch, starts, with_text, tick)
        )

    return [Route(f"/lab/runs/{{run_id}}/{name}/exact", exact) for name in ("surprise", "songs")]


def kind_of(request: Request) -> str:
    """Name what a request asks for, without its query: of one page's requests of a kind the newest alone waits."""
    return request.url.path


def _epoch(request: Request) -> int | None:
    return _number(request, "epoch")


def _starts(request: Request) -> dict[str, int]:
    """Return the first tokens of the windows, as far as they are given."""
    given = {part: _number(request, part) for part in ("training", "held_out")}
    return {part: start for part, start in given.items() if start is not None}


def _number(request: Request, name: str) -> int | None:
    """Return a whole number of the query, None if it is not given. Raises InvalidInput."""
    text = request.query_params.get(name, "")
    rule = Integer(0, MAX_NUMBER)
    return rule.require(name, rule.parse(name, text[:30])) if text else None
