"""The door: who is let in, who is asked to wait, and what a connection counts for."""

import json
import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from rnnlab.ui.server.admission import COOKIE, Admission, staying
from rnnlab.ui.server.visitor_limit import VisitorLimit

BROWSER = {"accept": "text/html,*/*"}


@pytest.fixture
def seats_of_client(clock):
    return VisitorLimit(1, clock)


@pytest.fixture
def client(seats_of_client):
    """A tiny site with one seat; `inside` is how many visitors it counts while it answers."""
    seats = seats_of_client

    async def inside():
        yield f"inside={seats.visitors}"

    def answer(request):
        status = 404 if request.path_params.get("id") == "gone" else 200
        return StreamingResponse(inside(), status)

    def cookies(request):
        return JSONResponse(request.cookies)

    paths = ("/", "/config", "/lab/health", "/gradio_api/heartbeat/{hash}", "/lab/runs/{id}/events")
    routes = [*(Route(path, answer) for path in paths), Route("/cookies", cookies)]
    site = Starlette(routes=routes, middleware=[Middleware(Admission, seats=seats)])
    return TestClient(site)


def stranger(client):
    return TestClient(client.app)


def test_a_browser_gets_a_cookie_that_scripts_cannot_read(client):
    let_in = client.get("/", headers=BROWSER)
    assert let_in.status_code == 200
    assert re.fullmatch(rf"{COOKIE}=[\w-]+; HttpOnly; SameSite=Lax", let_in.headers["set-cookie"])
    assert "set-cookie" not in client.get("/", headers=BROWSER).headers, "it has one"


def test_within_another_sites_frame_the_cookie_needs_https(client):
    framed = TestClient(client.app, base_url="https://lab.example").get("/", headers=BROWSER)
    assert framed.headers["set-cookie"].endswith("; SameSite=None; Secure; Partitioned")


@pytest.mark.parametrize(("language", "told"), [("en", "All 1 seats are taken"), ("zh-CN", "1 个座位都有人")])
def test_beyond_the_seats_a_page_says_so_and_tries_again(client, language, told):
    client.get("/", headers=BROWSER)
    page = stranger(client).get("/", headers={**BROWSER, "accept-language": language})
    assert page.status_code == 503
    assert page.headers["retry-after"] == "20"
    assert 'data-seconds="20"' in page.text
    assert f'<html lang="{language}">' in page.text
    assert told in page.text
    assert "{" not in re.search("<main>.*</main>", page.text, re.DOTALL)[0], "every placeholder is filled in"
    assert client.get("/", headers=BROWSER).status_code == 200


def test_a_program_is_told_so_in_a_line(client):
    client.get("/", headers=BROWSER)
    told = stranger(client).get("/config")
    assert told.status_code == 503
    assert told.text == "RNN Lab is full just now: all 1 seats are taken. Try again in 20 seconds."
    second_try = {"user-agent": "gradio_client/2.0"}  # where it is refused it looks into the page
    assert stranger(client).get("/", headers=second_try).status_code == 503


def test_whoever_only_looks_takes_no_seat(client):
    for _ in range(3):
        assert stranger(client).get("/").status_code == 200
        assert stranger(client).head("/", headers=BROWSER).status_code in (200, 405)
        assert stranger(client).get("/lab/health").text == "inside=0"
    assert client.get("/", headers=BROWSER).status_code == 200


def test_a_connection_that_stays_is_a_visitor(client, clock):
    client.get("/", headers=BROWSER)
    assert client.get("/gradio_api/heartbeat/abc").text == "inside=1"
    assert client.get("/gradio_api/heartbeat/9f86d081-884c").text == "inside=1", "a program"
    assert client.get("/lab/runs/x/events").text == "inside=1"
    assert stranger(client).get("/gradio_api/heartbeat/abc").text == "inside=1", "without a cookie the page counts"
    assert stranger(client).get("/lab/runs/x/events").text == "inside=0"
    assert client.get("/lab/health").text == "inside=0"


def test_who_has_no_cookie_shares_the_seat_of_the_address(hall):
    for number in range(20):
        scope = {
            "type": "http",
            "path": f"/gradio_api/heartbeat/{number}",
            "client": ("10.0.0.7", number),
            "headers": [],
        }
        hall.connect(staying(scope))
    assert hall.visitors == 1


def test_a_loop_of_cheap_requests_takes_no_seat(client):
    for number in range(20):
        invented = {"cookie": f"{COOKIE}=invented{number}"}
        assert client.get("/lab/runs/x/events", headers=invented).text == "inside=0"
        assert client.get("/lab/runs/gone/events", headers=invented).status_code == 404
        assert client.get(f"/gradio_api/heartbeat/{number}", headers=invented).text == "inside=1"
    assert client.get("/", headers=BROWSER).status_code == 200, "there is room"


def test_what_is_not_found_lasts_for_nobody(client, seats_of_client):
    client.get("/", headers=BROWSER)
    held = dict(seats_of_client._held)
    client.get("/lab/runs/gone/events")
    assert seats_of_client._held == held, "it was neither taken nor held for longer"


def test_an_invented_seat_is_seen_by_nobody_behind_the_door(client):
    assert client.get("/cookies", headers={"cookie": f"a=b; {COOKIE}=invented"}).text == "{}"
    client.get("/", headers=BROWSER)
    assert set(json.loads(client.get("/cookies").text)) == {COOKIE}


@pytest.fixture
def hall(clock):
    """The same site with twelve seats."""
    return VisitorLimit(12, clock)


@pytest.fixture
def doors(hall, clock):
    """`doors(address)`: a stranger at that address."""

    async def page(request):
        return JSONResponse({})

    paths = ("/", "/config", "/assets/index.js", "/gradio_api/heartbeat/{hash}")
    site = Starlette(routes=[Route(path, page) for path in paths], middleware=[Middleware(Admission, seats=hall)])
    return lambda address: TestClient(site, client=(address, 50_000))


def test_a_loop_of_programs_holds_one_seat(doors, hall):
    for number in range(20):
        assert doors("10.0.0.7").get("/config").status_code == 200
        assert doors("10.0.0.7").get("/", headers={"user-agent": "gradio_client/2.0"}).status_code == 200
        assert doors("10.0.0.7").get(f"/gradio_api/heartbeat/{number}").status_code == 200
    assert hall.visitors == 0
    assert len(hall._held) == 1


def test_a_loop_of_programs_that_keep_their_cookie_leaves_room_for_others(doors, hall):
    for number in range(20):
        program = doors("10.0.0.7")
        assert program.get("/config").status_code == 200
        assert program.get(f"/gradio_api/heartbeat/{number}").status_code == 200
    assert len(hall._held) == 3, "a quarter of all: it may come back"


def test_programs_of_one_address_that_stay_have_a_seat_each(doors, hall):
    for _ in range(12):
        program = doors("10.0.0.7")
        assert program.get("/config").status_code == 200
        hall.connect(program.cookies[COOKIE])
    assert hall.visitors == 12
    assert doors("10.0.0.7").get("/config").status_code == 503


def test_a_loop_that_loads_the_page_leaves_room_for_others(doors, hall):
    for _ in range(20):
        assert doors("10.0.0.7").get("/", headers=BROWSER).status_code == 200
    assert len(hall._held) == 3
    newcomers = [doors(f"10.0.1.{number}") for number in range(9)]
    assert {newcomer.get("/", headers=BROWSER).status_code for newcomer in newcomers} == {200}


def test_a_class_behind_one_address_gets_a_seat_each(doors, hall):
    for _ in range(12):
        browser = doors("10.0.0.7")
        assert browser.get("/", headers=BROWSER).status_code == 200
        assert browser.get("/assets/index.js").status_code == 200
    assert len(hall._held) == 12
    assert doors("10.0.0.7").get("/", headers=BROWSER).status_code == 503
