"""How the server knows which language a visitor reads."""

import gradio as gr
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from rnnlab.ui.i18n.languages import COOKIE, LANGUAGES, language_of


def request(query="", **headers):
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Request({"type": "http", "path": "/", "query_string": query.encode(), "headers": raw})


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (None, "en"),
        (request(), "en"),
        (request(accept_language="zh-CN,zh;q=0.9,en;q=0.8"), "zh"),
        (request(accept_language="zh-Hant-TW"), "zh"),
        (request(accept_language="zh_HK"), "zh"),
        (request(accept_language="en-GB,zh;q=0.5"), "en"),
        (request(accept_language="fr"), "en"),
        (request(accept_language="fr,zh;q=0.5,en;q=0.3"), "zh"),
        (request(accept_language="en;q=0,zh;q=0.1"), "zh"),
        (request(accept_language=";;q=,zh;q=x"), "en"),
        (request(cookie=f"{COOKIE}=zh-CN", accept_language="en"), "zh"),
        (request(cookie=f"{COOKIE}=klingon", accept_language="zh"), "zh"),
        (request("lang=en", cookie=f"{COOKIE}=zh-CN"), "en"),
        (request(referer="http://127.0.0.1:7860/?preset=quick&lang=zh-CN", cookie=f"{COOKIE}=en"), "zh"),
        (request("lang=fr", cookie=f"{COOKIE}=zh-CN"), "zh"),
    ],
)
def test_language_of(asked, expected):
    assert language_of(asked) == expected


def test_gradios_own_request_is_understood():
    """Gradio hands a handler its own Request, around a request or around plain values."""
    assert language_of(gr.Request(request("lang=zh"))) == "zh"
    values = {"query_params": {}, "cookies": {COOKIE: "zh-CN"}, "headers": {"accept-language": "en"}}
    assert language_of(gr.Request(**values)) == "zh"


@given(st.text(), st.text(), st.text())
def test_any_header_gives_a_language(accept_language, referer, lang):
    values = {
        "query_params": {"lang": lang},
        "cookies": {},
        "headers": {"accept-language": accept_language, "referer": referer},
    }
    assert language_of(gr.Request(**values)) in LANGUAGES
