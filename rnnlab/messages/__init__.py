"""List all error messages for visitors and programs, so that they can be read, tested and translated.

A template has the field, the error in the value, and what to do about it. Keys are stable: `rnnlab/ui/i18n` has their
translations, and a test compares the two sets. A setting in a template is written @name: programs read its name, and
visitors of the page its label. Each file here has the messages of one subject.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rnnlab.messages.experiments import EXPERIMENTS
from rnnlab.messages.models import MODELS
from rnnlab.messages.operation import OPERATION
from rnnlab.messages.texts import TEXTS
from rnnlab.messages.values import VALUES

MESSAGES = {**VALUES, **MODELS, **TEXTS, **OPERATION, **EXPERIMENTS}

SETTING = re.compile(r"@([a-z_]+)")


def name_settings(template: str, named: Callable[[str], str] = str) -> str:
    """Replace each @setting in `template` by `named(setting)`.

    >>> name_settings("lower @batch_size or @num_steps")
    'lower batch_size or num_steps'
    """
    return SETTING.sub(lambda found: named(found[1]), template)


def echo(value: object, limit: int = 40) -> str:
    """Return `value` as a short, printable part of an error message."""
    try:
        text = repr(value)
    except ValueError:  # Python does not convert numbers with thousands of digits to text
        text = f"a {type(value).__name__} of very many digits"
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return text.encode("utf-8", "backslashreplace").decode()


def short(bound: float) -> str:
    """Write a bound for a message: 0 and 1e+07, not 0.0 and 10000000.0."""
    return f"{bound:g}"
