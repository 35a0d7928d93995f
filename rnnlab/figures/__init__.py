"""Figures: plain data in, `plotly.graph_objects.Figure` out. No torch, no gradio, no events in here."""

from rnnlab.figures.growth import growth_figure
from rnnlab.figures.hello import HelloCurve, hello_figure, step_figure
from rnnlab.figures.perplexity import PerplexityCurve, perplexity_figure
from rnnlab.figures.sine import LossCurves, loss_figure, wave_figure
from rnnlab.figures.tagging import TaggingCurves, confusion_figure, tagging_accuracy_figure, tagging_loss_figure

__all__ = [
    "HelloCurve",
    "LossCurves",
    "PerplexityCurve",
    "TaggingCurves",
    "confusion_figure",
    "growth_figure",
    "hello_figure",
    "loss_figure",
    "perplexity_figure",
    "step_figure",
    "tagging_accuracy_figure",
    "tagging_loss_figure",
    "wave_figure",
]
