"""Give a Typer command its help in the language of the command line, and the option --lang."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import fields
from functools import wraps
from typing import Annotated, Any, get_args

import typer
from typer.core import TyperCommand, TyperGroup

from rnnlab.commands.language import OPTION, VARIABLE, help_of, language, message_of_typer
from rnnlab.flags import EMPTY, SETTING_HELP, Command, help_of_flag, settings_of
from rnnlab.ui.i18n import help_key
from rnnlab.ui.i18n.languages import FALLBACK, LANGUAGES
from rnnlab.validation import Config

LANG_HELP = f"Language of the command line; without it {VARIABLE}, LC_ALL, LC_MESSAGES, LANG."


def localized(name: str, command: Command) -> Command:
    """Return `command`, which is called `name`, with its help in the language of the command line, and with --lang."""

    @wraps(command)
    def run(*arguments: Any, lang: str | None = None, **others: Any) -> None:
        command(*arguments, **others)

    settings = settings_of(command)
    given = inspect.signature(command, eval_str=True).parameters.values()
    translated = [_translated(name, parameter, settings.get(parameter.name)) for parameter in given]
    run.__doc__ = help_of(f"command.{name}", inspect.getdoc(command) or "")
    return _with_signature(run, [*translated, _lang_parameter()])


def _with_signature(command: Command, parameters: list[inspect.Parameter]) -> Command:
    """Let Typer read these parameters of `command`."""
    setattr(command, "__signature__", inspect.Signature(parameters))  # noqa: B010 - unknown to mypy
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def _lang_parameter() -> inspect.Parameter:
    """Return the option --lang, whose value `language.choose_language` reads before Typer does."""
    option = typer.Option(OPTION, help=help_of("option.lang", LANG_HELP), metavar="|".join(LANGUAGES))
    return inspect.Parameter(
        "lang", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[str | None, option]
    )


def _translated(command: str, parameter: inspect.Parameter, config: type[Config] | None) -> inspect.Parameter:
    """Return a parameter with its help: the command's own, else that of the setting, else one of several commands.

    config: the configuration whose setting it is; None for an option that is no setting.
    """
    if language() == FALLBACK:
        return parameter
    name, own = parameter.name, f"option.{command}.{parameter.name}"
    kind, info = get_args(parameter.annotation)[:2]
    info = copy(info)
    if config is None:
        info.help = help_of(own, help_of(f"option.{name}", info.help))
    else:
        item = next(item for item in fields(config) if item.name == name)
        said = help_of(own, help_of(help_key(config, name), item.metadata["help"]))
        info.help = help_of_flag(item, said, help_of("option.setting", SETTING_HELP), help_of("option.empty", EMPTY))
    return parameter.replace(annotation=Annotated[kind, info])


class LocalizedHelp:
    """The page of help of a command, in the language of the command line; before Typer's own class."""

    def get_usage(self, ctx: Any) -> str:
        return message_of_typer(super().get_usage(ctx))  # type: ignore[misc]

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters; the help of Typer's own option --help is translated."""
        parameters: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for parameter in parameters:
            if parameter.name == "help":
                parameter.help = message_of_typer(parameter.help)
        return parameters

    def format_help(self, ctx: Any, formatter: Any) -> None:
        with _translated_help_page():
            super().format_help(ctx, formatter)  # type: ignore[misc]


class LocalizedCommand(LocalizedHelp, TyperCommand):
    """A command of the program."""


class LocalizedGroup(LocalizedHelp, TyperGroup):
    """The program itself."""


class LocalizedTyper(typer.Typer):
    """A program with the option --lang, whose help is in the language that the command line has when it is made."""

    def __init__(self, summary: str) -> None:
        super().__init__(cls=LocalizedGroup, add_completion=False, no_args_is_help=True, help=summary)
        self.callback()(_with_signature(lambda **options: None, [_lang_parameter()]))

    def command(  # type: ignore[override]  # Typer's has more options
        self, name: str, *, passes_flags: bool = False
    ) -> Callable[[Command], Command]:
        """Return a decorator that adds a command of this name; `passes_flags`: unknown flags are arguments of it."""
        settings = {"ignore_unknown_options": True} if passes_flags else None
        add = super().command(name, cls=LocalizedCommand, context_settings=settings)
        return lambda command: add(localized(name, command))


@contextmanager
def _translated_help_page() -> Iterator[None]:
    """Translate the titles on Typer's page of help, and let its texts be broken anywhere; English stays Typer's own.

    A text without spaces between its words would otherwise be cut off at the width of its column.
    """
    if language() == FALLBACK:
        yield
        return
    from typer import rich_utils  # here, because it imports much that only a page of help needs

    make_text = rich_utils._make_rich_text

    def make_foldable_text(**options: Any) -> Any:
        text = make_text(**options)
        setattr(text, "overflow", "fold")  # noqa: B010 - Typer's own type includes Markdown, which we do not use
        return text

    titles = ("ARGUMENTS_PANEL_TITLE", "OPTIONS_PANEL_TITLE", "COMMANDS_PANEL_TITLE")
    changed: dict[str, Any] = {name: message_of_typer(getattr(rich_utils, name)) for name in titles}
    changed["DEFAULT_STRING"] = help_of("typer.default", rich_utils.DEFAULT_STRING)
    changed["REQUIRED_LONG_STRING"] = help_of("typer.required", rich_utils.REQUIRED_LONG_STRING)
    changed["_make_rich_text"] = make_foldable_text
    before = {name: getattr(rich_utils, name) for name in changed}
    try:
        for name, value in changed.items():
            setattr(rich_utils, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(rich_utils, name, value)
