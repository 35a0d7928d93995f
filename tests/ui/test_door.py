"""Seats: who is let in, who is asked to wait, and when a seat is free again."""

import json
import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from rnnlab.ui.door import COOKIE, HELD, Door, Seats, key_in, staying


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def seats(clock):
    return Seats(2, clock)


def test_a_seat_is_held_for_who_was_let_in_and_is_on_the_way(seats, clock):
    assert seats.admit("a")
    assert seats.admit("b")
    assert not seats.admit("c")
    clock.now = HELD + 1  # neither has come
    assert seats.admit("c")
    assert seats.visitors == 0


def test_whoever_is_connected_keeps_the_seat_and_leaving_frees_it(seats, clock):
    a = seats.new_name()
    for who in (a, "b"):
        assert seats.admit(who)
        seats.connect(who)
    clock.now = 1000.0
    assert not seats.admit("c")
    assert seats.admit(a), "a second tab needs no second seat"
    seats.disconnect(a)
    assert not seats.admit("c"), "it may be a reload"
    assert seats.admit(a)
    clock.now += HELD + 1
    assert seats.admit("c")
    assert seats.visitors == 1


def test_what_anybody_makes_up_is_no_seat(seats):
    name = seats.new_name()
    assert seats.has_given(name)
    assert name != seats.new_name()
    changed = ("0" if name[0] != "0" else "1") + name[1:]
    for invented in ("", "x", name[:-1], name + "0", changed, "é" * len(name), "\ud800"):
        assert not seats.has_given(invented)
    assert not Seats(2).has_given(name), "another server's"


def test_a_server_that_is_started_anew_knows_who_was_here(tmp_path, caplog):
    name = Seats(2, key=key_in(tmp_path)).new_name()
    assert Seats(2, key=key_in(tmp_path)).has_given(name)
    (kept,) = tmp_path.iterdir()
    assert kept.stat().st_mode & 0o077 == 0
    kept.write_bytes(b"short")
    assert not Seats(2, key=key_in(tmp_path)).has_given(name)
    assert len(key_in(tmp_path / "nowhere")) == 32
    assert caplog.messages[-1].startswith("event=seats_not_kept reason=")


def test_no_more_seats_are_held_than_there_are(seats, clock):
    names = [seats.new_name() for _ in range(50)]
    for name in names:
        seats.connect(name)
        seats.disconnect(name)
    assert len(seats._held) == seats.most
    clock.now = HELD + 1
    assert seats.admit(seats.new_name())
    assert len(seats._held) == 1


def test_a_visitor_leaves_with_the_last_tab(seats, caplog):
    caplog.set_level("INFO")
    for _ in range(2):
        seats.connect("a")
    seats.disconnect("a")
    assert seats.visitors == 1
    seats.disconnect("a")
    assert seats.visitors == 0
    assert caplog.messages == ["event=visitor_came visitors=1", "event=visitor_left visitors=0"]


def test_nobody_who_is_in_is_sent_out(seats):
    for who in ("a", "b", "c"):  # they were here when the server was started anew
        seats.connect(who)
    assert all(seats.admit(who) for who in ("a", "b", "c"))
    assert not seats.admit("d")


BROWSER = {"accept": "text/html,*/*"}


@pytest.fixture
def seats_of_client(clock):
    return Seats(1, clock)


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
    site = Starlette(routes=routes, middleware=[Middleware(Door, seats=seats)])
    return TestClient(site)


def stranger(client):
    return TestClient(client.app)


def test_a_browser_gets_a_cookie_that_scripts_cannot_read(client):
    let_in = client.get("/", headers=BROWSER)
    assert let_in.status_code == 200
    assert re.fullmatch(rf"{COOKIE}=[\w-]+; Path=/; HttpOnly; SameSite=Lax", let_in.headers["set-cookie"])
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


def test_who_has_no_cookie_shares_the_seat_of_the_address(client, seats):
    for number in range(20):
        scope = {
            "type": "http",
            "path": f"/gradio_api/heartbeat/{number}",
            "client": ("10.0.0.7", number),
            "headers": [],
        }
        seats.connect(staying(scope))
    assert seats.visitors == 1


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
