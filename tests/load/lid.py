"""A server on a laptop whose lid is closed: the process stops for a while and goes on without any loss.

    python tests/load/lid.py [--seconds 75]

A run that two pages follow, a paused run, a call of the API and the visitors' places must go on. It takes that while
and about a minute.
"""

from __future__ import annotations

import argparse
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from gradio_client import Client
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))  # beside it

from crowd import Server, server

SOON = 60.0  # seconds: only a failure takes so long
EPOCHS = 40  # of the API's call


class Failed(Exception):
    """A promise did not hold."""


def until(condition: Callable[[], bool], what: str, page: Page | None = None) -> None:
    end = time.monotonic() + SOON
    while not condition():
        if time.monotonic() > end:
            raise Failed(what)
        page.wait_for_timeout(100) if page else time.sleep(0.1)


def state(page: Page) -> str:
    return page.locator("#live [data-role=state]").inner_text()


def points(page: Page) -> int:
    return page.locator("#live .plot").evaluate("plot => plot.data[0].x.length")


def open_page(browser: Browser, url: str) -> Page:
    """Open the page of a new visitor, and train."""
    page = browser.new_context(locale="en-US").new_page()
    page.goto(url)
    page.locator("#live .plot .main-svg").first.wait_for()
    page.locator("#set-epochs input").fill("5000")
    page.locator("#train").click()
    until(lambda: state(page) == "Training.", "a run did not begin", page)
    return page


def close_and_open(app: Server, browser: Browser, seconds: float, log: Path) -> None:
    watching, pausing = open_page(browser, app.url), open_page(browser, app.url)
    second = watching.context.new_page()
    second.goto(app.url)
    until(lambda: state(second) == "Training.", "the second page did not find the run", second)
    pausing.locator("#pause").click()
    until(lambda: state(pausing).startswith("Paused"), "the run was not paused", pausing)
    patient = {"timeout": seconds + SOON}  # the default is twenty seconds
    client = Client(app.url, verbose=False, analytics_enabled=False, httpx_kwargs=patient)
    call = client.submit(preset="quick", epochs=EPOCHS, hidden_size=16, sample_every="none", api_name="/train")
    until(lambda: len(call.outputs()) > 1, "the call was not answered")
    before = app.health()["visitors"]

    app.process.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    app.process.send_signal(signal.SIGCONT)

    seen = points(watching), points(second)
    until(lambda: points(watching) > seen[0], "the curve did not go on", watching)
    until(lambda: points(second) > seen[1], "the second page's curve did not go on", second)
    epochs = [row["epoch"] for row in call.result(2 * SOON) and call.outputs()]
    if sorted({*epochs} - {0}) != list(range(1, EPOCHS + 1)):
        raise Failed(f"the call lost epochs: {epochs}")
    if not state(pausing).startswith("Paused"):
        raise Failed(f"the paused run: {state(pausing)}")
    pausing.locator("#resume").click()
    until(lambda: state(pausing) == "Training.", "the paused run did not go on", pausing)
    if (after := app.health()["visitors"]) != before:
        raise Failed(f"{before} visitors before, {after} after")
    if gone := re.findall(r"event=(?:run_paused .*why=unseen|visitor_left).*", log.read_text("utf-8")):
        raise Failed(f"a visitor was counted as gone: {gone}")
    client.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=75.0)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        log = Path(folder, "app.log")
        path = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), None)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        with server(log) as app:
            try:
                close_and_open(app, browser, seconds, log)
            except Failed as failure:
                print(f"FAILED: {failure}\n{log.read_text('utf-8')[-3000:]}", file=sys.stderr)
                return 1
            finally:
                browser.close()
    print(f"all went on after {seconds:g} seconds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
