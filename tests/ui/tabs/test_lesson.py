"""Lessons on the page: a counting experiment stands for one."""

import threading
from dataclasses import dataclass
from typing import ClassVar

import pytest

from rnnlab.experiments.event import Event
from rnnlab.runs import FAILED, FINISHED, LESSON, STOPPED, TRAINING, Run, Runner
from rnnlab.ui.tabs import lesson
from rnnlab.ui.tabs.lesson import DefaultRuns, Lesson, View, lesson_of, news, picture_of_run, start_lesson, stop_lesson
from rnnlab.ui.tabs.payloads import payload_module
from rnnlab.validation import Config, Integer, InvalidInput, setting

SOON = 60.0


@dataclass(frozen=True)
class Ticks(Config):
    lesson: ClassVar[str] = "train"  # it borrows the words of a tab that there is
    ticks: int = setting(3, Integer(1, 10_000_000), "how far to count")


@dataclass(frozen=True)
class Tick(Event):
    number: int


@dataclass(frozen=True)
class Finished(Event):
    pass


def count(config):
    yield from map(Tick, range(config.ticks))
    yield Finished()


def view(run=count):
    return View("train", Ticks, run, lambda config, labels: {})


@pytest.fixture
def runner():
    runner = Runner(max_running=1)
    yield runner
    runner.close()


def the_run(runner, reference):
    return runner.get(reference.removeprefix("runs/").split("?")[0])


def test_the_payload_of_a_finished_lesson_is_complete(runner):
    reference, saved = start_lesson(runner, None, Lesson(view(), Ticks(ticks=2)))
    run = the_run(runner, reference)
    assert run.wait(SOON)
    assert run is lesson_of(view(), runner, saved)
    picture = picture_of_run(run, runner.follow(run), "en")
    assert picture["rows"] == (
        {"kind": "tick", "number": 0}, {"kind": "tick", "number": 1}, {"kind": "finished"},
    )  # fmt: skip
    assert picture["config"] == {"ticks": "2"}
    assert picture["words"]["tab"] == "Train"
    assert (picture["state"], picture["live"], picture["problem"]) == (FINISHED, False, None)


class Heavy:
    """It trains, and lets go of a million bytes when it is told to."""

    nbytes = 1_000_000

    def events(self):
        yield Tick(1)

    def release(self):
        self.nbytes = 1000


def test_an_ended_lesson_releases_memory(runner):
    reference, _ = start_lesson(runner, None, Lesson(view(), Ticks(), Heavy()))
    run = the_run(runner, reference)
    assert run.wait(SOON)
    runner.supervisor.check()
    assert 1000 < run.nbytes < 3000
    waiting = Run(Lesson(view(), Ticks(), Heavy()), view().record)
    waiting.release()
    assert waiting.nbytes == 1_000_000, "it needs that to begin"
    assert Run(Lesson(view(), Ticks()), view().record).nbytes == 0


def test_a_new_run_replaces_only_the_visitors_own_earlier_run(runner):
    endless = Ticks(ticks=10_000_000)
    first, mine = start_lesson(runner, None, Lesson(view(), endless))
    other, _ = start_lesson(runner, None, Lesson(view(), endless))
    old = the_run(runner, first)
    second, mine = start_lesson(runner, mine, Lesson(view(), endless))
    assert old.wait(SOON)
    assert old.state == STOPPED
    assert the_run(runner, first) is None, "what nobody asks for again is not kept"
    assert not the_run(runner, other).ended
    stop_lesson(runner, mine, view())
    assert the_run(runner, second).wait(SOON)


def test_a_lesson_does_not_wait_for_long_trainings(runner):
    gate = threading.Event()

    def slow(config):
        assert gate.wait(SOON)
        yield Finished()

    for _ in range(3):  # one trains, two wait
        start_lesson(runner, None, Lesson(view(slow), Ticks()), pool=TRAINING)
    reference, _ = start_lesson(runner, None, Lesson(view(), Ticks()), pool=LESSON)
    assert the_run(runner, reference).wait(SOON)
    gate.set()


def test_the_default_run_is_computed_once_for_a_whole_class():
    computed = []

    def run(config):
        computed.append(config)
        yield from count(config)

    recordings = DefaultRuns([view(run)])
    pictures = []
    visitors = [threading.Thread(target=lambda: pictures.append(recordings.picture("train", "zh"))) for _ in range(8)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join(SOON)
    assert len(computed) == 1
    assert [picture["state"] for picture in pictures] == ["recorded"] * 8
    assert [row.get("number") for row in pictures[0]["rows"]] == [0, 1, 2, None]


def test_an_unknown_lesson_has_no_default_run():
    with pytest.raises(InvalidInput, match="lesson"):
        DefaultRuns([view()]).picture("knitting", "en")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (InvalidInput("not_whole", "hidden_size", value="3.7", low=1, high=9), "3.7"),
        (ZeroDivisionError("a bug"), "report"),
    ],
)
def test_the_payload_of_a_failed_run_holds_a_message(runner, error, told):
    def broken(config):
        raise error
        yield

    reference, _ = start_lesson(runner, None, Lesson(view(broken), Ticks()))
    run = the_run(runner, reference)
    assert run.wait(SOON)
    latest = news(run, runner.follow(run), "en")
    assert latest["state"] == FAILED
    assert told in latest["problem"]


def test_a_lesson_with_a_trainer_runs_that_trainer(runner):
    class Trainer:
        def __init__(self):
            self.latest = None

        def events(self):
            self.latest = 7
            yield Finished()

    reference, saved = start_lesson(runner, None, Lesson(view(), Ticks(), Trainer()))
    assert the_run(runner, reference).wait(SOON)
    assert lesson_of(view(), runner, saved).experiment.trainer.latest == 7


def test_the_payloads_of_a_lessons_run_come_from_the_lesson_module():
    assert payload_module(Run(Lesson(view(), Ticks()), lesson.row)) is lesson
