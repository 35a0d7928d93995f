"""What a link may set: the one table of the places that links lead to, and of the fields there.

A place is a tab, or a part of one. Its fields are grouped by the configuration that checks them together, and a key of
a link is the name of a setting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from rnnlab.experiments import hello, tagging
from rnnlab.experiments.language_model import PRESETS, Config
from rnnlab.generation import TEMPERATURES, Generation
from rnnlab.inspection import PARTS
from rnnlab.limits import MAX_INSPECTED_CHARACTERS
from rnnlab.resources import CORPORA
from rnnlab.ui.tabs import adding, sine
from rnnlab.ui.tabs.generate.handlers import BEGINNINGS
from rnnlab.ui.tabs.generate.writers import MODELS
from rnnlab.ui.tabs.hello.payload import VIEW as HELLO
from rnnlab.ui.tabs.layers.handlers import AFFECTED_PARTS, DEFAULT_DROPOUT, SMALL
from rnnlab.ui.tabs.layers.layout import MAX_NORM
from rnnlab.ui.tabs.lesson import View
from rnnlab.ui.tabs.networks import NETWORKS
from rnnlab.ui.tabs.own_text import OWN
from rnnlab.ui.tabs.race.payload import VIEW as RACE
from rnnlab.ui.tabs.tag.handlers import SENTENCE, TRAIN
from rnnlab.ui.tabs.tag.sentence.handlers import TAGGERS
from rnnlab.ui.tabs.tag.sentence.payload import SENTENCE_TEXT
from rnnlab.ui.tabs.tag.training.handlers import COMPARED
from rnnlab.ui.tabs.tag.training.payload import IDS as TAG_IDS
from rnnlab.ui.tabs.tag.training.payload import SETTINGS as TAG_SETTINGS
from rnnlab.ui.tabs.train.handlers import SETTINGS as TRAIN_SETTINGS
from rnnlab.validation import Choice, Rule, Switch, Text, rule_of, setting
from rnnlab.validation import Config as AnyConfig

START = "start"  # presses the main button of a place

# The fields of the page that are no setting of an experiment.


@dataclass(frozen=True)
class WriterFields(AnyConfig):
    """Of the Generate tab."""

    model: str = setting("lyrics-zh", Choice(MODELS), "who writes: a network, or counting in the text of one")
    locked: bool = setting(False, Switch(), "keep the seed from song to song")
    temperatures: str = setting(
        ", ".join(f"{value:g}" for value in TEMPERATURES), Text(0, 200), "of the columns side by side"
    )
    context: str = setting("", Text(0, 200), "characters whose followers are counted")


@dataclass(frozen=True)
class SentenceFields(AnyConfig):
    """Of the first part of the Tagging tab."""

    text: str = setting("The cat sat on the mat.", SENTENCE_TEXT, "the sentence to tag")
    tagger: str = setting(TAGGERS[0], Choice(TAGGERS), "which tagger")


@dataclass(frozen=True)
class ComparisonFields(AnyConfig):
    """Of the second part of the Tagging tab."""

    beside: bool = setting(False, Switch(), "also train a tagger without recurrence")


@dataclass(frozen=True)
class InsideFields(AnyConfig):
    """Of the Inside tab."""

    model: str = setting("lyrics-zh", Choice(NETWORKS), "the network that reads")
    text: str = setting("", Text(0, MAX_INSPECTED_CHARACTERS), "the text that it reads; empty: a song of its own")


@dataclass(frozen=True)
class Group:
    """Fields whose values one configuration checks together."""

    config: type[AnyConfig]
    ids: Mapping[str, str]  # of each setting, the elem_id of its field
    rules: Mapping[str, Rule] = field(default_factory=dict)  # where the page offers less than the setting allows
    initial: Mapping[str, Any] = field(default_factory=dict)  # what a field shows first, if not its default
    local: frozenset[str] = frozenset()  # settings that begin differently in each language of the page

    def rule(self, name: str) -> Rule:
        """Return the rule of a setting."""
        return self.rules.get(name) or rule_of(self.config.__dataclass_fields__[name])

    def help(self, name: str) -> str:
        """Return a setting's line of help."""
        return self.config.__dataclass_fields__[name].metadata["help"]

    def make(self, base: Mapping[str, Any], values: Mapping[str, Any]) -> AnyConfig:
        """Return the configuration of `values` over those of a preset. Raises InvalidInput."""
        known = {item.name for item in fields(self.config)}
        given = {name: value for name, value in {**self.initial, **base, **values}.items() if name in known}
        return self.config(**given)


@dataclass(frozen=True)
class Place:
    """A tab or a part of it, and what a link to it may set."""

    tab: str
    groups: tuple[Group, ...]
    part: str = ""
    part_field: str = ""  # elem_id of the field that chooses the part; empty: it is a tab within the tab
    preset_key: str = ""  # the key that names a preset, whose values are the others' defaults
    preset_field: str = ""  # the elem_id of its field, unless it is a setting itself
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    form: str = ""  # the name of the form (`components.form_restore`) that is filled when the panel has drawn
    stored: tuple[str, ...] = ()  # the names under which its fields are kept over a reload (`field_storage`)
    buttons: Mapping[str, str] = field(default_factory=dict)  # elem_id of the button that `press=` names
    travels: bool = False  # whether `at=epoch:7` means something

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys of its fields, in the order of the page."""
        settings = [name for group in self.groups for name in group.ids]
        return tuple(dict.fromkeys([*([self.preset_key] if self.preset_key else []), *settings]))

    @property
    def fields(self) -> Mapping[str, str]:
        """Return the elem_id of each key's field."""
        own = {self.preset_key: self.preset_field} if self.preset_field else {}
        return own | {name: elem_id for group in self.groups for name, elem_id in group.ids.items()}

    def group_of(self, key: str) -> Group | None:
        """Return the group of a setting; None for a preset's own field or an unknown key."""
        return next((group for group in self.groups if key in group.ids), None)


def _of_view(view: View, **others: Any) -> Place:
    """Return the place of a lesson's tab."""
    names = view.settings or tuple(view.fields)
    rules = {"corpus": Choice(tuple(CORPORA))} if "corpus" in names else {}
    group = Group(view.config, {name: view.elem_id(name) for name in names}, rules)
    buttons = {START: f"{view.name}-start"}
    return Place(view.name, (group,), **{"form": view.name, "buttons": buttons, **others})


def _of_layers(part: str) -> Place:
    """Return the place of a part of the Layers tab: the settings that have an effect there."""
    config = PARTS[part]
    names = [item.name for item in fields(config)]
    if part in SMALL:
        initial = {"max_norm": MAX_NORM} if "max_norm" in names else {}
        group, stored = Group(config, {name: f"{part}-{name}" for name in names}, initial=initial), "layers"
    elif part == "batches":
        group, stored = Group(config, {name: f"cut-{name}" for name in names}, local=frozenset({"corpus"})), "cuts"
    else:
        names = [name for name in names if part in AFFECTED_PARTS[name]]
        initial = {"dropout": DEFAULT_DROPOUT} if "dropout" in names else {}
        group, stored = Group(config, {name: f"layers-{name}" for name in names}, initial=initial), "layers"
    return Place("layers", (group,), part, "layers-part", stored=tuple({"layers", stored}))


def _generate() -> Place:
    ids = {name: f"song-{name}" for name in ("top_k", "top_p", "seed")}
    ids = {name: f"set-{name}" for name in ("prefix", "temperature", "length")} | ids
    writer = {"model": "song-model", "locked": "song-lock", "temperatures": "set-temperatures"}
    return Place(
        "generate",
        (
            Group(WriterFields, writer | {"context": "set-context"}, local=frozenset({"model"})),
            Group(Generation, ids, initial={"prefix": BEGINNINGS["lyrics-zh"]}, local=frozenset({"prefix"})),
        ),
        stored=("generate", "generate_below"),
        buttons={START: "generate", "columns": "write-beside"},
    )


def _tagging() -> Iterable[Place]:
    sentence = Group(SentenceFields, {"text": "tag-text", "tagger": "tag-tagger"}, local=frozenset({"text", "tagger"}))
    yield Place("tag", (sentence,), SENTENCE, stored=("sentence",), buttons={START: "tag-sentence"})
    training = Group(tagging.Config, {name: TAG_IDS[name] for name in TAG_SETTINGS})
    yield Place(
        "tag",
        (training, Group(ComparisonFields, {"beside": "tag-beside"})),
        TRAIN,
        preset_key="preset",
        preset_field=TAG_IDS["corpus"],
        presets={name: {**each.settings, "beside": name in COMPARED} for name, each in tagging.PRESETS.items()},
        form="tag",
        buttons={START: "tag-start"},
    )


def _train() -> Place:
    ids = {"corpus": "corpus"} | {name: f"set-{name}" for name in TRAIN_SETTINGS}
    return Place(
        "train",
        (Group(Config, ids, {"corpus": Choice((*CORPORA, OWN))}),),
        preset_key="preset",
        preset_field="recipe",
        presets={"quick": {}} | {name: dict(each.settings) for name, each in PRESETS.items()},
        form="train",
        buttons={START: "train"},
        travels=True,
    )


def _inside() -> Place:
    group = Group(InsideFields, {"model": "inside-model", "text": "inside-text"}, local=frozenset({"model", "text"}))
    return Place("inside", (group,), stored=("inside",), buttons={START: "inside-open"})


# In the order of the page; of a tab with parts, the first one is meant where a link names none.
PLACES: tuple[Place, ...] = (
    _train(),
    _generate(),
    *(_of_layers(part) for part in PARTS),
    _of_view(HELLO, preset_key="module", presets={name: dict(each.settings) for name, each in hello.PRESETS.items()}),
    _of_view(sine.VIEW),
    _of_view(adding.VIEW, buttons={START: "adding-start", "find": "adding-find"}),
    *_tagging(),
    _of_view(RACE),
    _inside(),
)
TABS = tuple(dict.fromkeys(place.tab for place in PLACES))


def places_of(tab: str) -> tuple[Place, ...]:
    """Return the parts of a tab, or its only place."""
    return tuple(place for place in PLACES if place.tab == tab)
