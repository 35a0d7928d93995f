"""Layout of "who wrote this?" below the song: its button and its panel."""

from __future__ import annotations

from dataclasses import dataclass
from types import MethodType

import gradio as gr
from gradio.components import Component

from rnnlab.experiments.language_model import WhoWrote
from rnnlab.runs import Runner
from rnnlab.ui.components.event_options import REFUSING
from rnnlab.ui.components.panel import panel
from rnnlab.ui.components.settings_form import setting_input
from rnnlab.ui.i18n import t
from rnnlab.ui.tabs.generate.who import on_deal, on_guess

# JavaScript: tells where the Train tab stands, in the place of the model's moment.
DEAL = """async (...given) => {
  const { reference, epoch, now } = (await import(rnnlab.module("tabs/train/time_travel.js"))).travel;
  return [...given.slice(0, 3), `${reference} ${epoch} ${now}`, ...given.slice(4)];
}"""


@dataclass(frozen=True)
class Who:
    """The components of the game."""

    temperature: Component
    deal: gr.Button
    moment: gr.Textbox  # never shown: the scripts send a value in its place
    board: gr.HTML


def build_who() -> Who:
    """Build the closed section."""
    with gr.Accordion(t("generate.who"), open=False, elem_id="who"):
        with gr.Row(elem_classes="toolbar"):
            temperature = setting_input(
                WhoWrote, "temperature", info=False, scale=1, min_width=150, elem_id="who-temperature"
            )
            deal = gr.Button(t("generate.who.deal"), scale=0, min_width=180, elem_id="deal-who")
        moment = gr.Textbox(visible=False, elem_id="set-guess")
        return Who(temperature, deal, moment, panel("board", "generate", file="who"))


def connect_who(runner: Runner, who: Who, network: list[Component]) -> None:
    """Let the button deal, and the panel send a guess.

    network: the visitor's run, the uploaded model and the name of the chosen one.
    """
    who.deal.click(
        MethodType(on_deal, runner), [*network, who.moment, who.temperature], who.board, js=DEAL, trigger_mode="once",
        **{**REFUSING, "concurrency_limit": 2},
    )  # fmt: skip
    who.board.submit(on_guess, who.moment, who.board, js="() => [rnnlab.guess ?? '']", **REFUSING)
