"""Layout of the acrostic below the song: its fields, its button and its panel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MethodType
from typing import Any

import gradio as gr
from gradio.components import Component

from rnnlab.generation import Acrostic
from rnnlab.runs import Runner
from rnnlab.ui.components.panel import panel
from rnnlab.ui.components.settings_form import setting_input, submits_of
from rnnlab.ui.i18n import t
from rnnlab.ui.tabs.generate.acrostic import OWN, SHARED, on_acrostic

HEADS = {"lyrics-zh": "风雨同路", "lyrics-en": "RAIN"}  # the first ones for each shipped model


@dataclass(frozen=True)
class Verse:
    """The components of the acrostic."""

    inputs: Mapping[str, Component]  # by setting, those of OWN
    write: gr.Button
    poem: gr.HTML


def build_acrostic() -> Verse:
    """Build the closed section."""
    with gr.Accordion(t("generate.acrostic"), open=False, elem_id="acrostic"):
        with gr.Row(elem_classes="toolbar"):
            look: Mapping[str, Mapping[str, Any]] = {
                "heads": {"scale": 3, "min_width": 180, "placeholder": t("generate.acrostic.placeholder")},
                "at": {"scale": 2, "min_width": 150},
                "min_line": {"scale": 1, "min_width": 90, "placeholder": t("generate.acrostic.auto")},
                "max_line": {"scale": 1, "min_width": 90, "placeholder": t("generate.acrostic.auto")},
            }
            inputs = {name: setting_input(Acrostic, name, info=False, **look[name]) for name in OWN}
            write = gr.Button(t("generate.acrostic.write"), scale=0, min_width=180, elem_id="write-acrostic")
        return Verse(inputs, write, panel("poem", "generate", file="acrostic"))


def connect_acrostic(runner: Runner, verse: Verse, arguments: list[Component], shared: Mapping[str, Component]) -> None:
    """Let the button and the Enter key write, with the temperature and the seed of the song (`shared`)."""
    own = [verse.inputs[name] for name in OWN]
    gr.on(
        [verse.write.click, *submits_of(own)], MethodType(on_acrostic, runner),
        [*arguments, *own, *(shared[name] for name in SHARED)], [verse.poem, shared["seed"]],
        trigger_mode="always_last", show_progress="hidden", api_visibility="private", concurrency_limit=8,
    )  # fmt: skip
