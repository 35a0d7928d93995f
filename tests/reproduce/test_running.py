"""Rows are trained, gathered and compared."""

import math

import pytest

from rnnlab.experiments.language_model import PRESETS
from rnnlab.reproduce import AGREES, DIFFERS, ROWS, SEEDS, UNPUBLISHED, Row, reproduce, tasks_of
from rnnlab.reproduce.running import summary, train


def row(name):
    return next(row for row in ROWS if row.name == name)


def test_every_published_recipe_is_a_row():
    assert {name for name in PRESETS if name != "quick"} < {row.name for row in ROWS}
    for name, preset in PRESETS.items():
        if preset.published:
            assert row(name).published == preset.published


def test_published_rows_take_several_seeds_and_the_others_one():
    tasks = tasks_of(ROWS, None, quick=False)
    assert sum(task.row == "gru-scratch" for task in tasks) == SEEDS
    assert sum(task.row == "lstm-torch-patient" for task in tasks) == 1
    assert [task.epochs[-1] for task in tasks] == sorted((task.epochs[-1] for task in tasks), reverse=True)


def test_quick_takes_one_seed_and_the_first_two_epochs():
    tasks = tasks_of(ROWS, None, quick=True)
    assert len(tasks) == len(ROWS)
    assert next(task.epochs for task in tasks if task.row == "gru-scratch") == (40, 80)


def test_medians_and_spreads_over_the_seeds():
    row = Row("x", "perplexity", None, {10: 3.0}, (10,))
    result = summary(row, [({10: 2.9}, 1.0), ({10: 3.2}, 5.0), ({10: 9.0}, 2.0)], shipped=False)
    assert (result.ours, result.seconds, result.seeds) == ({10: (3.2, 2.9, 9.0)}, 2.0, 3)
    assert result.verdict == AGREES
    assert summary(row, [({10: 9.0}, 1.0)], shipped=False).verdict == DIFFERS
    assert summary(row, [({10: 3.0}, 1.0)], shipped=True).verdict == UNPUBLISHED


def test_the_smallest_rows_really_train_in_processes_of_their_own():
    heard = []
    results = list(reproduce([row("hello-RNN"), row("sine")], quick=True, progress=heard.append, workers=2))
    by_name = {result.row: result for result in results}
    assert by_name["hello-RNN"].verdict in (AGREES, DIFFERS)
    middle, low, high = by_name["hello-RNN"].ours[20]
    assert 0.4 < middle == low == high <= 1
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


def test_the_tagger_is_asked_when_it_has_been_trained():
    figures = dict(row("tagger-en").train(2, 3, None))
    assert [math.isnan(figures[epoch]) for epoch in (1, 2, 3)] == [True, True, False]


def test_a_task_reports_its_time():
    (task,) = tasks_of([row("hello-RNN")], None, quick=True)
    figures, seconds = train(task)
    assert set(figures) == {20}
    assert seconds > 0
