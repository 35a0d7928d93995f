"""Measure how the gradient falls by lag in RNN, GRU and LSTM: `python -m rnnlab.reproduce.gradient_curves`.

The recipe `quick` is trained with each cell, from the same seed and on the same minibatches. Before training and after
10 epochs, the gradient of 64 predictions, spread over the training text, is followed back through 50 steps
(`inspection.gradient_lens`). The medians are written to `assets/gradient_curves.json`, which the page draws behind the
curve of the visitor's own network, and printed as a table. It takes half a minute. The same machine makes the same file
again; another one rounds sums otherwise, which training amplifies.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rnnlab.devices import tune_process, tune_thread
from rnnlab.experiments.language_model import PRESETS, Config, Trainer
from rnnlab.experiments.language_model.gradient_curves import CELLS, MEASURED, LensCurve, alike, lens_curve
from rnnlab.inspection.gradient_lens import MAX_TOKENS

RECIPE, EPOCHS = "quick", 10
DIGITS = 6  # of a number in the file
TABLE_LAGS = (0, 5, 10, 20, 30, 50)


def config_of(cell: str, **changes: Any) -> Config:
    """Return the settings with which a cell is trained."""
    return alike(PRESETS[RECIPE].config(epochs=EPOCHS, sample_every=None, target_perplexity=None, **changes), cell)


def measure(config: Config, text: str | None = None) -> Iterator[LensCurve]:
    """Train with `config`; yield the curve before training and the one after the last epoch."""
    trainer = Trainer(config, text, device="cpu")
    ids = trainer.corpus.train_ids[:MAX_TOKENS]
    yield lens_curve(trainer.model, config, ids, 0)
    for event in trainer.events():
        if event.kind == "epoch" and trainer.epoch == config.epochs:
            yield lens_curve(trainer.model, config, ids, trainer.epoch, perplexity=event.to_dict()["perplexity"])


def plain_curves(curves: list[LensCurve], config: Config) -> dict[str, Any]:
    """Return the content of the file: the settings that all curves share, and the curves."""
    rounded = [
        curve.to_dict() | {letter: [_rounded(value) for value in getattr(curve, letter)] for letter in ("h", "c")}
        for curve in curves
    ]
    settings = {name: value for name, value in config.to_strings().items() if name not in ("model", "forget_bias")}
    return {"recipe": RECIPE, "config": settings, "curves": rounded}


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def table_of(curves: list[LensCurve]) -> str:
    """Write the curves as Markdown, before → after training, at TABLE_LAGS."""
    lines = ["| lag k | " + " | ".join(map(str, TABLE_LAGS)) + " |", "|---" * (len(TABLE_LAGS) + 1) + "|"]
    for before, after in zip(curves[::2], curves[1::2], strict=True):
        for letter in ("h", "c")[: 2 if before.c else 1]:
            first, last = getattr(before, letter), getattr(after, letter)
            cells = (f"{first[lag]:.1e} → {last[lag]:.1e}" for lag in TABLE_LAGS)
            lines.append(f"| {before.model} ∂ℓ/∂{letter}, {after.perplexity:.3f} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Train and measure all cells, print the table, and write the file."""
    parser = argparse.ArgumentParser(prog="python -m rnnlab.reproduce.gradient_curves", description=__doc__)
    parser.add_argument("--to", type=Path, default=Path(MEASURED), help="the file that is written")
    path = parser.parse_args().to
    tune_process("highest")
    tune_thread(1)
    curves = [curve for cell in CELLS for curve in measure(config_of(cell))]
    print(table_of(curves))
    path.write_text(json.dumps(plain_curves(curves, config_of(CELLS[0]))) + "\n", "utf-8")
    print(f"{path} {path.stat().st_size:,} B")


if __name__ == "__main__":
    main()
