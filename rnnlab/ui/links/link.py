"""Read and write links: a query string that says what a tab shows.

    ?tab=train&preset=quick&model=lstm&seed=3&hide=advanced,corpus&at=epoch:7&press=start

A link gives its place completely: a field that it does not name has its default, or that of the link's preset. A key or
a value that cannot be is refused with the message of the setting's own rule, and all others are taken.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from rnnlab.limits import MAX_LINK_CHARACTERS, MAX_LINK_KEYS
from rnnlab.ui.components.settings_form import given_value, shown_value
from rnnlab.ui.hidden_parts import HIDDEN_PARTS
from rnnlab.ui.links.places import PLACES, TABS, Group, Place, places_of
from rnnlab.ui.tabs.generate.handlers import BEGINNINGS
from rnnlab.ui.tabs.generate.writers import network_of
from rnnlab.validation import Choice, Config, Integer, InvalidInput, echo, rule_of

COMMON = ("tab", "part", "hide", "at", "press")  # keys of every link
EPOCH = Integer(0, 100_000)
PASSED_OVER = frozenset({"lang", "view", "watch", "embed", "deep_link", "logs", "fbclid", "gclid"})  # others read these


@dataclass(frozen=True)
class Link:
    """What a link means, and what of it was refused."""

    place: Place
    settings: Mapping[str, str]  # what it sets, as strings, without what it leaves at the defaults
    fields: Mapping[str, Any]  # what the fields of the place show, by elem_id
    hide: tuple[str, ...] = ()  # names of HIDDEN_PARTS, and keys of the place
    at: int | None = None  # the epoch for the handle of time travel
    press: str = ""  # a key of the place's buttons
    refusals: tuple[InvalidInput, ...] = ()

    def to_query(self) -> str:
        """Return the link as a query string, in the order of the page."""
        own = {"tab": self.place.tab, "part": self.place.part, **self.settings}
        own |= {"hide": ",".join(self.hide), "at": "" if self.at is None else f"epoch:{self.at}", "press": self.press}
        kept = {name: text for name, text in own.items() if text or name in self.settings}
        return urlencode(kept, quote_via=quote, safe=",:|")


class _Reader:
    """Collects the values of a link and the refusals."""

    def __init__(self) -> None:
        self.refusals: list[InvalidInput] = []

    def checked(self, rule: Any, name: str, text: str) -> Any:
        """Return the value of `text` by `rule`; None, and a refusal, if it is none."""
        try:
            return rule.check(name, rule.parse(name, text))
        except InvalidInput as error:
            self.refusals.append(error)
            return None

    def config(self, group: Group, base: Mapping[str, Any], values: dict[str, Any]) -> Config:
        """Return the configuration of `values`, without those that do not go together with the others."""
        while True:
            try:
                return group.make(base, values)
            except InvalidInput as error:
                self.refusals.append(error)
                if error.field in values and not self._goes_alone(group, base, error.field, values[error.field]):
                    del values[error.field]
                else:  # it names a setting that the link leaves as it is, or one that is not the cause
                    self._drop_one(group, base, values)

    @staticmethod
    def _goes_alone(group: Group, base: Mapping[str, Any], name: str, value: Any) -> bool:
        """Return whether a setting goes together with those that the link leaves as they are."""
        try:
            group.make(base, {name: value})
        except InvalidInput:
            return False
        return True

    @staticmethod
    def _drop_one(group: Group, base: Mapping[str, Any], values: dict[str, Any]) -> None:
        """Take away the last value without which the others go together; all, if there is none."""
        for name in reversed(list(values)):
            try:
                group.make(base, {other: value for other, value in values.items() if other != name})
            except InvalidInput:
                continue
            del values[name]
            return
        values.clear()


def is_link(query: str) -> bool:
    """Tell whether a query sets anything here; what others append to addresses is no link."""
    return bool(keys_of(query) & {*COMMON, *(key for place in places_of(TABS[0]) for key in place.keys)})


def keys_of(query: str) -> set[str]:
    """Return the keys of a query that are ours to read."""
    return {name for name, _ in _pairs(query)}


def parse_link(query: str) -> Link:
    """Read a query string, with or without "?"; never fails: what cannot be is in `refusals`."""
    reader = _Reader()
    pairs = _pairs(query)
    if len(query) > MAX_LINK_CHARACTERS or len(pairs) > MAX_LINK_KEYS:
        reader.refusals.append(
            InvalidInput("link_too_long", "link", characters=MAX_LINK_CHARACTERS, keys=MAX_LINK_KEYS)
        )
        pairs = []
    given = dict(pairs)
    place = _place_of(reader, given)
    settings = {name: text for name, text in given.items() if name not in COMMON}
    for name in [name for name in settings if name not in place.keys]:
        del settings[name]
        reader.refusals.append(_unknown(name, place))
    taken, shown = _read(reader, place, settings)
    at = None
    if "at" in given and not place.travels:
        reader.refusals.append(_unknown("at", place))
    elif "at" in given:
        at = _epoch_of(reader, given["at"])
    press = ""
    if "press" in given:
        press = reader.checked(Choice(tuple(place.buttons)), "press", given["press"]) or ""
    hide = _hidden(reader, place, given.get("hide", ""))
    return Link(place, taken, shown, hide, at, press, tuple(reader.refusals))


def link_of(tab: str, part: str, shown: Mapping[str, Any], *, hide: str = "", at: str = "") -> Link:
    """Return the link to what the fields of a tab show, by elem_id: only what differs from the defaults is in it.

    A field that holds what it cannot is left out, and `refusals` says so.
    """
    reader = _Reader()
    place = _place_of(reader, {"tab": tab, **({"part": part} if part else {})})
    texts: dict[str, str] = {}
    for name, elem_id in place.fields.items():
        if elem_id not in shown:
            continue
        if (group := place.group_of(name)) is None:  # the preset's own field
            texts[name] = str(shown[elem_id])
            continue
        rule = group.rule(name)
        try:
            texts[name] = rule.show(rule.check(name, given_value(rule, name, shown[elem_id])))  # type: ignore[arg-type]
        except InvalidInput as error:
            reader.refusals.append(error)
    taken, fields = _read(reader, place, texts)
    epoch = _epoch_of(reader, at) if at and place.travels else None
    return Link(place, taken, fields, _hidden(reader, place, hide), epoch, "", tuple(reader.refusals))


def _pairs(query: str) -> list[tuple[str, str]]:
    """Return the keys and values that are ours to read."""
    pairs = parse_qsl(query[: MAX_LINK_CHARACTERS + 1].removeprefix("?"), keep_blank_values=True, errors="replace")
    return [(name, text) for name, text in pairs if name not in PASSED_OVER and not name.startswith(("__", "utm_"))]


def _place_of(reader: _Reader, given: Mapping[str, str]) -> Place:
    """Return the place that a link means; without a part, the part that knows the most of its keys."""
    tab = reader.checked(Choice(TABS), "tab", given.get("tab", TABS[0])) or TABS[0]
    places = places_of(tab)
    parts = {place.part: place for place in places}
    if "part" in given and given["part"] != places[0].part:
        part = reader.checked(Choice(tuple(filter(None, parts))), "part", given["part"])
        if part is not None:
            return parts[part]
    elif "part" in given:
        return places[0]
    return max(places, key=lambda place: len(set(place.keys) & set(given)))


def _read(reader: _Reader, place: Place, texts: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Any]]:
    """Return what differs from the defaults, as strings, and what each field of the place shows."""
    taken: dict[str, str] = {}
    shown: dict[str, Any] = {}
    base: Mapping[str, Any] = {}
    if key := place.preset_key:
        first = next(iter(place.presets))
        chosen = reader.checked(Choice(tuple(place.presets)), key, texts[key]) if key in texts else None
        base = place.presets[chosen or first]
        if chosen and (place.preset_field or chosen != first):
            taken[key] = chosen
        if place.preset_field:
            shown[place.preset_field] = chosen or first
    for group in place.groups:
        values: dict[str, Any] = {}
        for name in group.ids:
            if name in texts and name != key and (value := _value(reader, group, name, texts[name])) is not _REFUSED:
                values[name] = value
        config = reader.config(group, base, values)
        start, of_corpus = group.make(base, {}), {name: values[name] for name in values if name == "corpus"}
        strings, first_strings = config.to_strings(), start.to_strings()
        same_corpus = group.make(base, of_corpus).to_strings()  # how much of a text is taken depends on the text
        for name, elem_id in group.ids.items():
            usual = first_strings[name] if name == "corpus" else same_corpus[name]
            if name in values and (name in group.local or strings[name] != usual):
                taken[name] = strings[name]
            if name in values or name not in group.local:
                shown[elem_id] = shown_value(rule_of(group.config.__dataclass_fields__[name]), getattr(config, name))
    if place.tab == "generate" and "model" in taken and "prefix" not in taken:
        begins = BEGINNINGS.get(network_of(taken["model"]))
        shown |= {"set-prefix": begins} if begins else {}
    return taken, shown


_REFUSED = object()


def _value(reader: _Reader, group: Group, name: str, text: str) -> Any:
    before = len(reader.refusals)
    value = reader.checked(group.rule(name), name, text)
    return _REFUSED if len(reader.refusals) > before else value


def _unknown(name: str, place: Place) -> InvalidInput:
    """Return the refusal of a key that the place does not have, with those that are spelt like it."""
    near = difflib.get_close_matches(name, (*COMMON, *place.keys), n=2)
    where = " ".join(filter(None, (place.tab, place.part)))
    if near:
        return InvalidInput("link_key_near", echo(name), place=where, near=", ".join(near))
    return InvalidInput("link_key", echo(name), place=where)


def _epoch_of(reader: _Reader, text: str) -> int | None:
    """Return the epoch of `epoch:7`; None, and a refusal, if it is none."""
    found = re.fullmatch(r"epoch:([0-9]{1,9})", text)
    if found is None or int(found[1]) > EPOCH.high:
        reader.refusals.append(InvalidInput("link_at", "at", value=echo(text), high=EPOCH.high))
        return None
    return int(found[1])


def _hidden(reader: _Reader, place: Place, text: str) -> tuple[str, ...]:
    """Return the names of what is hidden; unknown ones are refused."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in HIDDEN_PARTS and name not in place.keys:
            parts = ", ".join(HIDDEN_PARTS)
            reader.refusals.append(InvalidInput("link_hide", "hide", value=echo(name), choices=parts))
    return tuple(dict.fromkeys(name for name in names if name in HIDDEN_PARTS or name in place.keys))


def ids_hidden(link: Link) -> tuple[str, ...]:
    """Return the elem_ids of the fields that a link hides by their keys."""
    return tuple(link.place.fields[name] for name in link.hide if name not in HIDDEN_PARTS)


def linked_ids() -> tuple[str, ...]:
    """Return the elem_ids of all fields that a link can set."""
    own = [place.part_field for place in PLACES if place.part_field]
    return tuple(dict.fromkeys([*own, *(elem_id for place in PLACES for elem_id in place.fields.values())]))
