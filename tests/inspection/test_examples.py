"""The tutorials' examples: every one of the five, with the shapes and numbers that they print."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from rnnlab.inspection import EXAMPLES, PARTS, inspect_layers, plain_part


def shapes(name):
    seen = inspect_layers(EXAMPLES[name].config())
    return {tensor.name: tensor.shape for tensor in seen.tensors}


def test_all_five_tutorials_have_examples():
    assert {example.tutorial for example in EXAMPLES.values()} == {"000", "001", "002", "003", "004"}
    for name, example in EXAMPLES.items():
        assert name.startswith(f"{example.tutorial}-")
        assert example.section
        assert set(example.settings) <= set(PARTS[example.part].__dataclass_fields__)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_can_be_computed_and_sent(name):
    example = EXAMPLES[name]
    assert json.loads(json.dumps(plain_part(example.part, example.config()), allow_nan=False))


def test_the_shapes_that_the_tutorials_print():
    bidirectional = shapes("000-bidirectional")
    assert (bidirectional["output"], bidirectional["h_n"]) == ((10, 5, 512), (2, 5, 256))
    assert (shapes("000-rnn")["output"], shapes("000-rnn")["h_n"]) == ((35, 32, 256), (1, 32, 256))
    assert (shapes("001-lstm")["output"], shapes("001-lstm")["c_n"]) == ((5, 3, 20), (2, 3, 20))
    assert (shapes("001-rnn")["output"], shapes("001-rnn")["h_n"]) == ((5, 3, 20), (2, 3, 20))
    assert (shapes("002-rnn")["output"], "c_n" in shapes("002-rnn")) == ((35, 2, 256), False)
    assert (shapes("002-lstm")["output"], "c_n" in shapes("002-lstm")) == ((35, 2, 256), True)
    assert (shapes("004-rnn")["output"], shapes("004-rnn")["h_n"]) == ((3, 1, 2), (1, 1, 2))


def test_the_products_and_the_numbers_have_the_tutorials_sizes():
    for name in ("000-products", "002-products"):
        found = plain_part("products", EXAMPLES[name].config())
        sizes = [np.shape(found[key]) for key in ("x", "w_xh", "h", "w_hh")]
        assert sizes == [(3, 1), (1, 4), (3, 4), (4, 4)]
    assert len(plain_part("batches", EXAMPLES["000-batches"].config())["tokens"]) == 35
    assert plain_part("batches", EXAMPLES["002-batches"].config())["inputs"]["sequential"][0][1][0] == 15


def test_one_generator_is_a_script_after_manual_seed():
    """The tutorial's own lines, run here, and the numbers that it prints."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        lstm = nn.LSTM(3, 3)
        inputs = [torch.randn((1, 3)) for _ in range(5)]
        hidden = (torch.randn(1, 1, 3), torch.randn((1, 1, 3)))
        with torch.no_grad():
            for element in inputs:
                output, hidden = lstm(element.view(1, 1, -1), hidden)
    seen = inspect_layers(EXAMPLES["001-lstm-3-3"].config()).stepping
    np.testing.assert_allclose(seen.stepped[-1], output[0].numpy(), atol=1e-7)
    for name, part in zip(("h_n", "c_n"), hidden, strict=True):
        np.testing.assert_allclose(seen.last[name], part.numpy(), atol=1e-7)
    np.testing.assert_allclose(seen.last["h_n"].ravel(), [-0.3600, 0.0893, 0.0215], atol=5e-5)
    np.testing.assert_allclose(seen.last["c_n"].ravel(), [-1.1298, 0.4467, 0.0254], atol=5e-5)
