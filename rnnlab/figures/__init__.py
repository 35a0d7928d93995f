"""Draw figures from plain data, as `plotly.graph_objects.Figure`, without torch, gradio and events.

`registry.py` describes how to add one; all share `bounds.py` and `theme.py`.
"""

from rnnlab.figures.adding import AddingCurves, adding_figure
from rnnlab.figures.gradient_lens import LagLine, gradient_lens_figure
from rnnlab.figures.growth import growth_figure
from rnnlab.figures.hello import HelloCurve, hello_figure, step_figure
from rnnlab.figures.perplexity import PerplexityCurve, perplexity_figure
from rnnlab.figures.phase import EigenvalueClouds, PhaseWays, eigenvalues_figure, phase_figure
from rnnlab.figures.race import RaceCurves, difference_figure, race_figure
from rnnlab.figures.registry import REGISTRY, register
from rnnlab.figures.sine import LossCurves, loss_figure
from rnnlab.figures.tagging import TaggingCurves, confusion_figure, tagging_accuracy_figure, tagging_loss_figure
from rnnlab.figures.wave import wave_figure

__all__ = [
    "REGISTRY",
    "AddingCurves",
    "EigenvalueClouds",
    "HelloCurve",
    "LagLine",
    "LossCurves",
    "PerplexityCurve",
    "PhaseWays",
    "RaceCurves",
    "TaggingCurves",
    "adding_figure",
    "confusion_figure",
    "difference_figure",
    "eigenvalues_figure",
    "gradient_lens_figure",
    "growth_figure",
    "hello_figure",
    "loss_figure",
    "perplexity_figure",
    "phase_figure",
    "race_figure",
    "register",
    "step_figure",
    "tagging_accuracy_figure",
    "tagging_loss_figure",
    "wave_figure",
]
