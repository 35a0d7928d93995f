"""Figures: plain data in, `plotly.graph_objects.Figure` out. No torch, no gradio, no events in here."""

from rnnlab.figures.perplexity import PerplexityCurve, perplexity_figure

__all__ = ["PerplexityCurve", "perplexity_figure"]
