"""Requests from pages of other sites, which are rejected, and for files elsewhere, which are not served."""

import json
from pathlib import Path

import httpx
import pytest

from rnnlab.ui.i18n import words

EVIL = "https://evil.example"


@pytest.fixture
def client(lab):
    with httpx.Client(base_url=lab.url, timeout=30) as client:
        yield client


@pytest.fixture(params=["localhost", "a name of its own"])
def host(lab, request):
    """The server's name in the browser. Gradio allows all origins if it is not localhost."""
    return httpx.URL(lab.url).netloc.decode() if request.param == "localhost" else "lab.school.example"


def browser(host, origin=None, site=None, **more):
    """Return the headers of a browser's request, with Fetch Metadata if given."""
    sent = {"host": host, "origin": origin, "sec-fetch-site": site, **more}
    return {name.replace("_", "-"): value for name, value in sent.items() if value is not None}


def start_run(lab, headers):
    number = next(n for n, fn in lab.app.fns.items() if fn.name == "on_train")
    body = {"data": [None], "fn_index": number, "session_hash": "a visitor's"}
    kind = {"content-type": "application/json"}
    return httpx.post(f"{lab.url}gradio_api/queue/join", content=json.dumps(body), headers={**headers, **kind})


@pytest.mark.parametrize("origin", [EVIL, "null", "http://127.0.0.1:1", "https://huggingface.co", "not an origin"])
def test_a_page_of_another_site_starts_and_reads_nothing(lab, client, host, origin):
    for site in (None, "cross-site", "same-site"):
        headers = browser(host, origin, site)
        refused = [
            start_run(lab, headers),
            client.get("config", headers=headers),
            client.get("gradio_api/info", headers=headers),
            client.get("lab/lessons/hello", headers=headers),
            client.post("gradio_api/upload", files={"files": ("a.txt", b"la")}, headers=headers),
            client.options(
                "gradio_api/queue/join",
                headers=headers | {"access-control-request-method": "POST", "access-control-request-headers": "x-a"},
            ),
        ]
        for response in refused:
            assert response.status_code == 403
            assert not [name for name in response.headers if name.startswith("access-control-allow")]
            assert words("en")["guard.foreign"] in response.text


def test_a_forged_proxy_header_makes_no_page_our_own(lab, host):
    """A foreign script may set this header; it must not decide what our host is."""
    assert start_run(lab, browser(host, EVIL, x_forwarded_host="evil.example")).status_code == 403


def test_our_page_programs_and_links_pass(lab, client, host):
    own = [browser(host, f"http://{host}"), browser(host, f"https://{host.upper()}", "same-origin"), browser(host)]
    for headers in own:
        assert client.get("config", headers=headers).status_code == 200
        assert start_run(lab, headers).status_code == 200
    followed = browser(host, site="cross-site", sec_fetch_mode="navigate", sec_fetch_dest="document")
    assert client.get("", headers=followed).status_code == 200
    typed = browser(host, site="none", sec_fetch_mode="navigate")
    assert client.get("?lang=zh-CN", headers=typed).status_code == 200


def test_a_space_of_hugging_face_may_frame_the_page_and_the_page_works_in_it(lab, client):
    host = "someone-rnn-lab.hf.space"
    framed = browser(host, site="cross-site", sec_fetch_mode="navigate", sec_fetch_dest="iframe")
    response = client.get("", headers=framed)
    assert response.status_code == 200
    assert "https://huggingface.co https://*.hf.space" in response.headers["content-security-policy"]
    assert start_run(lab, browser(host, f"https://{host}", "same-origin")).status_code == 200


def test_a_refusal_speaks_the_visitors_language(lab):
    response = start_run(lab, browser("localhost", EVIL, accept_language="zh-CN"))
    assert response.json()["detail"] == words("zh")["guard.foreign"]


SECRET = Path(__file__).resolve()
PLACES = (
    str(SECRET), "/etc/passwd", "../" * 12 + "etc/passwd", "/proc/self/environ", "..%2f..%2f..%2fetc%2fpasswd",
    "%2Fetc%2Fpasswd", "....//....//etc/passwd", "/etc/passwd\0.txt", "file:///etc/passwd", "C:/Windows/win.ini",
    "//etc/passwd", "~/.ssh",
    "app.py", "rnnlab/ui/app.py", ".git/config", "pyproject.toml", "\\\\host\\share", "x" * 5000,
    "http://127.0.0.1:1/x", "https://example.org/", "HTTP://example.org/", "http:/example.org", "ftp://example.org/x",
    "http%3A%2F%2Fexample.org%2F", "data:text/html,x",
)  # fmt: skip


@pytest.mark.parametrize("route", ["gradio_api/file=", "gradio_api/file/", "gradio_api/proxy=", "static/", "lab/"])
def test_no_file_from_elsewhere_is_served(client, route):
    for place in PLACES:
        response = client.get(route + place.replace("\0", "%00").replace("\\", "%5C"))
        assert response.status_code in (400, 403, 404, 405, 307), (place, response.status_code)
        assert SECRET.name not in response.headers.get("content-disposition", "")
        assert "root:" not in response.text


def test_an_upload_is_never_served_as_a_page(client):
    """No browser runs the content of an uploaded file on our site."""
    (path,) = client.post("gradio_api/upload", files={"files": ("a.html", b"<script>alert(1)</script>")}).json()
    response = client.get(f"gradio_api/file={path}")
    assert response.status_code == 200
    assert response.headers["content-disposition"].startswith("attachment")
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["x-content-type-options"] == "nosniff"
