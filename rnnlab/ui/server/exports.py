"""Routes that let a visitor take a run along: its script, notebook, numbers, model, and a text that has a name.

`lab/<reference>/export` says what there is, `lab/<reference>/export/<kind>` is a file. The picture comes from the
browser.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from rnnlab import checkpoints
from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.language_model import Config
from rnnlab.experiments.language_model.recording import Recording
from rnnlab.experiments.language_model.recording.rows import without_weights
from rnnlab.export import TEXT_KINDS, export, file_name, weights_reader
from rnnlab.resources import CORPORA, SHIPPED_RECORDINGS, corpus_file_name, shipped_model, shipped_recording
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
    """Return the routes for the runs of `runner` and for the recorded curves of the shipped models and recipes."""

    def of_run(name: str) -> Checkpoint | None:
        run = runner.get(name)
        return None if run is None else runner.latest(run)

    def of_curve(name: str) -> Checkpoint | None:
        if name in SHIPPED_RECORDINGS:
            return without_weights(Recording.open(shipped_recording(name)))
        return checkpoints.load(shipped_model(name))

    return [
        Route(f"/lab/{place}/{{name}}/export{rest}", _endpoint(find, answer))
        for place, find in {"runs": of_run, "curves": of_curve}.items()
        for rest, answer in {"": _about, "/{kind}": _file}.items()
    ]


Find = Callable[[str], Checkpoint | None]


def _endpoint(
    find: Find, answer: Callable[[Checkpoint, str], Response | None]
) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that answers with what `answer` makes of a checkpoint and a kind of file; 404 for None."""

    def respond(name: str, kind: str) -> Response:
        try:
            checkpoint = find(name)
            response = None if checkpoint is None else answer(checkpoint, kind)
        except InvalidInput:  # no such curve, or no such file of this model
            response = None
        return response or PlainTextResponse("no such file", 404, headers={"Cache-Control": "no-store"})

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(respond, request.path_params["name"], request.path_params.get("kind", ""))

    return endpoint


def _about(checkpoint: Checkpoint, kind: str) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(orjson.dumps(about(checkpoint)), media_type="application/json", headers=headers)


def about(checkpoint: Checkpoint) -> dict[str, Any]:
    """Return what the page shows beside its links: the lines that read the model, and the file of a text with a name.

    A text with a name ships with RNN Lab or is generated; it is nobody's own. A recipe's recorded run has no model.
    """
    config, has_weights = Config.from_strings(checkpoint.config), bool(checkpoint.weights)
    return {
        "model": has_weights,
        "reader": weights_reader(checkpoint, file_name(checkpoint, "model")) if has_weights else None,
        "text": corpus_file_name(config.corpus, config.distance) if config.corpus in CORPORA else None,
    }


def _file(checkpoint: Checkpoint, kind: str) -> Response | None:
    file = file_of(checkpoint, kind)
    return None if file is None else attachment(*file, MEDIA_TYPES[kind])


def file_of(checkpoint: Checkpoint, kind: str) -> tuple[str, bytes] | None:
    """Return name and content of a file of that kind; None if there is none. Raises InvalidInput."""
    if not checkpoint.weights and kind in ("model", "reader"):
        return None
    if kind == "model":
        return file_name(checkpoint, "model"), checkpoints.to_bytes(checkpoint)
    if kind not in TEXT_KINDS:
        return None
    exported = export(checkpoint, kind)  # a text only where it has a name: a visitor's own is in none of these files
    return exported.name, exported.content


def attachment(name: str, content: bytes, media_type: str) -> Response:
    """Return a response that a browser saves under that name."""
    disposition = f'attachment; filename="{quote(name)}"'
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=media_type, headers=headers)
