"""The settings of the sine experiment, and its presets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rnnlab import limits, validation
from rnnlab.experiments.presets import Preset, find_preset
from rnnlab.recurrent import IMPLEMENTATIONS, MODELS, check_cell
from rnnlab.validation import Choice, Integer, InvalidInput, Real, setting

MEMORIES = ("carried", "reset", "bptt")
ALL = "all"
# The cost of a run (at most MAX_SINE_COST), counted in steps that a network is trained on. A window costs 15 steps
# more, however short it is; a step of the free run, which is computed alone, costs two. With 256 units such a step was
# measured at 0.1 to 0.3 ms of one core, so no run takes longer than 40 seconds, and the page loads 2 MB at most.
COST_OF_WINDOW = 15
COST_OF_FREE_STEP = 2
MEMORY = Choice((*MEMORIES, ALL))
MEMORY_HELP = (
    "the state between windows: carried and detached, reset to zero, carried with the gradient running back over "
    "several windows (bptt), or all three side by side"
)
MIN_COSINE = 0.1  # |cos φ| below which a free run would multiply the network's errors by more than ten


@dataclass(frozen=True)
class Config(validation.Config):
    """The settings of one run. The defaults are the tutorial's, with a free run after the training."""

    lesson: ClassVar[str] = "sine"

    model: str = setting("rnn", Choice(MODELS), "kind of recurrent layer")
    implementation: str = setting("torch", Choice(IMPLEMENTATIONS), "written out here (scratch) or torch.nn (torch)")
    hidden_size: int = setting(64, Integer(1, 256), "units in the hidden state")
    points: int = setting(10, Integer(2, 200), "samples per window of π, both ends included")
    windows: int = setting(300, Integer(1, 5000), "windows of π, one after the other; each makes one update")
    learning_rate: float = setting(0.001, Real(0.0, 10.0), "step size of Adam")
    memory: str = setting("carried", MEMORY, MEMORY_HELP)
    bptt_windows: int = setting(2, Integer(2, 20), "windows that the gradient, carried too (bptt), runs back through")
    phase: float = setting(0.0, Real(-2 * math.pi, 2 * math.pi), "φ in radians; the target is cos(t + φ)")
    noise: float = setting(0.0, Real(0.0, 2.0), "standard deviation of the Gaussian noise on the input")
    free_run: int = setting(10, Integer(0, 50), "windows after training in which the model must feed itself")
    seed: int = setting(2, Integer(0, 2**31 - 1), "of initial weights and noise")

    @property
    def memories(self) -> tuple[str, ...]:
        """Return the memories of this run, in the order of MEMORIES."""
        return MEMORIES if self.memory == ALL else (self.memory,)

    def depth(self, memory: str) -> int:
        """Return the number of windows that the gradient runs back through."""
        return self.bptt_windows if memory == "bptt" else 1

    def max_windows(self) -> int:
        """Return how many windows a run with these settings may train on, for MAX_SINE_COST with its free run."""
        per_window = sum(self.depth(memory) for memory in self.memories) * (self.points + COST_OF_WINDOW)
        alone = len(self.memories) * self.free_run * self.points * COST_OF_FREE_STEP
        return (limits.MAX_SINE_COST - alone) // per_window

    def check_together(self) -> None:
        """Check the cost of the run and the phase of a free run. Raises InvalidInput."""
        check_cell(self.model, self.implementation)
        if self.windows > (most := self.max_windows()):
            raise InvalidInput("sine_too_long", "windows", points=self.points, windows=self.windows, most=most)
        if self.free_run and abs(math.cos(self.phase)) < MIN_COSINE:
            raise InvalidInput("sine_phase_hides_cosine", "phase", value=self.phase)


@dataclass(frozen=True)
class ComparisonConfig(Config):
    """The same settings with all three memories side by side by default, as the page shows them first."""

    memory: str = setting(ALL, MEMORY, MEMORY_HELP)


PRESETS: Mapping[str, Preset[Config]] = {
    "tutorial": Preset(Config, tutorial="001"),
    "comparison": Preset(Config, {"memory": ALL}),
}


def preset(name: str) -> Preset[Config]:
    """Return the preset called `name`. Raises InvalidInput."""
    return find_preset(PRESETS, name)
