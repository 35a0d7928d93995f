"""Measure the start of the app until its page is usable, and the time from Train to the first point.

A page is usable when its curve is drawn and its Train button is enabled.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from rnnlab.bench.browser import browser_page
from rnnlab.bench.subprocess_environment import environment

# The stages of a start, in this order, which are timed one after the other in a new process.
STAGES = {
    "import torch": "import torch",
    "import gradio": "import gradio",
    "import the rest": (
        "from rnnlab.runs import Runner; from rnnlab.ui.app import create_app; from rnnlab.ui.serve import serve"
    ),
    "build the page": "runner = Runner(); app = create_app(runner)",
    "serve it": "serve(app, runner, '127.0.0.1')",
}
OPEN = "RNN Lab is open at "  # printed by the app when it serves
# The first trace has the minibatches of a run; a recorded curve, which the page shows before, has none.
DRAWN = "plot => plot.data?.[0]?.x?.length > 0"


def measure_start(repeats: int = 5) -> dict[str, Any]:
    """Return median seconds until the app serves, until the page is usable, and from Train to a point."""
    found: list[dict[str, float]] = []
    with browser_page() as page:
        for repeat in range(repeats + 1):
            page.goto("about:blank")
            started = _start(page)
            if repeat:  # the first start fills the caches of disk and browser
                found.append(started)
    stages = [_timeline() for _ in range(repeats)]
    return {
        **{name: round(median(one[name] for one in found), 2) for name in found[0]},
        "stages": {
            stage: {kind: round(median(one[stage][kind] for one in stages), 2) for kind in ("seconds", "cpu_seconds")}
            for stage in stages[0]
        },
        "repeats": repeats,
    }


def _start(page: Any) -> dict[str, float]:
    """Start the app, open it in `page`, press Train, end the app, and return the seconds of each step."""
    began = time.perf_counter()
    with _app() as url:
        serving = time.perf_counter()
        page.goto(url)
        page.locator("#live .plot .main-svg").first.wait_for()
        page.locator("#train:enabled").wait_for()
        usable = time.perf_counter()
        page.locator("#train").click()
        page.wait_for_function(DRAWN, arg=page.locator("#live .plot").element_handle(), polling="raf")
        drawn = time.perf_counter()
    return {
        "serving_seconds": serving - began,
        "usable_seconds": usable - began,
        "first_point_seconds": drawn - usable,
    }


@contextmanager
def _app() -> Iterator[str]:
    """Run the app in a new process; yield its address."""
    with TemporaryDirectory() as folder:  # for its runs
        command = [sys.executable, "-m", "rnnlab", "app", "--host", "127.0.0.1", "--data-dir", folder]
        log = Path(folder, "log")
        with log.open("w") as errors:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment())
        output = process.stdout
        assert output is not None, "it was opened as a pipe"
        try:
            line = next((line for line in output if line.startswith(OPEN)), None)
            if line is None:
                raise RuntimeError(f"the app ended before it was open: {log.read_text()[-500:]}")
            yield line.removeprefix(OPEN).split()[0]
        finally:
            process.terminate()
            process.wait()
            output.close()


def _timeline() -> dict[str, dict[str, float]]:
    """Return wall-clock and processor seconds of each stage, first of "python", the interpreter's start."""
    done = subprocess.run(
        [sys.executable, "-c", script(STAGES), str(time.time())],
        capture_output=True,
        text=True,
        check=True,
        env=environment(),
    )
    marks = json.loads(done.stdout.splitlines()[-1])
    before = [("", 0.0, 0.0), *marks]
    return {
        stage: {"seconds": wall - before[i][1], "cpu_seconds": cpu - before[i][2]}
        for i, (stage, wall, cpu) in enumerate(marks)
    }


def script(stages: dict[str, str]) -> str:
    """Return a program that runs `stages` and prints [stage, wall seconds, processor seconds] of each.

    The seconds are counted from the start of the program, which it takes as its argument (a value of `time.time()`).
    """
    lines = [
        "import json, os, sys, time",
        "marks = []",
        "def mark(stage): marks.append((stage, time.time() - float(sys.argv[1]), time.process_time()))",
        "mark('python')",
    ]
    for stage, code in stages.items():
        lines += [code, f"mark({stage!r})"]
    return "\n".join([*lines, "print(json.dumps(marks), flush=True)", "os._exit(0)"])
