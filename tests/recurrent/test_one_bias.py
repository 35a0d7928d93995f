"""`biases="one"`: one learned bias per sum, as books and tutorials write the equations."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from rnnlab import checkpoints
from rnnlab.experiments.language_model import Config, Epoch, Trainer
from rnnlab.generation.decoder import decoder_of
from rnnlab.models import LanguageModel, LanguageModelConfig
from rnnlab.models.memory_estimate import count_parameters, training_bytes
from rnnlab.recurrent import (
    GRADIENTS,
    CellSpec,
    Equations,
    gru_reset_before_step,
    make_layer,
    register_cell,
    unregister_cell,
)
from rnnlab.recurrent.equations import split_rz_n
from rnnlab.validation import InvalidInput

B, T, WIDTH, H = 3, 5, 4, 6
FORMS = {
    "rnn": {"model": "rnn"},
    "gru": {"model": "gru"},
    "gru, reset before": {"model": "gru", "reset_after": False},
    "lstm": {"model": "lstm"},
    "added": {"model": "added"},
}
TEXT = "la li lu la le lo " * 12


@pytest.fixture(autouse=True)
def added():
    """A cell without a gradient by hand and without a NumPy step: the tutorials' GRU under another name."""

    def step(*arguments):
        return gru_reset_before_step(*arguments)

    register_cell("added", CellSpec(lambda: Equations(step, gates=3, prepare=split_rz_n), ("r", "z", "n"), "#CC79A7"))
    yield
    unregister_cell("added")


def layer_of(form, seed=1, **words):
    generator = torch.Generator().manual_seed(seed)
    return make_layer(**{"implementation": "scratch", "input_size": WIDTH, "hidden_size": H, "biases": "one",
                         "dtype": torch.float64, "generator": generator, **FORMS[form], **words})  # fmt: skip


def draw(*shape):
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(2))


def tutorial(form, inputs, W_x, W_h, b):  # noqa: N803 - the tutorials' letters
    """The tutorials' loop over time, a weight per gate: X W_x + H W_h + b."""
    h = c = inputs.new_zeros(B, H)
    outputs = []

    def a(k, x, h):
        return x @ W_x[k].T + h @ W_h[k].T + b[k]

    for x in inputs.unbind(1):
        if form == "rnn":
            h = torch.tanh(a(0, x, h))
        elif form == "lstm":
            i, f, g, o = (
                squash(a(k, x, h)) for k, squash in enumerate([torch.sigmoid] * 2 + [torch.tanh, torch.sigmoid])
            )
            c = f * c + i * g
            h = o * torch.tanh(c)
        else:
            r, z = torch.sigmoid(a(0, x, h)), torch.sigmoid(a(1, x, h))
            n = torch.tanh(x @ W_x[2].T + b[2] + r * (h @ W_h[2].T) if form == "gru" else a(2, x, r * h))
            h = z * h + (1 - z) * n
        outputs.append(h)
    return torch.stack(outputs, dim=1)


def gradients(output, parameters):
    return torch.autograd.grad((output**2).sum() + output.sum(), list(parameters))


@pytest.mark.parametrize("form", FORMS)
def test_outputs_and_gradients_are_those_of_the_tutorials_equations(form):
    x, found = draw(B, T, WIDTH), {}
    for gradient in GRADIENTS:
        layer = layer_of(form, gradient=gradient)
        output, _ = layer(x)
        assert [name for name, _ in layer.named_parameters()] == ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0"]
        found[gradient] = [output, *gradients(output, layer.parameters())]
    weights = [parameter.detach().clone().requires_grad_() for parameter in layer.parameters()]
    output = tutorial(form, x, *(weight.unflatten(0, (-1, H)) for weight in weights))
    expected = [output, *gradients(output, weights)]
    for gradient in GRADIENTS:
        for mine, theirs in zip(found[gradient], expected, strict=True):
            torch.testing.assert_close(mine, theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("form", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_all_layers_and_directions_agree_with_torch_whose_second_bias_is_zero(form, bidirectional):
    words, x = {"num_layers": 2, "bidirectional": bidirectional}, draw(B, T, WIDTH)
    theirs = layer_of(form, implementation="torch", biases="two", **words)
    learned = {name: parameter for name, parameter in theirs.named_parameters() if "bias_hh" not in name}
    for gradient in GRADIENTS:
        ours = layer_of(form, gradient=gradient, **words)
        assert theirs.load_state_dict(ours.state_dict(), strict=True)
        assert ours.state_dict().keys() == theirs.state_dict().keys()
        expected, output = theirs(x)[0], ours(x)[0]
        torch.testing.assert_close(output, expected, rtol=1e-10, atol=1e-12)
        assert [name for name, _ in ours.named_parameters()] == list(learned)
        for mine, other in zip(
            gradients(output, ours.parameters()), gradients(expected, learned.values()), strict=True
        ):
            torch.testing.assert_close(mine, other, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("form", ["rnn", "gru", "lstm"])
def test_a_second_bias_that_is_loaded_is_added_and_stays(form):
    theirs, ours, x = layer_of(form, implementation="torch", biases="two"), layer_of(form, seed=5), draw(B, T, WIDTH)
    assert ours.bias_hh_l0.abs().max() == 0
    ours.load_state_dict(theirs.state_dict())
    assert torch.equal(ours.bias_hh_l0, theirs.bias_hh_l0)
    torch.testing.assert_close(ours(x)[0], theirs(x)[0], rtol=1e-10, atol=1e-12)
    assert ours.bias_hh_l0.requires_grad is False
    copied = copy.deepcopy(ours).float()
    torch.testing.assert_close(copied(x.float())[0], theirs(x)[0].float(), rtol=1e-4, atol=1e-5)
    ours.reset_parameters()
    assert ours.bias_hh_l0.abs().max() == 0


def test_the_lists_of_torch_hold_the_learned_weights_alone():
    layer = layer_of("lstm", num_layers=2)
    assert [len(weights) for weights in layer.all_weights] == [3, 3]
    assert all(isinstance(weight, nn.Parameter) for weight in layer._flat_weights)
    assert repr(layer).endswith("bidirectional=False, biases=one)")
    assert layer_of("lstm", bias=False).state_dict().keys() == {"weight_ih_l0", "weight_hh_l0"}


def test_torch_layers_and_unknown_words_are_refused():
    with pytest.raises(InvalidInput, match=r"^biases: .*choose scratch as implementation for one"):
        layer_of("gru", implementation="torch")
    with pytest.raises(InvalidInput, match=r"^biases: .*two, one"):
        layer_of("rnn", biases="three")


# in a language model


def config_of(form, **changes):
    known = {"corpus": "own", "implementation": "scratch", "biases": "one", "hidden_size": H, "embedding_size": 3,
             "batch_size": 2, "num_steps": 4, "held_out": 0.0, "epochs": 4, "sample_prefixes": ("la",),
             "sample_length": 3}  # fmt: skip
    return Config(**{**known, **FORMS[form], **changes})


@pytest.mark.parametrize("form", FORMS)
def test_training_leaves_the_second_bias_at_zero_and_counts_the_learned_weights(form):
    trainer = Trainer(config_of(form, num_layers=2), TEXT)
    start, *_, end = [event for event in trainer.events() if isinstance(event, Epoch)]
    assert end.perplexity < start.perplexity
    state, parameters = trainer.model.state_dict(), dict(trainer.model.named_parameters())
    fixed = {name for name in state if name not in parameters and "reset" not in name}
    assert fixed == {"recurrent.bias_hh_l0", "recurrent.bias_hh_l1"}
    assert all(state[name].abs().max() == 0 for name in fixed)
    one, two = (
        LanguageModelConfig.from_strings(
            {name: text for name, text in config_of(form, num_layers=2, biases=b).to_strings().items()
             if hasattr(LanguageModelConfig, name)}
        )
        for b in ("one", "two")
    )  # fmt: skip
    rows = len(state["recurrent.bias_hh_l0"])
    assert count_parameters(two, 9) - count_parameters(one, 9) == 2 * rows
    assert trainer.model.count_parameters() == count_parameters(one, len(trainer.vocab))
    assert training_bytes(one, 9, 8, 2) < training_bytes(two, 9, 8, 2)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("loaded", [0.0, 0.7])
def test_generation_reads_the_logits_of_the_model(form, loaded):
    model = LanguageModel(config_of(form, num_layers=2), 9, generator=torch.Generator().manual_seed(3)).eval()
    for name, buffer in model.named_buffers():
        assert buffer.abs().max() == 0, name
        buffer.fill_(loaded)
    ids = [1, 5, 2, 8, 5]
    with torch.no_grad():
        expected = model(torch.tensor([ids]))[0][0, -1]
    np.testing.assert_allclose(decoder_of(model).read(ids), expected.numpy(), atol=1e-5)


@pytest.mark.parametrize("initialization", ["uniform", "normal"])
def test_a_file_resumes_with_the_same_curve(initialization, tmp_path):
    config = config_of("lstm", initialization=initialization, state="carried-across-epochs")
    whole = [e.perplexity for e in Trainer(config, TEXT).events() if isinstance(e, Epoch)]
    first = Trainer(config_of("lstm", initialization=initialization, state="carried-across-epochs", epochs=2), TEXT)
    list(first.events())
    checkpoints.save(first.latest, tmp_path / "model.safetensors")
    loaded = checkpoints.load(tmp_path / "model.safetensors")
    assert loaded.architecture.biases == "one"
    assert "optimizer.recurrent.bias_ih_l0.exp_avg" in loaded.training
    assert "optimizer.recurrent.bias_hh_l0.exp_avg" not in loaded.training
    model = loaded.build_model()
    assert model.count_parameters() == first.model.count_parameters()
    rest = [e.perplexity for e in Trainer(config, TEXT, checkpoint=loaded).events() if isinstance(e, Epoch)]
    assert rest == whole[2:]


def test_a_file_without_the_setting_is_of_two_biases_and_resumes_as_such(tmp_path):
    config = config_of("lstm", biases="two", epochs=1)
    trainer = Trainer(config, TEXT)
    list(trainer.events())
    latest = trainer.latest
    old = checkpoints.Checkpoint(
        **{**vars(latest), "config": {k: v for k, v in latest.config.items() if k != "biases"}}
    )
    checkpoints.save(old, tmp_path / "old.safetensors")
    loaded = checkpoints.load(tmp_path / "old.safetensors")
    assert loaded.architecture.biases == "two"
    assert "optimizer.recurrent.bias_hh_l0.exp_avg" in loaded.training
    Trainer(config, TEXT, checkpoint=loaded)
    with pytest.raises(InvalidInput, match=r"^biases: .*differs from what the model was trained with"):
        Trainer(config_of("lstm"), TEXT, checkpoint=loaded)
    wrong = checkpoints.Checkpoint(**{**vars(latest), "config": {**latest.config, "biases": "one"}})
    checkpoints.save(wrong, tmp_path / "wrong.safetensors")
    with pytest.raises(InvalidInput, match=r"bias_hh_l0"):  # moments of a bias that nothing learns
        checkpoints.load(tmp_path / "wrong.safetensors")
