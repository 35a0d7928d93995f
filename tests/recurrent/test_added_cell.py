"""A cell that a test registers works everywhere: no torch twin, no NumPy step, no gradient written by hand."""

import json

import gradio as gr
import numpy as np
import pytest
import torch
from torch.nn.functional import linear

from rnnlab import checkpoints, recurrent
from rnnlab.experiments import sine, tagging
from rnnlab.experiments.language_model import Config, Epoch, Trainer
from rnnlab.figures.perplexity import PerplexityCurve, perplexity_figure
from rnnlab.figures.theme import DARK_COLORS, MODEL_COLORS
from rnnlab.flags import with_flags
from rnnlab.generation import Generation, generate
from rnnlab.inspection import LayersConfig, PackedConfig, compare_gradients, counts_by_model, inspect_layers
from rnnlab.models import TAGGER_MODELS, LanguageModelConfig, TaggerConfig
from rnnlab.models.memory_estimate import training_bytes
from rnnlab.recurrent import MODELS, CellSpec, Equations, bptt, make_layer, numpy_cells, register_cell, unregister_cell
from rnnlab.ui.components.settings_form import setting_input, shown_values
from rnnlab.ui.tabs.layers.handlers import COMPUTED_PARTS, SETTINGS, on_layer, on_shown
from rnnlab.validation import InvalidInput

SMALL = {"model": "mgu", "implementation": "scratch", "hidden_size": 24, "embedding_size": 8}
TEXT = "la la li lo. " * 60


def mgu_step(from_x, state, weight_f, weight_n, bias_f, bias_n):
    """Step a minimal gated unit (Zhou et al. 2016, arXiv:1603.09420).

    f = σ(x W_ifᵀ + h_prev W_hfᵀ),   n = tanh(x W_inᵀ + (f ⊙ h_prev) W_hnᵀ),   h_t = (1 - f) ⊙ h_prev + f ⊙ n
    """
    (h_prev,) = state
    x_f, x_n = from_x.chunk(2, dim=-1)
    f = torch.sigmoid(x_f + linear(h_prev, weight_f, bias_f))
    n = torch.tanh(x_n + linear(f * h_prev, weight_n, bias_n))
    return ((1 - f) * h_prev + f * n,)


def split_f_n(weight_hh, bias_hh):
    return (*weight_hh.chunk(2), *((None, None) if bias_hh is None else bias_hh.chunk(2)))


def mgu_equations():
    return Equations(mgu_step, gates=2, prepare=split_f_n, one_bias=True)


@pytest.fixture(autouse=True)
def mgu():
    register_cell("mgu", CellSpec(mgu_equations, ("f", "n"), "#CC79A7"))
    yield
    unregister_cell("mgu")
    assert tuple(MODELS) == ("rnn", "gru", "lstm")


@pytest.fixture(scope="module")
def trained():
    register_cell("mgu", CellSpec(mgu_equations, ("f", "n"), "#CC79A7"))
    trainer = Trainer(Config(**SMALL, corpus="own", epochs=6, batch_size=4, num_steps=10), TEXT)
    events = list(trainer.events())
    unregister_cell("mgu")
    return trainer, [event for event in events if isinstance(event, Epoch)]


def test_it_has_neither_a_twin_nor_a_fast_path():
    assert bptt.by_hand(mgu_step) is None
    assert mgu_step not in numpy_cells.NUMPY_STEPS
    with pytest.raises(InvalidInput, match=r"implementation: torch\.nn has no mgu layer; choose scratch"):
        make_layer("mgu", "torch", 3, 4)
    for config in (LanguageModelConfig, sine.Config, TaggerConfig, LayersConfig):
        with pytest.raises(InvalidInput, match=r"torch\.nn has no mgu layer"):
            config(model="mgu", implementation="torch")


def test_its_gradient_is_that_of_finite_differences():
    layer = make_layer("mgu", "scratch", 3, 4, num_layers=2, bidirectional=True, dtype=torch.float64)
    x = torch.randn(2, 5, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: layer(x)[0], x)


def test_it_trains(trained):
    _, epochs = trained
    assert len(epochs) == 6
    assert epochs[-1].perplexity < epochs[0].perplexity / 2


def test_it_generates_what_its_layer_computes(trained):
    trainer, _ = trained
    sampled = list(generate(trainer.model, trainer.vocab, Generation(prefix="la ", length=20, temperature=0.0)))
    text = "la " + "".join(token.text for token in sampled)
    logits, _ = trainer.model.eval()(torch.tensor([trainer.vocab.encode(text)]))
    probabilities = logits.softmax(-1)[0, 2:-1]  # after "la "
    chosen = trainer.vocab.encode(text[3:])
    np.testing.assert_allclose(
        [token.probability for token in sampled],
        probabilities[range(len(chosen)), chosen].detach().numpy(), rtol=1e-4, atol=1e-6,
    )  # fmt: skip


def test_its_checkpoint_comes_back_and_goes_on(trained, tmp_path):
    trainer, _ = trained
    checkpoints.save(trainer.latest, tmp_path / "mgu.safetensors")
    loaded = checkpoints.load(tmp_path / "mgu.safetensors")
    assert loaded.build_model().config.model == "mgu"
    longer = Trainer(Config(**SMALL, corpus="own", epochs=7, batch_size=4, num_steps=10), TEXT, checkpoint=loaded)
    assert [event.epoch for event in longer.events() if isinstance(event, Epoch)] == [7]


def test_memory_and_parameters_are_counted():
    gru, mgu = (training_bytes(LanguageModelConfig(**SMALL | {"model": model}), 50, 100, 2) for model in ("gru", "mgu"))
    assert 0 < mgu < gru
    config = LayersConfig(model="mgu", implementation="scratch")
    assert counts_by_model(config)["mgu"] == 2 * counts_by_model(config)["rnn"]


def test_the_page_offers_it_for_training():
    choices = dict(setting_input(Config, "model").choices)
    assert choices["MGU"] == "mgu"
    assert "mgu" in {value for _, value in setting_input(tagging.Config, "model").choices}
    assert "mgu" in TAGGER_MODELS
    with gr.Blocks() as app:
        setting_input(Config, "model")
    assert "MGU" in str(app.get_config_file())


def test_the_command_line_offers_it():
    @with_flags(Config)
    def command(**flags):
        pass

    (option,) = (p.annotation.__metadata__[0] for p in [command.__signature__.parameters["model"]])
    assert option.metavar == "rnn|gru|lstm|mgu"


def test_the_layers_tab_takes_it_apart():
    values = dict(zip(SETTINGS, shown_values(PackedConfig(), SETTINGS), strict=True))
    drawing, stepping = on_layer(*(values | {"model": "mgu", "implementation": "scratch"}).values())
    shapes = {row["name"]: row["shape"] for row in (*drawing["tensors"], *drawing["parameters"])}
    assert shapes["weight_hh_l1"] == [40, 20]
    assert "c_0" not in shapes
    assert (drawing["gate_names"], drawing["colors"]["mgu"]) == (["f", "n"], ["#CC79A7", "#CC79A7"])
    assert stepping["other_difference"] is None
    assert float(stepping["difference"].replace(" × 10⁻⁸", "e-8").replace(" × 10⁻⁷", "e-7")) < 1e-6
    json.dumps([drawing, stepping], allow_nan=False)


def test_its_gradients_are_autograds_alone():
    found = compare_gradients(LayersConfig(model="mgu", implementation="scratch"))
    assert [run.way for run in found.runs] == ["autograd"]
    values = dict(zip(SETTINGS, shown_values(PackedConfig(), SETTINGS), strict=True)) | {"model": "mgu"}
    shown = on_shown("gradients", *values.values())[list(COMPUTED_PARTS).index("gradients")]
    assert (shown["ways"], shown["pairs"], shown["largest"]) == (["autograd"], [], [])


def test_the_python_lines_make_that_layer():
    seen = inspect_layers(LayersConfig(model="mgu", implementation="scratch", batch_first=True))
    scope = {"recurrent": recurrent} | {row.name: torch.zeros(row.shape) for row in seen.tensors}
    exec("\n".join(seen.lines), scope)
    found = {name: tuple(value.shape) for name, value in scope["mgu"].named_parameters()}
    assert found == {row.name: row.shape for row in seen.parameters}
    assert tuple(scope["output"].shape) == (3, 5, 20)


def test_figures_have_its_colour():
    figure = perplexity_figure(PerplexityCurve(model="mgu", epochs=2, training=[(1, 9.0), (2, 4.0)]))
    assert figure.data[1].line.color == MODEL_COLORS["mgu"] == "#CC79A7"
    assert DARK_COLORS["#CC79A7"] == "#CC79A7"


@pytest.mark.parametrize(
    ("name", "gates", "message"),
    [("gru", ("f", "n"), "taken"), ("none", ("f", "n"), "taken"), ("M G U", ("f", "n"), "identifier"),
     ("mgu2", ("f",), "1 names for 2")],
)  # fmt: skip
def test_a_spec_that_does_not_fit_is_refused(name, gates, message):
    with pytest.raises(ValueError, match=message):
        register_cell(name, CellSpec(mgu_equations, gates, "#CC79A7"))
    assert name in ("gru",) or name not in MODELS
