"""The handlers and the payload of the sin → cos tab, without a browser."""

import json
from dataclasses import fields

import gradio as gr
import numpy as np
import pytest

from rnnlab.experiments.event import row
from rnnlab.experiments.sine import (
    MEMORIES,
    ComparisonConfig,
    Config,
    PhasePlane,
    Window,
    measured_windows,
    run,
    run_with_phase_planes,
    window_of,
)
from rnnlab.figures.phase import EIGENVALUE_TRACES, PHASE_TRACES
from rnnlab.figures.sine import LOSS_TRACES
from rnnlab.runs import ENDED, Runner
from rnnlab.ui.components.settings_form import shown_values
from rnnlab.ui.i18n import section
from rnnlab.ui.tabs.lesson import DefaultRuns, lesson_of, picture, picture_of_run
from rnnlab.ui.tabs.lesson_tab import LessonHandlers
from rnnlab.ui.tabs.sine import payload

TINY = {"hidden_size": 6, "points": 4, "windows": 3, "free_run": 2}


@pytest.fixture
def runner():
    runner = Runner()
    yield runner
    runner.close()


def values(**changes):
    shown = shown_values(ComparisonConfig(**TINY), payload.VIEW.settings)
    return [changes.get(name, value) for name, value in zip(payload.VIEW.settings, shown, strict=True)]


def start(runner, saved, *values):
    return LessonHandlers(payload.VIEW, runner).on_start(saved, None, *values)


def stop(runner, saved):
    LessonHandlers(payload.VIEW, runner).on_stop(saved)


def test_the_page_has_every_setting_once():
    assert sorted(payload.VIEW.settings) == sorted(item.name for item in fields(Config))


def test_start_runs_the_settings_of_the_page_and_the_payload_is_complete(runner):
    reference, saved = start(runner, None, *values(model="lstm", noise=0.1))
    run = lesson_of(payload.VIEW, runner, saved)
    assert reference.startswith(f"runs/{run.id}?")
    assert run.wait(30)
    told = picture_of_run(run, runner.follow(run), "zh")
    assert (told["state"], told["config"]["model"], told["config"]["noise"]) == ("finished", "lstm", "0.1")
    assert told["words"].items() > section("sine", "zh").items()
    kinds = [row["kind"] for row in told["rows"]]
    windows = [*["window"] * 2, "phaseplane", "window", "phaseplane"]  # reset has no phase plane
    assert sorted(kinds[1:16]) == sorted(windows * 3)
    assert (kinds[0], kinds[16:]) == ("started", [*["freerun"] * 6, "finished"])
    assert {name: len(figure["data"]) for name, figure in told["figures"].items()} == {
        **dict.fromkeys(MEMORIES, 3),
        "loss": len(LOSS_TRACES),
        "phase": len(PHASE_TRACES),
        "eigenvalues": len(EIGENVALUE_TRACES),
    }


def test_a_row_leaves_out_only_what_the_panel_computes_itself():
    config = ComparisonConfig(**TINY, phase=0.3)
    event = next(event for event in run(config) if isinstance(event, Window) and event.window == 2)
    row = payload.record(event)
    assert set(event.to_dict()) - set(row) == {"t", "target"}
    assert row["kind"] == "window"
    # tabs/sine/panel.js: x = window - 1 + k / (points - 1) in units of π, and cos(πx + φ)
    x = np.array([2 - 1 + k / 3 for k in range(4)])
    t, target = window_of(config, 2)
    assert np.pi * x == pytest.approx(t)
    assert np.cos(np.pi * x + config.phase) == pytest.approx(target)
    assert payload.record(next(run(config)))["floor"] == pytest.approx(np.cos(0.3) ** 2 / 4)


def test_only_the_memories_that_run_are_named_and_few_samples_have_marks():
    figures = payload.figures(ComparisonConfig(memory="reset", points=41, model="gru"), section("sine", "en") | LABELS)
    named = [trace.uid for trace in figures["loss"].data if trace.showlegend]
    assert named == ["mean.reset", "floor"]
    assert figures["loss"].layout.showlegend is False  # the table beside it says which line is which
    assert figures["reset"].data[2].mode == "lines"
    assert payload.figures(ComparisonConfig(points=40), LABELS)["reset"].data[2].mode == "lines+markers"


def test_a_negligible_floor_is_not_drawn():
    figure = payload.figures(ComparisonConfig(phase=1.5708, free_run=0), LABELS)["loss"]
    assert not figure.data[LOSS_TRACES.index("floor")].y


LABELS = {key.removeprefix("figure."): text for name in ("sine", "phase") for key, text in section(name, "en").items()}


def test_a_second_start_stops_the_first_and_stop_stops(runner):
    _, saved = start(runner, None, *values(windows=5000, memory="carried"))
    first = lesson_of(payload.VIEW, runner, saved)
    _, saved = start(runner, saved, *values(windows=5000, memory="carried"))
    second = lesson_of(payload.VIEW, runner, saved)
    assert first.wait(10)
    stop(runner, saved)
    assert second.wait(10)
    assert (first.state, second.state) == ("stopped", "stopped")
    assert {first.state} <= ENDED
    stop(runner, None)  # nothing to stop


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"points": 2.5}, "Points per window: 2.5 is not a whole number"),
        ({"points": None}, "Points per window: .* is not a number"),
        ({"windows": 5000, "points": 20}, "at most 926 windows"),  # (130000 - 240) / (4 · 35)
        ({"phase": 1.5708}, "Phase .*Free-run windows afterwards to 0"),
        ({"memory": "<b>"}, "&lt;b&gt;"),
    ],
)
def test_bad_settings_are_refused_and_nothing_starts(runner, changes, words):
    with pytest.raises(gr.Error, match=words):
        start(runner, None, *values(**changes))
    assert runner.ids() == ()


def test_the_default_run_compares_all_three_memories_in_a_small_payload():
    """Its rows must come over a classroom's wireless network: below 500 kB."""
    told = DefaultRuns((payload.VIEW,)).picture("sine", "en")
    assert told["state"] == "recorded"
    assert told["config"] == ComparisonConfig().to_strings()
    planes = 2 * len(measured_windows(ComparisonConfig()))
    assert len(told["rows"]) == 2 + 310 * 3 + planes
    assert len(json.dumps(told["rows"], separators=(",", ":"))) < 500_000
    finished = told["rows"][-1]
    means = dict(zip(finished["memories"], finished["mean_losses"], strict=True))
    assert means["bptt"] < means["carried"] < means["reset"]
    alone = dict(zip(finished["memories"], finished["mean_errors"], strict=True))
    assert alone["bptt"] < alone["carried"] < alone["reset"]  # what the table shows: the lesson, not its opposite


def test_the_picture_of_a_run_without_rows_is_complete():
    told = picture(payload.VIEW, ComparisonConfig(), [], "en")
    assert told["rows"] == []
    assert set(told["figures"]) == {*MEMORIES, "loss", "phase", "eigenvalues"}


def test_the_phase_plane_has_its_words_its_planes_and_the_angle_of_a_step(runner):
    _, saved = start(runner, None, *values(points=7))
    run = lesson_of(payload.VIEW, runner, saved)
    assert run.wait(30)
    told = picture_of_run(run, runner.follow(run), "zh")
    assert told["words"]["phase.title"] == section("phase", "zh")["title"]
    planes = [item for item in told["rows"] if item["kind"] == "phaseplane"]
    assert [(item["window"], item["memory"]) for item in planes] == [
        (n, m) for n in (1, 2, 3) for m in ("carried", "bptt")
    ]
    events = run_with_phase_planes(ComparisonConfig(**TINY | {"points": 7}))
    assert planes == [row(event) for event in events if isinstance(event, PhasePlane)]
    (label,) = told["figures"]["eigenvalues"]["layout"]["annotations"]
    assert label["text"] == "30°"  # π / 6
