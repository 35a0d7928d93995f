"""Validation: each rule against arbitrary values, and round trips of configurations through strings."""

import math
import pickle
from dataclasses import dataclass, fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.experiments.language_model import Config as TrainingConfig
from rnnlab.generation import Generation
from rnnlab.validation import (
    NONE,
    Choice,
    Config,
    Integer,
    InvalidInput,
    Real,
    Switch,
    Text,
    Texts,
    echo,
    rule_of,
    setting,
)

NAN, INF = math.nan, math.inf
SURROGATE = "\ud800"


def refused(code, rule, value):
    """Check that `rule` refuses `value` with `code`, naming the field, and return the message."""
    with pytest.raises(InvalidInput) as refusal:
        rule.check("speed", value)
    assert refusal.value.code == code
    assert refusal.value.field == "speed"
    assert str(refusal.value).startswith("speed: ")
    return str(refusal.value)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (NAN, "not_whole"),
        (INF, "not_whole"),
        (-INF, "not_whole"),
        (3.7, "not_whole"),
        (True, "not_a_number"),
        (False, "not_a_number"),
        ("5", "not_a_number"),
        (None, "not_a_number"),
        ([5], "not_a_number"),
        (1j, "not_a_number"),
        (1e308, "out_of_range"),
        (10**400, "out_of_range"),
        pytest.param(-(10**5000), "out_of_range", id="thousands of digits"),
        (0, "out_of_range"),
        (11, "out_of_range"),
    ],
)
def test_a_whole_number_is_whole_and_within_bounds(value, code):
    assert "1 to 10" in refused(code, Integer(1, 10), value)


@pytest.mark.parametrize(("value", "whole"), [(1, 1), (10, 10), (5.0, 5)])
def test_a_whole_number_passes_as_an_int(value, whole):
    checked = Integer(1, 10).check("n", value)
    assert checked == whole
    assert type(checked) is int


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (NAN, "not_a_number"),
        (True, "not_a_number"),
        ("5", "not_a_number"),
        (None, "not_a_number"),
        (b"5", "not_a_number"),
        (INF, "out_of_range"),
        (-INF, "out_of_range"),
        (1e308, "out_of_range"),
        (10**400, "out_of_range"),
        pytest.param(10**5000, "out_of_range", id="thousands of digits"),
        (-0.1, "out_of_range"),
    ],
)
def test_a_real_number_is_finite_and_within_bounds(value, code):
    refused(code, Real(0.0, 2.5), value)


def test_a_real_number_passes_as_a_float():
    checked = Real(0.0, 2.5).check("x", 2)
    assert checked == 2.0
    assert type(checked) is float


@pytest.mark.parametrize("rule", [Integer(1, 10, optional=True), Real(1.0, 10.0, optional=True)])
def test_an_optional_number_may_be_absent(rule):
    assert rule.check("n", None) is None
    assert rule.parse("n", NONE) is None
    assert rule.show(None) == NONE
    refused("not_a_number", rule, NONE)  # "none" is for strings only


@pytest.mark.parametrize(
    "text", ["3.7", "nan", "inf", "-inf", "abc", "", NONE, "1e999", "9" * 5000, "0x5", "٣٣", SURROGATE]
)
def test_a_string_that_is_not_a_whole_number_in_range_is_refused(text):
    with pytest.raises(InvalidInput, match="num_layers"):
        TrainingConfig.from_strings({"num_layers": text})


@pytest.mark.parametrize(("text", "value"), [("3", 3), ("1e0", 1), ("2.0", 2), (" 4 ", 4), ("٣", 3)])
def test_a_whole_number_is_read_from_a_string(text, value):
    assert TrainingConfig.from_strings({"num_layers": text}).num_layers == value


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "1e999", "abc", "", "true"])
def test_a_string_that_is_not_a_number_in_range_is_refused(text):
    with pytest.raises(InvalidInput, match="learning_rate"):
        TrainingConfig.from_strings({"learning_rate": text})


@pytest.mark.parametrize("value", ["gruu", "", "GRU", None, 1, ["gru"], {"gru"}, NAN])
def test_a_choice_is_one_of_its_words(value):
    assert "rnn, gru" in refused("not_a_choice", Choice(("rnn", "gru")), value)


@pytest.mark.parametrize("value", [1, 0, "true", None, NAN])
def test_a_switch_is_true_or_false(value):
    refused("not_a_switch", Switch(), value)


@pytest.mark.parametrize("text", ["True", "1", "yes", "", "none"])
def test_a_switch_is_written_true_or_false(text):
    with pytest.raises(InvalidInput, match="neither true nor false"):
        Switch().parse("s", text)
    assert Switch().parse("s", "true") is True
    assert Switch().parse("s", "false") is False


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("a\0b", "bad_character"),
        (SURROGATE, "bad_character"),
        ("ok\udfff", "bad_character"),
        ("", "empty"),
        (" \n\t\u3000", "empty"),
        ("123456", "too_long"),
        (None, "not_text"),
        (5, "not_text"),
        (b"abc", "not_text"),
        (["a"], "not_text"),
    ],
)
def test_a_text_is_text(value, code):
    message = refused(code, Text(1, 5), value)
    message.encode("utf-8")  # a lone surrogate cannot be printed


def test_a_text_may_be_blank_if_its_minimum_is_0():
    assert Text(0, 5).check("t", " \n ") == " \n "
    assert Text(0, 5).check("t", "") == ""


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("ab", "not_text"),
        (None, "not_text"),
        (5, "not_text"),
        (["a", "b", "c"], "too_many_items"),
        (["a", ""], "empty"),
        (["a", None], "not_text"),
        (["a\0"], "bad_character"),
        (["a|b"], "separator"),  # it would be read back as two texts
    ],
)
def test_texts_are_a_few_texts(value, code):
    refused(code, Texts(2, Text(1, 3)), value)


def test_texts_pass_as_a_tuple():
    assert Texts(2, Text(1, 3)).check("t", ["分", "b"]) == ("分", "b")
    assert Texts(2, Text(1, 3)).parse("t", "") == ()
    assert Texts(2, Text(1, 3)).parse("t", "a|b") == ("a", "b")


@settings(deadline=None)
@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.lists(st.text())))
def test_a_rule_raises_only_invalid_input_for_any_value(value):
    rules = [Integer(1, 10), Real(0.0, 1.0), Choice(("a",)), Switch(), Text(1, 5), Texts(2, Text(1, 5))]
    for rule in rules:
        try:
            checked = rule.check("field", value)
        except InvalidInput as refusal:
            str(refusal).encode("utf-8")
        else:
            assert rule.check("field", checked) == checked


@settings(deadline=None)
@given(st.sampled_from([item.name for item in fields(TrainingConfig)]), st.text(st.characters(codec=None)))
def test_a_config_raises_only_invalid_input_for_any_string(name, text):
    try:
        config = TrainingConfig.from_strings({name: text})
    except InvalidInput as refusal:
        str(refusal).encode("utf-8")
    else:
        assert TrainingConfig.from_strings(config.to_strings()) == config


def values_of(rule):
    """Return a strategy for the values that `rule` allows."""
    words = st.characters(codec="utf-8", exclude_characters="\0|")
    match rule:
        case Integer():
            values = st.integers(rule.low, rule.high)
        case Real():
            values = st.floats(rule.low, rule.high)
        case Choice():
            values = st.sampled_from(rule.options)
        case Switch():
            values = st.booleans()
        case Text():
            values = st.text(words, min_size=rule.low, max_size=min(rule.high, 50)).filter(
                lambda text: text.strip() or not rule.low
            )
        case Texts():
            values = st.lists(values_of(rule.each), max_size=rule.items).map(tuple)
    return st.none() | values if getattr(rule, "optional", False) else values


def configs(cls):
    rules = {item.name: rule_of(item) for item in fields(cls)}
    return st.fixed_dictionaries({name: values_of(rule) for name, rule in rules.items()})


@settings(deadline=None)
@given(configs(TrainingConfig))
def test_a_training_config_round_trips_through_strings(settings):
    if settings["model"] != "rnn":  # contradictory settings have a test of their own
        settings["nonlinearity"] = "tanh"
    if settings["implementation"] == "torch":
        settings["reset_after"], settings["biases"] = True, "two"
    if settings["encoding"] == "one-hot":
        settings["embedding_dropout"] = 0.0
        settings["tie_weights"] = False
    if settings["tie_weights"]:
        settings["embedding_size"] = settings["hidden_size"] = min(settings["hidden_size"], 1024)
        settings["embedding_size"] *= 2 if settings["bidirectional"] else 1
    if settings["model"] != "lstm":
        settings["forget_bias"] = None
    if settings["optimizer"] in ("adam", "adamw"):
        settings["momentum"] = 0.0
    if not settings["detach"]:
        settings["sampling"], settings["state"] = "sequential", "carried"
    config = TrainingConfig(**settings)
    strings = config.to_strings()
    assert all(isinstance(text, str) for text in strings.values())
    assert TrainingConfig.from_strings(strings) == config


@settings(deadline=None)
@given(configs(Generation))
def test_a_generation_config_round_trips_through_strings(settings):
    how = Generation(**settings)
    assert Generation.from_strings(how.to_strings()) == how


def test_contradictory_settings_are_refused():
    with pytest.raises(InvalidInput, match="give tanh"):
        TrainingConfig(model="gru", nonlinearity="relu")
    with pytest.raises(InvalidInput, match="reset_after"):
        TrainingConfig(model="gru", implementation="torch", reset_after=False)
    with pytest.raises(InvalidInput, match=r"^biases: .*choose scratch as implementation for one"):
        TrainingConfig(model="lstm", implementation="torch", biases="one")
    TrainingConfig(model="lstm", reset_after=False)  # an LSTM has no reset gate, so the setting has no effect


@dataclass(frozen=True)
class Example(Config):
    size: int = setting(3, Integer(1, 5), "a size")
    name: str = setting("a", Text(1, 5), "a name")


def test_absent_settings_keep_their_defaults():
    assert Example.from_strings({"name": "b"}) == Example(3, "b")


def test_an_unknown_setting_is_refused_with_the_known_ones():
    with pytest.raises(InvalidInput, match=r"'colour'.*size, name"):
        Example.from_strings({"colour": "red"})


@pytest.mark.parametrize("value", [None, 5, ["5"], True])
def test_strings_must_be_strings(value):
    with pytest.raises(InvalidInput, match=r"size: .* is not text"):
        Example.from_strings({"size": value})


def test_a_config_cannot_be_changed():
    with pytest.raises(AttributeError):
        Example().size = 4


def test_an_error_can_be_pickled():
    told = InvalidInput("less_than_a_batch", "corpus", tokens=31, batch_size=32, num_steps=35, low=64)
    heard = pickle.loads(pickle.dumps(told))
    assert (type(heard), str(heard)) == (InvalidInput, str(told))
    assert (heard.code, heard.field, heard.details) == (told.code, told.field, told.details)


def test_an_echo_is_short_and_printable():
    assert echo("a" * 100) == "'" + "a" * 38 + "…"
    assert len(echo(10**5000)) <= 40
    echo(SURROGATE).encode("utf-8")
