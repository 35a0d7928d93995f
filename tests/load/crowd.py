"""Load test: a class of real clients that train, generate, step, tag and reload, and how long they wait.

    python tests/load/crowd.py                                  # 30 visitors, two minutes, then 300 short runs
    python tests/load/crowd.py --json report.json               # and keep the numbers
    python tests/load/crowd.py --visitors 6 --seconds 10 --runs 20 --light-p95 inf

It starts the app in a process of its own, on a free port, with a temporary data folder. It prints its progress and a
report; the exit status is 1, and each failed promise is named, unless all of them hold:
no request fails, light actions take less than 1.5 s (95 of 100 do), every curve is complete, memory stays flat over
the short runs (see `verdict.about_memory`), and no run is left behind when all visitors have left. It takes about
three minutes.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from verdict import Promise, about_curves, about_memory, about_waits, missed, p95
from visitors import PATIENCE, Report, Visitor, spend, train, visit

ROOT = Path(__file__).resolve().parents[2]
START = 90.0  # seconds within which the server must answer
ARRIVAL = 0.1  # of the time, within which all visitors set out: thirty clients made at once delay each other here
DEPARTURE = 30.0  # seconds after which no run of a visitor who left may remain
PROGRESS = 10.0  # seconds between two lines about the progress
TINY = {"hidden_size": 8, "embedding_size": 4, "max_tokens": 1500, "batch_size": 8, "num_steps": 10, "epochs": 2}


@dataclass
class Server:
    """The app in a process of its own."""

    process: subprocess.Popen[bytes]
    url: str

    def memory(self) -> float:
        """Resident memory in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024

    def health(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}lab/health", timeout=60) as answer:
            return json.load(answer)


@contextmanager
def server(log: Path) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    with tempfile.TemporaryDirectory() as folder, log.open("wb") as lines:
        command = [sys.executable, "app.py", "--host", "127.0.0.1", "--port", str(port), "--data-dir", folder]
        process = subprocess.Popen(command, cwd=ROOT, stdout=lines, stderr=subprocess.STDOUT)
        try:
            until = time.monotonic() + START
            while not _answers(url):
                if time.monotonic() > until or process.poll() is not None:
                    raise RuntimeError(f"the app does not answer; see {log}")
                time.sleep(0.2)
            yield Server(process, url)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(f"{url}lab/health", timeout=5).close()
    except OSError:
        return False
    return True


def crowd(app: Server, promise: Promise, seconds: float) -> Report:
    """Let the visitors come one after the other, and leave so many seconds after the last one is in.

    However slow the machine is, all of them are in at once. One that has not ended some time after the others has
    failed.
    """
    report, began = Report(), time.monotonic()
    stays = [partial(train, epochs=promise.epochs, seed=n) for n in range(promise.trainers)]
    stays += [partial(visit, seed=n) for n in range(promise.visitors - promise.trainers)]
    threads, last = start_visitors(app, report, stays, ARRIVAL * seconds), began
    while any(thread.is_alive() for thread in threads) and time.monotonic() < report.until + 2 * PATIENCE:
        if report.until == math.inf and len(report.arrived) == len(threads):
            report.until = time.monotonic() + seconds
        with report.timed("health"):
            report.visitors = max(report.visitors, app.health()["visitors"])
        if time.monotonic() > last + PROGRESS:
            last = time.monotonic()
            say(progress(report, last - began))
        time.sleep(0.5)
    report.failures += [f"{thread.name} has not come to an end" for thread in threads if thread.is_alive()]
    return report


def start_visitors(
    app: Server, report: Report, stays: Sequence[Callable[[Visitor, Report], None]], within: float = 0.0
) -> list[threading.Thread]:
    """Start a visitor for each of `stays`, all `within` so many seconds."""
    threads = [
        threading.Timer(within * number / len(stays), spend, args=(app.url, report, stay))
        for number, stay in enumerate(stays)
    ]
    for number, thread in enumerate(threads, start=1):
        thread.name, thread.daemon = f"visitor {number}", True
        thread.start()
    return threads


def progress(report: Report, seconds: float) -> str:
    light = f"{len(report.light)} light actions (p95 {p95(report.light) or 0:.2f} s)"
    return (
        f"{seconds:4.0f} s: {report.visitors} visitors, {light}, "
        f"{len(report.trained)} runs trained, {len(report.failures)} failures"
    )


def left_behind(app: Server) -> dict[str, int]:
    """Return how many runs still train, wait or pause when all visitors have left."""
    until = time.monotonic() + DEPARTURE
    while True:
        runs = app.health()["runs"]
        left = {state: runs[state] for state in ("running", "waiting", "paused")}
        if not any(left.values()) or time.monotonic() > until:
            return left
        time.sleep(0.5)


def memory_over(app: Server, runs: int, at_once: int, report: Report) -> list[float]:
    """Return the resident memory in MiB after each of so many short trainings, by as many visitors as train at once.

    The visitors stay, since the memory for pages that come and go is bounded by their number.
    """
    samples: list[float] = []
    stay = partial(short_runs, app=app, seeds=iter(range(runs)), samples=samples, began=time.monotonic())
    for thread in start_visitors(app, report, [stay] * at_once):
        thread.join()
    return samples


def short_runs(
    visitor: Visitor, report: Report, app: Server, seeds: Iterator[int], samples: list[float], began: float
) -> None:
    """Train with each seed that no other visitor has taken, and measure the server's memory."""
    for seed in seeds:
        with report.timed("short run"):
            visitor.ask("/train", preset="quick", seed=seed, **TINY)
        samples.append(app.memory())
        if len(samples) % 50 == 0:
            say(f"{time.monotonic() - began:4.0f} s: {len(samples)} short runs, {samples[-1]:.0f} MiB")


def machine(app: Server) -> dict[str, Any]:
    """Describe the machine."""
    cpus = Path("/proc/cpuinfo").read_text().splitlines()
    processor = next((line.partition(": ")[2] for line in cpus if line.startswith("model name")), platform.machine())
    health = app.health()
    return {
        "processor": processor, "cores": len(os.sched_getaffinity(0)), "system": platform.platform(),
        "python": platform.python_version(), "rnnlab": health["version"], "device": health["device"],
    }  # fmt: skip


def summary(report: Report, memory: list[float], promise: Promise) -> dict[str, Any]:
    """Return the results as in the JSON report."""
    waits = {action: about_waits(seconds) for action, seconds in sorted(report.waits.items())}
    if report.light:
        waits["light"] = about_waits(report.light)
    return {
        "visitors": report.visitors,
        "failures": report.failures,
        "waits": waits,
        "curves": about_curves(report.trained, report.curves, promise.epochs),
        "memory_mib": about_memory(memory),
    }


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Load test of the app with a class of visitors.")
    parser.add_argument("--visitors", type=int, default=30)
    parser.add_argument("--trainers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--epochs", type=int, default=10, help="of each of the trainers' runs")
    parser.add_argument("--runs", type=int, default=300, help="short runs afterwards, for the memory")
    parser.add_argument("--light-p95", type=float, default=Promise.light_p95, help="seconds; inf: whatever it takes")
    parser.add_argument("--growth", type=float, default=Promise.growth, help="MiB that the memory may grow by")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report to FILE")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # Gradio's client would send statistics to its makers
    asked = {name: value for name, value in vars(options).items() if name != "json"}
    promise = Promise(**{name: value for name, value in asked.items() if name not in ("seconds", "runs")})
    asked = {name: None if value == math.inf else value for name, value in asked.items()}  # JSON knows no infinity
    date = datetime.now(UTC).isoformat(timespec="seconds")
    log = Path(tempfile.gettempdir()) / f"rnnlab-crowd-{os.getpid()}.log"
    with server(log) as app:
        about = {"date": date, "machine": machine(app), "asked": asked}
        report = crowd(app, promise, options.seconds)
        left = left_behind(app)
        memory = memory_over(app, options.runs, promise.trainers, report)
    found = {**about, **summary(report, memory, promise), "runs_left_behind": left}
    found["missed"] = missed(found, promise)
    for name, value in found.items():
        say(f"{name}: {value}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")
    if found["missed"]:
        say(f"the server's log is {log}")
    else:
        log.unlink()
    return int(bool(found["missed"]))


if __name__ == "__main__":
    sys.exit(main())
