"""Make a command-line flag for every setting of a configuration."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Annotated, Any

import typer

from rnnlab.validation import Choice, Config, Integer, Real, Rule, Switch, rule_of

Command = Callable[..., None]
SETTING_HELP, EMPTY = "{help} (default {default})", "empty"


def with_flags(config: type[Config], but: frozenset[str] = frozenset()) -> Callable[[Command], Command]:
    """Add to a Typer command one string option per setting of `config`, except those in `but`.

    The command takes them as `**flags`; an option that was not given is None, and `given` selects the others. The
    values remain strings, which only `Config.from_strings` reads and validates.
    """

    def decorate(command: Command) -> Command:
        signature = inspect.signature(command, eval_str=True)
        own = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
        flags = [_flag(item) for item in fields(config) if item.name not in but]
        setattr(command, "__signature__", signature.replace(parameters=own + flags))  # noqa: B010 - unknown to mypy
        setattr(command, "settings", {**settings_of(command), **{p.name: config for p in flags}})  # noqa: B010 - for `settings_of`
        command.__annotations__ = {p.name: p.annotation for p in own + flags}
        return command

    return decorate


def settings_of(command: Command) -> Mapping[str, type[Config]]:
    """Return the options of `command` that are settings, and the configuration of each."""
    return getattr(command, "settings", {})


def given(flags: Mapping[str, str | None]) -> dict[str, str]:
    """Return the flags that were given."""
    return {name: text for name, text in flags.items() if text is not None}


def _flag(item: Any) -> inspect.Parameter:
    """Make the parameter of one setting, as Typer reads it."""
    rule = rule_of(item)
    option = typer.Option(
        f"--{item.name.replace('_', '-')}",
        help=help_of_flag(item, item.metadata["help"]),
        metavar=_metavar(rule),
        show_default=False,
    )
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(item.name, kind, default=None, annotation=Annotated[str | None, option])


def help_of_flag(item: Any, said: str, template: str = SETTING_HELP, empty: str = EMPTY) -> str:
    """Return the help of a setting's flag: what it is, as `said`, and its default."""
    return template.format(help=said, default=rule_of(item).show(item.default) or empty)


def _metavar(rule: Rule) -> str:
    """Describe the allowed values after the flag."""
    match rule:
        case Integer() | Real():
            return f"{rule.low}..{rule.high}" + (" or none" if rule.optional else "")
        case Choice():
            return "|".join(rule.options)
        case Switch():
            return "true|false"
    return "TEXT"
