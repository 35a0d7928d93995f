"""Wild numbers in the fields that only the page has: refused with the field's name, or accepted unchanged.

The settings that the endpoints have, too, are in test_numbers_api.py.
"""

import math
import time
from dataclasses import fields

import pytest

from rnnlab.experiments.language_model import Config as TrainingConfig
from rnnlab.experiments.tagging import Config as TaggingConfig
from rnnlab.inspection import BatchesConfig
from rnnlab.runs import RUNNING, Training
from rnnlab.ui.components.settings_form import given_values
from rnnlab.ui.i18n import message_of
from rnnlab.ui.tabs.layers import handlers as layers
from rnnlab.ui.tabs.tag.training import payload as tagging
from rnnlab.validation import Integer, InvalidInput, Real, rule_of

NUMBERS = (math.nan, math.inf, -math.inf, -1, 0, 1e308, 3.7, True, "5", None)
LANGUAGES = ("en", "zh")
SMALL = {
    "corpus": "own", "own-text": "la la li " * 20, "set-hidden_size": 4, "set-embedding_size": 2, "set-batch_size": 2,
    "set-num_steps": 4, "set-epochs": 5000, "set-sample_every": "", "set-held_out": 0,
}  # fmt: skip
SMALL_TAGGER = {"tag-hidden_size": 2, "tag-embedding_size": 2, "tag-epochs": 1}
SOON = 60.0  # seconds: long enough for a busy machine


def handler(lab, name, component):
    """Return the number of the handler `name` with this component as an input, and its inputs."""
    return next(
        (number, fn.inputs)
        for number, fn in lab.app.fns.items()
        if fn.name == name and component in [block.elem_id for block in fn.inputs]
    )


def filled(inputs, given):
    """Return a value for each input: from `given`, or its first value. A run's id is in `given` by its BrowserState."""
    return [
        None if block.stateful else given.get(getattr(block, "storage_key", block.elem_id), block.value)
        for block in inputs
    ]


def said(check, language):
    """Return the refusal that `check()` raises; None if it raises none."""
    try:
        check()
    except InvalidInput as error:
        return message_of(error, language)
    return None


def in_both_languages(values):
    return [(value, LANGUAGES[place % 2]) for place, value in enumerate(values)]


@pytest.fixture
def visit(lab):
    """`visit(name, component, values)`: send an event of a page, and return the answer."""

    def ask(name, component, given, language="en"):
        number, inputs = handler(lab, name, component)
        return lab.ask([(number, filled(inputs, given))], {"accept-language": language}, "somebody")[0]

    return ask


@pytest.fixture
def run(lab, visit):
    """A long training in progress; a page that sends `mine(run)` is its visitor's."""
    before = set(lab.runner.runs())
    assert visit("on_train", "own-text", SMALL).success
    (run,) = [run for run in lab.runner.runs() if run not in before and isinstance(run.experiment, Training)]
    with run.viewers.watch():
        yield run
    lab.runner.stop(run)
    assert run.wait(SOON)


def mine(run):
    return {"rnnlab_train": run.id}


def goes_on(run):
    """Return whether the run trains another epoch."""
    epoch, until = run.experiment.epoch, time.monotonic() + SOON
    while run.experiment.epoch == epoch and time.monotonic() < until:
        time.sleep(0.01)
    return run.experiment.epoch > epoch and run.state == RUNNING


def test_an_invalid_number_of_more_epochs_is_refused_and_the_run_goes_on(run, visit, label):
    for value, language in in_both_languages(NUMBERS):
        answer = visit("on_more", "more-epochs", {**mine(run), "more-epochs": value}, language)
        expected = said(lambda value=value: Integer(1, 10_000).check("more_epochs", value), language)
        assert (answer.success, answer.says(language)) == (False, expected), value
        assert answer.says(language).startswith(label("more_epochs", language))
    assert run.config.epochs == 5000
    assert goes_on(run)
    as_json_may_write_it = {**mine(run), "more-epochs": 7.0}
    assert visit("on_more", "more-epochs", as_json_may_write_it).success
    assert run.config.epochs == 5007


def test_an_invalid_learning_rate_is_refused_and_the_run_goes_on(run, visit, label):
    """0 and 3.7 are valid learning rates."""
    rule = next(rule_of(item) for item in fields(TrainingConfig) if item.name == "learning_rate")
    taken = []
    for value, language in in_both_languages(NUMBERS):
        before = run.config.learning_rate
        answer = visit("on_apply", "set-learning_rate", {**mine(run), "set-learning_rate": value}, language)
        expected = said(lambda value=value: rule.check("learning_rate", value), language)
        assert (answer.success, answer.says(language)) == (expected is None, expected), value
        assert run.config.learning_rate == (before if expected else value)
        if expected is None:
            taken.append(value)
            assert visit("on_apply", "set-learning_rate", {**mine(run), "set-learning_rate": before}).success
        else:
            assert answer.says(language).startswith(label("learning_rate", language))
    assert taken == [0, 3.7]
    assert goes_on(run)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_wild_number_for_a_tagger_is_checked_by_its_rule(lab, language):
    number, inputs = handler(lab, "on_train", "tag-preset")
    calls, expected = [], []
    for item in fields(TaggingConfig):
        component = f"tag-{item.name}"
        if isinstance(rule_of(item), Integer | Real) and component in [block.elem_id for block in inputs]:
            for value in NUMBERS[language == "zh" :: 2]:  # half of them in each language
                values = filled(inputs, {**SMALL_TAGGER, component: value})
                calls.append((number, values))
                expected.append(said(lambda values=values: tagger_of(values), language))
    refused = [place for place, words in enumerate(expected) if words is not None]
    answers = lab.ask([calls[place] for place in refused], {"accept-language": language})
    assert [answer.says(language) for answer in answers] == [expected[place] for place in refused]
    taken = [calls[place] for place, words in enumerate(expected) if words is None]
    before = None
    for _, values in taken:  # one after the other: a visitor has one run of a lesson
        (answer,) = lab.ask([(number, [before, *values[1:]])], session=f"tagger {language}")
        assert answer.success, (values, answer.error)
        before = answer.data[1]
    assert len(refused) > 3 * len(taken) > 0


def tagger_of(values):
    """Return the settings among a handler's values; the previous run, an upload and two recipes come first."""
    return TaggingConfig(**given_values(TaggingConfig, tagging.SETTINGS, values[4:]))


def test_every_wild_number_for_cutting_minibatches_is_checked_by_its_rule(lab):
    """The panel keeps its picture and shows the refusal; an empty field is being edited."""
    number, inputs = handler(lab, "on_text", "cut-batch_size")
    for name in ("batch_size", "num_steps", "seed"):
        calls = [(number, filled(inputs, {f"cut-{name}": value})) for value in NUMBERS]
        for language in LANGUAGES:
            answers = lab.ask(calls, {"accept-language": language})
            for value, (_, values), answer in zip(NUMBERS, calls, answers, strict=True):
                assert answer.success, (name, value, answer)
                if value is None:
                    assert answer.data[0]["__type__"] == "update"
                    continue
                given = given_values(BatchesConfig, layers.CUTTING, values)
                expected = said(lambda given=given: BatchesConfig(**given), language)
                assert answer.data[0].get("refused", {}).get(language) == expected, (name, value)
                assert expected is not None or (name, value) == ("seed", 0)
