"""`rnnlab phase`: its output and its errors."""

import json

import pytest

from rnnlab.experiments.event import row
from rnnlab.experiments.sine import Config, PhasePlane, run_with_phase_planes

SMALL = ("--hidden-size", 6, "--points", 4, "--windows", 5, "--free-run", 0)


def test_a_line_per_plane_has_both_radii_and_the_verdict(call):
    status, out, err = call("phase", *SMALL)
    assert (status, err) == (0, "")
    config = Config(hidden_size=6, points=4, windows=5, free_run=0)
    planes = [event for event in run_with_phase_planes(config) if isinstance(event, PhasePlane)]
    assert len(out.splitlines()) == len(planes) == 5
    first = planes[0]
    radii = f"driven {first.driven_radius:.3f}  fixed point {first.rest_radius:.3f}  spirals in"
    assert out.splitlines()[0] == f"window 1  carried  {radii}  two axes {sum(first.explained):.1%}"
    assert "旋入" in call("--lang", "zh", "phase", *SMALL)[1]
    assert [json.loads(line) for line in call("phase", *SMALL, "--json")[1].splitlines()] == list(map(row, planes))


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--memory", "reset"), ["memory: ", "begins each window at zero", "carried, bptt or all"]),
        (("--points", "1"), ["points: 1 is out of range"]),
    ],
)
def test_bad_input_is_one_line(call, refused, flags, words):
    refused(call("phase", *flags), *words)
