"""Layers against torch.nn in every combination, against their own cells, and what they add and refuse."""

import copy
import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from rnnlab.recurrent import (
    GRU,
    LSTM,
    RNN,
    Equations,
    GRUCell,
    Layer,
    LSTMCell,
    RNNCell,
    gru_reset_before_step,
    gru_step,
)
from rnnlab.recurrent.equations import split_rz_n
from rnnlab.validation import InvalidInput

F64 = torch.float64
KINDS = {
    "rnn-tanh": (RNN, nn.RNN, RNNCell, {"nonlinearity": "tanh"}),
    "rnn-relu": (RNN, nn.RNN, RNNCell, {"nonlinearity": "relu"}),
    "gru": (GRU, nn.GRU, GRUCell, {}),
    "lstm": (LSTM, nn.LSTM, LSTMCell, {}),
}
SWITCH = (False, True)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def tensors(state):
    return [] if state is None else [state] if isinstance(state, torch.Tensor) else list(state)


def state_of(parts):
    return None if not parts else parts[0] if len(parts) == 1 else tuple(parts)


def run_and_gradients(layer, x, parts=(), **words):
    """Output, final state, and the gradients for input, first state and parameters of a lopsided sum of them."""
    layer.zero_grad()
    x = x.clone().requires_grad_() if x.is_floating_point() else x
    parts = [part.clone().requires_grad_() for part in parts]
    output, state = layer(x, state_of(parts), **words)
    results = [output, *tensors(state)]
    sum((k + 1) * result.square().sum() for k, result in enumerate(results)).backward()
    leaves = [*([x] if x.is_floating_point() else []), *parts, *layer.parameters()]
    return results + [leaf.grad for leaf in leaves]


def assert_all_close(mine, other, atol=1e-10):
    for a, b in zip(mine, other, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=atol)


def twins(kind, input_size, hidden_size, seed=0, **words):
    """Our layer and torch.nn's with the same weights, carried over and back by `state_dict`."""
    ours_kind, theirs_kind, _, more = KINDS[kind]
    ours = ours_kind(input_size, hidden_size, generator=seeded(seed), dtype=F64, **words, **more)
    theirs = theirs_kind(input_size, hidden_size, device="meta", dtype=F64, **words, **more).to_empty(device="cpu")
    theirs.load_state_dict(ours.state_dict())
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


@pytest.mark.parametrize("given_state", SWITCH, ids=["zeros", "given"])
@pytest.mark.parametrize("batched", SWITCH, ids=["unbatched", "batched"])
@pytest.mark.parametrize("batch_first", SWITCH, ids=["time-first", "batch-first"])
@pytest.mark.parametrize("bias", SWITCH, ids=["no-bias", "bias"])
@pytest.mark.parametrize("bidirectional", SWITCH, ids=["one-way", "both-ways"])
@pytest.mark.parametrize("num_layers", [1, 2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_equals_torch_nn(kind, num_layers, bidirectional, bias, batch_first, batched, given_state):
    words = {"num_layers": num_layers, "bidirectional": bidirectional, "bias": bias, "batch_first": batch_first}
    ours, theirs = twins(kind, 3, 4, **words)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    generator = seeded(1)
    shape = ((2, 5, 3) if batch_first else (5, 2, 3)) if batched else (5, 3)
    x = torch.randn(shape, dtype=F64, generator=generator)
    count = (2 if kind == "lstm" else 1) if given_state else 0
    batch = (2,) if batched else ()
    rows = num_layers * (1 + bidirectional)
    parts = [torch.randn(rows, *batch, 4, dtype=F64, generator=generator) for _ in range(count)]
    assert_all_close(run_and_gradients(ours, x, parts), run_and_gradients(theirs, x, parts))


@given(
    kind=st.sampled_from(list(KINDS)),
    sizes=st.tuples(*[st.integers(1, 7)] * 4),
    num_layers=st.integers(1, 3),
    bidirectional=st.booleans(),
    seed=st.integers(0, 2**31),
)
@settings(max_examples=15, deadline=None)
def test_layers_of_any_size_equal_torch_nn(kind, sizes, num_layers, bidirectional, seed):
    input_size, hidden_size, batch, steps = sizes
    words = {"num_layers": num_layers, "bidirectional": bidirectional, "batch_first": True}
    ours, theirs = twins(kind, input_size, hidden_size, seed, **words)
    x = torch.randn(batch, steps, input_size, dtype=F64, generator=seeded(seed))
    assert_all_close(run_and_gradients(ours, x), run_and_gradients(theirs, x))


@pytest.mark.parametrize("reset_after", SWITCH)
@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_stepped_over_time_equals_the_layer(kind, reset_after):
    layer_kind, _, cell_kind, words = KINDS[kind]
    if kind == "gru":
        words = {"reset_after": reset_after}
    layer = layer_kind(3, 4, batch_first=True, generator=seeded(), dtype=F64, **words)
    cell = cell_kind(3, 4, dtype=F64, generator=seeded(1), **words)
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in layer.state_dict().items()})
    x = torch.randn(2, 5, 3, dtype=F64, generator=seeded())
    output, last = layer(x)
    state, steps = None, []
    for t in range(5):
        state = cell(x[:, t], state)
        steps.append(tensors(state)[0])
    torch.testing.assert_close(torch.stack(steps, dim=1), output, rtol=0, atol=1e-12)
    assert_all_close([part[0] for part in tensors(last)], tensors(state), atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_two_halves_with_the_state_passed_on_equal_the_whole(kind):
    layer = KINDS[kind][0](3, 4, 2, batch_first=True, generator=seeded(), dtype=F64, **KINDS[kind][3])
    x = torch.randn(2, 6, 3, dtype=F64, generator=seeded())
    whole, last = layer(x)
    first, state = layer(x[:, :4])
    second, state = layer(x[:, 4:], state)
    assert_all_close([whole, *tensors(last)], [torch.cat([first, second], dim=1), *tensors(state)], atol=1e-12)


def test_reset_before_equals_a_naive_loop():
    layer = GRU(3, 4, batch_first=True, reset_after=False, generator=seeded(), dtype=F64)
    x = torch.randn(2, 5, 3, dtype=F64, generator=seeded(1))
    h, outputs = torch.zeros(2, 4, dtype=F64), []
    for t in range(5):
        from_x = x[:, t] @ layer.weight_ih_l0.T + layer.bias_ih_l0
        (h,) = gru_reset_before_step(from_x, (h,), *split_rz_n(layer.weight_hh_l0, layer.bias_hh_l0))
        outputs.append(h)
    torch.testing.assert_close(layer(x)[0], torch.stack(outputs, dim=1), rtol=0, atol=1e-12)
    after = GRU(3, 4, batch_first=True, generator=seeded(2), dtype=F64)
    after.load_state_dict(dict(layer.named_parameters()))
    assert (after(x)[0] - layer(x)[0]).abs().max() > 1e-3


@pytest.mark.parametrize("bias", SWITCH)
def test_gradients_of_reset_before(bias):
    layer = GRU(2, 3, num_layers=2, bidirectional=True, bias=bias, reset_after=False, generator=seeded(), dtype=F64)
    x = torch.randn(2, 3, 2, dtype=F64, generator=seeded(1), requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, *_: layer(x)[0], (x, *layer.parameters()))


@pytest.mark.parametrize(("bidirectional", "batched", "batch_first"), list(itertools.product(SWITCH, SWITCH, SWITCH)))
@pytest.mark.parametrize("kind", KINDS)
def test_ids_are_one_hot_vectors(kind, bidirectional, batched, batch_first):
    words = {"bidirectional": bidirectional, "batch_first": batch_first, **KINDS[kind][3]}
    layer = KINDS[kind][0](7, 4, num_layers=2, generator=seeded(), dtype=F64, **words)
    ids = torch.randint(7, (3, 5) if batched else (5,), generator=seeded(1))
    by_lookup = run_and_gradients(layer, ids, one_hot=True)
    by_product = run_and_gradients(layer, torch.eye(7, dtype=F64)[ids])
    results = 3 if kind == "lstm" else 2
    del by_product[results]  # the gradient for the one-hot vectors, which ids have none of
    assert_all_close(by_lookup, by_product, atol=1e-12)


def test_custom_equations_keep_their_two_biases_apart():
    """This step is the GRU's under another name: its reset gate scales what has b_hh in it."""
    own = Equations(lambda *given: gru_step(*given), gates=3)
    layer, known = Layer(own, 3, 4, generator=seeded(), dtype=F64), GRU(3, 4, generator=seeded(), dtype=F64)
    x = torch.randn(2, 5, 3, dtype=F64, generator=seeded(1))
    assert_all_close(run_and_gradients(layer, x), run_and_gradients(known, x), atol=1e-12)


@pytest.mark.parametrize("batched", SWITCH, ids=["unbatched", "batched"])
@pytest.mark.parametrize("bidirectional", SWITCH, ids=["one-way", "both-ways"])
@pytest.mark.parametrize("kind", KINDS)
def test_ids_can_stand_for_the_rows_of_an_embedding(kind, bidirectional, batched):
    layer, _ = twins(kind, 3, 4, num_layers=2, bidirectional=bidirectional)
    table = torch.randn(7, 3, dtype=F64, generator=seeded(2)).requires_grad_()
    ids = torch.randint(7, (3, 5) if batched else (5,), generator=seeded(1))
    results = []
    for output, state in (layer(ids, embedding=table), layer(table[ids])):
        loss = output.square().sum() + sum(part.sum() for part in tensors(state))
        results.append([output, *tensors(state), *torch.autograd.grad(loss, [table, *layer.parameters()])])
    assert_all_close(*results)


@pytest.mark.parametrize("kind", KINDS)
def test_the_global_generator_is_neither_read_nor_changed(kind):
    def train_once():
        layer = KINDS[kind][0](3, 4, 3, dropout=0.5, bidirectional=True, generator=seeded(7), **KINDS[kind][3])
        return run_and_gradients(layer, torch.ones(2, 5, 3))

    before = torch.get_rng_state()
    first = train_once()
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(3)  # the global generator moves on; ours does not notice
    assert_all_close(first, train_once(), atol=0)


def test_without_a_generator_the_global_one_is_used():
    torch.manual_seed(3)
    theirs = nn.LSTM(3, 4, 2, batch_first=True)
    torch.manual_seed(3)
    ours = LSTM(3, 4, 2)
    for name, value in theirs.state_dict().items():
        assert torch.equal(value, ours.state_dict()[name])


def test_dropout_acts_between_layers_while_training():
    layer = GRU(3, 200, num_layers=2, dropout=0.5, generator=seeded(), dtype=F64)
    x = torch.ones(4, 6, 3, dtype=F64)
    training, again = layer(x)[0], layer(x)[0]
    assert not torch.equal(training, again)
    layer.eval()
    assert torch.equal(layer(x)[0], layer(x)[0])
    plain = GRU(3, 200, num_layers=2, generator=seeded(), dtype=F64)
    assert torch.equal(layer(x)[0], plain(x)[0])
    with pytest.warns(UserWarning, match="dropout=0.9 acts between layers, and num_layers is 1"):
        single = GRU(3, 4, dropout=0.9, generator=seeded())
    assert torch.equal(single(x.float())[0], single(x.float())[0])  # nothing lies between the layers of one


def test_dropout_of_one_leaves_the_upper_layer_its_biases():
    layer = RNN(3, 4, num_layers=2, dropout=1.0, generator=seeded())
    one, two = layer(torch.ones(1, 5, 3))[0], layer(-torch.ones(1, 5, 3))[0]
    assert torch.equal(one, two)


def test_the_mean_over_masks_is_the_layer_without_dropout():
    """With a linear layer above (its recurrent weight 0, relu never off), the mean over masks is exact."""
    layer = RNN(1, 50, 2, "relu", batch_first=True, dropout=0.3, generator=seeded(), dtype=F64)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.abs_()
        layer.weight_hh_l1.zero_()
    x = torch.ones(2000, 1, 1, dtype=F64)
    mean = layer(x)[0].mean(dim=0)
    expected = layer.eval()(x)[0].mean(dim=0)
    torch.testing.assert_close(mean, expected, rtol=0.02, atol=0)


def test_a_meta_layer_has_shapes_and_no_values():
    before = torch.get_rng_state()
    generator = seeded()
    untouched = generator.get_state()
    layer = LSTM(5, 4, 2, batch_first=True, bidirectional=True, generator=generator, device="meta")
    output, (h, c) = layer(torch.zeros(2, 3, dtype=torch.long, device="meta"), one_hot=True)
    assert (output.shape, h.shape, c.shape) == ((2, 3, 8), (4, 2, 4), (4, 2, 4))
    assert all(parameter.is_meta for parameter in layer.parameters())
    assert torch.equal(generator.get_state(), untouched)
    assert torch.equal(torch.get_rng_state(), before)
    layer.to_empty(device="cpu").reset_parameters()
    assert torch.equal(layer.weight_ih_l0, LSTM(5, 4, 2, bidirectional=True, generator=seeded()).weight_ih_l0)


def test_a_layer_can_be_copied_and_printed():
    layer = GRU(3, 4, num_layers=2, dropout=0.5, generator=seeded())
    x = torch.ones(2, 5, 3)
    twin = copy.deepcopy(layer)  # its generator, too, so both draw the same mask
    assert torch.equal(layer(x)[0], twin(x)[0])
    shown = "3, 4, num_layers=2, bias=True, batch_first=False, dropout=0.5, bidirectional=False"
    assert repr(layer) == f"GRU({shown}, reset_after=True)"
    assert repr(RNN(3, 4, 2, "relu", dropout=0.5)) == f"RNN({shown}, nonlinearity=relu)"
    assert layer.weights(1)[0] is layer.weight_ih_l1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RNN(0, 4), "input_size: 0 is out of range"),
        (lambda: GRU(3, 0), "hidden_size: 0 is out of range"),
        (lambda: GRU(3, float("nan")), "hidden_size: nan is not a whole number"),
        (lambda: LSTM(3, 4, num_layers=0), "num_layers: 0 is out of range"),
        (lambda: LSTM(3, 4, dropout=1.5), "dropout: 1.5 is out of range"),
        (lambda: LSTM(3, 4, bidirectional=2), "bidirectional: 2 is neither true nor false"),
        (lambda: RNN(3, 4, nonlinearity="sin"), "nonlinearity: 'sin' is not on offer; choose one of tanh, relu"),
        (
            lambda: RNN(3, 4, batch_first=True)(torch.ones(2, 5, 7)),
            r"input: a tensor of shape \(2, 5, 7\) does not fit; give \(B, T, I\) or \(T, I\) with I = 3",
        ),
        (
            lambda: RNN(3, 4)(torch.tensor([1, 2]), embedding=torch.ones(7, 2)),
            r"embedding: a tensor of shape \(7, 2\) does not fit; give \(V, I\) with I = 3",
        ),
        (
            lambda: RNN(3, 4)(torch.ones(5, 3), embedding=torch.ones(7, 3)),
            "input: numbers of type torch.float32 point at no row of an embedding; give whole numbers",
        ),
        (lambda: RNN(3, 4)(torch.ones(2, 5, 7)), r"shape \(2, 5, 7\) .* give \(T, B, I\)"),
        (lambda: RNN(3, 4)(torch.ones(3)), r"input: a tensor of shape \(3,\) does not fit"),
        (lambda: RNN(3, 4)(torch.tensor(1), one_hot=True), r"input: a tensor of shape \(\) does not fit"),
        (lambda: RNN(3, 4)(torch.tensor([[[1]]]), one_hot=True), r"input: a tensor of shape \(1, 1, 1\) does not fit"),
        (lambda: RNN(3, 4)(torch.ones(0, 2, 3)), r"input: a tensor of shape \(0, 2, 3\) .* T ≥ 1"),
        (
            lambda: GRU(3, 4, 2)(torch.ones(5, 2, 3), torch.ones(1, 2, 4)),
            r"state: a tensor of shape \(1, 2, 4\) does not fit; give \(L·D, B, H\) = \(2, 2, 4\)",
        ),
        (lambda: GRU(3, 4)(torch.ones(5, 3), torch.ones(1, 1, 4)), r"shape \(1, 1, 4\) .* \(L·D, H\) = \(1, 4\)"),
        (
            lambda: LSTM(3, 4)(torch.ones(5, 2, 3), (torch.ones(1, 2, 4), torch.ones(1, 2, 5))),
            r"state\[1\]: a tensor of shape \(1, 2, 5\) does not fit",
        ),
        (lambda: LSTM(3, 4)(torch.ones(5, 2, 3), torch.ones(1, 2, 4)), r"state: 1 tensor.* give a pair \(h, c\)"),
        (lambda: GRU(3, 4)(torch.ones(5, 2, 3), (torch.ones(1, 2, 4),) * 2), r"state: 2 tensor.* one tensor h"),
        (lambda: GRU(3, 4)(torch.tensor([[1, 2, 0]])), "numbers of type torch.int64 do not fit; .* one_hot=True"),
        (lambda: GRU(3, 4)(torch.ones(5, 3, dtype=F64)), "torch.float64 do not fit; give torch.float32"),
        (lambda: GRU(3, 4)(torch.ones(5), one_hot=True), "torch.float32 do not fit; give whole numbers"),
        (lambda: GRU(3, 4)(pack_sequence([torch.ones(5, 7)])), r"shape \(5, 7\) does not fit; give packed \(N, I\)"),
        (lambda: LSTM(5, 4, proj_size=3), "proj_size: 3 asks for projections"),
    ],
)
def test_invalid_arguments_and_inputs_are_rejected(make, message):
    with pytest.raises(InvalidInput, match=message):
        make()


def test_errors_are_instances_of_the_classes_that_torch_nn_raises():
    for wrong in ({"hidden_size": 2.5}, {"bias": "yes"}, {"num_layers": "2"}):
        with pytest.raises(TypeError):
            GRU(**{"input_size": 3, "hidden_size": 4, **wrong})
    for x, state in (
        (torch.ones(5, 2, 7), None),
        (torch.ones(5, 2, 3), torch.ones(1, 3, 4)),
        (torch.ones(0, 2, 3), None),
    ):
        for module in (GRU(3, 4), nn.GRU(3, 4)):
            with pytest.raises(RuntimeError):
                module(x, state)
