"""Make a checkpoint from the state of a run, and put a run back into the state of a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.language_model.config import Config
from rnnlab.experiments.optimizers import Optimizer
from rnnlab.models import LanguageModel, LanguageModelConfig
from rnnlab.recurrent import State, with_markers, without_markers
from rnnlab.text import Corpus, Vocab
from rnnlab.validation import InvalidInput

# Settings that may differ when a run goes on: nothing that shapes the curve before the checkpoint.
FREE_TO_CHANGE = {"corpus", "epochs", "target_perplexity", "learning_rate", "grad_clip"} | {
    "sample_prefixes", "sample_length", "sample_every",
}  # fmt: skip


class TrainingState(Protocol):
    """The state of a run, as a Trainer has it."""

    config: Config
    corpus: Corpus
    vocab: Vocab
    model: LanguageModel
    optimizer: Optimizer
    generator: torch.Generator
    device: torch.device
    carried: State | None  # the recurrent state after the last minibatch
    epoch: int
    history: list[dict[str, Any]]
    within_epoch: bool


def snapshot(trainer: TrainingState) -> Checkpoint:
    """Copy the whole state of the run to the CPU, so that it can go on from here elsewhere."""
    training = {"generator": trainer.generator.get_state()}
    for name, parameter in trainer.model.state_dict(keep_vars=True).items():
        for key, value in trainer.optimizer.state.get(parameter, {}).items():
            if isinstance(value, Tensor):
                training[f"optimizer.{name}.{key}"] = value.detach().to("cpu", copy=True)
    if trainer.config.state == "carried-across-epochs" and trainer.carried is not None:
        states = trainer.carried if isinstance(trainer.carried, tuple) else (trainer.carried,)
        training |= {f"carried.{i}": state.to("cpu", copy=True) for i, state in enumerate(states)}
    weights = without_markers(trainer.model.state_dict())  # the configuration says which GRU they belong to
    return Checkpoint(
        config=trainer.config.to_strings(),
        vocab=trainer.vocab,
        weights={name: t.detach().to("cpu", copy=True) for name, t in weights.items()},
        epoch=trainer.epoch,
        history=tuple(trainer.history),
        text_digest=trainer.corpus.text_digest,
        training=training,
    )


def restore(trainer: TrainingState, checkpoint: Checkpoint) -> None:
    """Put model, optimizer, generator and carried state into the state of `checkpoint`."""
    trainer.model.load_state_dict(with_markers(checkpoint.weights, trainer.model))
    training = checkpoint.training or {}
    trainer.generator.set_state(training["generator"])
    trainer.optimizer.state.clear()
    for name, parameter in trainer.model.state_dict(keep_vars=True).items():
        start = f"optimizer.{name}."
        own = {key.removeprefix(start): t.clone() for key, t in training.items() if key.startswith(start)}
        if own:
            trainer.optimizer.state[parameter] = {key: t.to(trainer.device) for key, t in own.items()}
    trainer.carried = _carried([t.to(trainer.device) for key, t in sorted(training.items()) if _is_carried(key)])
    trainer.epoch, trainer.history = checkpoint.epoch, [dict(row) for row in checkpoint.history]
    trainer.within_epoch = False


def resume(trainer: TrainingState, checkpoint: Checkpoint) -> None:
    """Restore `checkpoint` if it belongs to this run. Raises InvalidInput if not."""
    if checkpoint.training is None:
        raise InvalidInput("checkpoint_weights_only", "checkpoint")
    if checkpoint.text_digest != trainer.corpus.text_digest or checkpoint.vocab != trainer.vocab:
        raise InvalidInput("checkpoint_text", "checkpoint")
    own = trainer.config.to_strings()
    saved = {**LanguageModelConfig().to_strings(), **checkpoint.config}  # an older file may lack a setting: the default
    for name, text in saved.items():
        if name not in FREE_TO_CHANGE and own.get(name) != text:
            raise InvalidInput("checkpoint_config", name, value=own.get(name))
    for name, state in checkpoint.training.items():
        if _is_carried(name) and state.shape[1] != trainer.config.batch_size:
            raise InvalidInput("checkpoint_shape", "checkpoint", value=name, shape=list(state.shape))
    if not all(_is_epoch(row) for row in checkpoint.history):
        raise InvalidInput("checkpoint_header", "checkpoint")
    restore(trainer, checkpoint)


def _is_carried(name: str) -> bool:
    return name.startswith("carried.")


def _carried(parts: Sequence[Tensor]) -> State | None:
    """Join the parts of a state: none, h, or the LSTM's (h, c)."""
    match parts:
        case [hidden, cell]:
            return hidden, cell
        case [hidden]:
            return hidden
    return None


def _is_epoch(row: Mapping[str, Any]) -> bool:
    """Return whether a row of a history has what resuming needs; a perplexity beyond a float is None."""
    return (
        isinstance(row.get("seconds"), int | float)
        and isinstance(row.get("perplexity", ""), int | float | None)
        and isinstance(row.get("samples"), list | tuple)
    )
