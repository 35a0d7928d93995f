"""The acrostic in the Generate tab: the handler, and what it sends to the panel."""

import gradio as gr
import pytest

from rnnlab.checkpoints import Checkpoint
from rnnlab.generation import Acrostic, acrostic
from rnnlab.runs import Runner
from rnnlab.ui.tabs.generate.acrostic import OWN, SHARED, on_acrostic
from rnnlab.ui.tabs.networks import network_chosen


@pytest.fixture(scope="module")
def runner():
    runner = Runner(1)
    yield runner
    runner.close()


def written(runner, model="lyrics-zh", locked=True, **changes):
    shown = {"heads": "风雨", "at": "start", "min_line": "", "max_line": "", "temperature": 0.8, "seed": 3} | changes
    return list(on_acrostic(runner, None, None, model, locked, None, *(shown[name] for name in (*OWN, *SHARED))))


def test_lines_come_one_after_the_other_and_are_those_of_the_library(runner):
    values = [value for value, _ in written(runner)]
    assert [len(value["lines"]) for value in values] == [1, 2]
    last = values[-1]
    assert (last["total"], last["at"], last["low"], last["high"], last["seed"]) == (2, "start", 4, 9, 3)
    network = network_chosen(runner, None, None, "lyrics-zh", None)
    assert isinstance(network, Checkpoint)
    how = Acrostic(heads="风雨", min_line=4, max_line=9, seed=3)
    expected = list(acrostic(network.build_model(), network.vocab, how))
    for row, line in zip(last["lines"], expected, strict=True):
        assert "".join(row["parts"]) == line.text
        assert row["parts"][:2] == ["", line.head]
        assert (row["rank"], row["probability"], row["bits"]) == (line.rank, line.probability, line.bits)
        assert row["candidates"][row["chosen"]][0] == line.text


def test_a_new_seed_is_drawn_unless_it_is_kept_and_counting_writes_too(runner):
    assert {seed for _, seed in written(runner, "5-gram:lyrics-zh")} == {3}
    seeds = {seed for _ in range(4) for _, seed in written(runner, "2-gram:lyrics-zh", locked=False, max_line="4")}
    assert len(seeds) > 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"heads": ""}, "Heads"),
        ({"heads": None}, "Heads"),
        ({"heads": ["春"]}, "Heads"),
        ({"heads": "春" * 200}, "Heads: at most 40"),
        ({"at": "middle"}, "Head stands at"),
        ({"min_line": "many"}, "Line, at least"),
        ({"min_line": "9", "max_line": "3"}, "Line, at most"),
        ({"temperature": None}, "Temperature"),
    ],
)
def test_bad_input_is_refused_with_the_field(runner, changes, words):
    with pytest.raises(gr.Error, match=words):
        written(runner, **changes)
