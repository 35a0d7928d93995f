"""Record the tutorials' recipes on the shipped lyrics: `python -m rnnlab.reproduce.recordings`.

Each recipe is trained to its end with its own settings and seed, and becomes one zip file in `assets/recordings/`,
which the page shows as soon as the recipe is chosen. In it are the rows of the whole curve; and of epoch 0, of the
powers of two and of the last epoch, what it wrote, the probe and the surprise of every character. Of the other epochs
that the recipe samples there are the samples. Neither weights nor anything that depends on the machine's speed or on
the hour is in it, so the same machine makes the same file again.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rnnlab.checkpoints.recorded_epoch import surprise_to_bytes
from rnnlab.devices import tune_process, tune_thread
from rnnlab.experiments.event import row
from rnnlab.experiments.language_model import PRESETS, Config, CurveRows, Epoch, Step, Trainer, Untrained
from rnnlab.experiments.language_model.data import prepare
from rnnlab.experiments.language_model.recording import Index, RecordedEpoch, Recording, measured
from rnnlab.experiments.language_model.recording.recording import name_of
from rnnlab.experiments.language_model.recording.rows import add_rows

RECIPES = tuple(name for name, recipe in PRESETS.items() if recipe.tutorial)
STATES = ("h", "c")  # of the probe's activations; the gates would take twice the room again

Row = dict[str, Any]


def is_looked_at(epoch: int, epochs: int) -> bool:
    """Return whether probe and surprise of an epoch are recorded: those of 0, of the powers of two and of the last.

    >>> [epoch for epoch in range(251) if is_looked_at(epoch, 250)]
    [0, 1, 2, 4, 8, 16, 32, 64, 128, 250]
    """
    return epoch & (epoch - 1) == 0 or epoch == epochs


def train(config: Config) -> Iterator[tuple[Row, RecordedEpoch | None]]:
    """Train on a shipped text; yield the rows of the curve, and with an epoch's row what is recorded of the epoch."""
    trainer, curve = Trainer(config, device="cpu"), CurveRows(config.epochs)
    for event in trainer.events():
        if isinstance(event, Epoch):
            event = replace(event, seconds=math.nan, tokens_per_second=math.nan)
        found = curve(event)
        if isinstance(event, Untrained | Epoch):
            yield _noted(trainer, row(event))
        elif isinstance(event, Step) and found is not None:
            yield found, None


def _noted(trainer: Trainer, found: Row) -> tuple[Row, RecordedEpoch | None]:
    """Return the row of the epoch that has just ended, with samples if it is looked at, and what is recorded of it."""
    epoch = found["epoch"]
    if not is_looked_at(epoch, trainer.config.epochs):
        return found, RecordedEpoch(epoch, found) if found["samples"] else None
    recorded = measured(trainer.latest, trainer.corpus)
    found |= {name: recorded.row[name] for name in ("samples", "copied_share", "longest_copied", "copied_runs")}
    shown = {name: tensor for name, tensor in recorded.probe.items() if name not in recorded.ranges or _is_kept(name)}
    ranges = {name: ends for name, ends in recorded.ranges.items() if _is_kept(name)}
    return found, replace(recorded, row=found, probe=shown, ranges=ranges)


def _is_kept(name: str) -> bool:
    return name.rpartition(".")[2] in STATES


def record(config: Config, path: Path) -> Iterator[Row]:
    """Train with `config`, write the recording to `path` at the end, and yield the row of each epoch meanwhile."""
    rows: list[Row] = []
    with TemporaryDirectory() as folder:
        recording = Recording(Path(folder) / "recording")
        corpus = prepare(config).corpus
        recording.set_index(Index(0, corpus.text_digest, corpus.vocab, ((1, 1, config.to_strings()),)))
        for found, recorded in train(config):
            rows.append(found)
            if recorded is not None:
                recording.files.write(name_of("epoch", recorded.epoch), recorded.to_bytes())
                if recorded.surprise:
                    recording.files.write(name_of("surprise", recorded.epoch), surprise_to_bytes(recorded.surprise))
            if found["kind"] == "epoch":
                yield found
        add_rows(recording, rows)
        path.parent.mkdir(parents=True, exist_ok=True)
        recording.save(path)


def main() -> None:
    """Record recipes on the shipped lyrics, one file each, as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m rnnlab.reproduce.recordings", description=__doc__)
    parser.add_argument(
        "recipes", nargs="*", metavar="RECIPE", help=f"all of them if none is named: {', '.join(RECIPES)}"
    )
    parser.add_argument("--folder", type=Path, default=Path("assets/recordings"), help="where the files are written")
    chosen = parser.parse_args()
    if unknown := [name for name in chosen.recipes if name not in RECIPES]:
        parser.error(f"no recipe of a tutorial: {', '.join(unknown)}")
    tune_process("highest")
    tune_thread(1)
    for name in chosen.recipes or RECIPES:
        config, path = PRESETS[name].config(), chosen.folder / f"{name}.zip"
        for found in record(config, path):
            if found["samples"]:
                print(f"{name} {found['epoch']}/{config.epochs} {found['perplexity']:.6f}", flush=True)
        print(f"{path} {path.stat().st_size:,} B", flush=True)


if __name__ == "__main__":
    main()
