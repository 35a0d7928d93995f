"""Measure the cost of the live curve: the speed of a run with and without a browser that shows it.

Both kinds of run train in the same server process, in turns; the medians are compared. The browser is on the same
machine, so it also uses the cores.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

from rnnlab.bench.browser import browser_page
from rnnlab.experiments.language_model import Config
from rnnlab.runs import Run, Runner

EPOCHS = 25
PAGE_LOAD = 1.0  # seconds in which a page that shows its first tab builds the others; they are not measured


class TimedRunner(Runner):
    """A Runner that records the start time of each run."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.began: dict[str, float] = {}

    def start(self, run: Run) -> Run:
        self.began[run.id] = time.perf_counter()
        return super().start(run)


def measure_live_curve(repeats: int = 5) -> dict[str, Any]:
    """Return tokens per second of wall clock with and without a browser, and the ratio."""
    from rnnlab.ui.app import create_app
    from rnnlab.ui.serve import serve
    from rnnlab.ui.tabs.train.runs import new_run

    runner = TimedRunner(unseen_grace=float("inf"))  # so that runs without a viewer are not paused
    app = create_app(runner)
    config = Config(epochs=EPOCHS)
    unwatched: list[float] = []
    watched: list[float] = []
    redraws: list[float] = []
    try:
        with browser_page() as page:
            url = serve(app, runner, "127.0.0.1")
            for repeat in range(repeats + 1):  # the first of each kind warms up and is not counted
                page.goto("about:blank")
                alone = _speed(runner.start(new_run(runner, config, None)), runner)
                page.goto(url)
                run = _start_in_page(page, runner)
                shown = _speed(run, runner)
                seconds = time.perf_counter() - runner.began[run.id]
                drawn = int(page.locator("#live .plot").get_attribute("data-redraws")) / seconds
                if repeat:
                    unwatched.append(alone)
                    watched.append(shown)
                    redraws.append(drawn)
    finally:
        runner.close()
        app.close(verbose=False)
    return {
        "unwatched_tokens_per_second": statistics.median(unwatched),
        "watched_tokens_per_second": statistics.median(watched),
        "ratio": statistics.median(w / u for w, u in zip(watched, unwatched, strict=True)),
        "redraws_per_second": statistics.median(redraws),
        "repeats": repeats,
    }


def _start_in_page(page: Any, runner: Runner) -> Run:
    """Press Train in the loaded page and return the new run."""
    page.locator("#live .plot .main-svg").first.wait_for()
    page.locator("#set-epochs input").fill(str(EPOCHS))
    time.sleep(PAGE_LOAD)
    before = set(runner.ids())
    page.locator("#train").click()
    while not (new := set(runner.ids()) - before):
        time.sleep(0.01)
    run = runner.get(new.pop())
    assert run is not None, "a run cannot be evicted while it trains"
    return run


def _speed(run: Run, runner: TimedRunner) -> float:
    """Return training tokens per second of wall clock, from the run's start to its end."""
    run.wait()
    seconds = time.perf_counter() - runner.began[run.id]
    rows = run.since(0).rows
    return sum(row["tokens_per_second"] * row["seconds"] for row in rows if row["kind"] == "epoch") / seconds
