"""What a user of torch.nn may do with a layer: packed batches, arguments by position, writing in place, autocast."""

import copy
import itertools
import pickle

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence

from rnnlab.recurrent import GRU, LSTM, MODELS, RNN, GRUCell, LSTMCell, RNNCell, make_layer

F64 = torch.float64
KINDS = {
    "rnn-tanh": (RNN, nn.RNN, {"nonlinearity": "tanh"}),
    "rnn-relu": (RNN, nn.RNN, {"nonlinearity": "relu"}),
    "gru": (GRU, nn.GRU, {}),
    "lstm": (LSTM, nn.LSTM, {}),
}
LAYERS = {"rnn": (RNN, nn.RNN), "gru": (GRU, nn.GRU), "lstm": (LSTM, nn.LSTM)}
every_kind = pytest.mark.parametrize("kind", KINDS)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def tensors(state):
    return [state] if isinstance(state, torch.Tensor) else list(state)


def twins(kind, **words):
    ours_kind, theirs_kind, more = KINDS[kind]
    ours = ours_kind(3, 4, dtype=F64, generator=seeded(), **words, **more)
    theirs = theirs_kind(3, 4, dtype=F64, **words, **more)
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


def run_packed(layer, x, lengths, batch_first, state, by_length):
    """Output, lengths, last state and every gradient for a padded batch."""
    layer.zero_grad()
    x, state = x.clone().requires_grad_(), [part.clone().requires_grad_() for part in state]
    packed = pack_padded_sequence(x, lengths, batch_first=batch_first, enforce_sorted=by_length)
    output, last = layer(packed, None if not state else state[0] if len(state) == 1 else tuple(state))
    assert isinstance(output, PackedSequence)
    padded, back = pad_packed_sequence(output, batch_first=batch_first)
    assert back.tolist() == lengths
    results = [padded, *tensors(last)]
    sum((k + 1) * result.square().sum() for k, result in enumerate(results)).backward()
    return results + [leaf.grad for leaf in [x, *state, *layer.parameters()]]


@pytest.mark.parametrize("given", [False, True], ids=["zeros", "given"])
@pytest.mark.parametrize("lengths", [[6, 6, 3, 1], [2, 6, 1, 4], [3, 3, 3, 3]], ids=str)
@pytest.mark.parametrize(("num_layers", "bidirectional"), list(itertools.product((1, 2), (False, True))))
@every_kind
def test_a_packed_batch_equals_torch_nn(kind, num_layers, bidirectional, lengths, given):
    batch_first = given  # either way once
    words = {"num_layers": num_layers, "bidirectional": bidirectional, "batch_first": batch_first}
    ours, theirs = twins(kind, **words)
    x = torch.randn(4, max(lengths), 3, dtype=F64, generator=seeded(1))
    x = x if batch_first else x.transpose(0, 1)
    shape = (num_layers * (1 + bidirectional), 4, 4)
    count = (2 if kind == "lstm" else 1) if given else 0
    state = [torch.randn(shape, dtype=F64, generator=seeded(k)) for k in range(count)]
    by_length = lengths == sorted(lengths, reverse=True)
    mine, other = (run_packed(layer, x, lengths, batch_first, state, by_length) for layer in (ours, theirs))
    for a, b in zip(mine, other, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-10)


def test_a_packed_batch_equals_its_sequences_one_by_one():
    """Of the GRU that torch.nn does not have."""
    layer = GRU(3, 4, 2, bidirectional=True, reset_after=False, dtype=F64, generator=seeded())
    sequences = [torch.randn(length, 3, dtype=F64, generator=seeded(length)) for length in (2, 5, 3)]
    output, last = layer(pack_sequence(sequences, enforce_sorted=False))
    padded, lengths = pad_packed_sequence(output)
    for k, sequence in enumerate(sequences):
        alone, end = layer(sequence)
        torch.testing.assert_close(padded[: lengths[k], k], alone, rtol=0, atol=1e-12)
        torch.testing.assert_close(last[:, k], end, rtol=0, atol=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_both_implementations_take_a_packed_batch_with_dropout(model):
    packed = pack_sequence([torch.ones(length, 3, dtype=F64) for length in (2, 4)], enforce_sorted=False)
    words = {"num_layers": 2, "dropout": 0.5, "dtype": F64}
    layers = [make_layer(model, kind, 3, 4, generator=seeded(), **words) for kind in ("scratch", "torch")]
    (mine, last), (other, end) = (layer(packed) for layer in layers)
    torch.testing.assert_close(mine.data, other.data, rtol=0, atol=1e-10)
    torch.testing.assert_close(tensors(last), tensors(end), rtol=0, atol=1e-10)


def test_ids_can_be_packed():
    layer = GRU(7, 4, bidirectional=True, generator=seeded())
    ids = [torch.tensor([1, 5, 1]), torch.tensor([6])]
    mine, _ = layer(pack_sequence(ids), one_hot=True)
    other, _ = layer(pack_sequence([torch.eye(7)[row] for row in ids]))
    torch.testing.assert_close(mine.data, other.data)


@pytest.mark.parametrize("kind", LAYERS)
def test_arguments_by_position_and_attributes(kind):
    ours_kind, theirs_kind = LAYERS[kind]
    given = (3, 4, 2, *(["relu"] if kind == "rnn" else []), False, True, 0.5, True, 0, None, F64)
    ours, theirs = ours_kind(*given), theirs_kind(*given)
    names = [
        "mode",
        "input_size",
        "hidden_size",
        "num_layers",
        "bias",
        "batch_first",
        "dropout",
        "bidirectional",
        "proj_size",
    ]
    assert [getattr(ours, name) for name in names] == [getattr(theirs, name) for name in names]
    shapes = [[tuple(weight.shape) for weight in weights] for weights in theirs.all_weights]
    assert [[tuple(weight.shape) for weight in weights] for weights in ours.all_weights] == shapes
    assert len(ours._flat_weights) == len(theirs._flat_weights)
    assert ours.flatten_parameters() is None
    assert (ours_kind(3, 4).batch_first, ours.weight_ih_l0.dtype) == (False, F64)
    assert pickle.loads(pickle.dumps(ours)).all_weights[0][0].equal(ours.weight_ih_l0)


@pytest.mark.parametrize(("ours", "theirs"), [(RNNCell, nn.RNNCell), (GRUCell, nn.GRUCell), (LSTMCell, nn.LSTMCell)])
def test_cell_arguments_by_position_and_a_size_of_zero(ours, theirs):
    more = ["relu"] if ours is RNNCell else []
    mine, other = (kind(3, 4, False, *more, None, F64) for kind in (ours, theirs))
    other.load_state_dict(mine.state_dict())
    x, h = torch.ones(2, 3, dtype=F64), torch.ones(2, 4, dtype=F64)
    state = (h, h) if ours is LSTMCell else h
    for given in ({"hx": state}, {"state": state}):
        torch.testing.assert_close(tensors(mine(x, **given)), tensors(other(x, state)), rtol=0, atol=1e-12)
    assert tensors(ours(3, 0)(x.float()))[0].shape == (2, 0)


@pytest.mark.parametrize("kind", LAYERS)
def test_hx_and_state_are_the_same(kind):
    layer = LAYERS[kind][0](3, 4, generator=seeded())
    x, h = torch.ones(5, 2, 3), torch.ones(1, 2, 4)
    state = (h, h) if kind == "lstm" else h
    outputs = [layer(x, state)[0], layer(x, hx=state)[0], layer(x, state=state)[0]]
    assert outputs[0].equal(outputs[1])
    assert outputs[0].equal(outputs[2])
    assert not outputs[0].equal(layer(x)[0])


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2])
@every_kind
def test_an_output_can_be_written_to_in_place(kind, num_layers, bidirectional):
    layer, _ = twins(kind, num_layers=num_layers, bidirectional=bidirectional)
    x, gradients = torch.randn(5, 2, 3, dtype=F64, generator=seeded(1)), []
    for in_place in (True, False):
        output, state = layer(x)
        output = output.mul_(2).relu_() if in_place else (output * 2).relu()
        state = tensors(state)[0].mul_(3) if in_place else tensors(state)[0] * 3
        loss = output.square().sum() + state.sum()
        gradients.append(torch.autograd.grad(loss, list(layer.parameters())))
    torch.testing.assert_close(*gradients, rtol=0, atol=1e-12)


@every_kind
def test_under_autocast(kind):
    layer = KINDS[kind][0](3, 4, 2, bidirectional=True, generator=seeded(), **KINDS[kind][2])
    x = torch.randn(5, 2, 3, generator=seeded(1))
    with torch.autocast("cpu", torch.bfloat16):
        output, _ = layer(x)
    output.float().square().sum().backward()
    torch.testing.assert_close(output.float(), layer(x)[0], rtol=0.1, atol=0.05)
    assert all(parameter.grad.dtype == torch.float32 for parameter in layer.parameters())


@pytest.mark.parametrize("marked", [GRU, GRUCell])
def test_weights_of_one_gru_form_are_rejected_by_the_other(marked):
    theirs = {GRU: nn.GRU, GRUCell: nn.GRUCell}[marked](3, 4)
    before, after = marked(3, 4, reset_after=False), marked(3, 4)
    assert list(after.state_dict()) == list(theirs.state_dict())
    with pytest.raises(RuntimeError, match=r'Unexpected key.*"reset_before_product"'):
        theirs.load_state_dict(before.state_dict())
    kept = copy.deepcopy(after.state_dict())
    for strict in (True, False):
        with pytest.raises(RuntimeError, match="resets before the product, and this one resets after it"):
            after.load_state_dict(before.state_dict(), strict=strict)
        for other in (after, theirs):
            with pytest.raises(RuntimeError, match="resets after the product, and this one resets before it"):
                before.load_state_dict(other.state_dict(), strict=strict)
    for name, value in after.state_dict().items():
        assert value.equal(kept[name])  # nothing was taken of what was refused
    twin = marked(3, 4, reset_after=False)
    twin.load_state_dict(before.state_dict())
    assert next(twin.parameters()).equal(next(before.parameters()))
    inside = nn.ModuleDict({"gru": marked(3, 4, reset_after=False)})
    inside.load_state_dict({f"gru.{name}": value for name, value in before.state_dict().items()})
    assert twin.load_state_dict({}, strict=False).missing_keys  # a file without its weights does not name another kind
