"""Presets: configurations of an experiment by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from rnnlab.validation import Choice, Config

ConfigT = TypeVar("ConfigT", bound=Config)


@dataclass(frozen=True)
class Preset(Generic[ConfigT]):
    """A recipe: the settings that differ from the defaults, its published {epoch: perplexity}, and where it is from."""

    config_type: type[ConfigT]
    settings: Mapping[str, Any] = field(default_factory=dict)
    published: Mapping[int, float] = field(default_factory=dict)
    tutorial: str = ""  # a key of `tutorials.TUTORIALS`; empty: no tutorial's
    slips: tuple[str, ...] = ()  # keys of `tutorials.SLIPS`
    breaks: str = ""  # a key of `breaks.BREAKS`: why this recipe fails, on purpose; empty: it does not
    sized: Callable[[int], Mapping[str, Any]] | None = None  # the settings that depend on the text's characters

    def config(self, **changes: Any) -> ConfigT:
        """Return the configuration with `changes`. Raises InvalidInput."""
        return self.config_type(**{**self.settings, **changes})

    def config_for(self, characters: int, **changes: Any) -> ConfigT:
        """Return the configuration for a text of so many characters, with `changes`. Raises InvalidInput."""
        return self.config(**{**(self.sized(characters) if self.sized else {}), **changes})


def find_preset(presets: Mapping[str, Preset[ConfigT]], name: str, field: str = "preset") -> Preset[ConfigT]:
    """Return the preset called `name`. Raises InvalidInput, which calls the name `field`."""
    return presets[Choice(tuple(presets)).check(field, name)]
