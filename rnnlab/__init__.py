"""RNN Lab: train recurrent networks and watch them learn.

An experiment is a generator of events. Make a `Config` (or take a recipe with `preset`) and iterate `run`; or keep a
`Trainer`, whose `latest` is a checkpoint to `save`, `load` and generate from.

    for event in run(preset("quick").config(epochs=10)):
        if isinstance(event, Epoch):
            print(event.epoch, event.perplexity)

The subpackages, each of which imports only earlier ones: `recurrent` (cells and layers from their equations), `text`
(from files to minibatches), `models`, `generation`, `checkpoints`, `experiments`, `runs` (in the background), `ui` (the
page). Figures are in `rnnlab.figures`, which is not imported here, so that this package needs neither plotly nor
gradio.
"""

from rnnlab.checkpoints import Checkpoint, load, save
from rnnlab.devices import tune_thread
from rnnlab.experiments.language_model import (
    PRESETS,
    Baselines,
    Config,
    Diverged,
    Epoch,
    Evaluating,
    Event,
    Finished,
    Preset,
    Started,
    Step,
    Trainer,
    preset,
    run,
)
from rnnlab.experiments.language_model.text_evaluation import Evaluation, evaluate
from rnnlab.generation import Generation, fit_prefix, generate
from rnnlab.models import LanguageModel, LanguageModelConfig
from rnnlab.recurrent import make_layer
from rnnlab.resources import shipped_corpus, shipped_model
from rnnlab.text import Vocab, make_corpus, read_corpus
from rnnlab.validation import InvalidInput

__version__ = "0.1.0"

__all__ = [
    "PRESETS",
    "Baselines",
    "Checkpoint",
    "Config",
    "Diverged",
    "Epoch",
    "Evaluating",
    "Evaluation",
    "Event",
    "Finished",
    "Generation",
    "InvalidInput",
    "LanguageModel",
    "LanguageModelConfig",
    "Preset",
    "Started",
    "Step",
    "Trainer",
    "Vocab",
    "evaluate",
    "fit_prefix",
    "generate",
    "load",
    "make_corpus",
    "make_layer",
    "preset",
    "read_corpus",
    "run",
    "save",
    "shipped_corpus",
    "shipped_model",
    "tune_thread",
]
