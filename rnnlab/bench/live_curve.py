"""What watching costs: the same run with a browser on its live curve, and with nobody looking.

Both kinds of run train in the same server process, one after the other, several times over; the medians are compared.
The browser is a real one on the same machine, so it takes its share of the same cores.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

from rnnlab.bench.browser import browser_page
from rnnlab.experiments.language_model import Config
from rnnlab.runs import Run, Runner

EPOCHS = 25
OPENING = 1.0  # seconds in which a page that shows its first tab gets the others ready: to open it is not to watch


class TimedRunner(Runner):
    """Knows when each run was started, whoever started it."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.began: dict[str, float] = {}

    def start(self, run: Run) -> Run:
        self.began[run.id] = time.perf_counter()
        return super().start(run)


def measure_watching(repeats: int = 5) -> dict[str, Any]:
    """Tokens per second (wall clock, evaluation and samples included) watched and unwatched, and their ratio."""
    from rnnlab.ui.app import create_app
    from rnnlab.ui.serve import serve
    from rnnlab.ui.tabs.train.runs import new_run

    runner = TimedRunner(unseen_grace=float("inf"))  # what nobody looks at is measured, too
    app = create_app(runner)
    config = Config(epochs=EPOCHS)
    unwatched, watched, redraws = [], [], []
    try:
        with browser_page() as page:
            url = serve(app, runner, "127.0.0.1")
            for repeat in range(repeats + 1):  # the first of each kind warms up and does not count
                page.goto("about:blank")
                pair = [_speed(runner.start(new_run(runner, config, None)), runner)]
                page.goto(url)
                page.locator("#live .plot .main-svg").first.wait_for()
                page.locator("#set-epochs input").fill(str(EPOCHS))
                time.sleep(OPENING)
                known = set(runner.ids())
                page.locator("#train").click()
                while not (new := set(runner.ids()) - known):
                    time.sleep(0.01)
                run = runner.get(new.pop())
                pair.append(_speed(run, runner))
                seconds = time.perf_counter() - runner.began[run.id]
                drawn = int(page.locator("#live .plot").get_attribute("data-redraws")) / seconds
                if repeat:
                    unwatched.append(pair[0])
                    watched.append(pair[1])
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


def _speed(run: Run, runner: TimedRunner) -> float:
    """Training tokens per second of wall clock, from the run's start to its end."""
    run.wait()
    seconds = time.perf_counter() - runner.began[run.id]
    rows = run.since(0).rows
    return sum(row["tokens_per_second"] * row["seconds"] for row in rows if row["kind"] == "epoch") / seconds
