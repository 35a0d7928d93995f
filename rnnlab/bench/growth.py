"""The cost of growth: speed and memory of training as the text, the hidden state or the time steps grow.

Each point is measured in a process of its own, so that its peak memory is its own: what the process held at its peak,
less what one holds that has imported the same and trains nothing. The texts are the shipped songs' lines in random
order, again and again, so that all of them have the same vocabulary.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from rnnlab.bench.subprocess_environment import environment
from rnnlab.devices import tune_thread
from rnnlab.experiments.language_model import Step, Trainer, preset
from rnnlab.resources import shipped_corpus

MIB = 2**20


@dataclass(frozen=True)
class Point:
    """One size of everything."""

    characters: int = 63_000
    hidden_size: int = 256
    num_steps: int = 35


SWEEPS = {
    "characters": [Point(characters=n) for n in (10_000, 63_000, 1_000_000, 10_000_000)],
    "hidden_size": [Point(hidden_size=n) for n in (128, 256, 512, 1024)],
    "num_steps": [Point(num_steps=n) for n in (35, 70, 140, 350)],
}


def measure_growth(repeats: int = 5) -> dict[str, Any]:
    """Tokens per second of one core and MiB of each point, and what a character of the text costs in memory.

    A program that kept its text as one-hot vectors would need four bytes for each character *and* each entry of the
    vocabulary; ours must need fewer than one.
    """
    idle = _in_a_fresh_process("idle")
    points = {}
    for point in dict.fromkeys(point for sweep in SWEEPS.values() for point in sweep):
        found = _in_a_fresh_process(f"train({point}, minibatches={2 * repeats})")
        memory = (found.pop("peak_bytes") - idle["peak_bytes"]) / MIB
        points[point] = {**asdict(point), **found, "memory_mib": round(memory, 1)}
    small, large = (points[point] for point in (SWEEPS["characters"][0], SWEEPS["characters"][-1]))
    more = large["characters"] - small["characters"]
    per_character = (large["memory_mib"] - small["memory_mib"]) * MIB / more
    return {
        "model": "gru",
        "implementation": "scratch",
        "batch_size": preset("gru-scratch").config().batch_size,
        "sweeps": {name: [points[point] for point in sweep] for name, sweep in SWEEPS.items()},
        "bytes_per_character": round(per_character, 1),
        "grows_with_corpus_times_vocabulary": per_character >= large["vocabulary"],
    }


def _in_a_fresh_process(call: str) -> dict[str, Any]:
    call = call if "(" in call else f"{call}()"
    code = f"import json; from rnnlab.bench.growth import Point, idle, train; print(json.dumps({call}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    return json.loads(done.stdout)


def idle() -> dict[str, Any]:
    return {"peak_bytes": peak_bytes()}


def train(point: Point, minibatches: int) -> dict[str, Any]:
    """Train on a text of `point`'s size for a few minibatches, after two that warm up.

    Seconds are the processor's, of the one thread that computes: another program on the same core does not count.
    """
    tune_thread(1)
    config = preset("gru-scratch").config(
        max_tokens=None, hidden_size=point.hidden_size, num_steps=point.num_steps, sample_every=None
    )
    began = time.process_time()
    trainer = Trainer(config, shuffled_songs(point.characters), device="cpu")
    prepared = time.process_time()
    steps = (event for event in trainer.events() if isinstance(event, Step))
    seconds = []
    for _ in range(minibatches + 2):
        since = time.process_time()
        next(steps)
        seconds.append(time.process_time() - since)
    return {
        "vocabulary": len(trainer.vocab),
        "parameters": trainer.model.count_parameters(),
        "seconds_to_prepare": round(prepared - began, 2),
        "tokens_per_second": round(config.batch_size * config.num_steps / median(seconds[2:])),
        "peak_bytes": peak_bytes(),
    }


def shuffled_songs(characters: int, seed: int = 1) -> str:
    """A text of so many characters: all lines of the shipped songs, shuffled, and again until it is long enough."""
    lines, shuffle = shipped_corpus("lyrics-zh").splitlines(), random.Random(seed).shuffle
    rounds, length = [], 0
    while length < characters:
        shuffle(lines)
        rounds.append("\n".join(lines))
        length += len(rounds[-1]) + 1
    return "\n".join(rounds)[:characters]


def peak_bytes() -> int:
    """The most memory that this process has held so far."""
    status = Path("/proc/self/status")
    if status.exists():  # on Linux, where the other way also counts what the parent held
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) * 1024
    import resource  # not on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
