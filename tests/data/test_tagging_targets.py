"""The tagger's accuracy on Universal Dependencies, whose files are not part of the project."""

from pathlib import Path

import pytest
import torch

from rnnlab.experiments.tagging import Trainer, preset
from rnnlab.experiments.tagging.evaluation import baseline_accuracy, measure
from rnnlab.text import read_conllu

TREEBANKS = Path(__file__).resolve().parents[3] / "shared" / "data" / "ud"


@pytest.fixture(autouse=True)
def tuned():
    """Flush denormals and use one thread, as the command line does."""
    torch.set_flush_denormal(True)
    yield
    torch.set_flush_denormal(False)


@pytest.mark.parametrize(
    ("file", "first", "last", "accuracy", "above"),
    [
        ("UD_English-EWT-dev.conllu", 500, 1501, 0.85, 0.08),
        ("UD_Chinese-GSDSimp-dev.conllu", 400, 100, 0.80, 0.06),
    ],
    ids=["en", "zh"],
)
def test_a_few_hundred_sentences_suffice(file, first, last, accuracy, above):
    if not (TREEBANKS / file).exists():
        pytest.skip("the treebanks of Universal Dependencies are not here: they lie outside the project")
    sentences = read_conllu(TREEBANKS / file)
    train, test = sentences[:first], sentences[-last:]
    trainer = Trainer(preset("own").config(held_out=0.0, epochs=12), train)
    for _ in trainer.events():
        pass
    measured = measure(trainer.latest.build_model(), test)
    assert measured.accuracy >= accuracy
    assert measured.accuracy >= baseline_accuracy(train, test) + above
    assert measured.unknown_accuracy > 0.55  # by their spelling and their neighbours
