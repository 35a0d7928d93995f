"""The Train tab."""

import gradio as gr

from rnnlab.ui.words import t


def build_tab() -> None:
    with gr.Tab(t("train.tab"), id="train"):
        gr.Markdown(t("train.heading"))
