"""RNN Lab: recurrent networks that one can watch while they learn.

An experiment is a generator of events. Make a `Config` (or take a recipe with `preset`), iterate `run`, draw what it
tells with `perplexity_figure`; or keep a `Trainer`, whose `latest` is a checkpoint to `save`, `load` and sing from.

    for event in run(preset("quick").config(epochs=10)):
        if isinstance(event, Epoch):
            print(event.epoch, event.perplexity)

The rooms, from the ground up: `recurrent` (cells and layers from their equations), `text` (from a file to minibatches),
`models`, `generation`, `checkpoints`, `experiments`, `figures`, `runs` (in the background), `ui` (the page). Each name
below is imported from its room when it is first used, so `import rnnlab` costs nothing and needs no gradio.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # for editors; at run time `__getattr__` does the same
    from rnnlab.checkpoints import Checkpoint, load, save
    from rnnlab.experiments.language_model import (
        PRESETS,
        Config,
        Diverged,
        Epoch,
        Event,
        Finished,
        Preset,
        Started,
        Step,
        Trainer,
        preset,
        run,
    )
    from rnnlab.figures import PerplexityCurve, perplexity_figure
    from rnnlab.generation import Generation, fit_prefix, generate
    from rnnlab.models import LanguageModel, LanguageModelConfig
    from rnnlab.recurrent import make_layer
    from rnnlab.resources import shipped_corpus, shipped_model
    from rnnlab.text import Vocab, make_corpus, read_corpus
    from rnnlab.validation import InvalidInput

ROOMS = {
    "checkpoints": ["Checkpoint", "load", "save"],
    "experiments.language_model": [
        "PRESETS", "Config", "Diverged", "Epoch", "Event", "Finished", "Preset", "Started", "Step", "Trainer", "preset",
        "run",
    ],
    "figures": ["PerplexityCurve", "perplexity_figure"],
    "generation": ["Generation", "fit_prefix", "generate"],
    "models": ["LanguageModel", "LanguageModelConfig"],
    "recurrent": ["make_layer"],
    "resources": ["shipped_corpus", "shipped_model"],
    "text": ["Vocab", "make_corpus", "read_corpus"],
    "validation": ["InvalidInput"],
}  # fmt: skip

__all__ = [
    "PRESETS", "Checkpoint", "Config", "Diverged", "Epoch", "Event", "Finished", "Generation", "InvalidInput",
    "LanguageModel", "LanguageModelConfig", "PerplexityCurve", "Preset", "Started", "Step", "Trainer", "Vocab",
    "fit_prefix", "generate", "load", "make_corpus", "make_layer", "perplexity_figure", "preset", "read_corpus", "run",
    "save", "shipped_corpus", "shipped_model",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import `name` from its room (PEP 562)."""
    for room, names in ROOMS.items():
        if name in names:
            return getattr(import_module(f"rnnlab.{room}"), name)
    raise AttributeError(f"module 'rnnlab' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
