"""Fixtures for tests of the running app in a real browser. README.md in this folder says how to use them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Route, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
LAPTOP, PHONE = (1280, 720), (390, 844)
expect.set_options(timeout=40_000)  # a busy machine is slow to show what it will show
# The first has no window even for itself, and takes a third less of the processor's time.
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def is_browser_test(item: pytest.Item | None) -> bool:
    return item is not None and Path(__file__).parent in item.path.parents


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each browser test a time limit."""
    for item in items:
        if is_browser_test(item) and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(item.config.getoption("timeout") or 120))


# --- what all browser tests share ---


class Shared(ExitStack):
    """The browser and the app that successive browser tests of a worker share, each started at its first use.

    They end before the next test of another kind: Playwright keeps an event loop running from its first use on, in
    which other tests' `asyncio.run` refuses to work.
    """

    @cached_property
    def playwright(self) -> Playwright:
        return self.enter_context(sync_playwright())

    @cached_property
    def browser(self) -> Browser:
        alone = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        as_root = ["--no-sandbox", "--disable-dev-shm-usage"] if os.geteuid() == 0 else []
        arguments = ["--disable-gpu", alone, *as_root]
        browser = self.playwright.chromium.launch(executable_path=find_chromium(), args=arguments)
        self.callback(browser.close)
        return browser

    @cached_property
    def server(self) -> Server:
        folder = Path(self.enter_context(TemporaryDirectory(prefix="rnnlab-browser-")))
        return self.enter_context(start_app(folder / "app.log"))


SHARED = pytest.StashKey[Shared]()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """End what is shared when the next test is none of the browser's."""
    if SHARED in item.config.stash and not is_browser_test(nextitem):
        item.config.stash[SHARED].close()
        del item.config.stash[SHARED]


@pytest.fixture(scope="module")
def shared(pytestconfig: pytest.Config) -> Shared:
    return pytestconfig.stash.setdefault(SHARED, Shared())


# --- the browser ---


def find_chromium() -> str | None:
    """Find the system's Chromium; else Debian's package, as root; else Playwright's own (None: it knows where)."""
    if path := next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None):
        return path
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", CHROMIUM_NAMES[0], "fonts-noto-cjk"], check=False)
        if path := shutil.which(CHROMIUM_NAMES[0]):
            return path
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)
    return None


@pytest.fixture(scope="module")
def playwright(shared: Shared) -> Playwright:
    return shared.playwright


@pytest.fixture(scope="module")
def browser(shared: Shared) -> Browser:
    """Share one Chromium; each `open_page` is a new visitor in it (own cookies, own storage).

    It resolves no other host, so that a request to one (which `Watch` records) fails without a network as well.
    """
    return shared.browser


# --- the server ---


@dataclass(frozen=True)
class Server:
    """A running app: its address (with a final slash), its process, and the file it prints to."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@contextmanager
def start_app(
    log: Path, port: int | None = None, *, program: Sequence[str] = ("app.py",), **environment: str
) -> Iterator[Server]:
    """Run `python app.py` on a free port of this machine until the block ends; its data folder lies beside its log."""
    port = port or free_port()
    environment = {"RNNLAB_DATA_DIR": f"{log}.data", **environment}
    command = [sys.executable, *program, "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, cwd=ROOT, env={**os.environ, **environment}
        )
    url = f"http://127.0.0.1:{port}/"
    try:
        deadline = time.monotonic() + 90
        while not answers(f"{url}lab/health"):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the app does not answer at {url}; it printed:\n{log.read_text('utf-8', 'replace')}")
            time.sleep(0.1)
        yield Server(url, process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def running_app() -> Callable[..., AbstractContextManager[Server]]:
    """`with running_app(log, NAME="value") as server:` starts one more app, with more in its environment."""
    return start_app


@pytest.fixture(scope="module")
def server(shared: Shared) -> Server:
    """Share one running app."""
    return shared.server


# --- requests to other hosts, and errors in the console ---


# Gradio logs these when a page is left before an answer has arrived.
BROKEN_OFF = ("console: AbortError", "console: Unexpected error Connection errored out.")


@dataclass
class Watch:
    """Record the requests and the errors of one test's pages."""

    home: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    loads: dict[Page, int] = field(default_factory=dict)  # of each page: how often it was loaded

    def follow(self, page: Page) -> None:
        page.on("domcontentloaded", lambda _: self.loads.update({page: self.loads.get(page, 0) + 1}))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda websocket: self.requests.append(websocket.url))
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text} ({message.location.get('url')})")

    def foreign(self) -> list[str]:
        """List the requests to any other machine."""
        return [url for url in self.requests if urlsplit(url).netloc not in (self.home, "")]  # "": data:, blob:

    def heard(self) -> list[str]:
        """List the complaints, without those of a page that was left while it still read an answer."""
        left = any(count > 1 for count in self.loads.values())
        return [line for line in self.complaints if not (left and line.startswith(BROKEN_OFF))]

    def check(self) -> None:
        assert self.foreign() == [], "requests left this machine"
        assert self.heard() == [], "the browser's console shows errors"


@pytest.fixture
def watch(server: Server) -> Iterator[Watch]:
    """Watch every page of the test; at its end fail on a request to another host or an error in the console.

    A test that provokes an error takes the line it expects out of `watch.complaints`.
    """
    watch = Watch(urlsplit(server.url).netloc)
    yield watch
    watch.check()


OpenPage = Callable[..., Page]


@contextmanager
def visitors(browser: Browser, server: Server, watch: Watch) -> Iterator[OpenPage]:
    """Yield a function that opens a page as a new visitor in a context of its own; the contexts end with the block."""
    contexts = []

    def open_new(
        path: str = "", *, size: tuple[int, int] = LAPTOP, locale: str = "en-US", dark: bool = False, **options: Any
    ) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale=locale,
            color_scheme="dark" if dark else "light",
            has_touch=size[0] < 500,
            **options,
        )
        contexts.append(context)
        context.set_default_timeout(45_000)
        page = context.new_page()
        watch.follow(page)
        page.goto(server.url + path)
        wait_until_ready(page)
        return page

    yield open_new
    for context in contexts:
        context.close()


@pytest.fixture
def open_page(browser: Browser, server: Server, watch: Watch) -> Iterator[OpenPage]:
    """Open a page: `open_page(path="", size=LAPTOP, locale="en-US", dark=False, **context)`, a new visitor."""
    with visitors(browser, server, watch) as open_new:
        yield open_new


@pytest.fixture(scope="module")
def look_at_page(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[OpenPage]:
    """Open a page as `open_page` does, but the same one for all tests of a file that ask for the same visitor.

    Each test finds the window in the visitor's size; a test or a fixture puts back what else has changed.
    After a failed test there is a new page, so that one failure is not followed by others.
    """
    watch, pages = Watch(urlsplit(server.url).netloc), {}
    with visitors(browser, server, watch) as open_new:

        def open_once(**visitor: Any) -> Page:
            visitor = {"size": LAPTOP, "locale": "en-US", "dark": False, **visitor}
            who = repr((request.session.testsfailed, sorted(visitor.items())))
            if who not in pages:
                pages[who] = open_new(**visitor)
            width, height = visitor["size"]
            pages[who].set_viewport_size({"width": width, "height": height})
            return pages[who]

        yield open_once
    watch.check()


def wait_until_ready(page: Page) -> None:
    """Wait until the tabs are visible and Gradio has removed its loading screen."""
    expect(page.get_by_role("tab").first).to_be_visible()
    expect(page.locator("#header h1")).to_be_visible()


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """Open the app as an English visitor with a laptop."""
    return open_page()


@pytest.fixture
def open_tab(request: pytest.FixtureRequest, open_page: OpenPage) -> OpenPage:
    """Open a tab: `open_tab(**visitor)`, a new visitor on the tab that the test's module calls TAB, in either language.

    It is open when the module's `wait_until_drawn(page)` returns.
    """

    def open_new(**visitor: Any) -> Page:
        return to_tab_of(request.module, open_page(**visitor))

    return open_new


@pytest.fixture(scope="module")
def share_tab(request: pytest.FixtureRequest, look_at_page: OpenPage) -> OpenPage:
    """Open a tab as `open_tab` does, on the page of `look_at_page`; the next test finds it as this one leaves it."""
    opened = []

    def open_once(**visitor: Any) -> Page:
        page = look_at_page(**visitor)
        if page not in opened:
            opened.append(to_tab_of(request.module, page))
        return page

    return open_once


def to_tab_of(module: Any, page: Page) -> Page:
    go_to_tab(page, re.compile(f"^({module.TAB})$"))
    module.wait_until_drawn(page)
    return page


@pytest.fixture
def set_text() -> Callable[[Page, str, object], None]:
    return _set_text


def _set_text(page: Page, name: str, value: object) -> None:
    """Write into a field, again if the page gave it a value at the same time, as it does when a model is chosen."""
    idle = "() => new Promise((done) => requestIdleCallback(() => requestIdleCallback(done)))"
    written = page.locator(f"#{name} :is(input, textarea)")
    written.wait_for()
    end = time.monotonic() + 15
    while True:
        page.evaluate(idle)
        written.fill(str(value))
        page.keyboard.press("Tab")
        page.evaluate(idle)
        if written.input_value() == str(value):
            return
        assert time.monotonic() < end, f"{name} shows {written.input_value()!r} instead of {value!r}"


@pytest.fixture
def loading_anew() -> Callable[[Page], AbstractContextManager[None]]:
    """Reload a page, `with loading_anew(page):`, and hold the answers to its events until the block ends."""
    return _loading_anew


@contextmanager
def _loading_anew(page: Page) -> Iterator[None]:
    questions, held, events = [], True, "**/gradio_api/run/**"

    def hold(route: Route) -> None:
        questions.append(route) if held else route.continue_()

    page.route(events, hold)
    page.once("framenavigated", lambda _: questions.clear())  # what the page that is left still asked has no answer
    page.reload()
    yield
    assert questions, "the page has asked"
    held = False  # an answer may lead to a further question, while those that were held are let go
    for question in questions:
        question.continue_()
    assert all(question.request.response().ok for question in questions)
    page.unroute(events)
    page.wait_for_timeout(500)  # what the answers change is changed


def go_to_tab(page: Page, name: re.Pattern[str]) -> None:
    tab = page.get_by_role("tab", name=name)
    if not (tab.count() and tab.is_visible()):  # a phone keeps the last tabs in a menu
        page.locator("#tabs > .tab-wrapper .overflow-menu > button").click()
        tab = page.locator("#tabs > .tab-wrapper .overflow-dropdown button", has_text=name)
    tab.click()


# --- visitors ---


@dataclass(frozen=True)
class Form:
    """The size, theme and language of a visitor's page: `open_page(**form.visitor)`."""

    name: str
    size: tuple[int, int]
    dark: bool
    locale: str

    @property
    def visitor(self) -> dict[str, Any]:
        return {"size": self.size, "dark": self.dark, "locale": self.locale}


FORMS = {  # each size, theme and language once; a test that has time for it takes all eight
    "laptop-light-en": Form("laptop-light-en", LAPTOP, False, "en-US"),
    "phone-dark-zh": Form("phone-dark-zh", PHONE, True, "zh-CN"),
}


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> Form:
    """Let a test run once for each of FORMS."""
    return FORMS[request.param]


# --- checks ---


def axe_violations(page: Page) -> list[str]:
    """List what axe-core finds serious or critical, one line each with the first elements concerned."""
    found = Axe().run(page).response["violations"]
    return [
        f"{item['impact']} {item['id']}: {item['help']} — "
        + " | ".join(f"{node['html'][:160]} [{node['failureSummary'][:300]}]" for node in item["nodes"][:3])
        for item in found
        if item["impact"] in ("serious", "critical")
    ]


@pytest.fixture
def check_accessible() -> Callable[[Page], None]:
    def check(page: Page) -> None:
        assert axe_violations(page) == []

    return check


@pytest.fixture
def screenshot() -> Callable[[Page, str], None]:
    """Write `$RNNLAB_SCREENSHOTS/name.png`, `screenshot(page, name)`; without the variable write nothing."""
    folder = os.environ.get("RNNLAB_SCREENSHOTS")

    def take(page: Page, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}.png", timeout=90_000)  # a page that draws a training is slow

    return take
