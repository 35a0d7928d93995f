"""Cells against torch.nn's cells, and what they refuse."""

import itertools

import pytest
import torch
from torch import nn

from rnnlab.recurrent import GRUCell, LSTMCell, RNNCell
from rnnlab.validation import InvalidInput

F64 = torch.float64
CELLS = {
    "rnn-tanh": (RNNCell, nn.RNNCell, {"nonlinearity": "tanh"}),
    "rnn-relu": (RNNCell, nn.RNNCell, {"nonlinearity": "relu"}),
    "gru": (GRUCell, nn.GRUCell, {}),
    "lstm": (LSTMCell, nn.LSTMCell, {}),
}


def tensors(state):
    return [] if state is None else [state] if isinstance(state, torch.Tensor) else list(state)


def step_and_gradients(cell, x, parts):
    """Return the new state and the gradients for the input, the old state and every parameter of a sum of it."""
    cell.zero_grad()
    x, parts = x.clone().requires_grad_(), [part.clone().requires_grad_() for part in parts]
    out = tensors(cell(x, None if not parts else parts[0] if len(parts) == 1 else tuple(parts)))
    sum((k + 1) * part.square().sum() for k, part in enumerate(out)).backward()
    return [*out, x.grad, *(part.grad for part in parts), *(parameter.grad for parameter in cell.parameters())]


@pytest.mark.parametrize(("kind", "bias", "batched", "given"), list(itertools.product(CELLS, *[[True, False]] * 3)))
def test_a_cell_equals_torch_nn(kind, bias, batched, given):
    ours_kind, theirs_kind, words = CELLS[kind]
    generator = torch.Generator().manual_seed(0)
    ours = ours_kind(3, 4, bias, generator=generator, dtype=F64, **words)
    theirs = theirs_kind(3, 4, bias, dtype=F64, **words)
    theirs.load_state_dict(ours.state_dict())
    ours.load_state_dict(theirs.state_dict())
    assert [name for name, _ in ours.named_parameters()] == [name for name, _ in theirs.named_parameters()]
    batch = (2,) if batched else ()
    x = torch.randn(*batch, 3, dtype=F64, generator=generator)
    count = (2 if kind == "lstm" else 1) if given else 0
    parts = [torch.randn(*batch, 4, dtype=F64, generator=generator) for _ in range(count)]
    mine, other = step_and_gradients(ours, x, parts), step_and_gradients(theirs, x, parts)
    for a, b in zip(mine, other, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", [RNNCell, GRUCell, LSTMCell])
def test_a_cell_reads_ids_as_one_hot(kind):
    cell = kind(7, 4, generator=torch.Generator().manual_seed(0))
    ids = torch.tensor([3, 0, 6])
    for a, b in zip(tensors(cell(ids, one_hot=True)), tensors(cell(torch.eye(7)[ids])), strict=True):
        assert torch.equal(a, b)
    assert tensors(cell(ids[0], one_hot=True))[0].shape == (4,)


def test_the_reset_before_cell():
    words = {"generator": torch.Generator().manual_seed(0), "dtype": F64}
    before = GRUCell(3, 4, reset_after=False, **words)
    after = GRUCell(3, 4, **words)
    after.load_state_dict(dict(before.named_parameters()))
    x, h = torch.ones(2, 3, dtype=F64), torch.ones(2, 4, dtype=F64)
    assert (before(x, h) - after(x, h)).abs().max() > 1e-3
    torch.testing.assert_close(before(x, 0 * h), before(x), rtol=0, atol=0)


def test_cells_are_seeded_and_can_be_printed():
    one, two, three = (GRUCell(3, 4, generator=torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(one.weight_hh, two.weight_hh)
    assert not torch.equal(one.weight_hh, three.weight_hh)
    first = one.weight_hh.clone()
    one.reset_parameters()
    assert not torch.equal(one.weight_hh, first)
    assert repr(GRUCell(3, 4, bias=False)) == "GRUCell(3, 4, bias=False, reset_after=True)"
    assert repr(RNNCell(3, 4, True, "relu")) == "RNNCell(3, 4, bias=True, nonlinearity=relu)"
    assert LSTMCell(3, 4, device="meta").weight_ih.shape == (16, 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RNNCell(-1, 4), "input_size: -1 is out of range"),
        (lambda: RNNCell(3, -1), "hidden_size: -1 is out of range"),
        (lambda: LSTMCell(3, 2.5), "hidden_size: 2.5 is not a whole number"),
        (lambda: GRUCell(3, 4, bias="no"), "bias: 'no' is neither true nor false"),
        (lambda: RNNCell(3, 4, nonlinearity="gelu"), "nonlinearity: 'gelu' is not on offer"),
        (lambda: RNNCell(3, 4)(torch.ones(2, 5)), r"input: a tensor of shape \(2, 5\) does not fit; give .* I = 3"),
        (lambda: RNNCell(3, 4)(torch.ones(1, 2, 3)), r"input: a tensor of shape \(1, 2, 3\) does not fit"),
        (lambda: RNNCell(3, 4)(torch.tensor(1.0)), r"input: a tensor of shape \(\) does not fit"),
        (lambda: RNNCell(3, 4)(torch.tensor([[1]]), one_hot=True), r"input: a tensor of shape \(1, 1\) does not fit"),
        (lambda: RNNCell(3, 4)(torch.tensor([[1, 2, 3]])), "numbers of type torch.int64 do not fit; .* one_hot=True"),
        (lambda: RNNCell(3, 4)(torch.ones(2, 3, dtype=F64)), "numbers of type torch.float64 do not fit"),
        (
            lambda: RNNCell(3, 4)(torch.ones(2, 3), torch.ones(2, 5)),
            r"state: a tensor of shape \(2, 5\) does not fit; give \(B, H\) = \(2, 4\)",
        ),
        (
            lambda: LSTMCell(3, 4)(torch.ones(3), (torch.ones(4), torch.ones(1, 4))),
            r"state\[1\]: a tensor of shape \(1, 4\) does not fit; give \(H,\) = \(4,\)",
        ),
        (lambda: LSTMCell(3, 4)(torch.ones(2, 3), torch.ones(2, 4)), r"state: 1 tensor.* give a pair \(h, c\)"),
        (lambda: GRUCell(3, 4)(torch.ones(2, 3), (torch.ones(2, 4),) * 2), r"state: 2 tensor.* give one tensor h"),
    ],
)
def test_invalid_arguments_and_inputs_are_rejected(make, message):
    with pytest.raises(InvalidInput, match=message):
        make()
