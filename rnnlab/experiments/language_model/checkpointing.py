"""Stopping and going on: everything that a run is made of, out of the trainer and back into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from torch import Tensor

from rnnlab.checkpoints import Checkpoint
from rnnlab.recurrent import with_markers, without_markers
from rnnlab.validation import InvalidInput

if TYPE_CHECKING:
    from rnnlab.experiments.language_model.trainer import Trainer

# What may differ between a run and its continuation: nothing that shapes the curve before the point of resuming.
FREE_TO_CHANGE = {"corpus", "epochs", "target_perplexity", "learning_rate", "grad_clip"} | {
    "sample_prefixes", "sample_length", "sample_every",
}  # fmt: skip


def snapshot(trainer: Trainer) -> Checkpoint:
    """Copy everything that the run is made of, so that it can go on from here elsewhere."""
    training = {"generator": trainer.generator.get_state()}
    for name, parameter in trainer.model.state_dict(keep_vars=True).items():
        for key, value in trainer.optimizer.state.get(parameter, {}).items():
            if isinstance(value, Tensor):
                training[f"optimizer.{name}.{key}"] = value.detach().to("cpu", copy=True)
    if trainer.config.state == "carried-across-epochs" and trainer.carried is not None:
        states = trainer.carried if isinstance(trainer.carried, tuple) else (trainer.carried,)
        training |= {f"carried.{i}": state.to("cpu", copy=True) for i, state in enumerate(states)}
    weights = without_markers(trainer.model.state_dict())  # the configuration says which GRU they are of
    return Checkpoint(
        config=trainer.config.to_strings(),
        vocab=trainer.vocab,
        weights={name: t.detach().to("cpu", copy=True) for name, t in weights.items()},
        epoch=trainer.epoch,
        history=tuple(trainer.history),
        text_digest=trainer.corpus.text_digest,
        training=training,
    )


def restore(trainer: Trainer, checkpoint: Checkpoint) -> None:
    """Put model, optimizer, generator and carried state back to what `checkpoint` holds."""
    trainer.model.load_state_dict(with_markers(checkpoint.weights, trainer.model))
    training = checkpoint.training or {}
    trainer.generator.set_state(training["generator"])
    trainer.optimizer.state.clear()
    for name, parameter in trainer.model.state_dict(keep_vars=True).items():
        start = f"optimizer.{name}."
        kept = {key.removeprefix(start): t.clone() for key, t in training.items() if key.startswith(start)}
        if kept:
            trainer.optimizer.state[parameter] = {key: t.to(trainer.device) for key, t in kept.items()}
    carried = tuple(t.to(trainer.device) for key, t in sorted(training.items()) if key.startswith("carried."))
    trainer.carried = carried if len(carried) > 1 else carried[0] if carried else None
    trainer.epoch, trainer.history = checkpoint.epoch, [dict(row) for row in checkpoint.history]
    trainer.within_epoch = False


def resume(trainer: Trainer, checkpoint: Checkpoint) -> None:
    """Go on from `checkpoint`, if it is of this very run; raises InvalidInput."""
    if checkpoint.training is None:
        raise InvalidInput("checkpoint_weights_only", "checkpoint")
    if checkpoint.text_digest != trainer.corpus.text_digest or checkpoint.vocab != trainer.vocab:
        raise InvalidInput("checkpoint_text", "checkpoint")
    mine = trainer.config.to_strings()
    for name, text in checkpoint.config.items():
        if name not in FREE_TO_CHANGE and mine.get(name) != text:
            raise InvalidInput("checkpoint_config", name, value=mine.get(name))
    for name, state in checkpoint.training.items():
        if name.startswith("carried.") and state.shape[1] != trainer.config.batch_size:
            raise InvalidInput("checkpoint_shape", "checkpoint", value=name, shape=list(state.shape))
    if not all(_is_epoch(row) for row in checkpoint.history):
        raise InvalidInput("checkpoint_header", "checkpoint")
    restore(trainer, checkpoint)


def _is_epoch(row: Mapping[str, Any]) -> bool:
    """Whether a row of a history has what going on from it needs; a perplexity beyond a float is None."""
    return (
        isinstance(row.get("seconds"), int | float)
        and isinstance(row.get("perplexity", ""), int | float | None)
        and isinstance(row.get("samples"), list | tuple)
    )
