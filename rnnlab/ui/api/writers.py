"""What an endpoint lets write: a shipped model, that of a run, or counting in the text that one of them has learned."""

from __future__ import annotations

from rnnlab import checkpoints
from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.language_model import LearnedText, Writer, counting_writer, network_writer
from rnnlab.generation import COUNTING
from rnnlab.resources import SHIPPED_MODELS, shipped_model
from rnnlab.runs import Runner
from rnnlab.ui.tabs.generate.learned_text import learned_text
from rnnlab.validation import Choice, InvalidInput, Text

DEFAULT_CORPUS = "lyrics-zh"


def model_called(runner: Runner, name: str, field: str = "model", others: tuple[str, ...] = ()) -> Checkpoint:
    """Return the model of the run with that id, else the shipped model. Raises InvalidInput, which names `others`."""
    run = runner.get(Text(1, 100).check(field, name))
    if run is not None and (latest := runner.latest(run)) is not None:
        return latest
    return checkpoints.load(shipped_model(Choice((*SHIPPED_MODELS, *others)).check(field, name)))


def text_called(runner: Runner, name: str, field: str = "corpus") -> LearnedText:
    """Return the text that the model of that name or run has learned. Raises InvalidInput."""
    learned = _text_of(runner, name, model_called(runner, name, field))
    if learned is None:
        raise InvalidInput("checkpoint_needs_corpus", field, value=name)
    return learned


def writer_called(runner: Runner, model: str, corpus: str, needs_text: bool = True) -> Writer:
    """Return the model of that name, or one of COUNTING, which counts the text that the model `corpus` has learned.

    needs_text: whether the text of a network is looked for; it may be unknown. Raises InvalidInput.
    """
    if model in tuple(COUNTING):  # a tuple: what was sent may be any JSON
        return counting_writer(model, text_called(runner, corpus))
    checkpoint = model_called(runner, model, others=tuple(COUNTING))
    return network_writer(checkpoint, _text_of(runner, model, checkpoint) if needs_text else None)


def _text_of(runner: Runner, name: str, checkpoint: Checkpoint) -> LearnedText | None:
    return learned_text(runner, name, checkpoint, is_trained_here=name not in SHIPPED_MODELS)
