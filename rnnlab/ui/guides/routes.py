"""Routes of the guides: a guide's steps, its notebook, and the page with the notes for the lecturer.

lab/guides/counting           the steps, as JSON; the texts come from lab/words/guide_counting
lab/notebooks/surgery.ipynb   a notebook of a guide, to be saved
lab/notes                     a page that follows the one with the guide
"""

from __future__ import annotations

from pathlib import Path
from string import Template

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from rnnlab.resources import resource
from rnnlab.ui.guides import guides
from rnnlab.ui.i18n import section
from rnnlab.ui.i18n.languages import LANGUAGES, language_of
from rnnlab.ui.server.json_response import json_response
from rnnlab.ui.server.static_files import modules_url, static_url

PAGE = Template(Path(__file__).with_name("notes.html").read_text("utf-8"))


async def _guide(request: Request) -> Response:
    guide = guides().get(request.path_params["name"])
    return json_response(guide.to_dict()) if guide else json_response({}, 404)


async def _notebook(request: Request) -> Response:
    """Send one of the guides' notebooks; no other path reaches the file system."""
    name = request.path_params["name"]
    if name not in {guide.notebook for guide in guides().values()}:
        return PlainTextResponse("no such notebook", 404)
    return FileResponse(resource(f"assets/notebooks/{name}"), media_type="application/x-ipynb+json", filename=name)


async def _notes(request: Request) -> Response:
    language = language_of(request)
    words = section("guide", language)
    page = PAGE.substitute(
        lang=LANGUAGES[language].html, title=words["open_notes"], waiting=words["waiting"],
        style=static_url("guides.css"), script=f"{modules_url()}frontend/notes.js",
    )  # fmt: skip
    return HTMLResponse(page)


def guide_routes() -> list[Route]:
    """Return the routes."""
    return [
        Route("/lab/guides/{name}", _guide),
        Route("/lab/notebooks/{name}", _notebook),
        Route("/lab/notes", _notes),
    ]
