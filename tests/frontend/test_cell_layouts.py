"""The data flow of a cell as it is drawn, against the equations in `inspection/cell_lines.py`."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnlab
from rnnlab.inspection import lines_of, trace_step
from rnnlab.recurrent import cell_equations

LIB = Path(rnnlab.__file__).parent / "ui/frontend/lib"
CELLS = {
    "rnn": cell_equations("rnn"),
    "relu": cell_equations("rnn", "relu"),
    "gru": cell_equations("gru"),
    "gru, reset before": cell_equations("gru", reset_after=False),
    "lstm": cell_equations("lstm"),
}
SCRIPT = """
import { layoutOf } from "./cell_layouts.js";
import { numbersOf } from "./cell_numbers.js";
import { readFileSync } from "node:fs";
const cells = Object.entries(JSON.parse(readFileSync(0, "utf-8")));
const answer = ([name, { lines, before }]) => [name, { layout: layoutOf(lines), numbers: numbersOf(lines, before) }];
console.log(JSON.stringify(Object.fromEntries(cells.map(answer))));
"""
HIDDEN, INPUTS, UNIT = 3, 4, 1


def trace(name: str) -> Any:
    rng = np.random.default_rng(1)
    cell = CELLS[name]
    lines = lines_of(cell)
    assert lines is not None
    rows = HIDDEN * len(lines.blocks)
    shapes = {"weight_ih": (rows, INPUTS), "weight_hh": (rows, HIDDEN), "bias_ih": (rows,), "bias_hh": (rows,)}
    weights = {key: rng.normal(size=shape) for key, shape in shapes.items()}
    return trace_step(cell, weights, 2, [rng.normal(size=HIDDEN) for _ in range(cell.state_size)])


def given(name: str) -> dict[str, Any]:
    step = trace(name)
    lines = [
        {
            "letter": letter,
            "formula": quantity.formula,
            "activation": quantity.activation,
            "sum": quantity.sum[UNIT],
            "value": quantity.values[UNIT],
            "parts": [(label, values[UNIT]) for label, values in quantity.parts.items()],
        }
        for letter, quantity in step.quantities.items()
    ]
    return {"lines": lines, "before": {key: step.vectors[key][UNIT] for key in step.vectors if key.endswith("{t-1}")}}


@pytest.fixture(scope="module")
def answers() -> dict[str, Any]:
    if not shutil.which("node"):
        pytest.skip("node is not installed")
    command = ["node", "--input-type=module", "-e", SCRIPT]
    asked = json.dumps({name: given(name) for name in CELLS})
    done = subprocess.run(command, cwd=LIB, input=asked, capture_output=True, text=True, timeout=60, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", CELLS)
def test_every_quantity_has_its_node_and_every_arrow_its_equations(name: str, answers: dict[str, Any]) -> None:
    layout, quantities = answers[name]["layout"], trace(name).quantities
    boxes = {node["letter"]: node["text"] for node in layout["nodes"] if node["kind"] == "gate"}
    assert boxes == {letter: found.activation for letter, found in quantities.items() if found.activation}
    results = {carried for arrow in layout["arrows"] for carried in arrow["carries"]}
    assert {f"{letter}_t" for letter in quantities} | {"x_t", "h_{t-1}"} <= results
    for arrow in layout["arrows"]:
        assert arrow["letters"], arrow
        for letter in arrow["letters"]:
            for carried in arrow["carries"]:
                assert carried in quantities[letter].formula, arrow
    for letter, quantity in quantities.items():  # each operand of an equation comes on an arrow
        carried = {name for arrow in layout["arrows"] if letter in arrow["letters"] for name in arrow["carries"]}
        operands = {word.strip("(),") for word in quantity.formula.replace("tanh(c_t)", "c_t").split() if "_" in word}
        operands = {
            word for word in operands if word.endswith(("_t", "_{t-1}")) and not word.startswith(("σ", "tanh("))
        }
        assert operands <= carried, letter


@pytest.mark.parametrize("name", CELLS)
def test_every_number_at_an_arrow_is_that_of_the_trace(name: str, answers: dict[str, Any]) -> None:
    step, numbers = trace(name), answers[name]["numbers"]
    vector = {key: values[UNIT] for key, values in step.vectors.items() if len(values) == HIDDEN and key != "x_t"}
    sums = {f"sum {letter}": quantity.sum[UNIT] for letter, quantity in step.quantities.items()}
    expected = vector | sums
    if name == "gru":
        inner = (
            step.weights["weight_hh"][2 * HIDDEN + UNIT] @ step.vectors["h_{t-1}"]
            + step.weights["bias_hh"][2 * HIDDEN + UNIT]
        )
        expected |= {"W_hn h_{t-1} + b_hn": inner, "r_t ⊙ (W_hn h_{t-1} + b_hn)": inner * vector["r_t"]}
    for key, value in expected.items():
        assert numbers[key] == pytest.approx(value, abs=1e-12), key
    shown = {arrow["value"] for arrow in answers[name]["layout"]["arrows"] if "value" in arrow}
    assert shown <= numbers.keys()
