"""A class in front of one server: real clients that train, sing, step, tag and reload, and what they had to wait for.

    python tests/load/crowd.py                                  # 30 visitors, two minutes, then 300 short runs
    python tests/load/crowd.py --visitors 6 --seconds 10 --runs 20 --json

It starts the app in a process of its own, on a free port, with a data folder that is thrown away. What it found is
printed; the exit status is 1 when something failed that must hold on any machine (how long things took is reported).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradio_client import Client

ROOT = Path(__file__).resolve().parents[2]
START = 90.0  # seconds within which the server must answer
THINK = (2.0, 6.0)  # seconds that a visitor looks at an answer before the next action
TINY = {"hidden_size": 8, "embedding_size": 4, "max_tokens": 1500, "batch_size": 8, "num_steps": 10, "epochs": 2}
SENTENCES = ("The cat sleeps on the old sofa.", "She reads a book in the garden.", "我们在公园里看书。")


@dataclass
class Report:
    """What the clients saw. Each list is appended to by many threads; appending is atomic."""

    waits: dict[str, list[float]] = field(default_factory=dict)  # seconds, by action
    failures: list[str] = field(default_factory=list)
    curves: list[list[int]] = field(default_factory=list)  # the epochs that each trainer was told of

    @contextmanager
    def timed(self, action: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        except Exception as error:  # whatever a client raises is a failed request, and the visit goes on
            self.failures.append(f"{action}: {type(error).__name__}: {error}")
        else:
            self.waits.setdefault(action, []).append(time.perf_counter() - began)


@dataclass
class Server:
    """The app in a process of its own."""

    process: subprocess.Popen[bytes]
    url: str

    def memory(self) -> float:
        """Resident memory in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=60) as answer:
            return answer.read()

    def census(self) -> dict[str, int]:
        return json.loads(self.get("lab/health"))["runs"]


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


def train(server: Server, report: Report, until: float, epochs: int) -> None:
    """Train one model after the other, and follow its curve by two connections, of which the first one breaks."""
    client = Client(server.url, verbose=False)
    while time.monotonic() < until:
        with report.timed("train"):
            rows, told = [], []
            for row in client.submit(preset="quick", epochs=epochs, sample_every="none", api_name="/train"):
                if not told:
                    told = [threading.Thread(target=follow, args=(server, report, row["run"], epochs))]
                    told[0].start()
                if row["epoch"] not in (0, *rows[-1:]):  # a row comes again when nothing has been told for a while
                    rows.append(row["epoch"])
            if rows != [*range(1, epochs + 1)]:
                raise AssertionError(f"/train told of the epochs {rows}")
        for thread in told:
            thread.join(60)


def follow(server: Server, report: Report, run: str, epochs: int) -> None:
    """A viewer whose connection drops after a few rows and who comes back with Last-Event-ID."""
    with report.timed("follow"):
        seen, cursor = [], "0"
        for patience in (3, 10**9):  # messages until the connection breaks
            request = urllib.request.Request(f"{server.url}lab/runs/{run}/events", headers={"Last-Event-ID": cursor})
            with urllib.request.urlopen(request, timeout=120) as stream:
                for line in stream:
                    if line.startswith(b"id: "):
                        number = line[4:].strip().decode()
                    elif line.startswith(b"data: "):
                        cursor, patience = number, patience - 1
                        rows = json.loads(line[6:])["rows"]
                        seen += [row["epoch"] for row in rows if row["kind"] == "epoch"]
                        if patience == 0:
                            break
        report.curves.append(seen)
        if seen != list(range(1, epochs + 1)):
            raise AssertionError(f"the curve had the epochs {seen}")


def visit(server: Server, report: Report, until: float, seed: int) -> None:
    """Sing, step, tag and reload, in any order, with a while of looking in between."""
    choose = random.Random(seed)
    client = Client(server.url, verbose=False)
    actions = ("generate", "step", "tag", "reload")
    action = actions[seed % len(actions)]  # whatever is drawn afterwards, each has been somebody's first
    while time.monotonic() < until:
        with report.timed(action):
            if action == "generate":
                client.predict(model="lyrics-zh", prefix="雨", length=100, seed=seed, api_name="/generate")
            elif action == "step":
                client.predict(position=choose.randint(1, 5), api_name="/step")
            elif action == "tag":
                client.predict(text=choose.choice(SENTENCES), api_name="/tag")
            else:
                for path in ("", "config", "lab/curves/lyrics-zh", "lab/lessons/hello"):
                    server.get(path)
        action = choose.choice(actions)
        time.sleep(min(choose.uniform(*THINK), max(0.0, until - time.monotonic())))


def crowd(server: Server, visitors: int, trainers: int, seconds: float, epochs: int) -> Report:
    report, until = Report(), time.monotonic() + seconds
    threads = [threading.Thread(target=train, args=(server, report, until, epochs)) for _ in range(trainers)]
    threads += [threading.Thread(target=visit, args=(server, report, until, n)) for n in range(visitors - trainers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return report


def memory_over(server: Server, runs: int) -> list[float]:
    """Resident memory in MiB after each third of `runs` short trainings, the first of which warm up."""
    client, seen = Client(server.url, verbose=False), []
    for number in range(1, runs + 1):
        client.predict(preset="quick", seed=number, **TINY, api_name="/train")
        if number % max(1, runs // 3) == 0:
            seen.append(round(server.memory(), 1))
    return seen


def left_behind(server: Server, patience: float = 20.0) -> dict[str, int]:
    """Runs that still train, wait or pause when everybody has gone."""
    until = time.monotonic() + patience
    while True:
        census = {state: server.census()[state] for state in ("running", "waiting", "paused")}
        if not any(census.values()) or time.monotonic() > until:
            return census
        time.sleep(0.5)


def summary(report: Report, memory: list[float], left: dict[str, int]) -> dict[str, Any]:
    light = sorted(
        wait for action, waits in report.waits.items() if action not in ("train", "follow") for wait in waits
    )
    return {
        "cores": os.cpu_count(),
        "requests": {action: len(waits) for action, waits in sorted(report.waits.items())},
        "failures": report.failures,
        "light_median_seconds": round(statistics.median(light), 3) if light else None,
        "light_p95_seconds": round(light[max(0, int(0.95 * len(light)) - 1)], 3) if light else None,
        "slowest_seconds": {action: round(max(waits), 3) for action, waits in sorted(report.waits.items())},
        "curves": len(report.curves),
        "memory_mib": memory,
        "runs_left_behind": left,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="Let a class loose on the app.")
    parser.add_argument("--visitors", type=int, default=30)
    parser.add_argument("--trainers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--epochs", type=int, default=10, help="of each of the trainers' runs")
    parser.add_argument("--runs", type=int, default=300, help="short runs one after the other, for the memory")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    log = Path(tempfile.gettempdir()) / f"rnnlab-crowd-{os.getpid()}.log"
    with server(log) as app:
        report = crowd(app, options.visitors, options.trainers, options.seconds, options.epochs)
        left = left_behind(app)
        memory = memory_over(app, options.runs)
    found = summary(report, memory, left)
    print(json.dumps(found) if options.json else "\n".join(f"{key}: {value}" for key, value in found.items()))
    failed = bool(report.failures) or any(left.values())
    if failed:
        print(f"the server's log is {log}", file=sys.stderr)
    else:
        log.unlink()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
