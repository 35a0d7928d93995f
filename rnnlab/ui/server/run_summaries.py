"""The route of a run's summary, for the list of a visitor's earlier runs.

An id is known to its visitor alone, and a run is answered for by its id only. Asking for a summary does not resume a
run that is paused because nobody is looking; an ended run is kept as if it had been visited.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rnnlab.runs import Run, Runner
from rnnlab.ui.i18n.languages import Language, language_of
from rnnlab.ui.server.json_response import json_response


class Summaries(Protocol):
    """The summaries of runs; `rnnlab.ui.tabs.payloads` implements it."""

    def summary(self, run: Run, beside: Run | None, language: Language) -> Mapping[str, Any] | None: ...


def summary_route(runner: Runner, summaries: Summaries) -> Route:
    """Return the route `lab/runs/<id>/summary?beside=<id>`: what `run` is, and how it differs from the other run."""

    async def answer(request: Request) -> Response:
        run = runner.find(request.path_params["run_id"])
        if run is None:
            return json_response({"state": "gone"}, 404)
        if run.ended:
            run.viewers.restart_timer()
        beside = runner.find(request.query_params.get("beside"))
        found = await run_in_threadpool(summaries.summary, run, beside, language_of(request))
        return json_response({"state": "gone"}, 404) if found is None else json_response(found)

    return Route("/lab/runs/{run_id}/summary", answer)
