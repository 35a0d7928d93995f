"""RequestFilter: what it rejects, and its answers to errors. (With the whole server: tests/hostile.)"""

import asyncio
import errno

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from rnnlab.limits import MAX_REQUEST_BYTES
from rnnlab.ui.i18n import words
from rnnlab.ui.server import request_bodies, security
from rnnlab.ui.server.security import UPLOAD, RequestFilter, host_of, is_foreign
from rnnlab.ui.server.upload_storage import MIN_WEIGHT, UploadStorage


async def refusal(request):
    return JSONResponse({"error": "Epochs: no"}, 500)


async def failure(request):
    return JSONResponse({"error": None}, 500)


async def text(request):
    return PlainTextResponse("oh", 500)


async def broken(request):
    raise KeyError("what a visitor sent")


async def size(request):
    return JSONResponse(len(await request.body()))


async def upload(request):
    if "full" in request.query_params:
        raise OSError(errno.ENOSPC, "No space left on device")
    length = len(await request.body())
    return PlainTextResponse("File size exceeded", 413) if length > 2000 else JSONResponse(length)


@pytest.fixture
def client():
    routes = [
        Route("/gradio_api/run/refusal", refusal, methods=["POST"]),
        Route("/gradio_api/run/failure", failure, methods=["POST"]),
        Route("/gradio_api/run/text", text, methods=["POST"]),
        Route("/gradio_api/other", refusal, methods=["POST"]),
        Route("/gradio_api/broken", broken, methods=["POST"]),
        Route("/lab/broken", broken, methods=["POST"]),
        Route("/size", size, methods=["POST"]),
        Route(UPLOAD, upload, methods=["POST"]),
    ]
    site = RequestFilter(Starlette(routes=routes), UploadStorage(max_bytes=3 * MIN_WEIGHT))
    return TestClient(site, raise_server_exceptions=False)


@pytest.mark.parametrize(("path", "status"), [("refusal", 422), ("failure", 500), ("text", 500)])
def test_a_refusal_on_a_direct_route_has_status_422_and_a_defect_500(client, path, status):
    response = client.post(f"/gradio_api/run/{path}")
    assert response.status_code == status
    assert response.text in ('{"error":"Epochs: no"}', '{"error":null}', "oh")


def test_other_routes_keep_their_status(client):
    assert client.post("/gradio_api/other").status_code == 500


def test_an_exception_in_gradio_is_answered_and_logged_without_the_visitors_input(client, caplog):
    response = client.post("/gradio_api/broken", headers={"accept-language": "zh"})
    assert response.status_code == 400
    assert response.json()["error"] == words("zh")["guard.not_understood"]
    (record,) = [record for record in caplog.records if record.name == security.__name__]
    assert record.getMessage() == "event=request_not_understood method=POST"


def test_an_exception_in_our_own_route_is_not_hidden(client):
    assert client.post("/lab/broken").status_code == 500


def test_a_body_beyond_the_limit_by_its_header_is_rejected(client):
    assert client.post("/size", content=b"a" * 1000).json() == 1000
    refused = client.post("/size", content=b"", headers={"content-length": str(MAX_REQUEST_BYTES + 1)})
    assert refused.status_code == 413
    assert client.post("/size", content=b"", headers={"content-length": "much"}).status_code == 413


def test_a_body_beyond_the_limit_without_a_header_is_rejected(client, monkeypatch):
    monkeypatch.setattr(request_bodies, "MAX_REQUEST_BYTES", 2500)
    assert client.post("/size", content=(b"a" * 1000 for _ in range(2))).json() == 2000
    assert client.post("/size", content=(b"a" * 1000 for _ in range(3))).status_code == 413


def test_uploads_that_would_fill_the_disk_are_refused(client, caplog):
    caplog.set_level("INFO")
    answers = [client.post(UPLOAD, content=b"a" * 1000) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 503]
    assert answers[-1].text == words("en")["guard.inbox_full"]
    assert answers[-1].headers["retry-after"] == "300"
    assert client.post("/size", content=b"a").status_code == 200, "other requests have room"
    assert "event=refused code=inbox_full field=upload" in caplog.messages


def test_an_upload_that_hides_its_size_counts_for_all_that_it_may_be(client):
    hidden = client.post(UPLOAD, content=b"a", headers={"content-length": "1", "transfer-encoding": "chunked"})
    assert hidden.status_code == 503, "three MB are less than it might be"


def test_other_methods_at_the_upload_route_take_no_room(client):
    for _ in range(9):
        assert client.get(UPLOAD).status_code == 405
    assert client.post(UPLOAD, content=b"a").status_code == 200


def test_a_file_that_is_too_large_is_refused_in_the_visitors_language(client):
    refused = client.post(UPLOAD, content=b"a" * 2001, headers={"accept-language": "zh"})
    assert (refused.status_code, refused.text) == (413, words("zh")["guard.file_too_large"])


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=b", "Multipart/Form-Data"])
def test_a_file_sent_to_another_route_is_rejected(client, kind):
    refused = client.post("/size", content=b"a", headers={"content-type": kind})
    assert (refused.status_code, refused.json()["error"]) == (400, words("en")["guard.not_understood"])


@pytest.mark.parametrize(
    ("headers", "foreign"),
    [
        ({}, False),
        ({"origin": "http://here:1"}, False),
        ({"origin": "https://HERE:1"}, False),
        ({"origin": "http://here:2"}, True),
        ({"origin": "http://here:1.evil.example"}, True),
        ({"origin": "null"}, True),
        ({"origin": "http://["}, True),
        ({"sec-fetch-site": "same-origin", "origin": "https://through.a.proxy"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "same-site"}, True),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, True),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, False),
    ],
)
def test_which_requests_are_foreign(headers, foreign):
    assert is_foreign({"host": "here:1", **headers}, "GET") is foreign


def test_a_form_of_another_site_is_foreign():
    assert is_foreign({"host": "here", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, "POST")


def test_an_invalid_origin_has_no_host():
    assert [host_of(origin) for origin in ("https://A:8", "null", "", "http://[")] == ["a:8", None, None, None]


def test_other_scopes_than_http_pass_unchanged():
    seen = []

    async def app(scope, receive, send):
        seen.append((scope, receive, send))

    asyncio.run(security.RequestFilter(app, UploadStorage())({"type": "lifespan"}, "receive", "send"))
    assert seen == [({"type": "lifespan"}, "receive", "send")]


@pytest.mark.parametrize(("language", "word"), [("en", "cannot keep it at the moment"), ("zh", "存不下")])
def test_a_full_disk_is_reported_and_the_next_upload_works(client, language, word):
    refused = client.post(f"{UPLOAD}?full=1&lang={language}", content=b"la")
    assert refused.status_code == 507
    assert word in refused.text
    assert "No space left on device" in refused.text
    assert client.post(UPLOAD, content=b"la").json() == 2


def test_a_folder_that_cannot_be_made_again_is_reported(tmp_path):
    (tmp_path / "data").write_text("a file where the folder was")
    routes = [Route(UPLOAD, upload, methods=["POST"])]
    app = RequestFilter(Starlette(routes=routes), UploadStorage(tmp_path / "data" / "uploads"))
    refused = TestClient(app).post(UPLOAD, content=b"la")
    assert (refused.status_code, "Not a directory" in refused.text) == (507, True)


def test_our_pages_are_recognised_by_their_header_when_a_proxy_hides_the_host():
    headers = {"host": "127.0.0.1:7860", "origin": "http://lab.example"}
    assert is_foreign(Headers(headers), "POST")
    assert not is_foreign(Headers({**headers, "x-rnnlab-page": "1"}), "POST")
    assert is_foreign(Headers({**headers, "x-rnnlab-page": "1", "sec-fetch-site": "cross-site"}), "POST")
    asks_first = {**headers, "access-control-request-headers": "x-rnnlab-page"}
    assert is_foreign(Headers(asks_first), "OPTIONS"), "another site's page gets no leave to send it"
