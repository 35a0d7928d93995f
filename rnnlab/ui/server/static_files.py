"""The static files of the page: scripts, style sheets and Plotly, served compressed under `lab/`.

Nothing is fetched from another machine: Plotly's JavaScript is the file inside the installed `plotly` package.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import cache
from pathlib import Path

import plotly
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

FRONTEND = Path(__file__).parents[1] / "frontend"
SHARED_SCRIPTS = ("text.js", "panel.js", "figures.js", "form.js", "fields.js")  # in this order
STYLES = ("page.css", "panel.css")
FILES = {
    "boot.js": FRONTEND / "boot.js",
    **{name: FRONTEND / "lib" / name for name in SHARED_SCRIPTS},
    **{name: FRONTEND / "styles" / name for name in STYLES},
    "plotly.min.js": Path(plotly.__file__).parent / "package_data" / "plotly.min.js",
}


@cache
def static_url(name: str) -> str:
    """Return the address of a file in FILES, relative to the page; it changes with the content, so caches keep it."""
    digest = hashlib.sha256(FILES[name].read_bytes()).hexdigest()
    return f"lab/{name}?v={digest[:12]}"


@cache
def compressed(name: str) -> bytes:
    """Gzip a file of FILES, once: Gradio would compress Plotly's 4.8 MB anew, 0.3 s, for each student of a class."""
    return gzip.compress(FILES[name].read_bytes(), compresslevel=6, mtime=0)


def _static_file(request: Request) -> Response:
    """Serve one of FILES by its name: there is no folder to wander in."""
    name = request.path_params["name"]
    if name not in FILES:
        return PlainTextResponse("no such file", status_code=404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return FileResponse(FILES[name], headers=headers)
    return Response(
        compressed(name), media_type=mimetypes.guess_type(name)[0], headers={**headers, "Content-Encoding": "gzip"}
    )


def static_routes() -> list[Route]:
    """Serve what `static_url` points to."""
    return [Route("/lab/{name}", _static_file)]
