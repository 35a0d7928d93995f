"""Time to a perplexity: cold starts in turns, medians, and a rival that is given up."""

import pytest

from rnnlab.bench import time_to_perplexity
from rnnlab.bench.time_to_perplexity import GIVE_UP, measure_time_to


def times(ours, theirs):
    """Runs that take that long; None: longer than anybody waits."""
    told = {
        time_to_perplexity._ours_to_target: iter(ours * 3),
        time_to_perplexity._tutorial_to_target: iter(theirs * 3),
    }
    return lambda way, model, patience: next(told[way])


def test_the_ratio_is_that_of_the_medians(monkeypatch):
    monkeypatch.setattr(time_to_perplexity, "_cold", times([2.0, 4.0, 3.0], [9.0, 30.0, 12.0]))
    result = measure_time_to(repeats=3)
    assert result["gru"] == {
        "ours": [2.0, 4.0, 3.0], "tutorial": [9.0, 30.0, 12.0], "our_median": 3.0, "times_sooner": 4.0,
        "given_up": False,
    }  # fmt: skip


def test_aborted_baseline_reports_its_wait_as_a_lower_bound(monkeypatch):
    monkeypatch.setattr(time_to_perplexity, "_cold", times([2.0], [None]))
    result = measure_time_to(repeats=1)
    assert result["rnn"]["times_sooner"] == GIVE_UP
    assert result["rnn"]["given_up"] is True


def test_our_training_must_reach_the_target(monkeypatch):
    monkeypatch.setattr(time_to_perplexity, "_cold", times([None], [1.0]))
    with pytest.raises(RuntimeError, match="did not reach"):
        measure_time_to(repeats=1)


def test_a_cold_start_runs_in_a_new_process():
    assert time_to_perplexity._cold(time_to_perplexity._tutorial_to_target, "rnn", patience=0.01) is None
    with pytest.raises(
        time_to_perplexity.subprocess.CalledProcessError
    ):  # there is no such network, and the process says so
        time_to_perplexity._cold(time_to_perplexity._tutorial_to_target, "transformer", patience=300)
