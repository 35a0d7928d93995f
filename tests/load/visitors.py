"""Who comes: browsers with a seat of their own, of which some train and the others sing, step, tag and reload."""

from __future__ import annotations

import json
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
    """What the visitors saw. Each list is appended to by many threads; appending is atomic."""

    waits: dict[str, list[float]] = field(default_factory=dict)  # seconds, by action
    failures: list[str] = field(default_factory=list)
    told: list[list[int]] = field(default_factory=list)  # the epochs that /train told of, a list for each run
    curves: list[list[int]] = field(default_factory=list)  # those that the curve on a page had, likewise
    watched: str = ""  # the run that began last: whoever reloads looks at it
    visitors: int = 0  # that the server counted at once

    @property
    def light(self) -> list[float]:
        """The waits for all light actions."""
        return [wait for action in LIGHT for wait in self.waits.get(action, ())]

    @contextmanager
    def timed(self, action: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        except Exception as error:  # whatever a client raises is a failed request, and the visit goes on
            self.failures.append(f"{action}: {type(error).__name__}: {error}")
        else:
            self.waits.setdefault(action, []).append(time.perf_counter() - began)


class Visitor:
    """One browser: the cookie that the page has given it goes with whatever it asks, by Gradio's client as well.

    The handlers behind the page's buttons are private, so it trains, sings, steps and tags by the public endpoints.
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
        """What a browser does: the page, the events of its loading, then the picture of the run that it had kept and
        the first of its news; without a run the recorded curve. Returns the picture."""
        self.get("")
        session, shown = f"{random.getrandbits(64):x}", []
        for event in self.get("config").json()["dependencies"]:
            if event["backend_fn"] and "load" in [trigger for _, trigger in event["targets"]]:
                values = [run or None] * len(event["inputs"])  # what each tab has kept
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
        """Hear the news of a run from a cursor on, at most so many messages, and break the connection.

        Returns the last message's cursor, and the epochs that were told of.
        """
        epochs = []
        with closing(self._news(run, cursor)) as news:
            for number, rows in islice(news, most):
                cursor = number
                epochs += [row["epoch"] for row in rows if row["kind"] == "epoch"]
        return cursor, epochs

    def _news(self, run: str, cursor: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """A run's messages from a cursor on, each with its own cursor, until it has ended."""
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
    """Come as a visitor, stay for a while, and leave."""
    visitor = None
    with report.timed("arrive"):
        visitor = Visitor(url)
    if visitor is not None:
        with closing(visitor):
            stay(visitor, report)


def train(visitor: Visitor, report: Report, until: float, epochs: int, seed: int) -> None:
    """Train one model after the other, each followed by a page; of a last one, go away in the middle."""
    settings = {"preset": "quick", "epochs": epochs, "seed": seed, "sample_every": "none"}
    while time.monotonic() < until:
        with report.timed("train"):
            told, pages = [], []
            for row in visitor.client.submit(**settings, api_name="/train"):
                if not pages:
                    report.watched = row["run"]
                    pages = [threading.Thread(target=follow, args=(visitor, report, row["run"]), daemon=True)]
                    pages[0].start()
                if row["epoch"] not in (0, *told[-1:]):  # a row comes again when there is nothing new for a while
                    told.append(row["epoch"])
            report.told.append(told)
        for page in pages:
            page.join(PATIENCE)
    with report.timed("walk away"):
        walk_away(visitor)


def follow(visitor: Visitor, report: Report, run: str) -> None:
    """Look at a curve to its end on a page that is loaded anew once, and whose connection breaks once after that."""
    with report.timed("follow"):
        visitor.listen(run, "0", BREAK)
        picture = visitor.reload(run)
        cursor, epochs = picture["cursor"], list(picture["figure"]["data"][TRAINING]["x"])
        for most in (BREAK, None) if picture["live"] else ():
            cursor, more = visitor.listen(run, cursor, most)
            epochs += more
        report.curves.append(epochs)


def walk_away(visitor: Visitor) -> None:
    """Begin a long run, and hang up without a word as soon as it trains: nobody cancels it but the server."""
    asked = visitor.browser.post("gradio_api/call/v2/train", json={"preset": "quick", "epochs": 1000})
    address = f"gradio_api/call/v2/train/{asked.raise_for_status().json()['event_id']}"
    with visitor.browser.stream("GET", address) as answer:
        for line in answer.raise_for_status().iter_lines():
            if line.startswith("data: [") and json.loads(line[6:])[0]["state"] == "running":
                return
    raise AssertionError("the run that was to be left alone did not begin")


def visit(visitor: Visitor, report: Report, until: float, seed: int) -> None:
    """Sing, step, tag and reload, in any order, with a while of looking in between."""
    choose = random.Random(seed)
    action = LIGHT[seed % len(LIGHT)]  # whatever is drawn afterwards, each has been somebody's first
    while time.monotonic() < until:
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
        time.sleep(min(choose.uniform(*THINK), max(0.0, until - time.monotonic())))
