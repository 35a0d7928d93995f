"""Captured training on a GPU has the losses of plain training, and of the CPU."""

import itertools

import pytest
import torch

from rnnlab.experiments.language_model import Epoch, Step, Trainer, preset
from rnnlab.experiments.language_model.cuda_graph import CapturedStep
from rnnlab.experiments.language_model.train_step import TrainingStep

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")


@pytest.mark.parametrize("model", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("recipe", ["sgd", "adam", "rmsprop", "adamw"])
def test_a_graph_has_the_losses_of_eager_training_over_50_epochs(model, recipe):
    how = {
        "sgd": {"optimizer": "sgd", "learning_rate": 100.0, "grad_clip": 0.01, "initialization": "normal"},
        "adam": {"optimizer": "adam", "learning_rate": 2.0**-10},
        "rmsprop": {"optimizer": "rmsprop", "learning_rate": 2.0**-11, "momentum": 0.5, "clip_by": "value"},
        "adamw": {"optimizer": "adamw", "learning_rate": 2.0**-10, "weight_decay": 0.01, "tie_weights": True}
        | {"embedding_size": 256},
    }
    config = preset("quick").config(
        model=model,
        implementation="scratch",
        hidden_size=256,
        num_steps=35,
        epochs=50,
        sample_every=None,
        **how[recipe],
    )
    graph, eager = Trainer(config, device="cuda"), Trainer(config, device="cuda")
    assert isinstance(graph.learn, CapturedStep)
    eager.learn = TrainingStep(eager.model, eager.optimizer, clip_by=config.clip_by)
    for found, expected in zip(graph.events(), eager.events(), strict=True):
        if isinstance(found, Step | Epoch):
            assert found.perplexity == pytest.approx(expected.perplexity, rel=1e-4)
    assert any(buffers.replay for buffers in graph.learn.buffers.values())


def test_a_run_on_the_gpu_goes_on_after_a_stop_and_agrees_with_the_cpu():
    config = preset("quick").config(implementation="scratch", epochs=3, sample_every=None, learning_rate=2.0**-7)
    trainer, seen = Trainer(config, device="cuda"), []
    events = trainer.events()
    for event in itertools.islice(events, 15):  # into the second epoch, so that it begins anew
        seen += [event.perplexity] if isinstance(event, Epoch) else []
    events.close()
    seen += [event.perplexity for event in trainer.events() if isinstance(event, Epoch)]
    expected = [e.perplexity for e in Trainer(config, device="cpu").events() if isinstance(e, Epoch)]
    assert seen == pytest.approx(expected, rel=1e-2)
