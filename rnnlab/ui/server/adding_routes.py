"""Routes of the Memory tab: what the networks of a run answer to a row of numbers.

lab/runs/<id>/asked?seed=7                                      a row drawn from a seed, as long as those of the run
lab/runs/<id>/asked?seed=7&ask_numbers=0.3,0.8&ask_places=4,9   with other marked numbers, or at other places
lab/lessons/adding/asked?seed=7&length=40                       the networks of the default run, and a longer row
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from rnnlab.devices import tune_thread
from rnnlab.experiments.adding import Asking
from rnnlab.experiments.adding.problem import NUMBER
from rnnlab.limits import MAX_ADDING_LENGTH
from rnnlab.runs import Run, Runner
from rnnlab.ui.i18n import message_of
from rnnlab.ui.i18n.languages import language_of
from rnnlab.ui.server.json_response import json_response
from rnnlab.validation import Integer, InvalidInput, Real

MAX_SEED = 10**9
MAX_LISTED = 60  # characters of a list in a query

Answer = Mapping[str, Any] | None


class AddingPayloads(Protocol):
    """What the routes ask for; None where there are no networks. Both raise InvalidInput."""

    def of_run(self, run: Run, asking: Asking) -> Answer: ...
    def of_default(self, asking: Asking) -> Answer: ...


def adding_routes(runner: Runner, payloads: AddingPayloads) -> list[BaseRoute]:
    """Return the routes. One thread of their own answers all; an answer takes some milliseconds."""
    thread = ThreadPoolExecutor(1, "adding", initializer=tune_thread)

    def of_run(request: Request) -> Answer:
        run = runner.get(request.path_params["run_id"])
        return None if run is None else payloads.of_run(run, _asking(request))

    def of_default(request: Request) -> Answer:
        return payloads.of_default(_asking(request))

    def route(path: str, make: Callable[[Request], Answer]) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                answer = await asyncio.wrap_future(thread.submit(make, request))
            except InvalidInput as error:
                return json_response({"message": message_of(error, language_of(request))}, 400)
            return json_response({"state": "gone"}, 404) if answer is None else json_response(answer)

        return Route(path, endpoint)

    return [route("/lab/runs/{run_id}/asked", of_run), route("/lab/lessons/adding/asked", of_default)]


def _asking(request: Request) -> Asking:
    """Read the query. Raises InvalidInput."""
    place = Integer(1, MAX_ADDING_LENGTH)
    (length,) = _values(request, "length", place)[:1] or [None]
    (seed,) = _values(request, "seed", Integer(0, MAX_SEED))[:1] or [0]
    numbers = _values(request, "ask_numbers", NUMBER)
    return Asking(length, seed, numbers, _values(request, "ask_places", place))


def _values(request: Request, name: str, rule: Integer | Real) -> list[Any]:
    """Return the values of a list with commas in the query. Raises InvalidInput."""
    parts = [part for part in request.query_params.get(name, "")[:MAX_LISTED].split(",") if part]
    return [rule.check(name, rule.parse(name, part)) for part in parts]
