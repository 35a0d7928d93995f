"""Which language a visitor reads: English, or Chinese.

The page decides it first (`frontend/boot.js`: a `?lang=` in the address, else what was chosen here before, else the
browser's languages) and tells the server by a cookie, so that a message from a handler speaks as the page does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import gradio as gr
from starlette.requests import Request

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
COOKIE = "rnnlab_lang"  # written by frontend/boot.js


def language_of(request: gr.Request | Request | None) -> Language:
    """Tell the language to answer `request` in: by its address, its page's address, the cookie, Accept-Language.

    An address comes before the cookie: all of a browser's tabs share the cookie, and two may differ by `?lang=`.
    """
    if request is None:
        return "en"
    return next((language for tag in _tags_of(request) if (language := language_of_tag(tag))), "en")


def in_the_pages_language(values: Mapping[Language, Sequence[str]]) -> str:
    """JavaScript with which an event of the page shows the values in its language, and no answer can come too late."""
    return f"() => ({json.dumps(values)})[rnnlab.language().slice(0, 2)]"


def language_of_tag(tag: str) -> Language | None:
    """`zh-TW` → zh, `en-GB` → en, `fr` → None: the language of ours that a tag (BCP 47) means.

    >>> [language_of_tag(tag) for tag in ("zh-Hant-TW", "EN", "fr", "zhuang")]
    ['zh', 'en', None, None]
    """
    primary = tag.strip().lower().replace("_", "-").split("-")[0]
    return next((language for language in LANGUAGES if language == primary), None)


def _tags_of(request: gr.Request | Request) -> Iterator[str]:
    """Every language tag that a request carries, the most telling first."""
    headers = dict(request.headers)  # plain dictionaries: Gradio wraps these in its own kind of object
    yield dict(request.query_params).get("lang", "")
    yield from _asked_by_address(headers.get("referer", ""))
    yield dict(request.cookies).get(COOKIE, "")
    yield from by_preference(headers.get("accept-language", ""))


def _asked_by_address(address: str) -> list[str]:
    try:
        return parse_qs(urlsplit(address).query).get("lang", [])
    except ValueError:  # no address at all
        return []


def by_preference(accept_language: str) -> Iterable[str]:
    """Order the tags of an Accept-Language header, the preferred first; what is malformed counts for nothing.

    >>> by_preference("fr, en;q=0.3, zh-CN;q=0.8")
    ['fr', 'zh-CN', 'en']
    """
    weighed = []
    for item in accept_language.split(","):
        tag, _, weight = item.partition(";q=")
        try:
            weighed.append((float(weight or 1), tag.strip()))
        except ValueError:
            continue
    return [tag for weight, tag in sorted(weighed, key=lambda pair: -pair[0]) if weight > 0]
