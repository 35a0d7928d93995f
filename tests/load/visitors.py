"""The visitors: browsers with a cookie each, of which some train and the others generate, step, tag and reload."""

from __future__ import annotations

import json
import math
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import httpx
from gradio_client import Client

TRAINING = 1  # a place in rnnlab.figures.perplexity.TRACES
THINK = (2.0, 6.0)  # seconds that a visitor looks at an answer before the next action
PATIENCE = 60.0  # seconds that a visitor waits for an answer
BREAK = 3  # messages until a page is loaded anew, and as many more until its connection breaks
LIGHT = ("generate", "step", "tag", "reload")
SENTENCES = ("The cat sleeps on the old sofa.", "She reads a book in the garden.", "我们在公园里看书。")


@dataclass
class Report:
    """The results of all visitors. Many threads append to each list; appending is atomic."""

    waits: dict[str, list[float]] = field(default_factory=dict)  # seconds, by action
    failures: list[str] = field(default_factory=list)
    trained: list[list[int]] = field(default_factory=list)  # the epochs of the rows of /train, a list for each run
    curves: list[list[int]] = field(default_factory=list)  # the epochs of the curve on a page, likewise
    watched: str = ""  # the run that began last, which a reloaded page shows
    visitors: int = 0  # that the server counted at once
    arrived: list[str] = field(default_factory=list)  # a name for each visitor who is in, or has failed to come in
    until: float = math.inf  # when the visitors leave, by time.monotonic()

    @property
    def light(self) -> list[float]:
        """The waits for all light actions, in seconds."""
        return [wait for action in LIGHT for wait in self.waits.get(action, ())]

    @contextmanager
    def timed(self, action: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        except Exception as error:  # any exception is a failed request, and the visit goes on
            self.failures.append(f"{action}: {type(error).__name__}: {error}")
        else:
            self.waits.setdefault(action, []).append(time.perf_counter() - began)


class Visitor:
    """One browser, which sends the page's cookie with all requests, those of Gradio's client included.

    The handlers of the page's buttons are private, so it uses the public endpoints.
    """

    def __init__(self, url: str) -> None:
        self.browser = httpx.Client(base_url=url, headers={"accept": "text/html"}, timeout=PATIENCE)
        self.get("")
        seat = {"cookies": dict(self.browser.cookies), "timeout": PATIENCE}
        self.client = Client(url, verbose=False, analytics_enabled=False, httpx_kwargs=seat)

    def get(self, path: str) -> httpx.Response:
        return self.browser.get(path).raise_for_status()

    def ask(self, endpoint: str, **values: Any) -> Any:
        return self.client.submit(**values, api_name=endpoint).result(PATIENCE)

    def reload(self, run: str) -> dict[str, Any]:
        """Load the page, its load events, then the picture of the run and its first event; return the picture.

        Without a run it is the recorded curve.
        """
        self.get("")
        session, shown = f"{random.getrandbits(64):x}", []
        for event in self.get("config").json()["dependencies"]:
            if event["backend_fn"] and "load" in [trigger for _, trigger in event["targets"]]:
                values = [run or None] * len(event["inputs"])  # the run id that each tab has stored
                body = {"data": values, "fn_index": event["id"], "session_hash": session}
                answer = self.browser.post(f"gradio_api/run/{event['api_name']}", json=body).raise_for_status()
                shown += answer.json()["data"]
        if run and f"runs/{run}?back" not in shown:
            raise AssertionError("the page did not find its run again")
        picture = self.get(f"lab/runs/{run}" if run else "lab/curves/lyrics-zh").json()
        if picture["live"]:
            self.listen(run, picture["cursor"], 1)
        return picture

    def listen(self, run: str, cursor: str, most: int | None = None) -> tuple[str, list[int]]:
        """Receive at most so many events of a run from a cursor on, and close the connection.

        Returns the last event's cursor, and the epochs of all rows.
        """
        epochs = []
        with closing(self._news(run, cursor)) as news:
            for number, rows in islice(news, most):
                cursor = number
                epochs += [row["epoch"] for row in rows if row["kind"] == "epoch"]
        return cursor, epochs

    def _news(self, run: str, cursor: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Yield the cursor and the rows of each event of a run from a cursor on, until it has ended."""
        headers = {"last-event-id": str(cursor)}
        with self.browser.stream("GET", f"lab/runs/{run}/events", headers=headers) as stream:
            for line in stream.raise_for_status().iter_lines():
                if line.startswith("id: "):
                    cursor = line[4:]
                elif line.startswith("data: "):
                    yield cursor, json.loads(line[6:])["rows"]

    def close(self) -> None:
        self.client.close()
        self.browser.close()


def spend(url: str, report: Report, stay: Callable[[Visitor, Report], None]) -> None:
    """Be a visitor for one of the stays below."""
    visitor = None
    with report.timed("arrive"):
        visitor = Visitor(url)
    report.arrived.append(threading.current_thread().name)
    if visitor is not None:
        with closing(visitor):
            stay(visitor, report)


def train(visitor: Visitor, report: Report, epochs: int, seed: int) -> None:
    """Train one model after the other, each followed by a page; leave during a last one."""
    settings = {"preset": "quick", "epochs": epochs, "seed": seed, "sample_every": "none"}
    while time.monotonic() < report.until:
        with report.timed("train"):
            trained, pages = [], []
            for row in visitor.client.submit(**settings, api_name="/train"):
                if not pages:
                    report.watched = row["run"]
                    pages = [threading.Thread(target=follow, args=(visitor, report, row["run"]), daemon=True)]
                    pages[0].start()
                if row["epoch"] not in (0, *trained[-1:]):  # a row is repeated when there is no new one for a while
                    trained.append(row["epoch"])
            report.trained.append(trained)
        for page in pages:
            page.join(PATIENCE)
    with report.timed("walk away"):
        walk_away(visitor)


def follow(visitor: Visitor, report: Report, run: str) -> None:
    """Follow a curve to its end on a page that is reloaded once, and then loses its connection once."""
    with report.timed("follow"):
        visitor.listen(run, "0", BREAK)
        picture = visitor.reload(run)
        cursor, epochs = picture["cursor"], list(picture["figure"]["data"][TRAINING]["x"])
        for most in (BREAK, None) if picture["live"] else ():
            cursor, more = visitor.listen(run, cursor, most)
            epochs += more
        report.curves.append(epochs)


def walk_away(visitor: Visitor) -> None:
    """Begin a long run, and close the connection as soon as it trains, so that only the server can end it."""
    asked = visitor.browser.post("gradio_api/call/v2/train", json={"preset": "quick", "epochs": 1000})
    address = f"gradio_api/call/v2/train/{asked.raise_for_status().json()['event_id']}"
    with visitor.browser.stream("GET", address) as answer:
        for line in answer.raise_for_status().iter_lines():
            if line.startswith("data: [") and json.loads(line[6:])[0]["state"] == "running":
                return
    raise AssertionError("the run that was to be abandoned did not begin")


def visit(visitor: Visitor, report: Report, seed: int) -> None:
    """Generate, step, tag and reload in random order, with pauses."""
    choose = random.Random(seed)
    action = LIGHT[seed % len(LIGHT)]  # so that each action occurs
    while time.monotonic() < report.until:
        with report.timed(action):
            if action == "generate":
                visitor.ask("/generate", model="lyrics-zh", prefix="雨", length=100, seed=choose.randrange(10**6))
            elif action == "step":
                visitor.ask("/step", position=choose.randint(1, 5))
            elif action == "tag":
                visitor.ask("/tag", text=choose.choice(SENTENCES))
            else:
                visitor.reload(report.watched)
        action = choose.choice(LIGHT)
        time.sleep(min(choose.uniform(*THINK), max(0.0, report.until - time.monotonic())))
