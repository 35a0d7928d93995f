"""Measure speed and memory of training for growing texts, hidden sizes and numbers of time steps.

Each point is measured in its own process. Its memory is the peak of that process, minus the peak of a process with the
same imports that trains nothing. The texts are the lines of the shipped lyrics in random order, repeated, so that all
of them have the same vocabulary.
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
    """The sizes of one measurement."""

    characters: int = 63_000
    hidden_size: int = 256
    num_steps: int = 35


SWEEPS = {
    "characters": [Point(characters=n) for n in (10_000, 63_000, 1_000_000, 10_000_000)],
    "hidden_size": [Point(hidden_size=n) for n in (128, 256, 512, 1024)],
    "num_steps": [Point(num_steps=n) for n in (35, 70, 140, 350)],
}


def measure_growth(repeats: int = 5) -> dict[str, Any]:
    """Return tokens per second of one core and MiB for each point, and bytes per character of the text.

    A text stored as one-hot vectors would need four bytes for each character and each entry of the vocabulary; ours
    must need less than one.
    """
    idle = _in_new_process("idle")
    points = {}
    for point in dict.fromkeys(point for sweep in SWEEPS.values() for point in sweep):
        found = _in_new_process(f"train({point}, minibatches={2 * repeats})")
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


def _in_new_process(call: str) -> dict[str, Any]:
    """Call a function of this module in a new process and return its result."""
    call = call if "(" in call else f"{call}()"
    code = f"import json; from rnnlab.bench.growth import Point, idle, train; print(json.dumps({call}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    return json.loads(done.stdout)


def idle() -> dict[str, Any]:
    """Return the peak memory of a process that trains nothing."""
    return {"peak_bytes": peak_bytes()}


def train(point: Point, minibatches: int) -> dict[str, Any]:
    """Train on a text of `point`'s size for a few minibatches, after two that warm up.

    Processor seconds of the computing thread are measured, so that other programs on the same core have no effect.
    """
    tune_thread(1)
    config = preset("gru-scratch").config(
        max_tokens=None,
        hidden_size=point.hidden_size,
        num_steps=point.num_steps,
        sample_every=None,
        progress_every=None,
    )
    began = time.process_time()
    trainer = Trainer(config, shuffled_lyrics(point.characters), device="cpu")
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


def shuffled_lyrics(characters: int, seed: int = 1) -> str:
    """Return a text of so many characters: the shipped lyrics' lines, shuffled again for each repetition."""
    lines, shuffle = shipped_corpus("lyrics-zh").splitlines(), random.Random(seed).shuffle
    rounds: list[str] = []
    length = 0
    while length < characters:
        shuffle(lines)
        rounds.append("\n".join(lines))
        length += len(rounds[-1]) + 1
    return "\n".join(rounds)[:characters]


def peak_bytes() -> int:
    """Return the peak memory of this process so far."""
    status = Path("/proc/self/status")
    if status.exists():  # on Linux, where getrusage includes the memory of the parent process
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    import resource  # not on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
