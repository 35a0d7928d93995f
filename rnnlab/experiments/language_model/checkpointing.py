"""Make a checkpoint from the state of a run, and put a run back into the state of a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from rnnlab.checkpoints import Checkpoint, PartialEpoch
from rnnlab.experiments.language_model.config import Config
from rnnlab.experiments.language_model.epoch_so_far import EpochSoFar
from rnnlab.experiments.optimizers import Optimizer
from rnnlab.models import LanguageModel
from rnnlab.recurrent import State, with_markers, without_markers
from rnnlab.text import Corpus, Vocab
from rnnlab.validation import InvalidInput

# Settings that may differ when a run goes on: nothing that shapes the curve before the checkpoint.
FREE_TO_CHANGE = {"corpus", "epochs", "target_perplexity", "learning_rate", "weight_decay", "grad_clip"} | {
    "schedule", "schedule_factor", "schedule_every", "schedule_after",
    "clip_by", "sample_prefixes", "sample_length", "sample_every", "progress_every", "keep", "patience",
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
    """Copy the whole state of the run after an epoch to the CPU, so that it can go on from here elsewhere."""
    return Checkpoint(
        config=trainer.config.to_strings(),
        vocab=trainer.vocab,
        weights=_weights(trainer),
        epoch=trainer.epoch,
        history=tuple(trainer.history),
        text_digest=trainer.corpus.text_digest,
        training=_training(trainer, carried=trainer.config.state == "carried-across-epochs"),
    )


def partial_snapshot(trainer: TrainingState, so_far: EpochSoFar) -> PartialEpoch | None:
    """Copy the state of the run within an epoch to the CPU; return None if some of it is not finite."""
    partial = PartialEpoch(
        weights=_weights(trainer),
        training=_training(trainer, carried=True),
        nlls=torch.tensor(so_far.nlls),
        norms=torch.tensor(so_far.norms),
        seconds=so_far.seconds,
        clipped=so_far.clipped,
        progress=tuple(so_far.progress),
    )
    finite = all(tensor.isfinite().all() for tensor in partial.tensors().values())
    return partial if finite else None


def _weights(trainer: TrainingState) -> dict[str, Tensor]:
    weights = without_markers(trainer.model.state_dict())  # the configuration says which GRU they belong to
    return {name: t.detach().to("cpu", copy=True) for name, t in weights.items()}


def _training(trainer: TrainingState, carried: bool) -> dict[str, Tensor]:
    """Copy generator, optimizer, and with `carried` the recurrent state."""
    training = {"generator": trainer.generator.get_state()}
    for name, parameter in trainer.model.state_dict(keep_vars=True).items():
        for key, value in trainer.optimizer.state.get(parameter, {}).items():
            if isinstance(value, Tensor):
                training[f"optimizer.{name}.{key}"] = value.detach().to("cpu", copy=True)
    if carried and trainer.carried is not None:
        states = trainer.carried if isinstance(trainer.carried, tuple) else (trainer.carried,)
        training |= {f"carried.{i}": state.to("cpu", copy=True) for i, state in enumerate(states)}
    return training


def restore(trainer: TrainingState, checkpoint: Checkpoint) -> None:
    """Put the run into the state of `checkpoint` after its last whole epoch."""
    restore_state(trainer, checkpoint.weights, checkpoint.training or {})
    trainer.epoch, trainer.history = checkpoint.epoch, [dict(row) for row in checkpoint.history]
    trainer.within_epoch = False


def restore_state(trainer: TrainingState, weights: Mapping[str, Tensor], training: Mapping[str, Tensor]) -> None:
    """Put model, optimizer, generator and carried state into the state of a checkpoint or a partial epoch."""
    trainer.model.load_state_dict(with_markers(weights, trainer.model))
    trainer.generator.set_state(training["generator"])
    trainer.optimizer.state.clear()
    for name, parameter in trainer.model.state_dict(keep_vars=True).items():
        start = f"optimizer.{name}."
        own = {key.removeprefix(start): t.clone() for key, t in training.items() if key.startswith(start)}
        if own:
            trainer.optimizer.state[parameter] = {key: t.to(trainer.device) for key, t in own.items()}
    trainer.carried = _carried([t.to(trainer.device) for key, t in sorted(training.items()) if _is_carried(key)])


def resume(trainer: TrainingState, checkpoint: Checkpoint) -> None:
    """Restore `checkpoint` if it belongs to this run. Raises InvalidInput if not."""
    if checkpoint.training is None:
        raise InvalidInput("checkpoint_weights_only", "checkpoint")
    if checkpoint.text_digest != trainer.corpus.text_digest or checkpoint.vocab != trainer.vocab:
        raise InvalidInput("checkpoint_text", "checkpoint")
    own, defaults = trainer.config.to_strings(), type(trainer.config)(corpus=trainer.config.corpus).to_strings()
    for name, text in (defaults | dict(checkpoint.config)).items():  # an older file lacks newer settings
        if name not in FREE_TO_CHANGE and own.get(name) != text:
            raise InvalidInput("checkpoint_config", name, value=own.get(name))
    within = {} if checkpoint.partial is None else checkpoint.partial.training
    for name, state in (*checkpoint.training.items(), *within.items()):
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
