"""Static files and modules under `lab/`, and the middleware that adds the head to the page."""

import asyncio
import gzip
import html
import json
import re

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from rnnlab.ui.i18n.languages import LANGUAGES
from rnnlab.ui.server.page_head import Page, languages_table
from rnnlab.ui.server.static_files import (
    FILES,
    MAIN,
    MODULES,
    UI,
    compressed,
    imported_at_start,
    imports_of,
    modules_url,
    static_routes,
    static_url,
)

GRADIO_PAGE = (
    '<html lang="en"><head><meta charset="utf-8"><script>window.a = 1</script></head>'
    '<body><script type="module" src="x.js"></script></body></html>'
)


async def page(request):
    return HTMLResponse(GRADIO_PAGE)


@pytest.fixture
def client():
    app = Starlette(routes=[Route("/", page), Route("/file", page), *static_routes()])
    with TestClient(Page(app)) as client:
        yield client


def test_the_boot_script_comes_first_in_the_head(client):
    assert re.search(r"<head><title>[^<]+</title><script nonce=", client.get("/").text)


def test_every_script_of_the_page_carries_the_nonce_of_its_policy(client):
    response = client.get("/")
    nonce = re.search(r"'nonce-([\w-]+)'", response.headers["content-security-policy"])[1]
    assert (
        len(re.findall(r"<script\b", response.text))
        == response.text.count(f'<script nonce="{nonce}"')
        == 4  # boot.js, main.js and the two of GRADIO_PAGE
    )


def test_the_page_preloads_the_modules_that_it_imports_at_start(client):
    found = re.findall(r'<link rel="modulepreload" href="([^"]+)">', client.get("/").text)
    assert found == [modules_url() + name for name in imported_at_start() if name != MAIN]
    assert modules_url() + "tabs/train/panel.js" in found


def test_the_boot_script_gets_the_table_of_languages_as_data(client):
    table = re.search(r'data-languages="([^"]+)"', client.get("/").text)[1]
    assert json.loads(html.unescape(table)) == languages_table()


def test_each_response_has_its_own_nonce(client):
    policies = {client.get("/").headers["content-security-policy"] for _ in range(3)}
    assert len(policies) == 3


def test_html_that_is_not_the_page_may_run_no_inline_script(client):
    """An uploaded .html file, for example."""
    response = client.get("/file")
    assert response.text == GRADIO_PAGE
    assert "nonce" not in response.headers["content-security-policy"]
    assert "script-src 'self' 'unsafe-eval';" in response.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/", "/file", "/lab/page.css", "/nowhere"])
def test_every_response_has_the_security_headers(client, path):
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_a_text_shows_in_the_pages_language_alone(client):
    page = client.get("/").text
    for language in LANGUAGES:
        assert f'html:not(:lang({language})) .gradio-container span[lang|="{language}"]' in page


def test_hugging_face_may_frame_the_page(client):
    assert (
        "frame-ancestors 'self' https://huggingface.co https://*.hf.space"
        in (client.get("/").headers["content-security-policy"])
    )


@pytest.mark.parametrize("name", FILES)
def test_static_files_are_served_whole(client, name):
    response = client.get("/" + static_url(name))
    assert response.content == FILES[name].read_bytes()  # the client unpacks it
    assert response.headers["content-encoding"] == "gzip"
    assert "immutable" in response.headers["cache-control"]


def test_a_client_without_gzip_gets_the_plain_file(client):
    response = client.get("/" + static_url("page.css"), headers={"accept-encoding": "identity"})
    assert "content-encoding" not in response.headers
    assert response.content == FILES["page.css"].read_bytes()


@pytest.mark.parametrize("name", MODULES)
def test_modules_are_served_at_the_paths_that_they_import_each_other_by(client, name):
    response = client.get(f"/{modules_url()}{name}")
    assert response.content == MODULES[name].read_bytes() == (UI / name).read_bytes()
    assert response.headers["content-type"].startswith("text/javascript")
    assert "immutable" in response.headers["cache-control"]
    assert set(imports_of(name)) <= set(MODULES)


def test_each_panel_has_its_module():
    assert {f"{path.relative_to(UI).with_suffix('.js').as_posix()}" for path in UI.glob("tabs/**/*panel.html")} <= set(
        MODULES
    )


def test_a_page_of_an_earlier_version_gets_a_module_that_is_not_cached(client):
    response = client.get(f"/lab/m/0123456789ab/{MAIN}")
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")


@pytest.mark.parametrize(
    "name", ["frontend/boot.js", "frontend/package.json", "frontend/lib/text.test.js", "../serve.py", "..%2Fserve.py"]
)
def test_no_other_file_is_served_as_a_module(client, name):
    assert client.get(f"/{modules_url()}{name}").status_code == 404


@pytest.mark.parametrize("name", ["page.py", "..%2Fpage.py", "%2Fetc%2Fpasswd", "boot.js%00"])
def test_nothing_else_is_served(client, name):
    assert client.get(f"/lab/{name}").status_code == 404


def test_what_is_compressed_is_the_file():
    path = FILES["page.css"]
    assert gzip.decompress(compressed(path)) == path.read_bytes()


def test_a_stream_is_never_held_back():
    """Each piece leaves before the next one is made."""
    made, sent = [], []

    async def pieces():
        for piece in (b"data: 1\n\n", b"data: 2\n\n"):
            assert len(sent) == len(made), "the middleware kept a piece"
            made.append(piece)
            yield piece

    async def send(message):
        if message.get("body"):
            sent.append(message["body"])

    async def receive():
        await asyncio.Event().wait()

    async def stream(scope, receive, send):
        await StreamingResponse(pieces(), media_type="text/event-stream")(scope, receive, send)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "method": "GET",
        "path": "/s",
        "headers": [],
    }
    asyncio.run(Page(stream)(scope, receive, send))
    assert sent == [b"data: 1\n\n", b"data: 2\n\n"]


def test_anything_but_http_passes_untouched():
    seen = []

    async def app(scope, receive, send):
        seen.append((scope, receive, send))

    asyncio.run(Page(app)({"type": "lifespan"}, "receive", "send"))
    assert seen == [({"type": "lifespan"}, "receive", "send")]
