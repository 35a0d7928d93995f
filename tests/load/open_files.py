"""A class at the limit of open files: many browsers with six connections each, and idle connections.

    python tests/load/open_files.py                            # 1024 open files, 200 browsers
    python tests/load/open_files.py --files 256 --browsers 30  # a small one

It starts the app in a process of its own with this limit. Every browser loads the page and some of its files over six
connections, then keeps a heartbeat and a run's stream open; then idle connections come, until there are more than the
server can hold. The exit status is 1, and each failed promise is named, unless all of them hold: every request is
answered, or refused for lack of room; open streams go on; idle connections are closed; the server never runs out of
files.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
START = 120.0  # seconds within which the server must answer
PATIENCE = 60.0  # seconds that a browser waits for an answer
SIX = 6  # connections that a browser opens to a host
MAX_IDLE = 15.0  # seconds until an idle connection must be closed
FILES = ("config", "lab/health", "theme.css", "lab/words/train")


@dataclass
class Report:
    """The results."""

    statuses: Counter[Any] = field(default_factory=Counter)  # of answers; None: closed without one
    streams: int = 0  # open heartbeats and streams of runs
    went_on: int = 0  # of them, that received something after all idle connections had come
    idle: int = 0  # idle connections
    still_idle: int = 0  # of them, that were open after MAX_IDLE
    visitor: Any = None  # the status of a request in the middle of it
    missed: list[str] = field(default_factory=list)


@dataclass
class Connection:
    """One connection of a browser."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def open(cls, port: int) -> Connection:
        return cls(*await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), PATIENCE))

    async def get(self, path: str, cookie: str = "") -> tuple[int | None, str]:
        """Return the status and the head of the answer; None if the connection was closed instead."""
        header = f"Cookie: {cookie}\r\n" if cookie else ""
        try:
            self.writer.write(f"GET /{path} HTTP/1.1\r\nHost: lab\r\nAccept: text/html\r\n{header}\r\n".encode())
            head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), PATIENCE)).decode()
        except (OSError, asyncio.IncompleteReadError):
            return None, ""
        return int(head.split()[1]), head

    async def body(self, head: str) -> None:
        """Read to the end of an answer that has one."""
        try:
            if length := re.search(r"content-length: (\d+)", head, re.IGNORECASE):
                await asyncio.wait_for(self.reader.readexactly(int(length[1])), PATIENCE)
            else:
                await asyncio.wait_for(self.reader.readuntil(b"0\r\n\r\n"), PATIENCE)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            self.close()

    async def receives(self, seconds: float) -> bool:
        """Return whether something arrives within so many seconds."""
        try:
            return bool(await asyncio.wait_for(self.reader.read(65536), seconds))
        except (OSError, TimeoutError):
            return False

    def close(self) -> None:
        self.writer.close()


async def browser(port: int, run: str, report: Report) -> list[Connection]:
    """Load the page over six connections; return the streams that it keeps open, if it was admitted."""
    there = await asyncio.gather(*(Connection.open(port) for _ in range(SIX)), return_exceptions=True)
    opened = [connection for connection in there if isinstance(connection, Connection)]
    report.statuses["not opened"] += SIX - len(opened)
    if not opened:
        return []
    status, head = await opened[0].get("")
    report.statuses[status] += 1
    cookie = re.search(r"rnnlab_seat=[^;]+", head)
    if status == 200:
        await opened[0].body(head)

    async def load(connection: Connection, path: str) -> None:
        status, head = await connection.get(path, cookie[0] if cookie else "")
        report.statuses[status] += 1
        if status == 200:
            await connection.body(head)

    await asyncio.gather(*(load(*pair) for pair in zip(opened[1:], FILES, strict=False)))
    for connection in opened:
        connection.close()
    if status != 200 or not cookie:
        return []
    return await kept(port, run, cookie[0], report)


async def kept(port: int, run: str, cookie: str, report: Report) -> list[Connection]:
    """Open a heartbeat and the stream of a run."""
    streams = []
    for path in (f"gradio_api/heartbeat/{id(cookie):x}", f"lab/runs/{run}/events"):
        try:
            connection = await Connection.open(port)
        except (OSError, TimeoutError):
            report.statuses["not opened"] += 1
            continue
        status, _ = await connection.get(path, cookie)
        report.statuses[status] += 1
        if status == 200:
            streams.append(connection)
        else:
            connection.close()
    return streams


async def open_idle(port: int, number: int, report: Report) -> None:
    """Open idle connections, send a request meanwhile, and count those that are open after a while."""
    tries = await asyncio.gather(*(Connection.open(port) for _ in range(number)), return_exceptions=True)
    idle = [connection for connection in tries if isinstance(connection, Connection)]
    report.idle = len(idle)
    visitor = await Connection.open(port)
    report.visitor, _ = await visitor.get("lab/health")
    visitor.close()
    until = time.monotonic() + MAX_IDLE
    while any(not connection.reader.at_eof() for connection in idle) and time.monotonic() < until:
        await asyncio.sleep(0.5)
    report.still_idle = sum(not c.reader.at_eof() and c.reader.exception() is None for c in idle)
    for connection in idle:
        connection.close()


async def begin(port: int) -> str:
    """Begin a long run, and return its id; its answer is read for as long as this program runs."""
    body = json.dumps({"preset": "quick", "epochs": 1000, "sample_every": "none"})
    connection = await Connection.open(port)
    head = "POST /gradio_api/call/v2/train HTTP/1.1\r\nHost: lab\r\nContent-Type: application/json\r\n"
    connection.writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
    answer = (await connection.reader.readuntil(b"}")).decode()
    event = re.search(r'"event_id":"(\w+)"', answer)[1]
    await connection.get(f"gradio_api/call/v2/train/{event}")
    while not (found := re.search(rb'"run": "([^"]+)"', await connection.reader.readline())):
        pass
    LISTENING.append(asyncio.create_task(read_on(connection)))
    return found[1].decode()


LISTENING: list[asyncio.Task[None]] = []


async def read_on(connection: Connection) -> None:
    while await connection.reader.read(65536):
        pass


async def crowd(port: int, browsers: int, idle: int) -> Report:
    report = Report()
    run = await begin(port)
    streams = [
        kept for each in await asyncio.gather(*(browser(port, run, report) for _ in range(browsers))) for kept in each
    ]
    report.streams = len(streams)
    await open_idle(port, idle, report)
    report.went_on = sum(await asyncio.gather(*(stream.receives(PATIENCE) for stream in streams)))
    for stream in streams:
        stream.close()
    return report


def judged(report: Report, said: str, holds: int) -> list[str]:
    """Return a line for each promise that failed."""
    missed = []
    if "Too many open files" in said or "out of system resource" in said:
        missed.append("the server ran out of files")
    if report.went_on < report.streams:
        missed.append(f"of {report.streams} streams {report.went_on} went on")
    if report.still_idle:
        missed.append(f"{report.still_idle} idle connections are still open")
    if report.visitor not in (200, 503):
        missed.append(f"a request in the middle of it got {report.visitor}")
    if wrong := {status: n for status, n in report.statuses.items() if n and status not in (200, 503, None)}:
        missed.append(f"unexpected answers: {wrong}")
    if not report.streams or report.streams > holds:
        missed.append(f"{report.streams} streams, of which the server says that it holds {holds}")
    return missed


async def run(files: int, browsers: int, idle: int) -> Report:
    """Run the server with its limit, and all clients."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        app = f'"$0" app.py --port {port} --max-visitors {max(browsers, 10)} --data-dir "$1"'
        process = await asyncio.create_subprocess_exec(
            "sh", "-c", f"ulimit -n {files}; exec {app}", sys.executable, folder,
            cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said: list[str] = []

        async def read() -> None:
            async for line in process.stdout:
                said.append(line.decode())

        reading = asyncio.create_task(read())
        try:
            until = time.monotonic() + START
            while not any("open at" in line for line in said):
                if process.returncode is not None or time.monotonic() > until:
                    raise RuntimeError(f"the app does not start: {''.join(said)}")
                await asyncio.sleep(0.1)
            report = await crowd(port, browsers, idle)
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.wait(), 60)
            await reading
    holds = re.search(r"connections=(\d+)", "".join(said))
    report.missed = judged(report, "".join(said), int(holds[1]) if holds else 0)
    return report


def main() -> int:
    parser = argparse.ArgumentParser(description="A class at the limit of open files.")
    parser.add_argument("--files", type=int, default=1024, help="limit of the server")
    parser.add_argument("--browsers", type=int, default=200)
    parser.add_argument("--idle", type=int, help="idle connections; default: as many as files")
    options = parser.parse_args()
    allow_many_files()
    report = asyncio.run(run(options.files, options.browsers, options.idle or options.files))
    print(json.dumps({name: value for name, value in vars(report).items() if name != "statuses"}))
    print({str(status): number for status, number in report.statuses.items()})
    return int(bool(report.missed))


def allow_many_files() -> None:
    """Raise the limit of this program, which opens more connections than the server."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    sys.exit(main())
