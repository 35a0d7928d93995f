"""The curve as CSV, read back."""

import csv
import math
from dataclasses import replace

import pytest

from rnnlab.export import make_csv


def read_back(text):
    """Return the settings in the head and the rows below it."""
    lines = text.splitlines()
    head = [line for line in lines if line.startswith("# ")]
    settings = dict(line.removeprefix("# ").split(": ", 1) for line in head)
    return settings, list(csv.DictReader(lines[len(head) :]))


@pytest.mark.parametrize("name", ["quick", "random", "windows"])
def test_settings_and_numbers_are_read_back_exactly(checkpoint_of, name):
    checkpoint = checkpoint_of(name)
    settings, rows = read_back(make_csv(checkpoint))
    assert {key: value for key, value in checkpoint.config.items() if value.isprintable()}.items() <= settings.items()
    assert (settings["text_sha256"], settings["vocabulary"]) == (checkpoint.text_digest, str(len(checkpoint.vocab)))
    assert len(rows) == len(checkpoint.history)
    for found, row in zip(rows, checkpoint.history, strict=True):
        for column in ("epoch", "perplexity", "held_out_perplexity", "learning_rate", "grad_norm", "seconds"):
            assert (float(found[column]) if found[column] else None) == row[column], column
        assert float(found["bits_per_token"]) == math.log2(row["perplexity"])
        assert (found["held_out_bits_per_token"] == "") == (row["held_out_perplexity"] is None)


def test_what_an_older_run_lacks_is_an_empty_field_and_a_name_stays_in_its_line(checkpoint_of):
    checkpoint = replace(
        checkpoint_of("quick"), history=({"epoch": 1, "perplexity": None},), config={"corpus": "a\nepoch,b\r\x85c"}
    )
    settings, rows = read_back(make_csv(checkpoint))
    assert settings["corpus"] == "a / epoch,b\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}c"
    assert len(rows) == 1
    assert {column for column, value in rows[0].items() if value} == {"epoch"}
