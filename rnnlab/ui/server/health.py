"""`/lab/health`: the state of the server, for a monitor. It contains nothing about single visitors."""

from __future__ import annotations

import time

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import rnnlab
from rnnlab.devices import choose_device, describe_device
from rnnlab.runs import Runner
from rnnlab.ui.server.json_response import json_response
from rnnlab.ui.server.visitor_count import VisitorCount


def health_route(runner: Runner, visitors: VisitorCount) -> Route:
    """Return the route; uptime counts from this call."""
    began = time.monotonic()

    async def health(request: Request) -> Response:
        state = {
            "status": "ok",
            "version": rnnlab.__version__,
            "uptime_seconds": round(time.monotonic() - began, 1),
            "device": await run_in_threadpool(device_in_words),  # the first look at a GPU takes a while
            "visitors": visitors.connected,
            "max_visitors": visitors.limit,
            "runs": await run_in_threadpool(runner.census),
        }
        return json_response(state)

    return Route("/lab/health", health)


def device_in_words() -> str:
    """Describe the device on which runs train."""
    return describe_device(choose_device())
