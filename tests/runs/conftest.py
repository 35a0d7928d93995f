"""Fixtures of the tests of runs: experiments that only count, and a runner for them."""

import threading
import time
from dataclasses import dataclass

import pytest
import torch

from rnnlab.experiments.event import Event
from rnnlab.experiments.language_model import Config
from rnnlab.runs import Run, Runner, Store, training_run

SOON = 60.0  # seconds: long enough for a busy machine


TEXT = "la li lu la le lo " * 8
TINY = {
    "corpus": "own", "hidden_size": 4, "embedding_size": 2, "batch_size": 2, "num_steps": 4, "held_out": 0.0,
    "sample_every": None,
}  # fmt: skip


@dataclass(frozen=True)
class Tick(Event):
    number: int


class Counting:
    """Counts to `epochs`, and on when extended; waits `pause` seconds at each number, or for `gate` to open."""

    def __init__(self, epochs=3, pause=0.0, gate=None):
        self.epochs, self.pause, self.gate, self.count = epochs, pause, gate, 0
        self.closed = 0
        self.threads = []  # that counted each number

    def events(self):
        try:
            while self.count < self.epochs:
                if self.gate is not None:
                    assert self.gate.wait(SOON)
                time.sleep(self.pause)
                self.count += 1
                self.threads.append(threading.current_thread())
                yield Tick(self.count)
        finally:
            self.closed += 1

    def extend(self, epochs, from_here):
        self.epochs = (self.count if from_here else self.epochs) + epochs


class Undecided(Counting):
    """Counts, and waits for `may_end` between its last number and its end."""

    def __init__(self, epochs, tells):
        super().__init__(epochs)
        self.tells = tells  # whether a last event with number 0 follows
        self.decided, self.may_end = threading.Event(), threading.Event()

    def events(self):
        yield from super().events()
        self.decided.set()
        assert self.may_end.wait(SOON)
        if self.tells:
            yield Tick(0)


class Clock:
    """A clock that stands still; a test sets `now`."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def write_down(event):
    return {"kind": "tick", "number": event.number}


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


@pytest.fixture
def counting():
    return Counting


@pytest.fixture
def undecided():
    return Undecided


@pytest.fixture
def record():
    return write_down


@pytest.fixture
def new_run():
    return lambda *args, **words: Run(Counting(*args, **words), write_down)


@pytest.fixture
def new_training():
    """A function that makes a run of the main experiment on a short text."""
    return lambda epochs, **settings: training_run(Config(epochs=epochs, **TINY | settings), TEXT)


@pytest.fixture
def curve():
    """A function that lists the perplexities of a run's epochs, in their order."""

    def curve(run):
        rows = [row for row in run.since(0).rows if row["kind"] == "epoch"]
        assert [row["epoch"] for row in rows] == list(range(1, len(rows) + 1))
        return [row["perplexity"] for row in rows]

    return curve


@pytest.fixture
def numbers():
    return lambda run: [row["number"] for row in run.since(0).rows]


@pytest.fixture
def until():
    def until(condition):
        """Wait for `condition()` to come true; return whether it did."""
        end = time.monotonic() + SOON
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(0.002)
        return True

    return until


@pytest.fixture
def make_runner():
    """A function that makes runners, and closes them at the end."""
    threads, runners = torch.get_num_threads(), []

    def make(*args, **words):
        runners.append(Runner(*args, **words))
        return runners[-1]

    yield make
    for runner in runners:
        runner.close()
    torch.set_num_threads(threads)


@pytest.fixture
def runner(make_runner):
    return make_runner(max_running=2)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def gate():
    gate = threading.Event()
    yield gate
    gate.set()  # so that no thread stays
