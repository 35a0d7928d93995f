"""Static files of the page under `lab/`: JavaScript modules, style sheets and Plotly, compressed and cached for good.

Nothing comes from another machine: Plotly's JavaScript is the file inside the installed `plotly` package. The modules
lie under a folder that is named by a hash of all of them, with the same paths as in `rnnlab/ui`, so that the relative
imports between them hold on disk and on the page, and every new version has new addresses.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path

import plotly
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

UI = Path(__file__).parents[1]
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css"}  # the table of `mimetypes` differs between systems
FRONTEND = UI / "frontend"
STYLES = (
    "page.css", "panel.css", "train.css", "tutorials.css", "guides.css", "link.css", "cell_diagram.css", "formulas.css",
    "projector.css", "sheet.css",
)  # fmt: skip
FILES = {
    **{name: FRONTEND / "styles" / name for name in STYLES},
    "plotly.min.js": Path(plotly.__file__).parent / "package_data" / "plotly.min.js",
}
MAIN = "frontend/main.js"  # the module that starts with the page
MODULES = {
    path.relative_to(UI).as_posix(): path
    for path in sorted(
        [UI / MAIN, FRONTEND / "notes.js", *(FRONTEND / "lib").glob("*.js"), *(UI / "tabs").rglob("*.js")]
    )
    if not path.name.endswith(".test.js")
}
IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}


@cache
def static_url(name: str) -> str:
    """Return the address of a file in FILES, relative to the page; it changes with the content."""
    digest = hashlib.sha256(FILES[name].read_bytes()).hexdigest()
    return f"lab/{name}?v={digest[:12]}"


@cache
def modules_url() -> str:
    """Return the address of the folder of MODULES, relative to the page; it changes with the content of any of them."""
    digest = hashlib.sha256()
    for name, path in MODULES.items():
        digest.update(name.encode())
        digest.update(path.read_bytes())
    return f"lab/m/{digest.hexdigest()[:12]}/"


@cache
def imported_at_start() -> tuple[str, ...]:
    """Return the names of the modules that the page imports before it shows its first tab: MAIN's, and its panel's."""
    found: list[str] = []
    waiting = [MAIN, "tabs/train/panel.js"]
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found.append(name)
            waiting += imports_of(name)
    return tuple(found)


def imports_of(name: str) -> list[str]:
    """Return the names of the modules that one imports statically.

    >>> imports_of("frontend/lib/numbers.js")
    ['frontend/lib/page.js']
    """
    lines = MODULES[name].read_text("utf-8").splitlines()
    targets = [line.split('"')[1] for line in lines if line.startswith("import ") and line.endswith('";')]
    return [(MODULES[name].parent / target).resolve().relative_to(UI.resolve()).as_posix() for target in targets]


@cache
def compressed(path: Path) -> bytes:
    """Gzip a file once: Gradio would compress Plotly's 4.8 MB anew, 0.3 s, for each student of a class."""
    return gzip.compress(path.read_bytes(), compresslevel=6, mtime=0)


def _respond(request: Request, path: Path | None, *, immutable: bool) -> Response:
    if path is None:
        return PlainTextResponse("no such file", status_code=404)
    headers = dict(IMMUTABLE) if immutable else {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["Content-Encoding"] = compressed(path), "gzip"
    else:
        body = path.read_bytes()
    return Response(body, media_type=MEDIA_TYPES[path.suffix], headers=headers)


def _static_file(request: Request) -> Response:
    """Serve one of FILES by its name; no path reaches the file system."""
    return _respond(request, FILES.get(request.path_params["name"]), immutable=True)


def _module(request: Request) -> Response:
    """Serve one of MODULES by its name; a page of an earlier version gets the present one, uncached."""
    is_current = modules_url() == f"lab/m/{request.path_params['version']}/"
    return _respond(request, MODULES.get(request.path_params["name"]), immutable=is_current)


def static_routes() -> list[Route]:
    """Serve what `static_url` and `modules_url` point to."""
    return [Route("/lab/{name}", _static_file), Route("/lab/m/{version}/{name:path}", _module)]
