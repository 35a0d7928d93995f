"""The lines of the look "gradient": how far back one prediction reaches, and the curves by lag, as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.cells import set_cell_size

from rnnlab.commands.console import printable
from rnnlab.commands.language import say
from rnnlab.text import visible

NAME_WIDTH = 22  # columns of a terminal; a Chinese character takes two
LAGS = (0, 5, 10, 20, 30, 50)


def gradient_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the norms at the place by lag, then those of the network now and at its start, and of RNN, GRU and LSTM."""
    letter = found["state"].rpartition(".")[2]
    token = printable(visible(found["token"]))
    yield say("inspect_gradient", token=token, place=found["place"], bits=found["bits"], state=found["state"])
    yield _row("k", [f"{lag}" for lag in LAGS])
    yield _row(token, _numbers(found["norms"]))
    yield say("inspect_gradient_curves")
    yield _row(say("inspect_gradient_now"), _numbers(_of(found["curve"], letter)))
    yield _row(say("inspect_gradient_start"), _numbers(_of(found["start"], letter)))
    if "others" in found:
        yield say("inspect_gradient_others")
        yield from _cells(found["others"])
    yield say("inspect_gradient_measured")
    yield from _cells(found["measured"])


def _cells(curves: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for curve in curves:
        cell, epoch = curve["model"].upper(), curve["epoch"]
        for each in ("h", "c") if curve["c"] else ("h",):
            name = f"{cell} {each}" if curve["c"] else cell
            yield _row(say("inspect_gradient_cell", cell=name, epoch=epoch), _numbers(curve[each]))


def _of(curve: Mapping[str, Any], letter: str) -> Sequence[float]:
    """Return the curve to the cell if that is meant and there is one, else to the hidden state."""
    values: Sequence[float] = curve["c"] if letter == "c" and curve["c"] else curve["h"]
    return values


def _numbers(norms: Sequence[float]) -> list[str]:
    return [f"{norms[lag]:.1e}" if lag < len(norms) else "–" for lag in LAGS]


def _row(name: str, cells: Sequence[str]) -> str:
    return set_cell_size(name, NAME_WIDTH) + "".join(f"{cell:>10}" for cell in cells)
