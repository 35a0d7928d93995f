"""`rnnlab sine`: its output and its errors."""

import json
import re

import pytest

from rnnlab.commands import sine as command
from rnnlab.experiments.sine import Config, Started, Window, WindowDiverged, run

SMALL = ("--hidden-size", 6, "--points", 4, "--windows", 40)


def test_plain_output_has_a_line_every_twenty_windows_and_one_for_each_window_alone(call):
    status, out, err = call("sine", *SMALL, "--free-run", 2)
    assert (status, err) == (0, "")
    losses = {e.window: e.loss for e in run(Config(hidden_size=6, points=4, windows=40)) if isinstance(e, Window)}
    lines = out.splitlines()
    assert lines[0] == f"window 20  carried loss {losses[20]:.4f}"
    assert lines[1] == f"window 40  carried loss {losses[40]:.4f}"
    alone = [f"{where}  carried error x" for where in ("alone 1", "alone 2", "alone, mean")]
    assert [re.sub(r"\d\.\d{4}", "x", line) for line in lines[2:]] == alone
    first, second, mean = (float(line.split()[-1]) for line in lines[2:])
    assert mean == pytest.approx((first + second) / 2, abs=1e-4)


def test_memories_that_are_compared_share_a_line(call):
    _, out, _ = call("sine", *SMALL, "--free-run", 0, "--memory", "all")
    pattern = r"window \d+  carried loss [\d.]+  reset loss [\d.]+  bptt loss [\d.]+"
    assert [bool(re.fullmatch(pattern, line)) for line in out.splitlines()] == [True, True]


def test_json_has_one_event_per_line(call):
    status, out, err = call("sine", *SMALL, "--memory", "all", "--free-run", 1, "--json")
    assert (status, err) == (0, "")
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["kind"] for row in rows] == ["started", *["window"] * 120, *["freerun"] * 3, "finished"]
    assert rows[1]["t"] == [0.0, 1.0472, 2.0944, 3.1416]  # 0, π/3, 2π/3, π
    assert rows[1]["target"] == [1.0, 0.5, -0.5, -1.0]
    assert rows[-1]["mean_losses"][0] == rows[118]["mean_loss"]


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--points", "1"), ["points: 1 is out of range", "from 2 to 200"]),
        (("--points", "3.5"), ["points: 3.5 is not a whole number"]),
        (("--points", "200", "--windows", "587"), ["windows: 587 windows of 200 points", "at most 586"]),
        (("--phase", "1.5708"), ["phase: ", "set free_run to 0"]),
        (("--memory", "good"), ["memory: ", "carried, reset, bptt, all"]),
    ],
)
def test_bad_input_is_one_line(call, refused, flags, words):
    refused(call("sine", *flags), *words)


def test_a_diverging_network_is_an_error_that_names_the_setting(call, refused, monkeypatch):
    def diverging(config):
        yield Started(config.memories, 4, 40, 0, 0.1, parameters=1)
        yield WindowDiverged(7, "carried")

    monkeypatch.setattr(command, "run", diverging)
    refused(call("sine", *SMALL), "learning_rate", "window 7", "carried")
