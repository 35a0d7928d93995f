"""The language model: its two implementations, its weights, and what it must leave alone."""

import math
import re

import pytest
import torch

from rnnlab.models import LanguageModel, LanguageModelConfig, mean_nll
from rnnlab.validation import InvalidInput

V = 7  # characters in the vocabulary


def config(**changes):
    return LanguageModelConfig(**{"model": "rnn", "hidden_size": 5, "embedding_size": 4, **changes})


def make(seed=1, vocab_size=V, **changes):
    return LanguageModel(config(**changes), vocab_size, generator=torch.Generator().manual_seed(seed))


def ids(batch=3, steps=6, seed=0):
    return torch.randint(V, (batch, steps), generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("encoding", ["one-hot", "embedding"])
@pytest.mark.parametrize("model", ["rnn", "gru", "lstm"])
def test_scratch_and_torch_are_the_same_model(model, encoding, num_layers, bidirectional):
    words = {"model": model, "encoding": encoding, "num_layers": num_layers, "bidirectional": bidirectional}
    ours, theirs = (make(implementation=i, **words).double() for i in ("scratch", "torch"))
    theirs.load_state_dict(ours.state_dict())
    x, y = ids(), ids(seed=1)
    for network in (ours, theirs):
        first, state = network(x)
        second, _ = network(x, state)  # the state is understood when it comes back
        (mean_nll(first, y) + mean_nll(second, y)).backward()
    torch.testing.assert_close(ours(x)[0], theirs(x)[0], rtol=1e-10, atol=1e-12)
    theirs_by_name = dict(theirs.state_dict(keep_vars=True))
    for name, parameter in ours.state_dict(keep_vars=True).items():
        assert parameter.grad is not None, name
        torch.testing.assert_close(parameter.grad, theirs_by_name[name].grad, rtol=1e-9, atol=1e-12)


def operations(tensor):
    """Return the names of the operations that autograd recorded for `tensor`."""
    seen, nodes = set(), [tensor.grad_fn]
    while nodes:
        node = nodes.pop()
        if node is not None and node not in seen:
            seen.add(node)
            nodes += [parent for parent, _ in node.next_functions]
    return {node.name() for node in seen}


@pytest.mark.parametrize("encoding", ["one-hot", "embedding"])
@pytest.mark.parametrize("model", ["rnn", "gru", "lstm"])
def test_gradients_by_autograd_equal_those_by_hand_and_call_none_of_them(model, encoding):
    words = {"model": model, "encoding": encoding, "implementation": "scratch", "num_layers": 2}
    losses = {}
    for gradient in ("by_hand", "autograd"):
        network = make(gradient=gradient, **words).double()
        losses[gradient], _ = network.mean_nll(ids(), ids(seed=1))
        losses[gradient + " gradients"] = torch.autograd.grad(
            losses[gradient], list(network.parameters()), retain_graph=True
        )
        by_hand = {name for name in operations(losses[gradient]) if re.search("ThroughTime|Columns|Fused", name)}
        assert len(by_hand) == (0 if gradient == "autograd" else 3 if encoding == "one-hot" else 2)
    torch.testing.assert_close(losses["by_hand"], losses["autograd"], rtol=1e-12, atol=0)
    torch.testing.assert_close(losses["by_hand gradients"], losses["autograd gradients"], rtol=1e-9, atol=1e-12)


def test_the_same_seed_gives_both_implementations_the_same_weights():
    ours, theirs = make(implementation="scratch", num_layers=2), make(implementation="torch", num_layers=2, dropout=0.5)
    for name, weight in ours.state_dict().items():
        assert torch.equal(weight, theirs.state_dict()[name]), name
    assert not torch.equal(make(seed=2).output.weight, make(seed=1).output.weight)


def test_an_embedding_is_a_row_of_the_table():
    model = make(encoding="embedding")
    x = ids()
    assert torch.equal(model.encode(x)[1, 2], model.embedding.weight[x[1, 2]])
    assert model(x)[0].shape == (3, 6, V)


@pytest.mark.parametrize("implementation", ["scratch", "torch"])
@pytest.mark.parametrize("encoding", ["one-hot", "embedding"])
def test_a_text_without_a_batch_equals_a_batch_of_one(implementation, encoding):
    model = make(implementation=implementation, encoding=encoding, embedding_size=6)
    x = ids(batch=1, steps=6)  # T = E: what is turned the wrong way would fit
    torch.testing.assert_close(model(x[0])[0], model(x)[0][0])


def test_one_hot_for_torch_is_one_hot():
    encoded = make(encoding="one-hot", implementation="torch").encode(torch.tensor([[2, 0]]))
    assert encoded.tolist() == [[[0, 0, 1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0]]]


@pytest.mark.parametrize("implementation", ["scratch", "torch"])
@pytest.mark.parametrize(
    ("words", "count"),
    [
        # weights I·H + H·H, biases 2·H per gate; output H·V + V; H = 5, V = 7, E = 4
        ({"model": "rnn", "encoding": "one-hot"}, 7 * 5 + 25 + 10 + 5 * 7 + 7),
        ({"model": "gru", "encoding": "one-hot"}, 3 * (7 * 5 + 25 + 10) + 5 * 7 + 7),
        ({"model": "lstm", "encoding": "one-hot"}, 4 * (7 * 5 + 25 + 10) + 5 * 7 + 7),
        ({"model": "rnn", "encoding": "embedding"}, 7 * 4 + 4 * 5 + 25 + 10 + 5 * 7 + 7),
        ({"model": "rnn", "encoding": "one-hot", "num_layers": 2}, 7 * 5 + 25 + 10 + (25 + 25 + 10) + 5 * 7 + 7),
        ({"model": "rnn", "encoding": "one-hot", "bidirectional": True}, 2 * (7 * 5 + 25 + 10) + 10 * 7 + 7),
    ],
)
def test_parameters_counted_by_hand(words, count, implementation):
    assert make(implementation=implementation, **words).count_parameters() == count


def test_uniform_weights_lie_within_one_over_root_h():
    model = make(hidden_size=100, encoding="one-hot", vocab_size=50)
    for name, weight in model.recurrent.named_parameters():
        assert weight.abs().max() <= 0.1, name
        assert weight.detach().std() == pytest.approx(0.1 / math.sqrt(3), rel=0.25), name
    bidirectional = make(hidden_size=50, bidirectional=True)
    assert bidirectional.output.weight.abs().max() <= 0.1  # it sums over both directions: 1/√(2·50)
    assert bidirectional.output.weight.abs().max() > 0.09


def test_a_learned_embedding_starts_standard_normal():
    weight = make(embedding_size=100, vocab_size=200).embedding.weight.detach()
    assert weight.mean() == pytest.approx(0, abs=0.03)
    assert weight.std() == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("implementation", ["scratch", "torch"])
def test_a_scale_bounds_all_weights_or_is_the_deviation_of_normal_ones(implementation):
    words = {"implementation": implementation, "hidden_size": 60, "embedding_size": 50, "num_layers": 2}
    for name, weight in make(init_scale=0.08, **words).named_parameters():
        assert weight.abs().max() <= 0.08, name
        if weight.numel() > 50:
            assert weight.detach().std() == pytest.approx(0.08 / math.sqrt(3), rel=0.25), name
    for name, weight in make(init_scale=0.3, initialization="normal", **words).named_parameters():
        if "bias" not in name:
            assert weight.detach().std() == pytest.approx(0.3, rel=0.25), name


@pytest.mark.parametrize("initialization", ["uniform", "normal"])
@pytest.mark.parametrize("implementation", ["scratch", "torch"])
def test_the_forget_bias_is_the_sum_of_both_biases_of_the_forget_gate(implementation, initialization):
    words = {"model": "lstm", "num_layers": 2, "bidirectional": True, "initialization": initialization}
    words |= {"implementation": implementation, "dropout": 0.1}  # with which torch layers are stacked by us
    drawn, given = make(**words).recurrent.state_dict(), make(forget_bias=1.5, **words).recurrent.state_dict()
    for name, weight in given.items():
        rest = weight.clone()
        if "bias" in name:
            other = given[name.replace("bias_ih", "bias_hh") if "ih" in name else name.replace("bias_hh", "bias_ih")]
            assert (weight + other)[5:10].tolist() == [1.5] * 5  # rows i, f, g, o with H = 5
            rest[5:10] = drawn[name][5:10]
        assert torch.equal(rest, drawn[name]), name


def test_a_forget_bias_without_a_forget_gate_is_refused():
    for model in ("rnn", "gru"):
        with pytest.raises(InvalidInput, match=f"forget_bias: 1.0 is for an LSTM; a {model} has no forget gate"):
            config(model=model, forget_bias=1.0)


TIED = {"tie_weights": True, "embedding_size": 5}


@pytest.mark.parametrize("implementation", ["scratch", "torch"])
def test_tied_weights_are_one_matrix_with_the_gradients_of_both_uses(implementation):
    tied = make(implementation=implementation, **TIED).double()
    assert tied.output.weight is tied.embedding.weight
    assert tied.count_parameters() == 7 * 5 + 5 * 5 + 25 + 10 + 7  # no second 7 · 5
    assert tied.embedding.weight.abs().max() <= 1 / math.sqrt(5)  # as an output's
    apart = make(implementation=implementation, embedding_size=5).double()
    apart.load_state_dict({**tied.state_dict(), "output.weight": tied.embedding.weight.detach()})
    losses = [network.mean_nll(ids(), ids(seed=1))[0] for network in (tied, apart)]
    for loss in losses:
        loss.backward()
    torch.testing.assert_close(*losses, rtol=1e-12, atol=0)
    both = apart.embedding.weight.grad + apart.output.weight.grad
    torch.testing.assert_close(tied.embedding.weight.grad, both, rtol=1e-10, atol=1e-14)


def test_a_state_dict_has_tied_weights_once_and_loading_keeps_them_tied():
    one, other = make(**TIED), make(seed=2, **TIED)
    weights = one.state_dict()
    assert "output.weight" not in weights
    for assign in (False, True):
        other.load_state_dict({name: weight.clone() for name, weight in weights.items()}, assign=assign)
        assert other.output.weight is other.embedding.weight
        assert torch.equal(other(ids())[0], one(ids())[0])
    assert torch.equal(one.output.state_dict()["weight"], one.embedding.state_dict()["weight"])  # as torch's own have
    assert LanguageModel(config(**TIED), V, device="meta").count_parameters() == one.count_parameters()


def test_weights_of_two_sizes_are_not_tied():
    for changes, wanted in (({}, 5), ({"bidirectional": True}, 10)):
        with pytest.raises(InvalidInput, match=rf"tie_weights: .* embedding_size is hidden_size.* 4 is not {wanted}"):
            config(tie_weights=True, **changes)
    assert make(tie_weights=True, bidirectional=True, embedding_size=10)(ids())[0].shape == (3, 6, V)
    with pytest.raises(InvalidInput, match="tie_weights: true needs a learned embedding"):
        config(tie_weights=True, embedding_size=5, encoding="one-hot")


def test_normal_weights_are_small_and_biases_zero():
    model = make(hidden_size=100, initialization="normal", model="lstm", num_layers=2)
    for name, parameter in model.named_parameters():
        if "bias" in name:
            assert not parameter.any(), name
        else:
            assert parameter.detach().std() == pytest.approx(0.01, rel=0.25), name


@pytest.mark.parametrize("implementation", ["scratch", "torch"])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_dropout_acts_in_training_only_and_by_our_generator(implementation, num_layers):
    model = make(implementation=implementation, num_layers=num_layers, dropout=0.5, hidden_size=20)
    x = ids()
    assert not torch.equal(model(x)[0], model(x)[0])
    state = model.generator.get_state()
    once = model(x)[0]
    model.generator.set_state(state)
    assert torch.equal(model(x)[0], once)
    model.eval()
    assert torch.equal(model(x)[0], model(x)[0])


@pytest.mark.parametrize("implementation", ["scratch", "torch"])
def test_dropout_reaches_the_output_of_a_single_layer(implementation):
    model = make(implementation=implementation, dropout=0.5, hidden_size=400)
    hidden, _ = model.recurrent(model.encode(ids()))
    assert (hidden != 0).all()  # torch.nn's own would act between layers, and there is one
    model.output.weight.data = torch.eye(V, 400)
    model.output.bias.data.zero_()
    silent = (model(ids(batch=50))[0] == 0).float().mean()
    assert silent.item() == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("model", ["rnn", "gru", "lstm"])
def test_dropout_on_the_embedding_zeroes_numbers_of_the_embedded_vectors(model):
    """Both implementations have the NLL and the gradients of a mask that is drawn here from the same generator."""
    words = {"model": model, "embedding_dropout": 0.25}
    networks = [make(implementation=name, **words).double() for name in ("scratch", "torch")]
    kept = torch.empty(6, 3, 4, dtype=torch.float64).bernoulli_(0.75, generator=make(**words).generator)  # (T, B, E)
    plain = networks[1]
    embedded = plain.embedding.weight[ids()] * kept.transpose(0, 1) / 0.75
    expected = mean_nll(plain.output(plain.recurrent(embedded)[0]), ids(seed=1))
    gradients = torch.autograd.grad(expected, list(plain.parameters()))
    for network in networks:
        nll, _ = network.mean_nll(ids(), ids(seed=1))
        torch.testing.assert_close(nll, expected, rtol=1e-10, atol=0)
        found = torch.autograd.grad(nll, list(network.parameters()))
        torch.testing.assert_close(found, gradients, rtol=1e-9, atol=1e-12)
        network.eval()
        assert torch.equal(network(ids())[0], network(ids())[0])


def test_dropout_on_the_embedding_keeps_the_mean_and_needs_an_embedding():
    model = make(embedding_dropout=0.25, embedding_size=100)
    model.embedding.weight.data.fill_(1.0)
    vectors = model.encode(ids(batch=50))
    assert vectors.unique().tolist() == pytest.approx([0.0, 1 / 0.75])
    assert vectors.mean().item() == pytest.approx(1.0, abs=0.03)
    with pytest.raises(InvalidInput, match=r"embedding_dropout: 0.25 needs a learned embedding"):
        config(embedding_dropout=0.25, encoding="one-hot")


@pytest.mark.parametrize("implementation", ["scratch", "torch"])
@pytest.mark.parametrize("model", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("encoding", ["one-hot", "embedding"])
def test_global_random_numbers_are_untouched(model, implementation, encoding):
    torch.manual_seed(3)
    before = torch.get_rng_state()
    network = make(model=model, implementation=implementation, encoding=encoding, num_layers=2, dropout=0.5)
    mean_nll(network(ids())[0], ids(seed=1)).backward()
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("device", ["meta", torch.device("meta")])
@pytest.mark.parametrize("implementation", ["scratch", "torch"])
def test_a_meta_model_has_shapes_and_no_values(device, implementation):
    before = torch.get_rng_state()
    words = {"implementation": implementation, "num_layers": 2, "dropout": 0.5}
    empty = LanguageModel(config(**words, hidden_size=2048), 50_000, device=device)
    assert all(parameter.is_meta for parameter in empty.parameters())
    assert empty.state_dict()["output.weight"].shape == (50_000, 2048)
    assert torch.equal(torch.get_rng_state(), before)
    small = LanguageModel(config(**words), V, device=device)
    shapes = {name: parameter.shape for name, parameter in small.state_dict().items()}
    assert shapes == {name: parameter.shape for name, parameter in make(**words).state_dict().items()}


def test_a_bidirectional_model_depends_on_later_characters():
    one_way, both_ways = make(), make(bidirectional=True)
    x, changed = ids(), ids()
    changed[:, -1] = (changed[:, -1] + 1) % V
    assert torch.equal(one_way(x)[0][:, :-1], one_way(changed)[0][:, :-1])
    assert not torch.equal(both_ways(x)[0][:, 0], both_ways(changed)[0][:, 0])


def test_mean_nll_by_hand():
    logits = torch.log(torch.tensor([[[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]]))  # (1, 2, 3)
    nll = mean_nll(logits, torch.tensor([[1, 2]]))
    assert nll.item() == pytest.approx(-(math.log(0.25) + math.log(0.8)) / 2, rel=1e-6)


@pytest.mark.parametrize("implementation", ["scratch", "torch"])
@pytest.mark.parametrize("words", [{}, {"bidirectional": True}, {"dropout": 0.5, "num_layers": 2}])
def test_mean_nll_equals_the_nll_of_the_logits(implementation, words):
    ways = []
    for short in (False, True):
        network = make(implementation=implementation, **words).double()
        _, state = network(ids(seed=2))
        if short:
            nll, state = network.mean_nll(ids(), ids(seed=1), state)
        else:
            logits, state = network(ids(), state)
            nll = mean_nll(logits, ids(seed=1))
        nll.backward()
        ways.append([nll, state, *(parameter.grad for parameter in network.parameters())])
    torch.testing.assert_close(*ways, rtol=1e-10, atol=1e-12)


def test_only_the_scratch_gru_resets_before_the_product():
    before, after = (make(model="gru", implementation="scratch", reset_after=r) for r in (False, True))
    assert before.state_dict().keys() - after.state_dict().keys() == {"recurrent.reset_before_product"}
    assert not torch.allclose(before(ids())[0], after(ids())[0])
