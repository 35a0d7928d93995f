"""The catalogue of messages: every raised code has a message, and every message is raised somewhere."""

import ast
import string
from pathlib import Path

import pytest

import rnnlab
from rnnlab.messages import MESSAGES
from rnnlab.validation import InvalidInput

SOURCE = sorted(Path(rnnlab.__file__).parent.rglob("*.py"))


def names_in(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


KINDS = ("InvalidInput", "InvalidTensor")  # the second is raised by layers


def refusals(path):
    """Yield (line, code, words) of every `InvalidInput("code", field, word=…)`, or of its subclass, in a file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in KINDS:
            if isinstance(node.args[0], ast.Attribute):
                continue  # an error that is raised again as another class
            assert isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno}: the code is no literal"
            yield node.lineno, node.args[0].value, {word.arg for word in node.keywords}


@pytest.fixture(scope="module")
def raised():
    """Every place that raises a refusal: (where, code, words)."""
    return [(f"{path.name}:{line}", code, words) for path in SOURCE for line, code, words in refusals(path)]


def test_every_raised_code_has_a_message_with_its_details(raised):
    assert len(raised) > 40, "they are found in the source"
    assert [f"{where}: {code}" for where, code, _ in raised if code not in MESSAGES] == [], "without a message"
    incomplete = [
        f"{where}: {missing}"
        for where, code, words in raised
        if (missing := names_in(MESSAGES[code]) - {"field"} - words)
    ]
    assert incomplete == [], "they leave something out"


def test_every_message_is_raised_somewhere(raised):
    assert set(MESSAGES) == {code for _, code, _ in raised}


def test_a_message_names_the_field_first_and_is_one_sentence_or_two():
    for code, template in MESSAGES.items():
        assert template.startswith("{field}: "), code
        assert template.endswith("."), code
        assert "\n" not in template, code


def test_a_refusal_is_a_value_error_with_code_field_and_details():
    refusal = InvalidInput("too_long", "prefix", length=7, high=5)
    assert isinstance(refusal, ValueError)
    assert (refusal.code, refusal.field, refusal.details) == ("too_long", "prefix", {"length": 7, "high": 5})
    assert str(refusal) == "prefix: at most 5 characters (this has 7)."


def test_braces_in_an_echoed_value_are_harmless():
    assert "{field.__class__}" in str(InvalidInput("not_text", "{x}", value="{field.__class__}"))
