"""Every text input through the real server: empty, blank, long, with odd characters, and in every script."""

import html
import inspect

import pytest

from rnnlab.limits import MAX_PASTED_CHARACTERS
from rnnlab.tagging import FORM
from rnnlab.ui.i18n import message_of
from rnnlab.ui.tabs.tag.sentence.payload import SENTENCE_TEXT
from rnnlab.validation import InvalidInput, Text, Texts

MEGABYTES = "想" * 3_500_000  # 10 MB in UTF-8
WILD = {
    "empty": "",
    "blank": " \n\t\u3000",
    "one character": "a",
    "NUL": "a\0b",
    "lone surrogate": "a\ud800",
    "emoji with joiners": "👩\u200d👩\u200d👧\u200d👦 👍🏽 🏳️\u200d🌈",
    "combining marks": "Z\u0351\u036b\u0343\u036a\u0302 e\u0301",
    "right-to-left override": "abc\u202edef\u202c שלום",
    "markup": "<img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}${7*7}{field.__class__}",
    "not text": 5,
    "nested": [["a"]],
    "object": {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}},
}
TINY = {"hidden_size": 4, "embedding_size": 2, "batch_size": 1, "num_steps": 1, "epochs": 1, "sample_length": 1}
ANY = Text(0, 10**9)
PLACES = {  # (endpoint, argument): the other arguments, and the rule of the text; None where there are more rules
    ("train", "text"): (TINY | {"corpus": "own", "held_out": 0.0}, None),
    ("train", "corpus"): (TINY, None),
    ("train", "sample_prefixes"): (TINY | {"corpus": "own", "text": "la la li " * 20}, Texts(8, Text(1, 40))),
    ("generate", "prefix"): ({"length": 1, "model": "lyrics-en"}, Text(0, 200)),
    ("generate", "model"): ({"length": 1}, None),
    ("followers", "context"): ({"corpus": "lyrics-en", "rows": 1}, Text(1, 40)),
    ("step", "source"): ({"epochs": 1}, None),
    ("step", "target"): ({"epochs": 1}, None),
    ("tag", "text"): ({}, SENTENCE_TEXT),
    ("tag", "tokens"): ({}, Texts(500, FORM)),
}


def call(lab, endpoint, given):
    number = lab.endpoint(endpoint)
    arguments = inspect.signature(lab.app.fns[number].fn).parameters
    return number, [given.get(name, p.default) for name, p in arguments.items() if name != "request"]


def values_for(rule):
    return [[value] for value in WILD.values()] if isinstance(rule, Texts) else list(WILD.values())


@pytest.mark.parametrize("place", PLACES, ids="-".join)
def test_every_text_works_or_is_refused_with_the_field(lab, place):
    endpoint, argument = place
    beside, rule = PLACES[place]
    values = values_for(rule)
    chinese = lab.ask([call(lab, endpoint, {**beside, argument: v}) for v in values], {"accept-language": "zh-CN"})
    for what, value, answer in zip(WILD, values, chinese, strict=True):
        if answer.success:
            assert what not in ("NUL", "lone surrogate", "not text", "nested", "object"), what
            continue
        assert answer.error, (what, answer)
        assert answer.error.encode("utf-8")
        named = ("source", "target") if argument == "source" else (argument,)  # the two must be equally long
        assert any(f"（{name}）：" in answer.error for name in named) or what == "object", (what, answer.error)
        assert "<script" not in answer.error
        if rule is not None and what != "object":
            with pytest.raises(InvalidInput) as refused:
                rule.check(argument, value)
            assert answer.error == html.escape(message_of(refused.value, "zh", program=True), quote=False)


@pytest.mark.parametrize("place", PLACES, ids="-".join)
def test_ten_megabytes_are_refused_with_the_field_and_the_limit(lab, place):
    endpoint, argument = place
    value = [MEGABYTES] if isinstance(PLACES[place][1], Texts) else MEGABYTES
    (answer,) = lab.ask([call(lab, endpoint, {**PLACES[place][0], argument: value})])
    assert answer.refused
    assert f"({argument})" in answer.error
    assert "characters (this has 3500000)" in answer.error
    assert len(answer.error) < 300


def test_the_longest_pasted_text_is_valid():
    Text(2, MAX_PASTED_CHARACTERS).check("text", "想" * MAX_PASTED_CHARACTERS)


def test_an_answer_repeats_the_text_without_reading_markup(lab):
    """Emoji, marks and overrides are learned and generated unchanged; every character is one token."""
    wild = WILD["emoji with joiners"] + WILD["combining marks"] + WILD["right-to-left override"] + WILD["markup"]
    (row,) = lab.ask([call(lab, "train", TINY | {"corpus": "own", "held_out": 0.0, "text": wild * 3})])
    assert row.success
    run = row.data[0]["run"]
    (song,) = lab.ask([call(lab, "generate", {"model": run, "prefix": "👩\u200d👩<script>", "length": 3})])
    assert song.success, song.error
    assert song.data[0]["text"].startswith("👩\u200d👩<script>")
    assert song.data[0]["missing"] == []
