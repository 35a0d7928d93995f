"""Measure what a step through the epochs and a click in Generate cost the server, by the functions behind the routes.

The times are of the processor, of the thread that answers: on an idle machine they are those of the clock, and a busy
one does not change them much. A click on a place of a song reads the song again up to there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from rnnlab.checkpoints import load
from rnnlab.devices import tune_thread
from rnnlab.experiments.language_model import Config
from rnnlab.experiments.language_model.writer import network_writer
from rnnlab.generation import Generation
from rnnlab.resources import shipped_model
from rnnlab.runs import Runner, Store, training_run

PLACES = (140, 1940)  # of a song, at which the next character is asked for
AIM_KEPT, AIM_REPLAYED, AIM_CLICK = 100.0, 500.0, 100.0  # milliseconds, the aims
TIMEOUT = 600.0  # seconds for the training of `quick` to end


def measure_latency(repeats: int = 5, config: Config | None = None) -> dict[str, Any]:
    """Return the milliseconds of each kind of request: the median and the largest, and the aim for the largest.

    config: of the run whose epochs are looked at; by default that of `quick`. An epoch of its training is measured too:
    a replay takes at most as many of them as lie between two whole states.
    """
    tune_thread(1)
    return {"epochs": _epochs(config or Config()), "clicks": _clicks(repeats), "repeats": repeats}


def _epochs(config: Config) -> dict[str, Any]:
    """Train, and go to each of its epochs: the nearest kept one at once, and the others trained anew.

    What earlier answers have left is dropped before each; at last one steps back through all epochs, and nothing is.
    """
    from rnnlab.ui.latest import forget_all
    from rnnlab.ui.tabs.train.passages import learned_of
    from rnnlab.ui.tabs.train.surprise import TrainSurprise
    from rnnlab.ui.tabs.train.surprise_subject import subject_of_run

    with TemporaryDirectory() as folder:
        runner = Runner(max_running=1, store=Store(Path(folder) / "runs"), unseen_grace=float("inf"))
        try:
            run, answers = runner.start(training_run(config, device="cpu")), TrainSurprise(runner)
            if not run.wait(TIMEOUT):
                raise RuntimeError("the training has not ended")
            subject = subject_of_run(runner, run)
            assert subject is not None
            assert subject.recording is not None

            def forget() -> None:
                forget_all()
                answers.of_run(run, 0, {}, False)  # the text is cut once, not at each step
                learned_of(run)  # and so is the index of its copied runs

            def look(epoch: int) -> None:
                answers.of_run(run, epoch, {}, False)

            def replay(epoch: int) -> None:
                answers.exact_of_run(run, epoch, {}, False, lambda share: None)
                answers.songs_of_run(run, epoch, lambda share: None)

            epochs = range(1, subject.now + 1)
            kept = [_seconds(look, epoch, forget) for epoch in epochs]
            replayed = [_seconds(replay, epoch, forget) for epoch in epochs]
            forget()
            stepped = [_seconds(replay, epoch) for epoch in reversed(epochs)]
            return {
                "count": subject.now,
                "training": {"median": median(1000 * row["seconds"] for row in run.since(0).rows if "seconds" in row)},
                "whole_states": subject.recording.states,
                "surprise_of_a_kept_epoch": _summary(kept, AIM_KEPT),
                "surprise_and_songs_of_a_replayed_epoch": _summary(replayed, AIM_REPLAYED),
                "the_same_stepping_back": _summary(stepped, AIM_REPLAYED),
                "milliseconds_by_replayed_epoch": [round(1000 * each) for each in replayed],
            }
        finally:
            runner.close()


def _clicks(repeats: int) -> dict[str, Any]:
    """Ask for the bars of the next character at PLACES of a song of the shipped model."""
    from rnnlab.ui.tabs.generate.kept_songs import KeptSong, KeptSongs
    from rnnlab.ui.tabs.generate.next_characters import NextCharacters

    checkpoint = load(shipped_model("lyrics-zh"))
    writer = network_writer(checkpoint)
    how = Generation(length=max(PLACES) + 1)
    songs = KeptSongs()
    key = songs.keep(KeptSong(how, lambda: writer, 0), "")
    answers = NextCharacters(songs)
    letters = [token for token in checkpoint.vocab.tokens if len(token) == 1]
    begun = [letters[(7 * place) % len(letters)] for place in range(max(PLACES))]
    found = {}
    for place in PLACES:
        times = [_seconds(lambda at: answers.bars(key, {"begun": begun[:at]}), place) for _ in range(repeats + 1)]
        found[f"{place:,}"] = _summary(times[1:], AIM_CLICK)  # the first one warms up
    return found


def _seconds(ask: Callable[[int], Any], at: int, before: Callable[[], None] = lambda: None) -> float:
    """Return the seconds that it takes to ask, after `before`, which is not measured."""
    before()
    began = time.thread_time()
    ask(at)
    return time.thread_time() - began


def _summary(seconds: list[float], within: float) -> dict[str, float]:
    milliseconds = [1000 * each for each in seconds]
    return {"median": median(milliseconds), "largest": max(milliseconds), "aim": within}
