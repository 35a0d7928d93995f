"""The language of the command line: which one, and its texts.

In this order it comes from `--lang`, RNNLAB_LANG, LC_ALL, LC_MESSAGES and LANG. The languages are those of the page
(`rnnlab.ui.i18n`), and the texts are in the file `commands.json` of each language: a line that a command prints under
"printed", with its English; the help of commands and of their own options under "command" and "option", whose English
stands in the code, as the help of settings does; Typer's messages under "typer".
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Mapping, Sequence
from string import Formatter

from rnnlab.messages import name_settings
from rnnlab.ui.i18n import words
from rnnlab.ui.i18n.languages import FALLBACK, LANGUAGES, Language, language_of_tag
from rnnlab.validation import InvalidInput, echo

OPTION = "--lang"
VARIABLE = "RNNLAB_LANG"
LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is not empty decides (POSIX)

_language: Language = FALLBACK  # of this process, as a locale is


def language() -> Language:
    """Return the language of the command line."""
    return _language


def use_language(chosen: Language) -> None:
    """Let the command line speak `chosen`, a key of LANGUAGES."""
    global _language
    _language = chosen


def choose_language(arguments: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """Use the language of `arguments`, else of `environment`; return the arguments without --lang.

    Raises InvalidInput for a language that there is not, in the language of the locale.
    """
    locale = next((environment[name] for name in LOCALES if environment.get(name)), "")
    use_language(language_of_tag(re.split(r"[.@]", locale)[0]) or FALLBACK)
    if environment.get(VARIABLE):
        use_language(_checked(VARIABLE, environment[VARIABLE]))
    tag, others = _taken_out(arguments)
    if tag is not None:
        use_language(_checked("lang", tag))
    return others


def _taken_out(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """Return the last value of --lang, None without one, and the other arguments; all after -- stay as they are.

    A --lang without a value stays, for Typer to refuse.
    """
    tag, others, rest = None, [], list(arguments)
    while rest and rest[0] != "--":
        if rest[0].startswith(f"{OPTION}="):
            tag = rest.pop(0).removeprefix(f"{OPTION}=")
        elif rest[0] == OPTION and len(rest) > 1:
            tag = rest[1]
            del rest[:2]
        else:
            others.append(rest.pop(0))
    return tag, others + rest


def _checked(name: str, tag: str) -> Language:
    chosen = language_of_tag(tag)
    if chosen is None:
        raise InvalidInput("not_a_choice", name, value=echo(tag), choices=", ".join(LANGUAGES))
    return chosen


def say(key: str, **facts: object) -> str:
    """Return the text `printed.<key>` of commands.json in the language of the command line, with its facts."""
    return words(_language)[f"printed.{key}"].format(**facts)


def say_if_known(key: str, otherwise: str) -> str:
    """Return the text `printed.<key>`, or `otherwise` if there is none: for a word from elsewhere, as a verdict."""
    return words(_language).get(f"printed.{key}", otherwise)


def help_of(key: str, otherwise: str) -> str:
    """Return the text of a help in the language of the command line; `otherwise` is the English in the code."""
    return otherwise if _language == FALLBACK else words(_language).get(key, otherwise)


def refusal(error: InvalidInput) -> str:
    """Return the message of a refusal; it names a setting by its own name, as its flag does."""
    template = name_settings(words(_language)[f"errors.{error.code}"])
    return template.format(field=error.field, **error.details)


def message_of_system(error: OSError) -> str:
    """Return the message of the operating system, whose commonest reasons are translated."""
    reason = help_of(f"printed.{errno.errorcode.get(error.errno or 0, '')}", "")
    if not reason:
        return str(error)
    return f"[Errno {error.errno}] {reason}" + ("" if error.filename is None else f": {os.fspath(error.filename)!r}")


def message_of_typer(message: str) -> str:
    """Return a message of Typer in the language of the command line; one without a translation stays English.

    Typer has no translations of its own. The English texts under "typer" are its templates, which are matched here.
    """
    if _language == FALLBACK:
        return message
    templates = {key: text for key, text in words(FALLBACK).items() if key.startswith("typer.")}
    for key in sorted(templates, key=lambda key: -len(templates[key])):  # the one that says most comes first
        if found := _pattern(templates[key]).fullmatch(message):
            facts = {name: message_of_typer(text) for name, text in found.groupdict().items()}
            return words(_language)[key].format(**facts)
    return message


def _pattern(template: str) -> re.Pattern[str]:
    """Turn a template into a pattern with a group for each of its fields."""
    parts = Formatter().parse(template)
    return re.compile(
        "".join(re.escape(text) + (f"(?P<{name}>.+)" if name else "") for text, name, _, _ in parts), re.S
    )
