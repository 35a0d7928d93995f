"""The handlers of the Layers tab, without a browser."""

import json
import re

import gradio as gr
import numpy as np
import pytest

from rnnlab.inspection import (
    EXAMPLES,
    PARTS,
    BatchesConfig,
    EmbeddingConfig,
    LayersConfig,
    PackedConfig,
    batches_of_text,
    compare_gradients,
    inspect_layers,
)
from rnnlab.ui.components.settings_form import given_values, shown_values
from rnnlab.ui.tabs.layers.handlers import (
    AFFECTED_PARTS,
    COMPUTED_PARTS,
    CUTTING,
    GRADIENTS,
    SETTINGS,
    SMALL,
    SMALL_SETTINGS,
    on_corpus,
    on_example,
    on_layer,
    on_model,
    on_shown,
    on_small,
    on_text,
)
from rnnlab.ui.tabs.layers.payload import STEPS_SHOWN, stepping_value, written

PRODUCT_SIZES = {"batch_size": 4, "input_size": 2, "hidden_size": 4}  # the largest
LOOKUP_SIZES = {"batch_size": 2, "num_steps": 4, "input_size": 10, "hidden_size": 3}


def layer(**changes):
    values = dict(zip(SETTINGS, shown_values(PackedConfig(), SETTINGS), strict=True)) | changes
    return on_layer(*values.values())


def computed(part, **changes):
    values = dict(zip(SETTINGS, shown_values(PackedConfig(), SETTINGS), strict=True)) | changes
    panels = on_shown(part, *values.values())
    skipped = [panel for name, panel in zip(COMPUTED_PARTS, panels, strict=True) if name != part]
    assert skipped == [gr.skip()] * (len(COMPUTED_PARTS) - (part in COMPUTED_PARTS))
    return panels[tuple(COMPUTED_PARTS).index(part)] if part in COMPUTED_PARTS else gr.skip()


def gradients(part=GRADIENTS, **changes):
    return computed(part, **changes)


def small(part, **changes):
    """Return the first panel of a part."""
    names = SMALL_SETTINGS[part]
    values = dict(zip(names, shown_values(SMALL[part](), names), strict=True)) | changes
    found = on_small(part, *values.values())
    return found[0] if isinstance(found, tuple) else found


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
    for value in (
        *layer(**largest),
        gradients(num_layers=8, bidirectional=True),
        small("products"),
        small("lookup"),
        computed("packed", batch_size=64, num_steps=100),
        computed("dropout", num_layers=8),
    ):
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
    assert {part for parts in AFFECTED_PARTS.values() for part in parts} == {"shapes", "stepping", *COMPUTED_PARTS}
    assert {"shapes", "stepping", "batches", *COMPUTED_PARTS, *SMALL} == set(PARTS)


def test_a_setting_that_a_part_does_not_show_has_no_effect_on_it():
    assert layer(dropout=0.9, lengths="nonsense") == layer()
    assert layer(one_generator=True)[1] != layer()[1]
    assert computed("dropout", lengths="nonsense", one_generator=True) == computed("dropout")
    assert layer(model="gru", nonlinearity="relu") == layer(model="gru"), "its field is hidden"
    assert layer(model="rnn", nonlinearity="relu")[1] != layer(model="rnn")[1]
    assert [on_model(model)["visible"] for model in ("rnn", "gru", "lstm")] == [True, False, False]


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_sets_every_field_of_its_part_and_no_others(name):
    part, *values = on_example(name)
    assert part == EXAMPLES[name].part
    groups = [(PackedConfig, SETTINGS), *((SMALL[small], SMALL_SETTINGS[small]) for small in SMALL)]
    for config, names in (*groups, (BatchesConfig, CUTTING)):
        own, values = values[: len(names)], values[len(names) :]
        if config is not PARTS[part]:
            assert own == [gr.skip()] * len(names)
            continue
        if part != "dropout" and config is PackedConfig:
            assert own[names.index("dropout")] == gr.skip()
            own[names.index("dropout")] = 0.0
        assert config(**given_values(config, names, own)) == EXAMPLES[name].config()
    assert values == []
    assert all(value == gr.skip() for value in on_example(""))


def test_the_tutorials_printed_numbers_are_on_the_page():
    """LSTM(3, 3) after torch.manual_seed(1), one element at a time: what the tutorial prints."""
    _, *values = on_example("001-lstm-3-3")
    shown = dict(zip(SETTINGS, values, strict=False)) | {"dropout": 0.5}
    last = on_layer(*shown.values())[1]["last"]
    assert [f"{number:.4f}" for number in last["h_n"]] == ["-0.3600", "0.0893", "0.0215"]
    assert [f"{number:.4f}" for number in last["c_n"]] == ["-1.1298", "0.4467", "0.0254"]
    assert on_layer(*(shown | {"implementation": "scratch"}).values())[1]["last"]["h_n"] == pytest.approx(
        last["h_n"], abs=1e-6
    )


def test_unequal_lengths_are_drawn_as_they_are_packed():
    value = computed("packed", lengths="2, 5 3")
    assert (value["lengths"], value["order"], value["batch_sizes"]) == ([2, 5, 3], [1, 2, 0], [3, 3, 2, 1, 1])
    assert value["places"] == [[2, 5, None, None, None], [0, 3, 6, 8, 9], [1, 4, 7, None, None]]
    assert value["padded"][0][2:] == [0, 0, 0]
    assert [run["implementation"] for run in value["runs"]] == ["scratch", "torch"]
    for run in value["runs"]:
        np.testing.assert_allclose(run["ends"], run["alone"], atol=1e-6)
    assert value["lines"][1] == "packed = pack_padded_sequence(input, [2, 5, 3], enforce_sorted=False)"
    assert value["lines"][2] == "packed_output, (h_n, c_n) = lstm(packed, (h_0, c_0))"
    refused = computed("packed", lengths="2 9 3")
    assert refused["field"] == "layers-lengths"
    assert "give a number from 1 to 5" in refused["refused"]["en"]
    assert "3 whole numbers from 1 to 5" in computed("packed", lengths="2 3")["refused"]["en"]


def test_dropout_shows_each_mask_between_layers():
    value = computed("dropout", dropout=0.5, num_layers=3)
    assert len(value["boundaries"]) == 2
    for boundary in value["boundaries"]:
        assert {number for row in boundary["mask"] for number in row} == {0.0, 2.0}
        np.testing.assert_allclose(np.multiply(boundary["below"], boundary["mask"]), boundary["above"])
    assert computed("dropout", dropout=0.5, num_layers=1)["boundaries"] == []
    assert value["lines"][0] == "lstm = nn.LSTM(input_size=10, hidden_size=20, num_layers=3, dropout=0.5)"


def test_the_options_of_an_embedding_have_a_panel_of_their_own():
    values = shown_values(EmbeddingConfig(max_norm=1, scale_grad_by_freq=True), SMALL_SETTINGS["lookup"])
    lookup, options = on_small("lookup", *values)
    assert (options["max_norm"], options["by_freq"]) == (1.0, True)
    assert max(options["norms_after"][number] for number in np.ravel(lookup["ids"])) < 1 + 1e-6
    values[SMALL_SETTINGS["lookup"].index("max_norm")] = "-1"
    assert [panel["field"] for panel in on_small("lookup", *values)] == ["lookup-max_norm"] * 2


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
    assert [update["visible"] for update in on_corpus("own")] == [True, True, False]
    assert [update["visible"] for update in on_corpus("lyrics-zh")] == [False, True, False]
    assert [update["visible"] for update in on_corpus("numbers")] == [False, False, True], "numbers are tokens already"


@pytest.mark.parametrize(
    ("difference", "text"), [(0, "0"), (5.96e-8, "6.0 × 10⁻⁸"), (0.7659, "0.766"), (9e-4, "9.0 × 10⁻⁴")]
)
def test_a_difference_is_written_as_by_hand(difference, text):
    assert written(difference) == text
