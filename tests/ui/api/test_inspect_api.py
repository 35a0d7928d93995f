"""`/inspect`: the same as the command and the page."""

from types import SimpleNamespace

import pytest

from rnnlab.runs import Runner
from rnnlab.ui.api.inspect import inspect
from rnnlab.ui.i18n.errors import Refusal
from rnnlab.ui.tabs.inside.handlers import on_open
from rnnlab.ui.tabs.inside.sections import section_value

REQUEST = SimpleNamespace(headers={}, cookies={}, query_params={}, client=None)


@pytest.fixture(scope="module")
def runner():
    runner = Runner(1)
    yield runner
    runner.close()


def test_it_answers_as_the_page_does(runner):
    text = "The night train\nleaves at ten\n"
    key = on_open(runner, None, None, None, "lyrics-en", text, None, "", None)[0]["key"]
    found = inspect(runner, REQUEST, "lyrics-en", text + "Ω", "units", ["measure=space", "number=5"])
    assert found["missing"] == ["Ω"]
    drawn = section_value(key, "units", {"measure": "space"})["units"][:5]
    assert [[unit["state"], unit["index"], unit["score"], unit["r"]] for unit in found["units"]] == drawn
    alike = inspect(runner, REQUEST, "lyrics-en", text, "alike", ["first=4", "last=8"])
    assert alike["selection"] == "night"
    assert alike["places"] == section_value(key, "alike", {"first": "4", "last": "8"})["places"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("no model", "a b", "units", []), "model"),
        (("lyrics-en", "a" * 2001, "units", []), "2000"),
        (("lyrics-en", "the night", "gates of heaven", []), "what"),
        (("lyrics-en", "the night", "units", "measure=line"), "options"),
        (("lyrics-en", "the night", "units", ["colour=red"]), "colour"),
    ],
)
def test_refusals_name_the_field(runner, arguments, named):
    with pytest.raises(Refusal, match=named):
        inspect(runner, REQUEST, *arguments)
