"""`/phase` called as Gradio calls it."""

import asyncio

import gradio as gr
import pytest

from rnnlab.experiments.sine import ComparisonConfig, PhasePlane, WindowDiverged, run_with_phase_planes
from rnnlab.runs import Runner
from rnnlab.ui.api import phase as api
from rnnlab.ui.tabs.lesson import View

TINY = {"hidden_size": 6, "points": 4, "windows": 6, "free_run": 0}


@pytest.fixture
def runner():
    runner = Runner()
    yield runner
    runner.close()


def ask(runner, **changes):
    given = {**ComparisonConfig().__dict__, **TINY, **changes}

    async def all_rows():
        return [row async for row in api.measure(runner, None, *given.values())]

    return asyncio.run(all_rows())[-1]


def test_the_answer_holds_the_planes_of_each_memory_that_carries_its_state(runner):
    answer = ask(runner)
    assert set(answer) == {"carried", "bptt"}
    planes = [e.to_dict() for e in run_with_phase_planes(ComparisonConfig(**TINY)) if isinstance(e, PhasePlane)]
    carried = [plane for plane in planes if plane.pop("memory") == "carried"]
    assert answer["carried"]["planes"] == carried
    assert runner.ids() == ()


def test_a_network_that_is_reset_or_diverges_is_refused(runner, monkeypatch):
    with pytest.raises(gr.Error, match="begins each window at zero"):
        ask(runner, memory="reset")
    monkeypatch.setattr(
        api, "VIEW", View("sine", ComparisonConfig, lambda config: iter([WindowDiverged(3, "bptt")]), None)
    )
    with pytest.raises(gr.Error, match=r"Learning rate .*window 3 .*bptt"):
        ask(runner)
