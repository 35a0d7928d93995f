"""The app as it is run for a class: a full house, a full disk, a server that is started anew, a lesson found again."""

import json
import os
import re
import signal
import socket
import threading
import urllib.request
from contextlib import contextmanager, suppress

import pytest
from playwright.sync_api import expect

TRAINING = 1  # a place in rnnlab.figures.perplexity.TRACES
KEPT = re.compile(r"^The server was restarted\. Your run was kept at epoch (\d+): Resume goes on\.$")


def health(url):
    with urllib.request.urlopen(f"{url}lab/health", timeout=10) as response:
        return json.load(response)


def state(page):
    return page.locator("#live [data-role=state]")


def epochs(page):
    return page.locator("#live .plot").evaluate("(plot, i) => [...plot.data[i].x]", TRAINING)


def wait_for_epochs(page, at_least):
    page.wait_for_function(
        "([i, n]) => document.querySelector('#live .plot')?.data?.[i].x.length >= n",
        arg=[TRAINING, at_least],
        timeout=100_000,
        polling=100,  # milliseconds; left to itself it looks when a frame is painted, which a busy machine puts off
    )


def train(page, planned):
    page.locator("#set-epochs input").fill(str(planned))
    page.locator("#train").click()
    expect(state(page)).to_have_text("Training.", timeout=30_000)


@pytest.fixture
def newcomer(browser):
    """`newcomer(url, **context)`: somebody with a browser of their own, the page being on its way."""
    contexts = []

    def come(url, **options):
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 720}, **options))
        page = contexts[-1].new_page()
        page.goto(url)
        return page

    yield come
    for context in contexts:
        context.close()


def resume(visitor):
    """Find the run again on a server that was started anew, and let it go on; the epoch that it was kept at."""
    expect(state(visitor)).to_have_text(KEPT, timeout=60_000)
    done = int(KEPT.match(state(visitor).inner_text())[1])
    assert epochs(visitor) == list(range(1, done + 1))
    visitor.locator("#resume").click()
    wait_for_epochs(visitor, done + 1)
    assert epochs(visitor) == list(range(1, len(epochs(visitor)) + 1)), "no epoch lost, none doubled"
    return done


@pytest.mark.timeout(240)
@pytest.mark.skipif(os.name != "posix", reason="signals are sent otherwise elsewhere")
def test_a_full_house_and_a_server_that_is_started_anew(newcomer, running_app, tmp_path, check_accessible, screenshot):
    """It ends twice while a run trains, by SIGTERM and by SIGKILL, and at last by Ctrl-C."""
    one_seat = {"RNNLAB_MAX_VISITORS": "1", "RNNLAB_DATA_DIR": str(tmp_path / "kept")}
    with running_app(tmp_path / "first.log", **one_seat) as first:
        visitor = newcomer(first.url)
        visitor.locator("#live .plot .main-svg").first.wait_for()
        assert health(first.url)["visitors"] == 1
        outside = newcomer(f"{first.url}?lang=zh-CN", color_scheme="dark")
        expect(outside.get_by_role("heading")).to_have_text("RNN 实验室现在满座")
        check_accessible(outside)
        screenshot(outside, "full-house")
        outside.close()  # it would take the seat while a server is not there yet
        train(visitor, 500)
        wait_for_epochs(visitor, 2)
        assert health(first.url)["runs"]["running"] == 1
        first.process.send_signal(signal.SIGTERM)
        assert first.process.wait(30) == 0
        expect(state(visitor)).to_have_text(re.compile("^The connection is lost"))
        told = first.log.read_text("utf-8")
    assert re.search(r"event=run_started run=[0-9a-f]{6} .*\bmodel=gru\b", told)
    assert "event=server_ended" in told
    run_id = visitor.evaluate("document.querySelector('#live a[download]').href").split("/")[-2]
    assert run_id not in told, "an id is a key"

    same_port = int(first.url.split(":")[-1].strip("/"))
    with running_app(tmp_path / "second.log", port=same_port, **one_seat) as second:
        done = resume(visitor)
        screenshot(visitor, "restarted")
        assert health(second.url)["runs"]["running"] == 1
        second.process.kill()
        assert second.process.wait(30) == -signal.SIGKILL
        expect(state(visitor)).to_have_text(re.compile("^The connection is lost"))

    with running_app(tmp_path / "third.log", port=same_port, **one_seat) as third:
        assert resume(visitor) >= done, "what was kept once is not lost"
        visitor.locator("#stop").click()
        expect(state(visitor)).to_have_text(re.compile("^Stopped"))
        visitor.reload()  # its seat is still its own
        expect(state(visitor)).to_have_text(re.compile("^Stopped"), timeout=30_000)
        visitor.context.close()
        third.process.send_signal(signal.SIGINT)
        assert third.process.wait(30) == 0
        address = f"RNN Lab is open at {third.url} (Ctrl-C ends it)"
        lines = third.log.read_text("utf-8").splitlines()
        assert lines.count(address) == 1
        lines.remove(address)
        assert any("event=server_started" in line for line in lines)  # the runs that it found come first
        assert "event=server_ended" in lines[-1]
        assert all(" event=" in line for line in lines), "it says nothing else, as a traceback would"


@pytest.fixture
def full_disk(server):
    """`with full_disk():` nothing can be kept: where the folder was lies a file."""

    @contextmanager
    def full():
        kept = server.log.with_name(f"{server.log.name}.data") / "runs"
        aside = kept.rename(kept.with_name("aside"))
        kept.write_text("")
        try:
            yield
        finally:
            kept.unlink()
            aside.rename(kept)

    return full


def test_a_disk_that_takes_nothing_is_told_and_training_goes_on(open_page, full_disk, screenshot):
    page = open_page()
    page.locator("#live .plot .main-svg").first.wait_for()
    warning = page.locator("#live [data-role=warning]")
    with full_disk():
        train(page, 500)
        expect(warning).to_have_text(re.compile(r"^Not kept at the moment \(.+\): training goes on"), timeout=30_000)
        wait_for_epochs(page, len(epochs(page)) + 2)
        screenshot(page, "not-saved")
    page.locator("#stop").click()
    expect(state(page)).to_have_text(re.compile("^Stopped"))


class Cable:
    """A way to the server that can be cut, which the browser's own "offline" does not do to a stream that has begun."""

    def __init__(self, port):
        self._port, self._plugged = port, []
        self._entry = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._entry.getsockname()[1]}/"
        self._whole = True
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        self._whole = False
        for end in self._plugged:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self):
        self._whole = True

    def close(self):
        self.cut()
        self._entry.shutdown(socket.SHUT_RDWR)
        for end in (self._entry, *self._plugged):
            end.close()

    def _accept(self):
        with suppress(OSError):  # until it is closed
            while True:
                here, _ = self._entry.accept()
                if self._whole:
                    self._plug(here, socket.create_connection(("127.0.0.1", self._port)))
                else:
                    here.close()

    def _plug(self, here, there):
        self._plugged += [here, there]
        for ends in ((here, there), (there, here)):
            threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, come, go):
        with suppress(OSError):
            while data := come.recv(65536):
                go.sendall(data)
        for end in (come, go):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def cable(server):
    cable = Cable(int(server.url.split(":")[-1].strip("/")))
    yield cable
    cable.close()


def test_a_cut_connection_is_told_and_its_end_loses_and_doubles_no_epoch(cable, newcomer, server):
    visitor = newcomer(cable.url)
    visitor.locator("#live .plot .main-svg").first.wait_for()
    train(visitor, 500)  # more than it can train before the cut
    wait_for_epochs(visitor, 1)
    cable.cut()
    expect(state(visitor)).to_have_text(re.compile("^The connection is lost"))
    seen = len(epochs(visitor))
    run_id = visitor.evaluate("document.querySelector('#live a[download]').href").split("/")[-2]
    with urllib.request.urlopen(f"{server.url}lab/runs/{run_id}/events?cursor=0", timeout=60) as stream:
        for message in stream:  # trained on meanwhile
            rows = json.loads(message[6:])["rows"] if message.startswith(b"data: ") else []  # none between two events
            if any(row.get("epoch", 0) > seen + 1 for row in rows):
                break
    assert len(epochs(visitor)) == seen, "it hears nothing"
    cable.mend()
    wait_for_epochs(visitor, seen + 2)
    visitor.locator("#stop").click()
    expect(state(visitor)).to_have_text(re.compile("^Stopped"), timeout=30_000)
    assert epochs(visitor) == list(range(1, len(epochs(visitor)) + 1)), "no epoch lost, none doubled"


def test_a_new_learning_rate_marks_the_curve_and_a_new_run_says_what_became_of_the_old(open_page, screenshot):
    page = open_page()
    page.locator("#live .plot .main-svg").first.wait_for()
    train(page, 500)
    wait_for_epochs(page, 1)
    page.locator("#set-learning_rate input").fill("0.002")
    page.locator("#apply").click()
    expect(state(page)).to_have_text("Training with a learning rate of 0.002.")
    plot = page.locator("#live .plot")
    mark = plot.evaluate(
        "({ data }) => data.filter(({ uid }) => uid === 'changed').map(({ x, y, text }) => [x, y, text])"
    )
    mark = [values[0] for values in mark[0]]
    assert mark[0] > 0
    assert 1 <= mark[1] <= 2000
    assert mark[2] == "learning rate 0.002"
    screenshot(page, "new-rate")
    page.locator("#set-learning_rate input").fill("-1")
    page.locator("#apply").click()
    expect(page.get_by_test_id("toast-body")).to_contain_text("Learning rate: -1 is out of range")
    page.locator("#set-learning_rate input").fill("0.01")
    page.locator("#train").click()
    told = page.get_by_test_id("toast-body").filter(has_text="Your earlier run was stopped at epoch")
    expect(told).to_be_visible()
    with page.expect_download() as download:
        told.get_by_role("link").click()
    assert download.value.suggested_filename.endswith(".safetensors")
    expect(state(page)).to_have_text("Training.")
    page.locator("#stop").click()
