"""Answers in JSON that no cache keeps."""

from __future__ import annotations

import orjson
from starlette.responses import Response


def json_response(content: object, status: int = 200) -> Response:
    """Return plain data as JSON; NaN and infinity become null. Every question has its own answer, so none is stored."""
    return Response(orjson.dumps(content), status, media_type="application/json", headers={"Cache-Control": "no-store"})
