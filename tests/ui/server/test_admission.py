"""Admission: which visitors are admitted, the answer to those who are not, and what counts as a visitor."""

import asyncio
import json
import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from rnnlab.ui.server.admission import COOKIE, Admission
from rnnlab.ui.server.visitor_count import VisitorCount

BROWSER = {"accept": "text/html,*/*"}


@pytest.fixture
def one_place(clock):
    return VisitorCount(1, clock)


@pytest.fixture
def client(one_place):
    """A small site for one visitor; it answers how many it counts as connected meanwhile."""

    async def connected():
        yield f"connected={one_place.connected}"

    def answer(request):
        status = 404 if request.path_params.get("id") == "gone" else 200
        return StreamingResponse(connected(), status)

    def cookies(request):
        return JSONResponse(request.cookies)

    paths = (
        "/",
        "/config",
        "/lab/health",
        "/gradio_api/heartbeat/{hash}",
        "/lab/runs/{id}/events",
        "/lab/watched/{tab}/{id}/events",
    )
    routes = [*(Route(path, answer) for path in paths), Route("/cookies", cookies)]
    site = Starlette(routes=routes, middleware=[Middleware(Admission, visitors=one_place)])
    return TestClient(site)


def enter(client):
    """Load the page, and something else with the cookie."""
    assert client.get("/", headers=BROWSER).status_code == 200
    client.get("/cookies")


def other_client(client):
    return TestClient(client.app)


def test_a_browser_gets_a_cookie_that_scripts_cannot_read(client):
    response = client.get("/", headers=BROWSER)
    assert response.status_code == 200
    assert re.fullmatch(rf"{COOKIE}=[\w-]+; HttpOnly; SameSite=Lax", response.headers["set-cookie"])
    assert "set-cookie" not in client.get("/", headers=BROWSER).headers, "it has one"


def test_within_another_sites_frame_the_cookie_needs_https(client):
    framed = TestClient(client.app, base_url="https://lab.example").get("/", headers=BROWSER)
    assert framed.headers["set-cookie"].endswith("; SameSite=None; Secure; Partitioned")


@pytest.mark.parametrize(("language", "message"), [("en", "All 1 seats are taken"), ("zh-CN", "1 个座位都有人")])
def test_a_full_server_answers_with_a_page_that_tries_again(client, language, message):
    enter(client)
    page = other_client(client).get("/", headers={**BROWSER, "accept-language": language})
    assert page.status_code == 503
    assert page.headers["retry-after"] == "20"
    assert 'data-seconds="20"' in page.text
    assert f'<html lang="{language}">' in page.text
    assert message in page.text
    assert "{" not in re.search("<main>.*</main>", page.text, re.DOTALL)[0], "every placeholder is filled in"
    assert client.get("/", headers=BROWSER).status_code == 200


def test_a_full_server_answers_a_program_with_one_line(client):
    enter(client)
    answer = other_client(client).get("/config")
    assert answer.status_code == 503
    assert answer.text == "RNN Lab is full just now: all 1 seats are taken. Try again in 20 seconds."
    second_try = {"user-agent": "gradio_client/2.0"}  # where it is refused it looks into the page
    assert other_client(client).get("/", headers=second_try).status_code == 503


def test_a_health_check_takes_no_place(client):
    for _ in range(3):
        assert other_client(client).get("/").status_code == 200
        assert other_client(client).head("/", headers=BROWSER).status_code in (200, 405)
        assert other_client(client).get("/lab/health").text == "connected=0"
    assert client.get("/", headers=BROWSER).status_code == 200


def test_a_heartbeat_or_a_stream_of_a_run_counts_as_connected(client, clock):
    client.get("/", headers=BROWSER)
    assert client.get("/gradio_api/heartbeat/abc").text == "connected=1"
    assert client.get("/gradio_api/heartbeat/9f86d081-884c").text == "connected=1", "a program"
    assert client.get("/lab/runs/x/events").text == "connected=1"
    assert client.get("/lab/watched/train/x/events").text == "connected=1"
    assert other_client(client).get("/gradio_api/heartbeat/abc").text == "connected=1", "without a cookie"
    assert other_client(client).get("/lab/runs/x/events").text == "connected=0"
    assert client.get("/lab/health").text == "connected=0"


async def connect(site, number, address="10.0.0.7", cookie=b""):
    """Send a heartbeat; its status as soon as the answer begins, and the task that answers."""
    scope = {"type": "http", "method": "GET", "path": f"/gradio_api/heartbeat/{number}", "client": (address, number)}
    status = asyncio.get_running_loop().create_future()

    async def send(message):
        if message["type"] == "http.response.start":
            status.set_result(message["status"])

    headers = [(b"cookie", cookie)] * bool(cookie)
    task = asyncio.create_task(site({**scope, "headers": headers, "query_string": b""}, None, send))
    return await status, task


def test_clients_of_an_address_without_a_cookie_count_once_and_leave_connections_to_others(twelve):
    async def endless(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.Event().wait()

    async def test():
        site = Admission(endless, twelve, max_anonymous=3)
        answers = [await connect(site, number) for number in range(5)]
        assert [status for status, _ in answers] == [200, 200, 200, 503, 503]
        assert twelve.connected == 1
        assert (await connect(site, 5, "10.0.0.8"))[0] == 200
        cookie = f"{COOKIE}={twelve.new_id()}".encode()
        assert (await connect(site, 6, cookie=cookie))[0] == 200
        answers[0][1].cancel()
        await asyncio.wait([answers[0][1]])
        assert (await connect(site, 7))[0] == 200

    asyncio.run(test())


def test_a_loop_of_requests_with_forged_cookies_takes_no_place(client):
    for number in range(20):
        forged = {"cookie": f"{COOKIE}=forged{number}"}
        assert client.get("/lab/runs/x/events", headers=forged).text == "connected=0"
        assert client.get("/lab/runs/gone/events", headers=forged).status_code == 404
        assert client.get(f"/gradio_api/heartbeat/{number}", headers=forged).text == "connected=1"
    assert client.get("/", headers=BROWSER).status_code == 200, "there is room"


def test_a_forged_cookie_is_removed_from_the_request(client):
    assert client.get("/cookies", headers={"cookie": f"a=b; {COOKIE}=forged"}).text == "{}"
    client.get("/", headers=BROWSER)
    assert set(json.loads(client.get("/cookies").text)) == {COOKIE}


@pytest.fixture
def twelve(clock):
    """Twelve places."""
    return VisitorCount(12, clock)


@pytest.fixture
def client_at(twelve, clock):
    """`client_at(address)`: a new client at that address."""

    async def page(request):
        return JSONResponse({})

    paths = ("/", "/config", "/assets/index.js", "/gradio_api/heartbeat/{hash}")
    site = Starlette(routes=[Route(path, page) for path in paths], middleware=[Middleware(Admission, visitors=twelve)])
    return lambda address: TestClient(site, client=(address, 50_000))


def test_a_loop_of_requests_without_cookies_takes_no_place(client_at, twelve):
    for number in range(20):
        assert client_at("10.0.0.7").get("/", headers=BROWSER).status_code == 200
        assert client_at("10.0.0.7").get("/config").status_code == 200
        assert client_at("10.0.0.7").get("/", headers={"user-agent": "gradio_client/2.0"}).status_code == 200
        assert client_at("10.0.0.7").get(f"/gradio_api/heartbeat/{number}").status_code == 200
    assert twelve.connected == len(twelve._expiry) == 0


def test_programs_of_one_address_that_send_their_cookie_have_a_place_each(client_at, twelve):
    for _ in range(12):
        program = client_at("10.0.0.7")
        assert program.get("/config").status_code == 200
        twelve.connect(program.cookies[COOKIE])
    assert twelve.connected == 12
    assert client_at("10.0.0.7").get("/config").status_code == 503


def test_a_class_behind_one_address_gets_a_place_each(client_at, twelve):
    for _ in range(12):
        browser = client_at("10.0.0.7")
        assert browser.get("/", headers=BROWSER).status_code == 200
        assert browser.get("/assets/index.js").status_code == 200
    assert len(twelve._expiry) == 12
    assert client_at("10.0.0.7").get("/", headers=BROWSER).status_code == 503
