"""The handlers of the page, called without the page: all inputs of all events with wild values, and Gradio's routes.

A handler either works or refuses a value with a message. An error without a message is a defect.
"""

import json
import math

import httpx
import pytest

WILD = (math.nan, "wild", True, None, [["a"]])  # for each input of each handler
NEVER = ("\ud800", ["\udfff"], {"path": "/etc/passwd"}, [[{"path": "http://localhost/"}]])  # for no input
SMALL = {  # values that keep an accepted call cheap, by the component's id or the setting's name
    "corpus": "own", "own-text": "la la li " * 20, "hidden_size": 4, "embedding_size": 2, "batch_size": 2,
    "num_steps": 4, "epochs": 1, "sample_length": 1, "windows": 2, "points": 4, "free_run": 1, "length": 1,
    "free-run": 1, "hidden-size": 4,
}  # fmt: skip


def small_value(block):
    """Return a component's first value, or a smaller one."""
    name = (block.elem_id or "").removeprefix("set-").split("-", 1)
    for key in (block.elem_id, name[-1], name[0]):
        if key in SMALL:
            return SMALL[key]
    return getattr(block, "value", None)


def events_with_values(lab):
    """Return the events of the page with inputs, by number and name of the handler."""
    for number, fn in lab.app.fns.items():
        told = [block for block in fn.inputs if not block.stateful]
        if fn.fn is not None and fn.api_visibility != "public" and told:
            yield number, fn


def test_every_handler_accepts_a_wild_value_or_refuses_it_with_a_reason(lab):
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


def test_every_handler_refuses_objects_and_lone_surrogates(lab):
    calls = [
        (number, [None if block.stateful else value for block in fn.inputs])
        for number, fn in events_with_values(lab)
        for value in NEVER
        if not any(type(block).__name__ == "UploadButton" for block in fn.inputs)
    ]
    for call, answer in zip(calls, lab.ask(calls), strict=True):
        assert "is not a value for it" in (answer.error or "") or "is not text" in (answer.error or ""), (call, answer)


def test_every_handler_refuses_a_wrong_number_of_values(lab):
    events = list(events_with_values(lab))
    calls = [(number, []) for number, _ in events] + [(number, [None] * 40) for number, _ in events]
    for (number, _), answer in zip(calls, lab.ask(calls), strict=True):
        assert "value(s) came where" in (answer.error or ""), (number, answer)


def test_a_direct_route_works_or_answers_422_and_is_closed_for_queued_handlers(lab):
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
def test_no_body_causes_a_server_error(lab, route):
    with httpx.Client(base_url=lab.url, timeout=30) as client:
        for what, body in BODIES.items():
            for kind in ("application/json", "text/plain", "multipart/form-data"):
                response = client.post(f"gradio_api/{route}", content=body, headers={"content-type": kind})
                assert response.status_code < 500, (what, kind, response.status_code, response.text[:200])


@pytest.mark.parametrize("route", FETCHED)
def test_no_path_causes_a_server_error(lab, route):
    with httpx.stream("GET", f"{lab.url}gradio_api/{route}", timeout=30) as response:
        assert response.status_code < 500
