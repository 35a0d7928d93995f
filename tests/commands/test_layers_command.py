"""`rnnlab layers`: every part, the tutorials' examples, and its errors."""

import json

from rnnlab.inspection import EXAMPLES, PARTS


def rows(out):
    return [json.loads(line) for line in out.splitlines()]


def test_it_shows_every_part(call):
    status, out, err = call("layers")
    assert (status, err) == (0, "")
    assert [line.split()[1] for line in out.splitlines() if line.startswith("--- ")] == list(PARTS)
    assert "lstm = nn.LSTM(input_size=10, hidden_size=20, num_layers=2)" in out
    assert "parameters 5,920 = 4·20 · (10 + 20 + 2) + 4·20 · (20 + 20 + 2)" in out


def test_the_printed_numbers_of_the_tutorial(call):
    _, out, _ = call("layers", "--example", "001-lstm-3-3")
    assert "h_n of the last layer, first sequence:  -0.3600   0.0893   0.0215" in out
    assert "c_n of the last layer, first sequence:  -1.1298   0.4467   0.0254" in out


def test_json_has_a_row_for_each_part_with_its_settings(call):
    _, out, _ = call("layers", "--json", "--model", "gru", "--batch-size", "8", "--max-norm", "1")
    parts = {row["part"]: row for row in rows(out)}
    assert list(parts) == list(PARTS)
    assert parts["shapes"]["parameter_count"] == 4440
    assert parts["packed"]["settings"]["batch_size"] == "8"
    assert len(parts["packed"]["runs"]) == 2
    assert parts["products"]["settings"]["batch_size"] == "3", "the sizes are the layer's"
    assert max(parts["lookup"]["options"]["norms_after"][row] for row in (1, 2, 3, 4, 5, 9)) < 1 + 1e-6


def test_a_part_takes_the_flags_that_it_has(call, refused):
    _, out, _ = call("layers", "--part", "batches", "--numbers", "35", "--num-steps", "5", "--json")
    (row,) = rows(out)
    assert (row["part"], len(row["tokens"]), len(row["inputs"]["sequential"])) == ("batches", 35, 3)
    refused(
        call("layers", "--part", "products", "--num-layers", "2"), "num_layers: it has no effect on the part products"
    )
    refused(call("layers", "--part", "products", "--hidden-size", "5"), "hidden_size", "from 1 to 4")
    refused(call("layers", "--part", "packed", "--lengths", "1 2"), "lengths", "3 whole numbers from 1 to 5")
    refused(call("layers", "--example", "005-nothing"), "example", "000-products")
    refused(call("layers", "--part", "nothing"), "part", "shapes")


def test_flags_change_an_example(call):
    _, out, _ = call("layers", "--example", "000-bidirectional", "--batch-size", "2", "--json")
    (row,) = rows(out)
    assert row["tensors"][0]["shape"] == [10, 2, 28]
    _, out, _ = call("layers", "--list", "--json")
    assert [row["name"] for row in rows(out)] == list(EXAMPLES)
    assert {row["tutorial"] for row in rows(out)} == {"000", "001", "002", "003", "004"}
