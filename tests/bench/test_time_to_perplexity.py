"""Time to a perplexity: cold starts in turns, medians, and a baseline that is stopped."""

import pytest

from rnnlab.bench import time_to_perplexity
from rnnlab.bench.time_to_perplexity import MAX_TIME_RATIO, measure_time_to_perplexity


def times(ours, theirs):
    """Return a replacement of `_cold_start` with these seconds; None: stopped at the time limit."""
    seconds = {
        time_to_perplexity._ours_to_target: iter(ours * 3),
        time_to_perplexity._tutorial_to_target: iter(theirs * 3),
    }
    return lambda train, model, timeout: next(seconds[train])


def test_the_ratio_is_that_of_the_medians(monkeypatch):
    monkeypatch.setattr(time_to_perplexity, "_cold_start", times([2.0, 4.0, 3.0], [9.0, 30.0, 12.0]))
    result = measure_time_to_perplexity(repeats=3)
    assert result["gru"] == {
        "ours": [2.0, 4.0, 3.0], "tutorial": [9.0, 30.0, 12.0], "our_median": 3.0, "times_sooner": 4.0,
        "given_up": False,
    }  # fmt: skip


def test_aborted_baseline_reports_its_wait_as_a_lower_bound(monkeypatch):
    monkeypatch.setattr(time_to_perplexity, "_cold_start", times([2.0], [None]))
    result = measure_time_to_perplexity(repeats=1)
    assert result["rnn"]["times_sooner"] == MAX_TIME_RATIO
    assert result["rnn"]["given_up"] is True


def test_our_training_must_reach_the_target(monkeypatch):
    monkeypatch.setattr(time_to_perplexity, "_cold_start", times([None], [1.0]))
    with pytest.raises(RuntimeError, match="did not reach"):
        measure_time_to_perplexity(repeats=1)


def test_a_cold_start_runs_in_a_new_process():
    assert time_to_perplexity._cold_start(time_to_perplexity._tutorial_to_target, "rnn", timeout=0.01) is None
    with pytest.raises(time_to_perplexity.subprocess.CalledProcessError):  # by KeyError, as there is no such network
        time_to_perplexity._cold_start(time_to_perplexity._tutorial_to_target, "transformer", timeout=300)


def test_both_trainings_run_by_name_in_a_new_process(monkeypatch):
    """A renamed module or function must not break the program of the new process."""
    commands = []
    monkeypatch.setattr(time_to_perplexity.subprocess, "run", lambda command, **_: commands.append(command[-1]))
    for train in (time_to_perplexity._ours_to_target, time_to_perplexity._tutorial_to_target):
        assert time_to_perplexity._cold_start(train, "rnn", timeout=1) is not None
        names = {}
        exec(commands[-1].partition(";")[0], names)
        assert names["train"] is train
