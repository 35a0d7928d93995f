"""Trainings in worker processes: tasks, results, medians and verdicts."""

import math
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from queue import SimpleQueue
from threading import Event

import pytest

from rnnlab.experiments import hello
from rnnlab.experiments.language_model import PRESETS
from rnnlab.reproduce import (
    AGREES,
    BETTER,
    DIFFERS,
    SEEDS,
    TABLE_ROWS,
    UNPUBLISHED,
    TableRow,
    Task,
    reproduce,
    tasks_of,
)
from rnnlab.reproduce.process_pool import result_of, summary, train
from rnnlab.validation import InvalidInput

SEED_RIGHT_AFTER_LAST_UPDATE = 20


def row(name):
    return next(row for row in TABLE_ROWS if row.name == name)


def test_every_published_recipe_is_reproduced():
    assert {name for name in PRESETS if name != "quick"} < {row.name for row in TABLE_ROWS}
    for name, preset in PRESETS.items():
        if preset.published:
            assert row(name).published == preset.published


def test_published_results_and_small_networks_take_several_seeds_and_others_one():
    tasks = tasks_of(TABLE_ROWS, None, quick=False)
    assert sum(task.row == "gru-scratch" for task in tasks) == SEEDS
    assert sum(task.row == "lstm-torch" for task in tasks) == 7, "its curve is unstable"
    assert sum(task.row == "lstm-torch-patient" for task in tasks) == 1
    assert sum(task.row == "hello-RNN" for task in tasks) == SEEDS, "a network this small may fail to learn"
    assert [task.epochs[-1] for task in tasks] == sorted((task.epochs[-1] for task in tasks), reverse=True)


def test_quick_takes_one_seed_of_language_models_and_two_epochs():
    tasks = tasks_of(TABLE_ROWS, None, quick=True)
    several = {task.row for task in tasks if task.seed > 1}
    assert several == {"hello-RNNCell", "hello-RNN", "sine", "tagger-en", "tagger-zh"}
    assert len(tasks) == len(TABLE_ROWS) + len(several) * (SEEDS - 1)
    assert next(task.epochs for task in tasks if task.row == "gru-scratch") == (40, 80)


def test_the_published_shares_are_those_that_the_tutorials_print():
    """Four of five tags; of hello they print nothing that is left."""
    printed = [
        (-0.1303, -2.3714, -3.5473), (-3.2184, -0.2852, -1.5696), (-3.4137, -0.4275, -1.1553),
        (-0.1034, -2.5672, -3.8420), (-2.7644, -0.3116, -1.5860),
    ]  # fmt: skip
    tags, right = ["DET", "NN", "V"], ["DET", "NN", "V", "DET", "NN"]
    best = [tags[scores.index(max(scores))] for scores in printed]
    assert row("tagger-en").published == {300: sum(a == b for a, b in zip(best, right, strict=True)) / 5} == {300: 0.8}
    assert row("hello-RNNCell").published == row("hello-RNN").published == {}


def test_medians_and_spreads_over_the_seeds():
    row = TableRow("x", "perplexity", None, {10: 3.0}, (10,))
    result = summary(row, [({10: 2.9}, 1.0), ({10: 3.2}, 5.0), ({10: 9.0}, 2.0)], None)
    assert (result.ours, result.seconds, result.seeds) == ({10: (3.2, 2.9, 9.0)}, 2.0, 3)
    assert result.verdict == AGREES
    assert summary(row, [({10: 9.0}, 1.0)], None).verdict == DIFFERS
    assert summary(row, [({10: 2.5}, 1.0)], None).verdict == BETTER


def test_a_diverged_training_is_reported_and_judged():
    row = TableRow("x", "perplexity", None, {10: 3.0, 20: 2.0}, (10, 20))
    early, late, well = ({10: math.inf, 20: math.inf}, 1.0), ({10: 3.0, 20: math.inf}, 1.0), ({10: 3.0, 20: 2.0}, 1.0)
    result = summary(row, [early, late, well], None)
    assert result.ours == {10: (3.0, 3.0, math.inf), 20: (math.inf, 2.0, math.inf)}
    assert result.verdict == DIFFERS
    assert summary(row, [early, well, well], None).verdict == AGREES  # by the median
    assert result.to_dict()["ours"][20] == {"median": None, "low": 2.0, "high": None}


@pytest.mark.parametrize(("smaller_is_better", "worst"), [(True, math.inf), (False, 0.0)])
def test_an_epoch_that_was_not_reached_has_the_worst_value(monkeypatch, smaller_is_better, worst):
    diverges = TableRow("x", "", lambda *_: iter([(1, 0.5), (2, 0.25)]), {}, (1, 2, 3), smaller_is_better)
    monkeypatch.setattr("rnnlab.reproduce.process_pool.TABLE_ROWS", (diverges,))
    assert train(Task("x", 1, (1, 2, 3), None))[0] == {1: 0.5, 2: 0.25, 3: worst}


def test_a_training_ends_when_the_command_is_stopped():
    stopped = Event()
    stopped.set()
    with pytest.raises(SystemExit):
        train(Task("hello-RNN", 1, (20,), None), SimpleQueue(), stopped)


def test_a_killed_process_raises_an_input_error():
    lost = Future()
    lost.set_exception(BrokenProcessPool())
    with pytest.raises(InvalidInput, match="ended from outside"):
        result_of(lost)


def test_hello_is_judged_by_the_predictions_before_the_update():
    """With this seed the prediction is right only after the last update."""
    looks = {
        type(event): event.predicted
        for event in hello.run(hello.preset("RNN").config(seed=SEED_RIGHT_AFTER_LAST_UPDATE))
        if isinstance(event, hello.NetworkState)
    }
    assert looks[hello.Finished] == "ohlol" != looks[hello.Epoch]
    figures = dict(row("hello-RNN").train(SEED_RIGHT_AFTER_LAST_UPDATE, 20, None))
    assert figures[20] < 1
    assert list(figures) == list(range(1, 21))


def test_the_smallest_experiments_train_in_worker_processes():
    heard = []
    results = list(reproduce([row("hello-RNN"), row("sine")], quick=True, progress=heard.append, workers=2))
    by_name = {result.row: result for result in results}
    assert by_name["hello-RNN"].verdict == UNPUBLISHED
    middle, low, high = by_name["hello-RNN"].ours[20]
    assert 0.2 <= low <= middle <= high <= 1
    assert (by_name["hello-RNN"].seeds, by_name["sine"].seeds) == (SEEDS, SEEDS)
    errors = [spread[0] for spread in by_name["sine"].ours.values()]
    assert errors[0] > errors[-1] > 0
    assert sum(heard) > 20
    assert by_name["sine"].to_dict()["ours"][20]["median"] == errors[0]


@pytest.mark.parametrize("text", [None, "one fish two fish red fish blue fish " * 40])
def test_a_language_model_on_the_shipped_songs_or_another_text(text):
    (task,) = tasks_of([row("gru-torch")], text, quick=True)
    figures = next(iter(row("gru-torch").train(1, 1, text)))
    assert figures[0] == 1
    assert 1 < figures[1] < (1100 if text is None else 30)  # one epoch of one minibatch
    assert task.text == text


def test_the_tagger_is_evaluated_after_training():
    figures = dict(row("tagger-en").train(2, 3, None))
    assert [math.isnan(figures[epoch]) for epoch in (1, 2, 3)] == [True, True, False]


def test_a_task_reports_its_time():
    task, *_ = tasks_of([row("hello-RNN")], None, quick=True)
    figures, seconds = train(task)
    assert set(figures) == {20}
    assert seconds > 0
