"""The HTML head of Gradio's page: the boot script, our modules and style sheets, and the security headers."""

from __future__ import annotations

import html
import json
import os
import re
import secrets
from functools import cache
from pathlib import Path

import gradio
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rnnlab.ui.hidden_parts import hiding_style
from rnnlab.ui.i18n import words
from rnnlab.ui.i18n.languages import FALLBACK, LANGUAGES
from rnnlab.ui.server.static_files import FRONTEND, MAIN, STYLES, imported_at_start, modules_url, static_url

GRADIO = Path(gradio.__file__).parent / "templates" / "frontend"

# Scripts run only when they are files of ours or carry this response's nonce, so markup in a visitor's text stays
# inert. 'unsafe-eval' is Gradio's (`js_on_load`), inline styles are Gradio's and Plotly's, and `data:` is theirs too.
CSP = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'{nonce}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self' https://huggingface.co https://*.hf.space"
)


class Page:
    """Pure ASGI middleware: adds our head to Gradio's page and the security headers to every response.

    Messages pass through one by one, so a stream of events is never held back.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        is_page = scope["path"] == "/"  # any other HTML (an upload, say) is not ours: it gets no nonce

        async def send_dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_headers(MutableHeaders(scope=message), nonce if is_page else None)
            elif is_page and message["type"] == "http.response.body":
                message = {**message, "body": add_head(message.get("body", b""), nonce)}
            await send(message)

        await self.app(scope, receive, send_dressed)


def add_headers(headers: MutableHeaders, nonce: str | None) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    if headers.get("content-type", "").startswith("text/event-stream"):  # a proxy must not hold its messages back
        headers["X-Accel-Buffering"], headers["Cache-Control"] = "no", "no-store, no-transform"
    if headers.get("content-type", "").startswith("text/html"):
        headers["Content-Security-Policy"] = CSP.format(nonce=f" 'nonce-{nonce}'" if nonce else "")
        if nonce:
            del headers["Content-Length"]  # the page is about to grow


def add_head(body: bytes, nonce: str) -> bytes:
    """Put the boot script first and our files last into the head of Gradio's page, and the nonce on each script."""
    body = body.replace(b'href="/manifest.json"', b'href="manifest.json"')  # the app need not be at the root of a host,
    body = re.sub(rb'const root = "[^"]*";', b'const root = new URL(".", location.href).href;', body)  # nor at this one
    body = body.replace(b"<head>", b"<head>" + _boot().encode(), 1)
    links = "".join(f'<link rel="stylesheet" href="{static_url(name)}">' for name in STYLES)
    links += f'<link rel="preload" as="script" href="{static_url("plotly.min.js")}">'
    body = body.replace(b"</head>", links.encode() + b"</head>", 1)
    return re.sub(rb"<script(?=[\s>])", f'<script nonce="{nonce}"'.encode(), body)


@cache
def locale_module() -> str:
    """Return the address, relative to the page, of Gradio's module that exports `changeLocale`; "" if none does."""
    found = (
        path for path in (GRADIO / "assets").glob("*.js") if re.search(rb" as changeLocale[,}]", path.read_bytes())
    )
    return next((f"assets/{path.name}" for path in found), "")


@cache
def _boot() -> str:
    """Return the page's title and its first scripts; what the boot script must know comes as data, not as code."""
    data = {
        "languages": json.dumps(languages_table(), ensure_ascii=False),
        "modules": modules_url(),
        "plotly": static_url("plotly.min.js"),
        "locale": locale_module(),
        "space": os.environ.get("SPACE_ID", ""),  # set where the page is a Space of Hugging Face: <owner>/<name>
    }
    attributes = " ".join(f'data-{name}="{html.escape(value)}"' for name, value in data.items())
    boot = f"<script {attributes}>{(FRONTEND / 'boot.js').read_text('utf-8')}</script>"
    main = f'<script type="module" src="{modules_url()}{MAIN}"></script>'
    early = "".join(f'<link rel="modulepreload" href="{modules_url()}{name}">' for name in imported_at_start()[1:])
    title = html.escape(words(FALLBACK)["app.title"])
    return f"<title>{title}</title>{boot}{main}{early}<style>{languages_style()}{hiding_style()}</style>"


def languages_table() -> list[dict[str, str]]:
    """Return the languages as the page's scripts need them; the first one is the fallback."""
    return [
        {
            "key": language,
            "html": row.html,
            "direction": row.direction,
            "sentenceSpace": row.sentence_space,
            "title": words(language)["app.title"],
            "serverFailed": words(language)["app.server_failed"],  # said when no server can be asked for words
            "serverAway": words(language)["app.server_away"],
            "reload": words(language)["app.reload"],
        }
        for language, row in LANGUAGES.items()
    ]


def languages_style() -> str:
    """Return the CSS that hides the texts of other languages (`i18n.spans`) and the link to the page's own."""
    return "".join(
        f'html:not(:lang({language})) .gradio-container span[lang|="{language}"],'
        f"html:lang({language}) .gradio-container #header nav a[data-language]:lang({language})"
        "{display:none}"
        f"html:lang({language}) .chips>.in-{language}{{order:-1}}"  # on a phone, readable examples come into view first
        for language in LANGUAGES
    )
