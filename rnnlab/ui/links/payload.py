"""What the page gets of a link, and what it gives to have one made (`frontend/lib/link.js`, `copy_link.js`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rnnlab.ui.i18n import message_of
from rnnlab.ui.i18n.languages import LANGUAGES
from rnnlab.ui.links.link import COMMON, ids_hidden, is_link, keys_of, link_of, parse_link
from rnnlab.ui.tabs.networks import UPLOADED
from rnnlab.ui.tabs.own_text import OWN
from rnnlab.validation import InvalidInput

OWNED = {"corpus": OWN, "preset": OWN, "model": UPLOADED}  # values that stand for something of the visitor's


class Links:
    """What `rnnlab.ui.server.link_routes` asks for."""

    def read(self, query: str) -> dict[str, Any]:
        """Return what a link means."""
        return read_payload(query)

    def write(self, wanted: Any) -> dict[str, Any]:
        """Return the link to what the page shows; `wanted` is any JSON."""
        return write_payload(wanted if isinstance(wanted, dict) else {})


def read_payload(query: str) -> dict[str, Any]:
    """Return what the page does about the query of its address; `sets`: whether it opens a tab and sets its fields."""
    link = parse_link(query)
    place = link.place
    fields = dict(link.fields)
    if place.part_field:
        fields[place.part_field] = place.part
    return {
        "known": is_link(query),
        "sets": bool(keys_of(query) - {"hide"}),
        "tab": place.tab,
        "part": place.part,
        "form": place.form,
        "stored": place.stored,
        "fields": fields,
        "hidden_fields": ids_hidden(link),
        "at": link.at,
        "press": place.buttons.get(link.press, ""),
        "refused": _messages(link.refusals),
    }


def write_payload(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the query of the link to a tab whose fields show `wanted["fields"]`, by elem_id."""
    shown = wanted.get("fields")
    texts = {name: str(wanted.get(name) or "") for name in COMMON}
    link = link_of(
        texts["tab"], texts["part"], shown if isinstance(shown, dict) else {}, hide=texts["hide"], at=texts["at"]
    )
    own = any(link.settings.get(name) == value for name, value in OWNED.items())
    return {"query": link.to_query(), "refused": _messages(link.refusals), "own": own}


def _messages(refusals: Sequence[InvalidInput]) -> list[dict[str, str]]:
    """Return the sentence of each refusal in every language of the page; it names the key as the link writes it."""
    return [{language: message_of(error, language, program=True) for language in LANGUAGES} for error in refusals]
