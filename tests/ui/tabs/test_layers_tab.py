"""The handlers of the Layers tab, without a browser."""

import json
import re

import gradio as gr
import numpy as np
import pytest

from rnnlab.inspection import BatchesConfig, LayersConfig, batches_of_text, compare_gradients, inspect_layers
from rnnlab.ui.components.settings_form import shown_values
from rnnlab.ui.tabs.layers.handlers import (
    CUTTING,
    GRADIENTS,
    SETTINGS,
    SMALL,
    on_corpus,
    on_gradients,
    on_layer,
    on_small,
    on_text,
)
from rnnlab.ui.tabs.layers.layout import AFFECTED_PARTS, INITIAL_SIZES, PARTS
from rnnlab.ui.tabs.layers.payload import (
    LOOKUP_SIZES,
    PRODUCT_SIZES,
    STEPS_SHOWN,
    stepping_value,
    written,
)


def layer(**changes):
    values = dict(zip(SETTINGS, shown_values(LayersConfig(), SETTINGS), strict=True)) | changes
    return on_layer(*values.values())


def gradients(part=GRADIENTS, **changes):
    values = dict(zip(SETTINGS, shown_values(LayersConfig(), SETTINGS), strict=True)) | changes
    return on_gradients(part, *values.values())


def small(part, **changes):
    return on_small(part, *(INITIAL_SIZES[part] | {"seed": 1} | changes).values())


def text(**changes):
    values = dict(zip(CUTTING, shown_values(BatchesConfig(), CUTTING), strict=True)) | changes
    return on_text(*values.values())


def shapes(drawing):
    return {row["name"]: row["shape"] for row in (*drawing["tensors"], *drawing["parameters"])}


def test_only_the_lstm_has_a_cell_state():
    assert shapes(layer(model="lstm")[0])["c_0"] == [2, 3, 20]
    assert "c_0" not in shapes(layer(model="gru")[0])
    assert layer(model="gru")[0]["lines"][1] == "output, h_n = gru(input, h_0)"


def test_two_directions_double_what_they_should():
    one, two = shapes(layer()[0]), shapes(layer(bidirectional=True)[0])
    assert (one["output"], two["output"]) == ([5, 3, 20], [5, 3, 40])
    assert (one["h_n"], two["h_n"]) == ([2, 3, 20], [4, 3, 20])
    assert (one["weight_ih_l1"], two["weight_ih_l1_reverse"]) == ([80, 20], [80, 40])


def test_payloads_are_small_json():
    largest = {"input_size": 1027, "hidden_size": 256, "num_layers": 1, "batch_size": 32, "num_steps": 35}
    for value in (*layer(**largest), gradients(num_layers=8, bidirectional=True), small("products"), small("lookup")):
        assert len(json.dumps(value, allow_nan=False)) < 20_000


@pytest.mark.parametrize("batch_first", [False, True])
def test_the_stepping_panel_shows_the_first_sequence(batch_first):
    config = LayersConfig(batch_first=batch_first, bidirectional=True, num_steps=12)
    seen = inspect_layers(config)
    value = stepping_value(config, seen)
    whole = seen.stepping.whole if batch_first else seen.stepping.whole.swapaxes(0, 1)
    assert value["units"] == [0, 1, 20, 21]
    np.testing.assert_array_equal(np.float32(value["whole"]), whole[0, :STEPS_SHOWN][:, value["units"]])
    np.testing.assert_allclose(value["gap"], np.abs(np.subtract(value["whole"], value["stepped"])), atol=1e-7)
    assert not value["steppable"]


def test_an_error_names_the_field_in_every_panel():
    payload = layer(hidden_size=0)
    refused = {
        "en": "Hidden size: 0 is out of range; give a number from 1 to 512.",
        "zh": "隐藏单元数：0 超出范围；请给出 1 到 512 之间的数。",
    }
    assert payload == ({"refused": refused, "field": "layers-hidden_size"},) * 2
    assert "make it smaller, or lower" in layer(hidden_size=512, num_layers=8, batch_size=64)[0]["refused"]["en"]
    short = text(batch_size=8)
    assert "Batch size: 30 tokens are fewer than one batch of 8 × 6 needs" in short["refused"]["en"]
    assert short["field"] == "cut-batch_size"


@pytest.mark.parametrize(("part", "most"), [("products", PRODUCT_SIZES), ("lookup", LOOKUP_SIZES)])
def test_sizes_beyond_the_page_are_rejected_in_the_small_parts(part, most):
    assert small(part, **dict.fromkeys(most, 1)) != small(part, **most)
    for name, size in most.items():
        for wrong in (0, size + 1):
            payload = small(part, **{name: wrong})
            assert payload["field"] == f"{part}-{name}"
            assert f"{wrong} is out of range; give a number from 1 to {size}." in payload["refused"]["en"]
    assert small(part, seed=None) == gr.skip()


def test_two_products_and_the_lookup_have_the_sizes_that_are_set():
    products = small("products", batch_size=2, input_size=1, hidden_size=2)
    lookup = small("lookup", batch_size=2, input_size=1, hidden_size=2, num_steps=3)
    assert np.shape(products["side_by_side"]) == (2, 1 + 2)
    assert np.shape(products["stacked"]) == (1 + 2, 2)
    assert np.shape(lookup["one_hot"]) == (2, 3, 1)
    assert np.shape(lookup["weight"]) == np.shape(lookup["padding"]["weight"]) == (1, 2)
    assert np.max(lookup["ids"]) == 0, "there is one row"


def test_every_setting_affects_some_part():
    assert set(AFFECTED_PARTS) == set(SETTINGS)
    assert {part for parts in AFFECTED_PARTS.values() for part in parts} == {"shapes", "stepping", GRADIENTS}
    assert {"shapes", "stepping", "batches", GRADIENTS, *SMALL} == set(PARTS)


def test_three_gradients_stand_beside_each_other():
    value = gradients(model="gru", num_layers=1)
    assert value["ways"] == ["by_hand", "autograd", "torch"]
    assert value["pairs"] == [["by_hand", "autograd"], ["by_hand", "torch"], ["autograd", "torch"]]
    names = ["output", "h_n", "input", "h_0", "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
    assert [row["name"] for row in value["rows"]] == names
    assert [row["gradient"] for row in value["rows"]] == [False, False, *[True] * 6]
    found = compare_gradients(LayersConfig(model="gru", num_layers=1))
    for row in value["rows"]:
        largest = np.abs(found.runs[2].tensors[row["name"]]).max()
        numbers = [float(re.sub(r" × 10(.*)", exponent, text).replace("−", "-")) for text in row["values"]]
        np.testing.assert_allclose(np.abs(numbers), largest, rtol=1e-4)
        assert len(row["differences"]) == 3
    assert all(float(ms) > 0 for ms in value["milliseconds"])


def exponent(match):
    return "e" + match[1].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))


def test_gradients_are_computed_only_while_their_part_is_shown():
    assert gradients(part="shapes") == gradients(hidden_size=None) == gr.skip()


def test_gradients_refuse_a_layer_too_large_for_them():
    payload = gradients(model="gru", input_size=2048, hidden_size=512, batch_size=1)
    assert payload["field"] == "layers-hidden_size"
    assert "5,000,000 are allowed here" in payload["refused"]["en"]


def test_an_empty_field_changes_nothing():
    assert layer(hidden_size=None) == (gr.skip(),) * 2
    assert text(num_steps=None) == text(seed=None) == text(corpus="own", text=" ") == gr.skip()


def test_the_batches_are_those_of_the_text():
    value = text(corpus="own", text="to be or not to be, that is the question", batch_size=2, num_steps=5)
    assert "".join(value["tokens"]) == "to be or not to be, that is the question"
    assert [value["vocab"][i] for i in value["ids"]] == value["tokens"]
    seen = batches_of_text(BatchesConfig(corpus="own", text="".join(value["tokens"]), batch_size=2, num_steps=5))
    for sampling in ("random", "sequential"):
        np.testing.assert_array_equal(value["starts"][sampling], seen.inputs[sampling][:, :, 0])


def test_the_seed_reshuffles_the_random_batches_only():
    first, second = text(seed=1, corpus="lyrics-zh"), text(seed=2, corpus="lyrics-zh")
    assert first["starts"]["random"] != second["starts"]["random"]
    assert first["starts"]["sequential"] == second["starts"]["sequential"]


def test_the_field_of_ones_own_text_shows_for_that_choice():
    assert [update["visible"] for update in on_corpus("own")] == [True, True]
    assert [update["visible"] for update in on_corpus("lyrics-zh")] == [False, True]
    assert [update["visible"] for update in on_corpus("numbers")] == [False, False], "numbers are tokens already"


@pytest.mark.parametrize(
    ("difference", "text"), [(0, "0"), (5.96e-8, "6.0 × 10⁻⁸"), (0.7659, "0.766"), (9e-4, "9.0 × 10⁻⁴")]
)
def test_a_difference_is_written_as_by_hand(difference, text):
    assert written(difference) == text
