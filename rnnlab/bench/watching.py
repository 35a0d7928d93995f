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


def measure_watching(repeats: int = 5) -> dict[str, Any]:
    """Tokens per second (wall clock, evaluation and samples included) watched and unwatched, and their ratio."""
    from rnnlab.ui.app import create_app, serve  # gradio and a browser: only for this measurement
    from rnnlab.ui.training import new_run

    runner = Runner(unseen_grace=float("inf"))  # what nobody looks at is measured, too
    app = create_app(runner)
    config = Config(epochs=EPOCHS)
    unwatched, watched, redraws = [], [], []
    try:
        with browser_page() as page:
            url = serve(app, runner, "127.0.0.1")
            for repeat in range(repeats + 1):  # the first of each kind warms up and does not count
                page.goto("about:blank")
                pair = [_speed(runner.start(new_run(config, None)))]
                page.goto(url)
                page.locator("#live .plot .main-svg").first.wait_for()
                page.locator("#set-epochs input").fill(str(EPOCHS))
                known = set(runner.ids())
                page.locator("#train").click()
                while not (new := set(runner.ids()) - known):
                    time.sleep(0.01)
                began = time.perf_counter()
                pair.append(_speed(runner.get(new.pop())))
                drawn = int(page.locator("#live .plot").get_attribute("data-redraws")) / (time.perf_counter() - began)
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


def _speed(run: Run) -> float:
    """Training tokens per second of wall clock, from now until `run` has ended."""
    began = time.perf_counter()
    run.wait()
    rows = run.since(0).rows
    tokens = sum(row["tokens_per_second"] * row["seconds"] for row in rows if row["kind"] == "epoch")
    return tokens / (time.perf_counter() - began)
