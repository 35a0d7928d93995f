"""The answer 503 when the server is full: a page that tries again by itself, or one line for a program."""

from __future__ import annotations

import html
import secrets
from pathlib import Path
from string import Template
from typing import Literal

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from rnnlab.ui.i18n import section
from rnnlab.ui.i18n.languages import LANGUAGES, language_of

RETRY = 20  # seconds until the page tries again
CSP = "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'"
HERE = Path(__file__).parent
PAGE = Template((HERE / "full.html").read_text("utf-8"))
STYLE = (HERE / "full.css").read_text("utf-8")


def full_response(request: Request, limit: int, lacking: Literal["visitors", "connections"]) -> Response:
    """Answer that all `limit` places for visitors, or all connections, are taken."""
    language = language_of(request)
    words = section("full_page", language)
    if lacking == "connections":
        words |= {"full": words["crowded"], "program": words["program_crowded"]}
    numbers = {"limit": limit, "seconds": RETRY}
    headers = {"Retry-After": str(RETRY), "Cache-Control": "no-store"}
    if request.url.path != "/":
        return PlainTextResponse(words["program"].format(**numbers), 503, headers)
    nonce = secrets.token_urlsafe(16)
    texts = {name: html.escape(text.format(**numbers)) for name, text in words.items()}
    page = PAGE.substitute(texts, lang=LANGUAGES[language].html, style=STYLE, nonce=nonce, seconds=RETRY)
    return HTMLResponse(page, 503, {**headers, "Content-Security-Policy": CSP.format(nonce=nonce)})
