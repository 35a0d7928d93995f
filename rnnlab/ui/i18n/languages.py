"""The languages of the page, one row each, and which of them a request asks for.

To add a language, add a row to LANGUAGES and a folder beside this file with JSON files like those of `en`. A text that
is missing there is shown in English.

The page settles its language first (`frontend/boot.js`: `?lang=` in the address, else the last choice, else the
browser's languages) and sends it to the server in a cookie, so that a handler's messages are in the page's language.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    import gradio as gr
    from starlette.requests import Request

Language = str  # a key of LANGUAGES
FOLDER = Path(__file__).parent
COOKIE = "rnnlab_lang"  # written by frontend/boot.js


@dataclass(frozen=True)
class LanguageRow:
    """All that the page knows of a language besides its texts. The defaults are those of English."""

    html: str  # the page's `lang`, and what `?lang=` says
    name: str  # in the language itself
    folder: Path  # of its JSON files
    direction: str = "ltr"  # or "rtl"
    sentence_space: str = " "  # between two sentences
    list_separator: str = " "  # between the characters of a list
    songs: str = "lyrics-en"  # the shipped lyrics, and the model trained on them, that are shown first


FALLBACK: Language = "en"
LANGUAGES: dict[Language, LanguageRow] = {  # the key is the primary subtag of every language tag (BCP 47) that is meant
    FALLBACK: LanguageRow(html="en", name="English", folder=FOLDER / "en"),
    "zh": LanguageRow(
        html="zh-CN", name="中文", folder=FOLDER / "zh", sentence_space="", list_separator="、", songs="lyrics-zh"
    ),
}


def language_of(request: gr.Request | Request | None) -> Language:
    """Return the language to answer `request` in.

    In this order: its address, its page's address, the cookie, Accept-Language. An address comes before the cookie
    because all tabs of a browser share the cookie, and two tabs may differ by `?lang=`.
    """
    if request is None:
        return FALLBACK
    return next((language for tag in _tags_of(request) if (language := language_of_tag(tag))), FALLBACK)


def language_of_tag(tag: str) -> Language | None:
    """Return the key in LANGUAGES of a language tag (BCP 47); None if it is not one of ours.

    >>> [language_of_tag(tag) for tag in ("zh-Hant-TW", "EN", "fr", "zhuang")]
    ['zh', 'en', None, None]
    """
    primary = tag.strip().lower().replace("_", "-").split("-")[0]
    return primary if primary in LANGUAGES else None


def _tags_of(request: gr.Request | Request) -> Iterator[str]:
    """Yield every language tag that a request carries, in the order of `language_of`."""
    headers = dict(request.headers)  # plain dictionaries: Gradio wraps these in its own kind of object
    yield dict(request.query_params).get("lang", "")
    yield from _asked_by_address(headers.get("referer", ""))
    yield dict(request.cookies).get(COOKIE, "")
    yield from by_preference(headers.get("accept-language", ""))


def _asked_by_address(address: str) -> list[str]:
    """Return the values of `lang` in the query of an address."""
    try:
        return parse_qs(urlsplit(address).query).get("lang", [])
    except ValueError:  # no address at all
        return []


def by_preference(accept_language: str) -> Iterable[str]:
    """Order the tags of an Accept-Language header, the preferred first; malformed items are left out.

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
