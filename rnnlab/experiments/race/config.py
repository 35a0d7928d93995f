"""The settings of a race: those of a language model, which all lanes share, and what differs in each lane."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar

from rnnlab.experiments import language_model
from rnnlab.limits import MAX_RACE_LANES
from rnnlab.messages import echo
from rnnlab.validation import Choice, InvalidInput, Real, Text, rule_of, setting

# A single word of a lane is an option of one of these settings.
NAMED_BY_OPTION = ("model", "implementation", "gradient", "optimizer")
# These are the same in all lanes: they decide on the minibatches, or on when a lane ends and what it writes.
SHARED = frozenset(
    {
        "corpus", "distance", "max_tokens", "tokenizer", "min_freq", "held_out", "test", "shuffle_text", "batch_size",
        "num_steps", "sampling",
        "random_offset", "epochs", "target_perplexity", "seed", "sample_prefixes", "sample_length", "sample_every",
        "progress_every",
    }
)  # fmt: skip
# Lanes that differ in these only compute the same numbers, up to rounding.
SAME_NUMBERS = frozenset({"implementation", "gradient"})
INTERMEDIATE = (100.0, 10.0, 2.0)  # perplexities at which the time is taken before the finish line
MIN_MARK_RATIO = 1.5  # of an intermediate mark to the finish line


@dataclass(frozen=True)
class Lane:
    """One lane: its name as it was written, its settings, and those of them that were named."""

    name: str
    config: language_model.Config
    named: tuple[tuple[str, str], ...]  # setting and value, in the order of the name


@dataclass(frozen=True)
class Config(language_model.Config):
    """The settings of one race. The defaults are the preset `models`."""

    lesson: ClassVar[str] = "race"

    target_perplexity: float | None = setting(
        1.1,
        Real(1.0, 1e6, optional=True),
        "the finish line: a lane ends at its first epoch whose training perplexity is this low; empty: none",
        section="learning",
    )
    lanes: str = setting(
        "rnn, gru, lstm",
        Text(1, 500),
        "two to four, with commas between them; each names what differs in it: rnn, scratch, hidden_size=64",
    )

    def check_together(self) -> None:
        """Check every lane. Raises InvalidInput."""
        super().check_together()
        self.lane_configs()

    def lane_configs(self) -> tuple[Lane, ...]:
        """Return the lanes in their order. Raises InvalidInput.

        >>> [(lane.name, lane.config.model) for lane in Config(lanes="rnn, lstm hidden-size=64").lane_configs()]
        [('rnn', 'rnn'), ('lstm hidden_size=64', 'lstm')]
        """
        names = [" ".join(part.split()) for part in self.lanes.replace("，", ",").split(",")]
        names = [name for name in names if name]
        if not 2 <= len(names) <= MAX_RACE_LANES:
            raise InvalidInput("race_lanes", "lanes", given=len(names), high=MAX_RACE_LANES)
        lanes = tuple(self._lane(name) for name in names)
        for i, lane in enumerate(lanes):
            if lane.config in [other.config for other in lanes[:i]]:
                raise InvalidInput("race_twice", "lanes", value=echo(lane.name))
        return lanes

    def _lane(self, name: str) -> Lane:
        """Return the lane that `name` describes. Raises InvalidInput."""
        shared = {item.name: getattr(self, item.name) for item in fields(language_model.Config)}
        named = [_setting_of(word) for word in name.split()]
        rules = {item.name: rule_of(item) for item in fields(language_model.Config)}
        values: dict[str, Any] = {setting: rules[setting].parse(setting, text) for setting, text in named}
        written = " ".join(text if setting in NAMED_BY_OPTION else f"{setting}={text}" for setting, text in named)
        return Lane(written, language_model.Config(**{**shared, **values}), tuple(named))


def _setting_of(word: str) -> tuple[str, str]:
    """Return the setting that a word of a lane names, and its value as text. Raises InvalidInput."""
    rules = {item.name: rule_of(item) for item in fields(language_model.Config)}
    name, equals, text = word.partition("=")
    if not equals:
        for setting in NAMED_BY_OPTION:
            rule = rules[setting]
            if isinstance(rule, Choice) and word in rule.options:
                return setting, word
        options = [option for setting in NAMED_BY_OPTION for option in getattr(rules[setting], "options", ())]
        raise InvalidInput("race_word", "lanes", value=echo(word), choices=", ".join(options))
    name = name.replace("-", "_")
    if name in SHARED:
        raise InvalidInput("race_shared", "lanes", value=echo(name))
    if name not in rules:
        raise InvalidInput("race_setting", "lanes", value=echo(name))
    return name, text


def is_parity(lanes: tuple[Lane, ...]) -> bool:
    """Return whether two lanes compute the same numbers in two ways, so that only rounding can tell them apart.

    >>> is_parity(Config(lanes="scratch, torch").lane_configs()), is_parity(Config().lane_configs())
    (True, False)
    """
    if len(lanes) != 2:
        return False
    one, other = (lane.config for lane in lanes)
    return replace(one, **{name: getattr(other, name) for name in SAME_NUMBERS}) == other


def marks_of(config: Config, uniform: float) -> tuple[float, ...]:
    """Return the perplexities at which the time of a lane is taken, the finish line last; `uniform` is where it begins.

    >>> marks_of(Config(target_perplexity=1.1), 1060.0), marks_of(Config(target_perplexity=None), 60.0)
    ((100.0, 10.0, 2.0, 1.1), (10.0, 2.0))
    """
    target = config.target_perplexity
    low = MIN_MARK_RATIO * (1.0 if target is None else target)
    marks = tuple(mark for mark in INTERMEDIATE if low <= mark < uniform)
    return marks if target is None else (*marks, target)
