"""`rnnlab look`: what a recorded run was like at an epoch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from rnnlab.commands.console import AsJson, notes, print_json, printable, printable_lines, source_of
from rnnlab.commands.language import say
from rnnlab.devices import tune_thread
from rnnlab.experiments.event import plain
from rnnlab.experiments.language_model import Config
from rnnlab.experiments.language_model.recording import RecordedEpoch, Recording, describe, look
from rnnlab.resources import SHIPPED_RECORDINGS, shipped_recording
from rnnlab.text import Vocab, visible


def look_command(
    file: Annotated[Path, typer.Argument(help="A file from `train --record`, or a tutorial's recipe.", metavar="FILE")],
    epoch: Annotated[int | None, typer.Option(min=0, help="Which epoch, 0 before training; else the last.")] = None,
    exact: Annotated[bool, typer.Option(help="Train anew up to it, for its exact weights, and measure those.")] = False,
    corpus: Annotated[
        str | None, typer.Option(help="The text that the run learned; not needed for a shipped one.", metavar="PATH")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look at an epoch of a recorded run: what it wrote, what it expected, and what surprised it."""
    tune_thread()  # as the training was: other threads round sums otherwise
    is_name = str(file) in SHIPPED_RECORDINGS and not file.exists()
    recording = Recording.open(shipped_recording(str(file)) if is_name else file)
    facts, index = describe(recording), recording.index
    chosen = max(recording.epochs, default=0) if epoch is None else epoch
    distance = Config.from_strings(index.config_at(chosen + 1, 1)).distance
    text = None if corpus is None else source_of(corpus, distance).text
    recorded, replayed = look(recording, chosen, text, exact=exact, progress=None if as_json else _say_progress)
    if as_json:
        print_json({**plain_epoch(recorded, index.vocab), "replayed": replayed, "recorded": facts})
    else:
        _print(recorded, index.vocab, facts)


def plain_epoch(recorded: RecordedEpoch, vocab: Vocab) -> dict[str, Any]:
    """Return what was recorded as plain data: the row, the probe with its likeliest characters, the mean surprise."""
    return plain(
        {
            **{name: value for name, value in recorded.row.items() if name != "kind"},
            "probe": [
                {"token": token, "bits": bits, "expected": expected}
                for token, bits, expected in _places(recorded, vocab)
            ],
            "surprise": {
                part: {"tokens": len(recorded.surprise[part]), "mean_bits": float(np.nanmean(recorded.bits(part)))}
                for part in recorded.surprise
            },
        }
    )


def _places(recorded: RecordedEpoch, vocab: Vocab) -> list[tuple[str, float, list[dict[str, Any]]]]:
    """Return each token of the probe, the bits by which it was unexpected, and what was expected there instead."""
    probe, places = recorded.probe, []
    for place, number in enumerate(probe["ids"].tolist() if probe else ()):
        expected = []
        if place:  # what was expected at the first is not known: nothing was read before it
            ids, shares = probe["expected"][place - 1].tolist(), probe["probabilities"][place - 1].tolist()
            expected = [{"token": vocab.tokens[i], "probability": p} for i, p in zip(ids, shares, strict=True)]
        places.append((vocab.tokens[number], float(probe["surprisal"][place]), expected))
    return places


def _print(recorded: RecordedEpoch, vocab: Vocab, facts: dict[str, Any]) -> None:
    row = recorded.row
    perplexity = row.get("perplexity")
    print(say("look_epoch", epoch=recorded.epoch, perplexity="–" if perplexity is None else f"{perplexity:.4g}"))
    for sample in row.get("samples", ()):
        print(printable_lines(sample))
    if row.get("copied_share") is not None:
        print(say("train_copied", share=row["copied_share"], longest=row["longest_copied"]))
    print()
    print(say("look_probe"))
    for token, bits, expected in _places(recorded, vocab):
        guesses = "  ".join(f"{printable(visible(e['token']))} {e['probability']:.0%}" for e in expected)
        print(f"{printable(visible(token)):>4}  {'' if np.isnan(bits) else f'{bits:5.1f}':>5}  {guesses}")
    means = {part: float(np.nanmean(recorded.bits(part))) for part in recorded.surprise}
    if "training" in means:
        print(say("look_training", bits=means["training"]))
    if "held_out" in means:
        print(say("look_held_out", bits=means["held_out"]))
    notes().print(
        say("look_kept", epochs=len(facts["epochs"]), weights=len(facts["weights"]), states=len(facts["states"])),
        soft_wrap=True,
    )


def _say_progress(done: int, epochs: int) -> None:
    notes().print(say("look_replayed", done=done, epochs=epochs))
