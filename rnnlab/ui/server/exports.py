"""Routes that let a visitor take a run along: its script, notebook, numbers, model, reader of the weights, text.

The picture comes from the browser, which has drawn it.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from rnnlab import checkpoints
from rnnlab.checkpoints import Checkpoint
from rnnlab.export import TEXT_KINDS, export, file_name
from rnnlab.resources import SHIPPED_CORPORA, resource, shipped_model
from rnnlab.runs import Runner
from rnnlab.validation import InvalidInput

MEDIA_TYPES = {
    "script": "text/x-python",
    "notebook": "application/x-ipynb+json",
    "csv": "text/csv",
    "reader": "text/x-python",
    "model": "application/octet-stream",
    "text": "text/plain",
}


def export_routes(runner: Runner) -> list[BaseRoute]:
    """Return the routes for the runs of `runner` and for the recorded curves of the shipped models."""

    def of_run(name: str) -> Checkpoint | None:
        run = runner.get(name)
        return None if run is None else runner.latest(run)

    def of_curve(name: str) -> Checkpoint | None:
        return checkpoints.load(shipped_model(name))

    return [
        Route("/lab/runs/{name}/export/{kind}", _endpoint(of_run)),
        Route("/lab/curves/{name}/export/{kind}", _endpoint(of_curve)),
    ]


def _endpoint(find: Callable[[str], Checkpoint | None]) -> Callable[[Request], object]:
    def answer(name: str, kind: str) -> Response:
        try:
            checkpoint = find(name)
            file = None if checkpoint is None else file_of(checkpoint, kind)
        except InvalidInput:  # no such curve, or no such file of this model
            file = None
        if file is None:
            return PlainTextResponse("no such file", 404, headers={"Cache-Control": "no-store"})
        return attachment(*file, MEDIA_TYPES[kind])

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(answer, request.path_params["name"], request.path_params["kind"])

    return endpoint


def file_of(checkpoint: Checkpoint, kind: str) -> tuple[str, bytes] | None:
    """Return name and content of a file of that kind; None if there is none. Raises InvalidInput."""
    corpus = checkpoint.config.get("corpus", "")
    if kind == "model":
        return file_name(checkpoint, "model"), checkpoints.to_bytes(checkpoint)
    if kind == "text" and corpus in SHIPPED_CORPORA:  # nobody else's text leaves the server
        path = resource(SHIPPED_CORPORA[corpus])
        return path.name, path.read_bytes()
    if kind not in TEXT_KINDS:
        return None
    exported = export(checkpoint, kind)
    return exported.name, exported.content


def attachment(name: str, content: bytes, media_type: str) -> Response:
    """Return a response that a browser saves under that name."""
    disposition = f'attachment; filename="{quote(name)}"'
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=media_type, headers=headers)
