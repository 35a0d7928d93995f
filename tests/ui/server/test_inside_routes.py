"""The routes of the tab Inside."""

import json
import time

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from rnnlab.runs import Runner
from rnnlab.ui.server.inside_routes import MAX_QUERY, LongWork, inside_routes
from rnnlab.ui.server.turns import Superseded, Turns
from rnnlab.ui.tabs.inside.handlers import on_open
from rnnlab.ui.tabs.inside.sections import section_value
from rnnlab.validation import InvalidInput


@pytest.fixture(scope="module")
def key():
    runner = Runner(1)
    yield on_open(runner, None, None, None, "lyrics-en", "The night\nand the moon\n", None, "", None)[0]["key"]
    runner.close()


@pytest.fixture(scope="module")
def client():
    return TestClient(Starlette(routes=inside_routes(section_value, {})))


def test_a_section_answers_for_what_was_opened(client, key):
    answer = client.get(f"/lab/inside/{key}/units", params={"measure": "space"})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    found = answer.json()
    assert (found["measure"], found["total"], len(found["units"])) == ("space", 256, 256)


def test_what_is_not_kept_is_gone(client, key):
    for address in (f"/lab/inside/{key}x/units", f"/lab/inside/{key}/nothing"):
        answer = client.get(address)
        assert (answer.status_code, answer.json()) == (404, {"state": "gone"})


@pytest.mark.parametrize(
    ("section", "query"),
    [
        ("units", {"measure": "depth"}),  # the text has no brackets
        ("units", {"state": "l0.c"}),  # a GRU has none
        ("alike", {"first": "5", "last": "4"}),
        ("alike", {"last": "99999"}),
        ("alike", {"threshold": "nan"}),
        ("alike", {"threshold": "0"}),
        ("alike", {"first": "1.5"}),
    ],
)
def test_bad_queries_are_refused_in_the_language_of_the_page(client, key, section, query):
    field = next(reversed(query))
    for language in ("en", "zh"):
        answer = client.get(f"/lab/inside/{key}/{section}", params={**query, "lang": language})
        assert answer.status_code == 400
        assert answer.json()["message"].isascii() == (language == "en"), field


def test_values_of_the_query_are_cut_and_a_superseded_question_says_so():
    seen = []

    def answer(key, section, query, check):
        seen.append(query)
        if section == "older":
            raise Superseded
        if section == "bad":
            raise InvalidInput("empty", "text", low=1)
        return {}

    client = TestClient(Starlette(routes=inside_routes(answer, {})))
    assert client.get("/lab/inside/a/b", params={"x": "y" * 9999}).json() == {}
    assert seen == [{"x": "y" * MAX_QUERY}]
    assert client.get("/lab/inside/a/older").status_code == 409
    assert client.get("/lab/inside/a/bad").status_code == 400


def test_what_takes_long_answers_by_lines_with_the_share_that_is_done():
    def exact(key, request, tick):
        tick(0.5)
        time.sleep(0.6)
        return None if key == "gone" else {"key": key, "lang": request.query_params["lang"]}

    work = {"exact": LongWork(Turns(1, "long"), exact)}
    client = TestClient(Starlette(routes=inside_routes(lambda *_: {"is": "a section"}, work)))

    def lines(key):
        return [json.loads(line) for line in client.get(f"/lab/inside/{key}/exact?lang=zh").text.splitlines()]

    assert lines("a")[-2:] == [{"share": 0.5}, {"value": {"key": "a", "lang": "zh"}}]
    assert lines("gone")[-1] == {"state": "gone"}
    assert client.get("/lab/inside/a/units").json() == {"is": "a section"}


@pytest.mark.parametrize(
    ("section", "query"), [("gradient", {"view": "bias"}), ("surgery", {"operations": "l0.z=0.5"})]
)
def test_a_section_that_takes_long_ends_where_nobody_waits(key, section, query):
    def check():
        raise Superseded

    with pytest.raises(Superseded):
        section_value(key, section, query, check)
