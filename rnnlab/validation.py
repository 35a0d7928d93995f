"""One validator for every way in: the page, the API, the command line, a link, a checkpoint.

A setting is declared once, as a dataclass field with a *rule*:

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Example(Config):
    ...     hidden_size: int = setting(256, Integer(1, 2048), "units in the hidden state")
    >>> Example(hidden_size=3.7)
    Traceback (most recent call last):
    ...
    rnnlab.validation.InvalidInput: hidden_size: 3.7 is not a whole number; give a whole number from 1 to 2048.

The rule checks Python values (`check`), reads and writes strings (`parse`, `show`) and tells a page or a
command line its range; nothing else in the project knows what is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from functools import partial
from typing import Any, ClassVar, Self

from rnnlab.messages import MESSAGES, name_settings

NONE = "none"  # how an absent optional value is written in a link or on the command line
SEPARATOR = "|"  # stands between the entries of a setting that holds several texts


class InvalidInput(ValueError):
    """A refused value: `code` (a key of MESSAGES), `field`, and the details that its message shows."""

    def __init__(self, code: str, field: str, **details: Any) -> None:
        self.code, self.field, self.details = code, field, details
        super().__init__(name_settings(MESSAGES[code]).format(field=field, **details))

    def __reduce__(self) -> tuple[Any, ...]:
        """So that it comes whole out of another process: pickle would call the class with the message alone."""
        return partial(type(self), self.code, self.field, **self.details), ()


def echo(value: object, limit: int = 40) -> str:
    """`value` as a short, printable piece of an error message."""
    try:
        text = repr(value)
    except ValueError:  # Python refuses to write out a number of thousands of digits
        text = f"a {type(value).__name__} of very many digits"
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return text.encode("utf-8", "backslashreplace").decode()


def short(bound: float) -> str:
    """A bound as a message writes it: 0 and 1e+07, not 0.0 and 10000000.0."""
    return f"{bound:g}"


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
        if isinstance(value, float) and not value.is_integer():  # inf and NaN are not, either
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
            return Real(self.low, self.high).parse(name, text)  # "3.7" or "abc": check() says which

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
    """Text of `low` to `high` characters, not blank if `low` > 0, without NUL and lone surrogates (half characters)."""

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
    """Up to `items` texts, written in one string with `|` between them."""

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
    return item.metadata["rule"]


@dataclass(frozen=True)
class Config:
    """Base of every experiment's configuration: checked when made, and the same thing as a flat dict of strings."""

    lesson: ClassVar[str] = ""  # whose configuration it is; the language model's has no name

    def __post_init__(self) -> None:
        for item in fields(self):
            object.__setattr__(self, item.name, rule_of(item).check(item.name, getattr(self, item.name)))
        self.check_together()

    def check_together(self) -> None:
        """Checks that need more than one setting; raises InvalidInput."""

    def to_strings(self) -> dict[str, str]:
        return {item.name: rule_of(item).show(getattr(self, item.name)) for item in fields(self)}

    @classmethod
    def from_strings(cls, strings: Mapping[str, str]) -> Self:
        """The inverse of `to_strings`; settings that are absent keep their defaults."""
        known = {item.name: item for item in fields(cls)}
        for name in strings:
            if name not in known:
                raise InvalidInput("unknown_field", echo(name), choices=", ".join(known))
            if not isinstance(strings[name], str):
                raise InvalidInput("not_text", name, value=echo(strings[name]))
        return cls(**{name: rule_of(known[name]).parse(name, text) for name, text in strings.items()})
