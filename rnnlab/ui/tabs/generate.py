"""The Generate tab."""

import gradio as gr

from rnnlab.ui.words import t


def build_tab() -> None:
    with gr.Tab(t("generate.tab"), id="generate"):
        gr.Markdown(t("generate.heading"))
