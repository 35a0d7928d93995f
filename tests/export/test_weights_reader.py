"""The five lines that read a model into plain torch.nn compute what the model computes."""

import re

import torch

from rnnlab import checkpoints
from rnnlab.export import export, file_name, weights_reader


def test_the_lines_load_the_weights_into_torch_nn(checkpoint_of, untrained, name, tmp_path):
    checkpoint = checkpoint_of(name) if name == "book" else untrained(name)  # that has two sets of weights
    path = tmp_path / "model.safetensors"
    checkpoints.save(checkpoint, path)
    lines = weights_reader(checkpoint, str(path))
    if name.startswith("reset-before"):
        assert lines is None
        return
    assert lines.count("\n") == 5
    assert "rnnlab" not in lines.replace(str(path), "")
    made = {}
    exec(lines, made)
    model = made["model"].eval()
    ids = torch.arange(12).remainder(len(checkpoint.vocab)).view(2, 6)
    vectors = model["embedding"](ids) if "embedding" in model else torch.eye(len(checkpoint.vocab))[ids]
    with torch.no_grad():
        logits = model["output"](model["recurrent"](vectors)[0])
        expected, _ = checkpoint.build_model()(ids)
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-5)


def test_of_two_sets_of_weights_the_best_epoch_s_are_read(checkpoint_of):
    checkpoint = checkpoint_of("book")
    assert checkpoint.best is not None
    assert checkpoint.best_epoch < checkpoint.epoch
    assert 'startswith("best.")' in weights_reader(checkpoint, "x")
    assert file_name(checkpoint, "model") == f"rnnlab-lstm-16-epoch-{checkpoint.best_epoch}.safetensors"


def test_the_reader_opens_the_file_that_the_page_gives(checkpoint_of):
    checkpoint = checkpoint_of("quick")
    content = export(checkpoint, "reader").content.decode()
    assert re.search(r'load_file\("(.+)"\)', content)[1] == file_name(checkpoint, "model")
