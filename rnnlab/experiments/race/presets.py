"""The presets of a race: who runs against whom."""

from __future__ import annotations

from collections.abc import Mapping

from rnnlab.experiments.presets import Preset, find_preset
from rnnlab.experiments.race.config import Config

PRESETS: Mapping[str, Preset[Config]] = {
    "models": Preset(Config),
    "implementations": Preset(Config, {"lanes": "scratch, torch"}),
    "gradients": Preset(Config, {"implementation": "scratch", "lanes": "by_hand, autograd"}),
    "optimizers": Preset(Config, {"lanes": "adam, rmsprop learning_rate=0.003, sgd learning_rate=5"}),
}


def preset(name: str) -> Preset[Config]:
    """Return the preset called `name`. Raises InvalidInput."""
    return find_preset(PRESETS, name)
