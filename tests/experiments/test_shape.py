"""All experiments have one shape: Config, PRESETS, events that begin with Started, and run(config)."""

import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest

from rnnlab import experiments, validation
from rnnlab.experiments import (
    adding,
    divergence,
    event,
    hello,
    language_model,
    optimizers,
    presets,
    race,
    sine,
    tagging,
)
from rnnlab.validation import Choice, InvalidInput, rule_of

SHARED = {
    "breaks",
    "divergence",
    "event",
    "optimizers",
    "presets",
    "registry",
    "schedules",
    "tutorials",
}  # modules that are no experiment
EXPERIMENTS = {
    name: getattr(experiments, name) for _, name, _ in pkgutil.iter_modules(experiments.__path__) if name not in SHARED
}
SHORT = {  # settings with which a run takes a moment
    "adding": {"length": 4, "max_steps": 2, "hidden_size": 4, "batch_size": 2},
    "hello": {"epochs": 2},
    "language_model": {"epochs": 1, "max_tokens": 500, "batch_size": 4, "hidden_size": 4, "sample_every": None},
    "race": {"epochs": 1, "max_tokens": 500, "batch_size": 4, "hidden_size": 4, "sample_every": None},
    "sine": {"windows": 2, "free_run": 1, "hidden_size": 4},
    "tagging": {"epochs": 2},
}

each = pytest.mark.parametrize("name", EXPERIMENTS)


def short_run(name):
    return list(EXPERIMENTS[name].run(EXPERIMENTS[name].Config(**SHORT[name])))


def test_these_are_all_experiments():
    assert set(EXPERIMENTS) == {"adding", "hello", "language_model", "race", "sine", "tagging"}
    assert set(EXPERIMENTS.values()) == {adding, hello, language_model, race, sine, tagging}


@each
def test_it_has_a_config_that_the_one_validator_checks(name):
    config = EXPERIMENTS[name].Config
    assert issubclass(config, validation.Config)
    assert config.from_strings(config().to_strings()) == config()


@each
def test_it_has_presets_of_the_one_generic_class(name):
    experiment = EXPERIMENTS[name]
    assert experiment.PRESETS
    for preset_name, preset in experiment.PRESETS.items():
        assert type(preset) is presets.Preset
        assert experiment.preset(preset_name) is preset
        assert type(preset.config()) is experiment.Config
    assert experiment.Config() in [preset.config() for preset in experiment.PRESETS.values()]
    with pytest.raises(InvalidInput):
        experiment.preset("no such preset")


@each
def test_its_run_takes_a_config_and_yields_events(name):
    run = EXPERIMENTS[name].run
    first, *others = inspect.signature(run).parameters.values()
    assert first.name == "config"
    assert all(parameter.default is not inspect.Parameter.empty for parameter in others)
    assert isinstance(run(EXPERIMENTS[name].Config(**SHORT[name])), Iterator)
    assert all(isinstance(found, event.Event) for found in short_run(name))


@each
def test_its_first_event_is_started_and_its_last_finished(name):
    experiment = EXPERIMENTS[name]
    first, *_, last = short_run(name)
    assert type(first) is experiment.Started
    assert issubclass(experiment.Started, event.Started)
    assert first.parameters > 0
    assert event.row(first)["kind"] == "started"
    assert type(last) is experiment.Finished
    assert event.row(last)["kind"] == "finished"


@each
def test_its_events_are_frozen_plain_data(name):
    for found in short_run(name):
        assert is_dataclass(found)
        assert type(found).__dataclass_params__.frozen
        assert set(event.row(found)) == {"kind", *(item.name for item in fields(found))}


@pytest.mark.parametrize("name", ["language_model", "sine", "tagging"])
def test_divergence_is_the_same_event_everywhere(name):
    diverged = EXPERIMENTS[name].Diverged
    assert diverged is divergence.Diverged
    assert {kind.kind for kind in (diverged, *diverged.__subclasses__())} == {"diverged"}


def test_trainings_in_epochs_diverge_alike():
    assert language_model.EpochDiverged is tagging.EpochDiverged is divergence.EpochDiverged


def test_there_is_one_exception_for_numbers_that_are_not_finite():
    found = {
        value
        for module in (language_model.trainer, sine.learner, tagging.trainer)
        for name, value in vars(module).items()
        if name == "NotFinite"
    }
    assert found == {divergence.NotFinite}


@pytest.mark.parametrize("name", ["language_model", "tagging"])
def test_the_optimizers_that_can_be_chosen_are_those_that_there_are(name):
    item = next(item for item in fields(EXPERIMENTS[name].Config) if item.name == "optimizer")
    without_weight_decay = {"tagging": {"adamw"}}  # where AdamW would be Adam
    offered = [name_of for name_of in optimizers.OPTIMIZERS if name_of not in without_weight_decay.get(name, ())]
    assert rule_of(item) == Choice(tuple(offered))


def test_no_two_experiments_give_different_classes_one_name_unless_they_share_a_base():
    shared_names = {"Config", "Started", "Epoch", "Step", "Finished", "Trainer", "Event"}  # each with one meaning
    owner = {}
    for experiment in EXPERIMENTS.values():
        for name, value in vars(experiment).items():
            if inspect.isclass(value) and value.__module__.startswith("rnnlab.experiments"):
                owner.setdefault(name, set()).add(value)
    assert {name for name, classes in owner.items() if len(classes) > 1} <= shared_names
