"""Validate settings of the page, the API, the command line, links and checkpoints by the same rules.

A setting is declared once, as a dataclass field with a rule:

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Example(Config):
    ...     hidden_size: int = setting(256, Integer(1, 2048), "units in the hidden state")
    >>> Example(hidden_size=3.7)
    Traceback (most recent call last):
    ...
    rnnlab.validation.InvalidInput: hidden_size: 3.7 is not a whole number; give a whole number from 1 to 2048.

The rule checks Python values (`check`), reads and writes strings (`parse`, `show`), and has the range for the page and
the command line; no other code defines the allowed values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from functools import partial
from typing import Any, ClassVar, Self

from rnnlab.messages import MESSAGES, echo, name_settings, short

NONE = "none"  # an absent optional value in a link or on the command line
SEPARATOR = "|"  # between the entries of a setting with several texts


class InvalidInput(ValueError):
    """An invalid value: `code` (a key of MESSAGES), `field` (its name), and the details in the message."""

    def __init__(self, code: str, field: str, **details: Any) -> None:
        self.code, self.field, self.details = code, field, details
        super().__init__(name_settings(MESSAGES[code]).format(field=field, **details))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle code, field and details, because pickle would otherwise call the class with the message only."""
        return partial(type(self), self.code, self.field, **self.details), ()


@dataclass(frozen=True)
class Integer:
    """A whole number in [low, high]; with `optional`, also None."""

    low: int
    high: int
    optional: bool = False

    def check(self, name: str, value: Any) -> int | None:
        if value is None and self.optional:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidInput("not_a_number", name, value=echo(value), low=self.low, high=self.high)
        if isinstance(value, float) and not value.is_integer():  # also for inf and NaN
            raise InvalidInput("not_whole", name, value=echo(value), low=self.low, high=self.high)
        if not self.low <= value <= self.high:
            raise InvalidInput("out_of_range", name, value=echo(value), low=self.low, high=self.high)
        return int(value)

    def require(self, name: str, value: Any) -> int:
        """Check `value` by a rule without `optional`, so that the result is never None."""
        checked = self.check(name, value)
        assert checked is not None, f"the rule of {name} is optional"
        return checked

    def parse(self, name: str, text: str) -> float | None:
        if text == NONE and self.optional:
            return None
        try:
            return int(text)
        except ValueError:
            return Real(self.low, self.high).parse(name, text)  # a number such as 3.7, which `check` rejects

    def show(self, value: int | None) -> str:
        return NONE if value is None else str(value)


@dataclass(frozen=True)
class Real:
    """A finite number in [low, high]; with `optional`, also None."""

    low: float
    high: float
    optional: bool = False

    def check(self, name: str, value: Any) -> float | None:
        if value is None and self.optional:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # NaN differs from itself
            raise InvalidInput("not_a_number", name, value=echo(value), low=short(self.low), high=short(self.high))
        if not self.low <= value <= self.high:
            raise InvalidInput("out_of_range", name, value=echo(value), low=short(self.low), high=short(self.high))
        return float(value)

    def require(self, name: str, value: Any) -> float:
        """Check `value` by a rule without `optional`, so that the result is never None."""
        checked = self.check(name, value)
        assert checked is not None, f"the rule of {name} is optional"
        return checked

    def parse(self, name: str, text: str) -> float | None:
        if text == NONE and self.optional:
            return None
        try:
            return float(text)
        except ValueError:
            raise InvalidInput(
                "not_a_number", name, value=echo(text), low=short(self.low), high=short(self.high)
            ) from None

    def show(self, value: float | None) -> str:
        return NONE if value is None else repr(value)


@dataclass(frozen=True)
class Choice:
    """One of a few words; `options` are read at each check, so that a registry may stand there."""

    options: Sequence[str]

    def check(self, name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in self.options:
            raise InvalidInput("not_a_choice", name, value=echo(value), choices=", ".join(self.options))
        return value

    def parse(self, name: str, text: str) -> str:
        return text

    def show(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class Switch:
    """True or false."""

    def check(self, name: str, value: Any) -> bool:
        if not isinstance(value, bool):
            raise InvalidInput("not_a_switch", name, value=echo(value))
        return value

    def parse(self, name: str, text: str) -> bool:
        if text not in ("true", "false"):
            raise InvalidInput("not_a_switch", name, value=echo(text))
        return text == "true"

    def show(self, value: bool) -> str:
        return "true" if value else "false"


@dataclass(frozen=True)
class Text:
    """Text of `low` to `high` characters without NUL and lone surrogates; not blank if `low` > 0."""

    low: int
    high: int

    def check(self, name: str, value: Any) -> str:
        if not isinstance(value, str):
            raise InvalidInput("not_text", name, value=echo(value))
        if len(value) > self.high:
            raise InvalidInput("too_long", name, length=len(value), high=self.high)
        if len(value) < self.low or (self.low and not value.strip()):
            raise InvalidInput("empty", name, low=self.low)
        for character in value:
            if character == "\0" or "\ud800" <= character <= "\udfff":
                raise InvalidInput("bad_character", name, value=echo(character))
        return value

    def parse(self, name: str, text: str) -> str:
        return text

    def show(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class Texts:
    """At most `items` texts, written in one string with `|` between them."""

    items: int
    each: Text

    def check(self, name: str, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list | tuple):
            raise InvalidInput("not_text", name, value=echo(value))
        if len(value) > self.items:
            raise InvalidInput("too_many_items", name, length=len(value), high=self.items)
        for item in value:
            if isinstance(item, str) and SEPARATOR in item:
                raise InvalidInput("separator", name, value=echo(item), separator=SEPARATOR)
        return tuple(self.each.check(name, item) for item in value)

    def parse(self, name: str, text: str) -> tuple[str, ...]:
        return tuple(text.split(SEPARATOR)) if text else ()

    def show(self, value: tuple[str, ...]) -> str:
        return SEPARATOR.join(value)


Rule = Integer | Real | Choice | Switch | Text | Texts


def setting(default: Any, rule: Rule, help: str, section: str = "") -> Any:
    """Make a dataclass field with its rule, a line of help (what it is, and its unit), and its section of a form."""
    return field(default=default, metadata={"rule": rule, "help": help, "section": section})


def rule_of(item: Field[Any]) -> Rule:
    """Return the rule of a dataclass field that `setting` has made."""
    return item.metadata["rule"]


@dataclass(frozen=True)
class Config:
    """Base of all configurations: validated when created, and convertible to a flat dict of strings."""

    lesson: ClassVar[str] = ""  # the name of the lesson; empty for the language model

    def __post_init__(self) -> None:
        for item in fields(self):
            object.__setattr__(self, item.name, rule_of(item).check(item.name, getattr(self, item.name)))
        self.check_together()

    def check_together(self) -> None:
        """Check conditions on several settings together; raise InvalidInput. Subclasses override it."""

    def to_strings(self) -> dict[str, str]:
        """Return all settings as strings."""
        return {item.name: rule_of(item).show(getattr(self, item.name)) for item in fields(self)}

    @classmethod
    def from_strings(cls, strings: Mapping[str, str]) -> Self:
        """Create a configuration from strings, with defaults for absent settings. Raises InvalidInput."""
        known = {item.name: item for item in fields(cls)}
        for name in strings:
            if name not in known:
                raise InvalidInput("unknown_field", echo(name), choices=", ".join(known))
            if not isinstance(strings[name], str):
                raise InvalidInput("not_text", name, value=echo(strings[name]))
        return cls(**{name: rule_of(known[name]).parse(name, text) for name, text in strings.items()})
