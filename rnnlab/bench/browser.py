"""Control a headless Chromium, for the measurements that need a browser and for pictures of figures."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rnnlab.validation import InvalidInput

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chromium-headless-shell")


@contextmanager
def browser_page(width: int = 1280, height: int = 720, scale: int = 1) -> Iterator[Any]:
    """Open a page in the system's headless Chromium, or Playwright's. Raises InvalidInput without one."""
    try:
        from playwright.sync_api import Error, sync_playwright  # of the `test` extra
    except ImportError as error:
        raise InvalidInput("bench_needs_browser", "bench", value=error) from None
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
        try:
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"] if _is_root() else [])
        except Error as error:
            raise InvalidInput("bench_needs_browser", "bench", value=error.message.splitlines()[0]) from None
        yield browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=scale)
        browser.close()


def save_picture(figure: Any, path: Path, width: int = 1200, height: int = 680) -> None:
    """Draw a figure of Plotly in a browser, on white, and write it as a PNG file."""
    with browser_page(width, height, scale=2) as page:
        page.set_content(figure.to_html(config={"displayModeBar": False}, default_height=f"{height - 20}px"))
        page.locator(".main-svg").first.wait_for()
        page.screenshot(path=path)


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
