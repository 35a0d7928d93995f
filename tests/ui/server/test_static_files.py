"""The middleware: what it adds to the page, and that it leaves everything else alone."""

import asyncio
import gzip
import re

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from rnnlab.ui.server.page_head import Page
from rnnlab.ui.server.static_files import FILES, SHARED_SCRIPTS, static_routes, static_url

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
        == 3 + len(SHARED_SCRIPTS)
    )


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


@pytest.mark.parametrize("name", ["page.py", "..%2Fpage.py", "%2Fetc%2Fpasswd", "boot.js%00"])
def test_nothing_else_is_served(client, name):
    assert client.get(f"/lab/{name}").status_code == 404


def test_gzip_is_reproducible():
    from rnnlab.ui.server.static_files import compressed

    assert gzip.decompress(compressed("boot.js")) == FILES["boot.js"].read_bytes()


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
