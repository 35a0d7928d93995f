"""All settings of all endpoints with all wild values, through the real server: each works or is refused by its rule.

The matrix is made from the configurations, so it contains new settings without a change here. A refusal must be that
of the configuration, in the visitor's language.
"""

import html
import inspect
import itertools
import math
import re
import time
from dataclasses import fields

import pytest

from rnnlab.experiments import hello
from rnnlab.experiments.language_model import Config as TrainingConfig
from rnnlab.experiments.language_model import preset
from rnnlab.experiments.sine import ComparisonConfig
from rnnlab.generation import Generation
from rnnlab.inspection import LayersConfig
from rnnlab.runs import Run
from rnnlab.ui.i18n import message_of
from rnnlab.validation import NONE, Choice, Integer, InvalidInput, Real, Switch, rule_of

NUMBERS = (math.nan, math.inf, -math.inf, -1, 0, 1e308, 3.7, True, "5", None)
WORDS = ("none of these", "", "RNN", 1, True, None, ["rnn"])
SWITCHES = (1, 0, "true", None)

# Settings that keep a call with an accepted value cheap.
SMALL_RUN = {
    "corpus": "own", "hidden_size": 4, "embedding_size": 2, "batch_size": 2, "num_steps": 4, "epochs": 1,
    "sample_length": 1,
}  # fmt: skip
ENDPOINTS = {
    "train": (TrainingConfig, SMALL_RUN, {"preset": "quick", "text": "la la li " * 20}),
    "generate": (Generation, {"length": 1}, {"model": "lyrics-en"}),
    "step": (hello.Config, {"epochs": 1}, {"epoch": None, "position": 1}),
    "sine": (ComparisonConfig, {"memory": "carried", "hidden_size": 2, "points": 4, "windows": 2, "free_run": 1}, {}),
    "layers": (LayersConfig, {"input_size": 2, "hidden_size": 2}, {}),
}
NULL_KEEPS = ("train", "step")  # null stands for a default, or for the recipe's value


def wild_values(rule):
    match rule:
        case Integer() | Real():
            return NUMBERS
        case Choice():
            return WORDS
        case Switch():
            return SWITCHES
    return ()  # texts: test_texts_api.py


def cases(endpoint):
    config, small, _ = ENDPOINTS[endpoint]
    for item in fields(config):
        for value in wild_values(rule_of(item)):
            yield {**small, item.name: value}, (item.name, value)


def refusal(endpoint, settings, language):
    """Return the configuration's own refusal of these settings, as in the API; None if they are valid."""
    config, _, _ = ENDPOINTS[endpoint]
    given = {
        name: None if endpoint == "train" and value == NONE else value
        for name, value in settings.items()
        if value is not None or endpoint not in NULL_KEEPS
    }
    try:
        preset("quick").config(**given) if endpoint == "train" else config(**given)
    except InvalidInput as error:
        return html.escape(message_of(error, language, program=True), quote=False)
    return None


def call(lab, endpoint, settings, beside):
    """Return the endpoint's number and its list of values."""
    number = lab.endpoint(endpoint)
    arguments = inspect.signature(lab.app.fns[number].fn).parameters
    given = {**beside, **settings}
    return number, [given.get(name, p.default) for name, p in arguments.items() if name != "request"]


class Ticking:
    """Another visitor's run, which does not compute."""

    def events(self):
        for number in itertools.count():
            time.sleep(0.02)
            yield number


@pytest.fixture(scope="module")
def others_run(lab):
    run = lab.runner.start(Run(Ticking(), lambda number: {"kind": "tick", "number": number}))
    with run.viewers.watch():
        yield run
    lab.runner.stop(run)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_wild_value_works_or_is_refused_by_its_rule(lab, endpoint, others_run):
    beside = ENDPOINTS[endpoint][2]
    sent = [call(lab, endpoint, settings, beside) for settings, _ in cases(endpoint)]
    for language, headers in (("en", {}), ("zh", {"accept-language": "zh-CN"})):
        part = slice(language == "zh", None, 2)  # half of the matrix in each language
        asked = list(cases(endpoint))[part]
        for (settings, what), answer in zip(asked, lab.ask(sent[part], headers), strict=True):
            expected = refusal(endpoint, settings, language)
            if expected is not None:
                assert answer.error == expected, what
            else:
                assert answer.success or answer.error, (what, answer)
    before = others_run.since(0).cursor
    assert [row["number"] for row in others_run.since(0).rows[:before]] == list(range(before))
    assert others_run.state == "running"


def test_the_matrix_is_complete():
    assert sum(len(list(cases(endpoint))) for endpoint in ENDPOINTS) > 500
    for endpoint, (config, small, beside) in ENDPOINTS.items():
        assert refusal(endpoint, small, "en") is None
        assert {item.name for item in fields(config)} >= small.keys()
        assert not beside.keys() & small.keys()


@pytest.mark.parametrize("endpoint", ["train", "generate", "step", "sine", "tag", "layers"])
def test_missing_and_superfluous_arguments_are_named(lab, endpoint):
    number = lab.endpoint(endpoint)
    wanted = len(lab.app.fns[number].inputs)
    first = next(iter(inspect.signature(lab.app.fns[number].fn).parameters))
    none, many, chinese = (
        *lab.ask([(number, []), (number, [None] * (wanted + 1))]),
        *lab.ask([(number, [])], {"accept-language": "zh"}),
    )
    assert none.error.startswith(f"{endpoint}: 0 value(s) came where {wanted} are expected; give ")
    assert f"{wanted + 1} value(s) came" in many.error
    assert first in none.error or first == "request"
    assert chinese.error.startswith(f"{endpoint}：给出了 0 个值，应为 {wanted} 个")


@pytest.mark.parametrize(
    ("endpoint", "argument", "values"),
    [
        ("step", "epoch", NUMBERS[:-1]),
        ("step", "position", NUMBERS),
        ("train", "preset", WORDS),
        ("generate", "model", (*WORDS, "../../etc/passwd")),
        ("tag", "language", WORDS),
        ("tag", "tokens", ("a word", 5, True, [], [5], [None], [["a"]], ["a"] * 501)),
    ],
)
def test_arguments_that_are_no_settings_are_checked_too(lab, label, endpoint, argument, values):
    _, small, beside = ENDPOINTS.get(endpoint, (None, {}, {"text": "hello", "language": "auto", "tokens": None}))
    for value, answer in zip(
        values, lab.ask([call(lab, endpoint, small, {**beside, argument: value}) for value in values]), strict=True
    ):
        assert answer.refused, (argument, value)
        assert answer.error.startswith(f"{label(argument)} ({argument}): "), (value, answer.error)


def test_a_model_that_is_too_large_is_refused_with_the_estimate(lab):
    huge = {"model": "lstm", "hidden_size": 2048, "num_layers": 8}
    before = lab.runner.census()["kept"]
    (english,) = lab.ask([call(lab, "train", huge, {})])
    (chinese,) = lab.ask([call(lab, "train", huge, {})], {"accept-language": "zh-CN"})
    words = r"Model \(model\): training it would take about [\d.]+ GB .* Hidden size \(hidden_size\).*"
    assert re.fullmatch(words, english.error)
    assert "GB 内存" in chinese.error
    assert "隐藏单元数（hidden_size）" in chinese.error
    assert lab.runner.census()["kept"] == before
