"""The page's own handlers, called past the page: every input of every event with wild values, and Gradio's routes.

A handler either does its work or says in words what it will not take. An error without a message is a failure inside.
"""

import json
import math

import httpx
import pytest

WILD = (math.nan, "wild", True, None, [["a"]])  # with each input of each handler
NEVER = ("\ud800", ["\udfff"], {"path": "/etc/passwd"}, [[{"path": "http://localhost/"}]])  # no input takes one
SMALL = {  # what makes an accepted value cheap, by the component's id or the setting's name
    "corpus": "own", "own-text": "la la li " * 20, "hidden_size": 4, "embedding_size": 2, "batch_size": 2,
    "num_steps": 4, "epochs": 1, "sample_length": 1, "windows": 2, "points": 4, "free_run": 1, "length": 1,
    "free-run": 1, "hidden-size": 4,
}  # fmt: skip


def small_value(block):
    """The value that a component starts with, or a smaller one."""
    name = (block.elem_id or "").removeprefix("set-").split("-", 1)
    for key in (block.elem_id, name[-1], name[0]):
        if key in SMALL:
            return SMALL[key]
    return getattr(block, "value", None)


def events_with_values(lab):
    """Every event of the page, by its number and its handler's name, whose handler is told a component's value."""
    for number, fn in lab.app.fns.items():
        told = [block for block in fn.inputs if not block.stateful]
        if fn.fn is not None and fn.api_visibility != "public" and told:
            yield number, fn


def test_every_handler_takes_any_value_or_says_why_not(lab):
    calls, meant = [], []
    for number, fn in events_with_values(lab):
        values = [None if block.stateful else small_value(block) for block in fn.inputs]
        for place, block in enumerate(fn.inputs):
            if not block.stateful:
                wild = WILD if type(block).__name__ != "Button" else WILD[:1]
                calls += [(number, [*values[:place], value, *values[place + 1 :]]) for value in wild]
                meant += [(number, fn.name, block.elem_id, value) for value in wild]
    answers = lab.ask(calls)
    assert len(answers) > 400
    silent = [about for about, answer in zip(meant, answers, strict=True) if answer.refused and not answer.error]
    assert silent == []
    for about, answer in zip(meant, answers, strict=True):
        assert answer.success or answer.says(), about  # in both languages, and with no other markup


def test_objects_and_half_characters_are_refused_by_every_handler(lab):
    calls = [
        (number, [None if block.stateful else value for block in fn.inputs])
        for number, fn in events_with_values(lab)
        for value in NEVER
        if not any(type(block).__name__ == "UploadButton" for block in fn.inputs)
    ]
    for call, answer in zip(calls, lab.ask(calls), strict=True):
        assert "is not a value for it" in (answer.error or "") or "is not text" in (answer.error or ""), (call, answer)


def test_values_too_few_or_too_many_are_refused_by_every_handler(lab):
    events = list(events_with_values(lab))
    calls = [(number, []) for number, _ in events] + [(number, [None] * 40) for number, _ in events]
    for (number, _), answer in zip(calls, lab.ask(calls), strict=True):
        assert "value(s) came where" in (answer.error or ""), (number, answer)


def test_a_handler_outside_of_the_queue_refuses_with_422_or_works_and_one_in_it_is_not_to_be_had(lab):
    with httpx.Client(base_url=lab.url, timeout=30) as client:
        for number, fn in events_with_values(lab):
            for values in ([], [{"path": "/etc/passwd"}] * len(fn.inputs), ["wild"] * len(fn.inputs)):
                body = {"data": values, "fn_index": number, "session_hash": "direct"}
                response = client.post(f"gradio_api/run/{fn.api_name or 'x'}", json=body)
                assert response.status_code in ((404,) if fn.queue else (200, 422)), (fn.name, response.text)
                if response.status_code == 422:
                    assert response.json()["error"]


BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "no object": b"[]",
    "a number": b"7",
    "deep": b"[" * 100_000,
    "no data": b"{}",
    "data of another kind": b'{"data": "x", "session_hash": "h", "fn_index": 0}',
    "no such function": b'{"data": [], "session_hash": "h", "fn_index": 99999}',
    "a function by name": b'{"data": [], "session_hash": "h", "fn_index": "0"}',
    "a negative function": b'{"data": [], "session_hash": "h", "fn_index": -1}',
    "no function": b'{"data": [], "session_hash": "h"}',
    "a long session": json.dumps({"data": [], "session_hash": "h" * 10**6, "fn_index": 0}).encode(),
    "not UTF-8": b'{"data": ["\xff"], "session_hash": "h", "fn_index": 0}',
    "a batch": b'{"data": [], "session_hash": "h", "fn_index": 0, "batched": true}',
    "a trigger": b'{"data": [["a"]], "session_hash": "h", "fn_index": 0, "trigger_id": 987654, "event_data": 5}',
}
POSTED = (
    "queue/join", "run/train", "run/nothing", "api/train", "call/train", "call/nothing", "call/v2/train",
    "call/v2/nothing", "cancel", "reset", "component_server", "upload", "stream/x", "process_recording", "vibe-edit",
)  # fmt: skip
FETCHED = (
    "queue/data", "queue/data?session_hash=nobody", "call/train/nothing", "upload_progress", "info",
    "stream/a/b/c/playlist.m3u8", "custom_component/x/client/component/style.css", "file=", "proxy=", "heartbeat",
)  # fmt: skip


@pytest.mark.parametrize("route", POSTED)
def test_no_body_makes_a_route_fail(lab, route):
    with httpx.Client(base_url=lab.url, timeout=30) as client:
        for what, body in BODIES.items():
            for kind in ("application/json", "text/plain", "multipart/form-data"):
                response = client.post(f"gradio_api/{route}", content=body, headers={"content-type": kind})
                assert response.status_code < 500, (what, kind, response.status_code, response.text[:200])


@pytest.mark.parametrize("route", FETCHED)
def test_no_address_makes_a_route_fail(lab, route):
    with httpx.stream("GET", f"{lab.url}gradio_api/{route}", timeout=30) as response:
        assert response.status_code < 500
