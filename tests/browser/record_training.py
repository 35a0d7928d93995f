"""Record the animation of the Train tab for the two READMEs: the curve falls and the song changes.

    python tests/browser/record_training.py                                    # assets/train.gif and assets/train.png
    python tests/browser/record_training.py --language zh-CN --name train-zh   # the same in Chinese

The page is the real one: `app.py` on a free port of 127.0.0.1, a window of 1280 × 720, the recipe `quick`, one click on
Train. Needs a Chromium and the packages of `.[test]`.
"""

from __future__ import annotations

import io
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from rnnlab.bench.browser import browser_page

ROOT = Path(__file__).resolve().parents[2]
MAX_FRAMES = 24  # of the animation; a run of the page has more redraws than that
FRAME_MS, LAST_MS = 280, 4000  # milliseconds that a frame stays, and the last one
MAX_COLOURS = 128  # of the palette that all frames share


@contextmanager
def running_app() -> Iterator[str]:
    """Run `app.py` in a process of its own and yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{(port := probe.getsockname()[1])}/"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(ROOT / "app.py"), "--port", str(port), "--data-dir", folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for(f"{url}lab/health", process)
            yield url
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            if process.poll() is not None:
                raise SystemExit("app.py ended before it answered") from None
            time.sleep(0.2)
    raise SystemExit("app.py does not answer")


def record(page: Any, epochs: int) -> list[Image.Image]:
    """Press Train and take a screenshot after each redraw of the curve, until the run has finished."""
    plot = page.locator("#live .plot")
    plot.locator(".main-svg").first.wait_for()
    page.locator("#set-epochs input").fill(str(epochs))
    page.keyboard.press("Tab")
    page.locator("#train").click()
    page.locator("#stop").wait_for()
    frames, drawn, ended = [], None, False
    while not ended:
        epoch = page.locator("#live [data-number=epoch]").inner_text()
        ended = bool(re.fullmatch(rf"{epochs} / {epochs}", epoch)) and page.locator("#stop").is_hidden()
        if ended:
            page.wait_for_timeout(1500)  # the page has drawn everything by then
        now = plot.get_attribute("data-redraws")
        if ended or now != drawn:
            drawn = now
            frames.append(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
        time.sleep(0.05)
    return frames


def save_animation(frames: list[Image.Image], path: Path) -> None:
    """Write MAX_FRAMES of the frames, evenly spaced, as an animated GIF with one palette."""
    count = min(MAX_FRAMES, len(frames))
    chosen = [frames[round(i * (len(frames) - 1) / max(1, count - 1))] for i in range(count)]
    palette = chosen[-1].quantize(MAX_COLOURS, method=Image.Quantize.MEDIANCUT)
    first, *rest = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in chosen]
    durations = [FRAME_MS] * (count - 1) + [LAST_MS]
    first.save(path, save_all=True, append_images=rest, duration=durations, loop=0, optimize=True)


def main() -> None:
    parser = ArgumentParser(description="Record the Train tab while the recipe quick trains.")
    parser.add_argument("--language", default="en", help="language of the page: en or zh-CN")
    parser.add_argument("--name", default="train", help="NAME.gif and NAME.png are written to assets/")
    parser.add_argument("--epochs", type=int, default=12, help="epochs of the recorded run")
    arguments = parser.parse_args()
    with running_app() as url, browser_page() as page:
        page.goto(f"{url}?lang={arguments.language}")
        frames = record(page, arguments.epochs)
    animation = ROOT / "assets" / f"{arguments.name}.gif"
    save_animation(frames, animation)
    frames[-1].quantize(256).save(animation.with_suffix(".png"), optimize=True)
    print(f"{len(frames)} redraws; {animation} has {animation.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
