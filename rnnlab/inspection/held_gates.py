"""What operations on a network cost: the perplexity of a text, and that with each gate held in turn.

    for row in held_gates(model, ids):
        print(row.gate, row.mean, row.perplexity["0.5"])

"mean" holds each unit at its own mean over the text. A gate whose units differ is far better held so than with all of
them at one mean: the output gate of the quick LSTM after 12 epochs costs 1.7 at the first and 113 at the second.

Shapes: N tokens of the text, T of those read at once, H hidden, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from rnnlab.inspection.surgery import MEAN, Means, Operation, gate_means, gates_of_model, operate
from rnnlab.inspection.vocabulary_blocks import blocks_of_rows
from rnnlab.models import LanguageModel
from rnnlab.perplexity import perplexity
from rnnlab.recurrent import cell_equations, make_stepper

HELD: tuple[float | str, ...] = (0.0, 0.5, 1.0, MEAN)  # the columns of the table, after the free network
FREE = "free"


@torch.inference_mode()
def nats_along(model: LanguageModel, ids: Sequence[int]) -> NDArray[np.float64]:
    """Return the negative log-likelihood of each of `ids` (N,) after all before it, (N - 1,), in nats.

    The network reads from a state of zeros, in NumPy and in its own number format. A network that has left the range
    of numbers gives infinity. A bidirectional one is not read: `check_operations` refuses it.
    """
    config, numbers = model.config, list(ids)
    cell = cell_equations(config.model, config.nonlinearity, config.reset_after)
    stepper = make_stepper(cell, _arrays(model.recurrent), config.num_layers)
    embedding = None if model.embedding is None else _arrays(model.embedding)["weight"]
    projected: dict[int, NDArray[np.float32]] = {}
    hidden = []
    with np.errstate(all="ignore"):  # an operated network may overflow
        for number in numbers[:-1]:
            if number not in projected:
                projected[number] = stepper.project(number if embedding is None else embedding[number])
            hidden.append(stepper.read(projected[number]))
    rows = torch.from_numpy(np.array(hidden)).to(model.output.weight)
    nats, targets = torch.empty(len(rows), dtype=torch.float64), torch.tensor(numbers[1:])[:, None]
    for part in blocks_of_rows(len(rows), model.vocab_size):
        log_p = model.output(rows[part]).double().cpu().log_softmax(-1)  # (block, V)
        nats[part] = -log_p.gather(1, targets[part])[:, 0]
    found: NDArray[np.float64] = torch.nan_to_num(nats, nan=torch.inf, posinf=torch.inf).numpy()
    return found


def perplexity_along(model: LanguageModel, ids: Sequence[int]) -> float:
    """Return the perplexity of `ids` (N,), each after all before it; infinity where it is beyond a float."""
    nats = nats_along(model, ids)
    return perplexity(float(nats.sum()), len(nats))


@dataclass(frozen=True)
class HeldGate:
    """A row of the table: one gate of one layer."""

    layer: int
    gate: str
    mean: float  # of the gate over text and units, of the undamaged network
    perplexity: dict[str, float]  # by "free" and the values of HELD, as text: "0", "0.5", "1", "mean"


def column_name(value: float | str) -> str:
    """Return the name of a column: 0.5 is "0.5", and 1.0 is "1"."""
    return value if isinstance(value, str) else f"{value:g}"


def held_gates(model: LanguageModel, ids: Sequence[int]) -> list[HeldGate]:
    """Return a row for each gate of each layer. Raises InvalidInput for a bidirectional network."""
    measuring = measure_held_gates(model, ids)
    while True:
        try:
            next(measuring)
        except StopIteration as end:
            rows: list[HeldGate] = end.value
            return rows


def measure_held_gates(model: LanguageModel, ids: Sequence[int]) -> Generator[tuple[int, int], None, list[HeldGate]]:
    """Yield after each reading how many are done, and of how many; return the rows."""
    gates = [(layer, gate) for layer in range(model.config.num_layers) for gate in gates_of_model(model.config)]
    operate(model, [])  # checks the architecture
    means, total = gate_means(model, ids), 1 + len(gates) * len(HELD)
    free, done, rows = perplexity_along(model, ids), 1, []
    yield done, total
    for layer, gate in gates:
        held = {FREE: free}
        for value in HELD:
            held[column_name(value)] = _held(model, ids, Operation("gate", layer, gate, value=value), means)
            done += 1
            yield done, total
        rows.append(HeldGate(layer, gate, float(means[f"l{layer}.{gate}"].mean()), held))
    return rows


def _held(model: LanguageModel, ids: Sequence[int], operation: Operation, means: Means) -> float:
    return perplexity_along(operate(model, [operation], means), ids)


def _arrays(module: torch.nn.Module) -> dict[str, NDArray[np.float32]]:
    """Return the weights as arrays, in float64 if they are, else in float32."""
    kept = {torch.float32, torch.float64}
    return {
        name: (tensor if tensor.dtype in kept else tensor.float()).detach().cpu().numpy()
        for name, tensor in module.state_dict().items()
    }
