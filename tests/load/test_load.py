"""The load test with a small class for a few seconds; by default it has thirty visitors for two minutes."""

import json
import math
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
verdict = runpy.run_path(str(HERE / "verdict.py"))
PROMISE = verdict["Promise"](visitors=3, trainers=1, epochs=2)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc, which only Linux has")
def test_no_request_fails_no_row_is_lost_and_no_run_is_left_behind(tmp_path):
    report = tmp_path / "report.json"
    few = {"visitors": 6, "trainers": 2, "seconds": 10, "epochs": 3, "runs": 21}
    how = {**few, "light-p95": math.inf, "growth": 60, "json": report}  # a busy machine takes its time, and is not warm
    flags = [word for name, value in how.items() for word in (f"--{name}", str(value))]
    done = subprocess.run([sys.executable, HERE / "crowd.py", *flags], capture_output=True, text=True, timeout=280)
    assert report.exists(), done.stderr
    found = json.loads(report.read_text("utf-8"))
    assert (found["missed"], found["failures"]) == ([], []), done.stdout
    assert done.returncode == 0
    assert found["visitors"] == 6
    assert {"generate", "step", "tag", "reload", "train", "follow", "walk away"} <= set(found["waits"])
    assert found["curves"]["trained"] == found["curves"]["followed"] >= 2
    assert found["runs_left_behind"] == {"running": 0, "waiting": 0, "paused": 0}
    assert found["memory_mib"]["runs"] == 21


def found(**changes):
    """The results of a load test in which all promises held."""
    well = {
        "failures": [],
        "visitors": 3,
        "waits": {"light": {"p95": 1.49}},
        "curves": {"trained": 2, "followed": 2, "broken": []},
        "memory_mib": {"growth": 31.9},
        "runs_left_behind": {"running": 0, "waiting": 0, "paused": 0},
    }
    return {**well, **changes}


def test_good_results_fail_no_promise():
    assert verdict["missed"](found(), PROMISE) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"failures": ["tag: TimeoutError: "]}, "1 request(s) failed"),
        ({"visitors": 2}, "of 3 visitors 2 were in at once"),
        ({"waits": {"light": {"p95": 1.5}}}, "light actions: p95 is 1.5 s, not below 1.5 s"),
        ({"waits": {}}, "light actions: p95 is inf s, not below 1.5 s"),
        ({"curves": {"trained": 2, "followed": 2, "broken": [[1]]}}, "curves with epochs missing or doubled: [[1]]"),
        (
            {"curves": {"trained": 2, "followed": 1, "broken": []}},
            "2 runs trained by 1 trainers, 1 followed to the end",
        ),
        (
            {"curves": {"trained": 0, "followed": 0, "broken": []}},
            "0 runs trained by 1 trainers, 0 followed to the end",
        ),
        ({"memory_mib": {"growth": 32.1}}, "memory grew by 32.1 MiB, more than 32.0 MiB"),
        ({"memory_mib": {"growth": None}}, "memory grew by inf MiB, more than 32.0 MiB"),
        ({"runs_left_behind": {"running": 1, "paused": 0}}, "runs left behind: {'running': 1}"),
    ],
)
def test_only_the_failed_promise_is_named(changes, said):
    assert verdict["missed"](found(**changes), PROMISE) == [said]


def test_memory_is_compared_by_medians_after_a_warm_up():
    """One large sample does not count, nor does the warm-up; a slope does."""
    flat = [100.0] * 50 + [600.0] * 250
    flat[70] = flat[290] = 900.0
    assert verdict["about_memory"](flat)["growth"] == 0
    leak = [500 + 0.5 * run for run in range(300)]
    assert verdict["about_memory"](leak)["growth"] == 87.5  # 0.5 MiB for each of 175 runs
    assert verdict["about_memory"]([500.0])["growth"] is None


def test_95_of_100_waits_are_no_longer_than_p95():
    assert verdict["p95"](range(1, 101)) == 95
    assert verdict["p95"](range(1, 22)) == 20
    assert verdict["p95"]([3.0]) == 3.0
    assert verdict["p95"]([]) is None


def test_a_curve_is_broken_by_a_missing_a_doubled_and_a_superfluous_epoch():
    curves = [[1, 2, 3], [1, 3], [1, 2, 2, 3], [1, 2, 3, 4], []]
    assert verdict["about_curves"]([[1, 2, 3]], curves, 3) == {"trained": 1, "followed": 5, "broken": curves[1:]}
