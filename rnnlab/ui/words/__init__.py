"""Everything the page says, in both languages: the folders `en` and `zh` have the same files, sections and keys.

A key is `section.name`, as in `train.button`; a file is a tab's, and adds to shared sections what only it needs. The
English refusals are `rnnlab.messages.MESSAGES` and the English help is that of the settings themselves (the command
line speaks them too), so only `zh` has sections for them.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from types import MappingProxyType

import gradio as gr
from gradio.i18n import I18nData

from rnnlab.experiments import hello, language_model, sine
from rnnlab.generation import Generation
from rnnlab.inspection import BatchesConfig, LayersConfig
from rnnlab.messages import MESSAGES
from rnnlab.ui.language import LANGUAGES, Language
from rnnlab.validation import Config, InvalidInput

# Everything that a visitor can set.
CONFIGS: tuple[type[Config], ...] = (  # everything that a visitor can set
    Generation,
    language_model.Config,
    hello.Config,
    sine.Config,
    LayersConfig,
    BatchesConfig,
)
