"""Payloads of the panels of unequal lengths and of dropout: of arrays the part that fits on a page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rnnlab.inspection import LayerDropout, LayersConfig, Packed, PackedConfig, python_lines
from rnnlab.ui.tabs.layers.payload import STEPS_SHOWN, UNITS_SHOWN, units_shown, written

SEQUENCES_SHOWN, PLACES_SHOWN = 8, 20  # of a padded batch: sequences, and steps
DROPOUT_UNITS = 6
BOUNDARIES_SHOWN = 3  # between layers


def packed_value(config: PackedConfig, seen: Packed) -> dict[str, Any]:
    """Return the padded batch, the place of each element in the packed data, and the outputs at each end."""
    shown, units = range(min(SEQUENCES_SHOWN, config.batch_size)), units_shown(config, UNITS_SHOWN)
    steps = min(PLACES_SHOWN, config.num_steps)
    rows: dict[tuple[int, int], int] = {(row, step): k for k, (row, step) in enumerate(seen.places.tolist())}
    ends = [(length - 1, row) for row, length in enumerate(seen.lengths)]
    first, call = python_lines(replace(config, implementation="torch" if len(seen.runs) > 1 else "scratch"))
    return {
        "sequences": config.batch_size,
        "steps": config.num_steps,
        "lengths": [seen.lengths[row] for row in shown],
        "order": [row for row in seen.order if row in shown],
        "padded": seen.padded[:steps, : len(shown), 0].T.tolist(),  # the first number of each element
        "places": [[rows.get((row, step)) for step in range(steps)] for row in shown],
        "batch_sizes": list(seen.batch_sizes[:steps]),
        "elements": len(seen.data),
        "input_size": config.input_size,
        "units": units,
        "hidden_size": config.hidden_size,
        "runs": [
            {
                "implementation": run.implementation,
                "ends": [run.output[ends[row]][units].tolist() for row in shown],
                "alone": [run.alone[ends[row]][units].tolist() for row in shown],
                "difference": written(run.difference),
            }
            for run in seen.runs
        ],
        "difference": None if seen.difference is None else written(seen.difference),
        "unpacked_difference": written(seen.unpacked_difference),
        "lines": [
            first,
            f"packed = pack_padded_sequence(input, {list(seen.lengths)}, enforce_sorted=False)",
            call.replace("(input,", "(packed,").replace("output, ", "packed_output, "),
            "output, lengths = pad_packed_sequence(packed_output)",
        ],
    }


def dropout_value(config: LayersConfig, seen: LayerDropout) -> dict[str, Any]:
    """Return the first sequence's numbers between layers, their mask and their product."""
    units = units_shown(config, DROPOUT_UNITS)
    tensors = {"below": seen.between, "mask": seen.masks, "above": seen.above}
    return {
        "rate": config.dropout,
        "layers": config.num_layers,
        "rows": config.batch_size,
        "steps": config.num_steps,
        "units": units,
        "hidden_size": config.hidden_size,
        "boundaries": [
            {name: whole[k][:STEPS_SHOWN, 0][:, units].tolist() for name, whole in tensors.items()}
            for k in range(min(BOUNDARIES_SHOWN, len(seen.masks)))
        ],
        "zeroed": f"{100 * seen.zeroed:.1f} %",
        "difference": written(seen.difference),
        "evaluated": written(float(abs(seen.output - seen.evaluated).max())),
        "lines": [python_lines(config)[0], f"{config.model}.train()"],
    }
