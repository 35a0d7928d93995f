"""Starting: from nothing to a page that one can use, and from the click on Train to the first point.

A page can be used when its curve is drawn and its Train button can be pressed.
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

# What a start is made of, in this order; each is timed in a process that does nothing else.
STAGES = {
    "import torch": "import torch",
    "import gradio": "import gradio",
    "import the rest": "from rnnlab.runs import Runner; from rnnlab.ui.app import create_app, serve",
    "build the page": "runner = Runner(); app = create_app(runner)",
    "serve it": "serve(app, runner, '127.0.0.1')",
}
OPEN = "RNN Lab is open at "  # what the app prints when it serves
DRAWN = "plot => plot.data?.[0]?.x?.length > 0"  # a point of the run; the recorded curve has none of single minibatches


def measure_start(repeats: int = 5) -> dict[str, Any]:
    """Seconds until the page serves, until it can be used, and from the click to the first point: medians."""
    found: list[dict[str, float]] = []
    with browser_page() as page:
        for repeat in range(repeats + 1):
            page.goto("about:blank")
            started = _start(page)
            if repeat:  # the first one fills the caches of disk and browser
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
    """Start the app, open it in `page`, press Train, end it."""
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
    """The app in a process of its own; yields its address."""
    with TemporaryDirectory() as folder:  # where it keeps its runs
        command = [sys.executable, "-m", "rnnlab", "app", "--host", "127.0.0.1", "--data-dir", folder]
        log = Path(folder, "log")
        with log.open("w") as errors:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment())
        try:
            told = next((line for line in process.stdout if line.startswith(OPEN)), None)
            if told is None:
                raise RuntimeError(f"the app ended before it was open: {log.read_text()[-500:]}")
            yield told.removeprefix(OPEN).split()[0]
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()


def _timeline() -> dict[str, dict[str, float]]:
    """Seconds of wall clock and of computing of each stage, "python" (the interpreter's own start) first."""
    told = subprocess.run(
        [sys.executable, "-c", script(STAGES), str(time.time())],
        capture_output=True,
        text=True,
        check=True,
        env=environment(),
    )
    marks = json.loads(told.stdout.splitlines()[-1])
    before = [("", 0.0, 0.0), *marks]
    return {
        stage: {"seconds": wall - before[i][1], "cpu_seconds": cpu - before[i][2]}
        for i, (stage, wall, cpu) in enumerate(marks)
    }


def script(stages: dict[str, str]) -> str:
    """A program that does `stages` one after the other and prints [stage, wall clock, computing] of each, summed up.

    It is told when it was started.
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
