"""The sections Gates and Surgery of the tab Inside answer with the numbers of the library."""

import base64
import math

import numpy as np
import pytest

from rnnlab.inspection.gate_activity import unit_at
from rnnlab.inspection.held_gates import nats_along, perplexity_along
from rnnlab.inspection.surgery import Operation, operate
from rnnlab.runs import Runner
from rnnlab.ui.tabs.inside import gates, surgery
from rnnlab.ui.tabs.inside.opened import choose_network, open_text
from rnnlab.validation import InvalidInput

TEXT = "The night train home is late\nand the moon is on the water"


@pytest.fixture(scope="module")
def opened():
    runner = Runner()
    yield open_text(choose_network(runner, None, None, "lyrics-en", None, None), TEXT, None)
    runner.close()


def test_surgery_measures_the_text_and_writes_two_songs(opened):
    found = surgery.answer(opened, {"operations": "l0.z=0.5,l0.unit=3", "seed": "2"})
    model, ids = opened.text.model, opened.text.ids.tolist()
    operated = operate(model, [Operation("gate", gate="z", value=0.5), Operation("unit", unit=3)])
    assert found["after"] == pytest.approx(perplexity_along(operated, ids))
    assert found["before"] == pytest.approx(perplexity_along(model, ids), rel=1e-4)
    assert found["tenths"] == [None, *np.round(nats_along(operated, ids) / math.log(2) * 10).astype(int).tolist()]
    assert found["blind"] == len(opened.text.vocab)
    song = found["song"]
    assert (song["prefix"], found["seed"]) == ("The", 2)
    assert song["before"][: song["departs"]] == song["after"][: song["departs"]]
    assert song["before"][song["departs"]] != song["after"][song["departs"]]


def test_the_operations_hold_from_the_chosen_place(opened):
    first = surgery.answer(opened, {"operations": "l0.z=0"})["song"]
    assert first["start"] == surgery.FIRST_PLACE == surgery.SONG_LENGTH // 3
    for place in (0, 90):
        song = surgery.answer(opened, {"operations": "l0.z=0", "from": str(place)})["song"]
        assert song["start"] == place <= song["departs"]
        assert song["before"] == first["before"]
        assert song["after"][:place] == song["before"][:place]


def test_without_operations_nothing_changes(opened):
    found = surgery.answer(opened, {})
    assert found["after"] == found["before"]
    assert found["song"]["departs"] is None
    assert [gate["key"] for gate in found["gates"]] == ["l0.r", "l0.z"]


def test_a_cell_of_the_table_is_the_perplexity_alone(opened):
    found = surgery.answer(opened, {"operations": "l0.r=mean", "bare": "1"})
    assert set(found) == {"words", "after"}
    assert found["after"] == surgery.answer(opened, {"operations": "l0.r=mean"})["after"]


def test_gates_have_their_means_and_all_units_of_one(opened):
    found = gates.answer(opened, {"gate": "l0.z"})
    values = opened.text.reading.activations["l0.z"]  # (T, H)
    assert [gate["letter"] for gate in found["gates"]] == ["r", "z"]
    update = found["gates"][1]
    assert np.abs(np.array(update["along"]) / 1000 - values.mean(1)).max() <= 0.0005 + 1e-6
    assert update["low"] == pytest.approx((values < 0.1).mean())
    chosen = found["chosen"]
    sent = np.frombuffer(base64.b64decode(chosen["values"]), np.uint8).reshape(256, len(values))
    assert np.abs(sent / 255 - values.T[chosen["order"]]).max() <= 0.5 / 255 + 1e-6
    assert sorted(chosen["order"]) == list(range(256))


def test_the_opened_cell_is_the_step_at_that_character(opened):
    found = gates.answer(opened, {"place": "5", "unit": "7"})
    lines = unit_at(opened.text.model, opened.text.reading, 5, unit=7)
    assert [line["value"] for line in found["lines"]] == [line.value for line in lines]
    assert [line["letter"] for line in found["lines"]] == ["r", "z", "n", "h"]
    assert all(len(line["terms"]) <= gates.TERMS for line in found["lines"])


@pytest.mark.parametrize(
    ("section", "query", "field"),
    [
        (gates, {"gate": "l0.f"}, "gate"),
        (gates, {"place": "9999"}, "place"),
        (gates, {"place": "1", "unit": "256"}, "unit"),
        (gates, {"place": "x"}, "place"),
        (surgery, {"operations": "l0.f=1"}, "gate"),
        (surgery, {"operations": "nonsense=="}, "gate"),
        (surgery, {"operations": ",".join(["output"] * 65)}, "operations"),
        (surgery, {"seed": "-1"}, "seed"),
        (surgery, {"from": str(surgery.SONG_LENGTH)}, "from"),
    ],
)
def test_a_query_that_asks_for_what_there_is_not_is_refused(opened, section, query, field):
    with pytest.raises(InvalidInput) as refused:
        section.answer(opened, query)
    assert refused.value.field == field
