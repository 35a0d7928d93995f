"""Titles of runs."""

import pytest

from rnnlab.experiments import hello, sine, tagging
from rnnlab.experiments.language_model import Config
from rnnlab.ui.components.run_title import title_of_lesson, title_of_run

PART = {"kind": "start", "characters_taken": 10_000, "characters_total": 24_994}
WHOLE = {"kind": "start", "characters_taken": 2_000, "characters_total": 2_000}


def changed(rate, **before):
    return {"kind": "changed", "learning_rate": rate, **before}


@pytest.mark.parametrize(
    ("config", "rows", "title"),
    [
        ({"model": "lstm", "corpus": "lyrics-en"}, [PART],
         "LSTM 192 · English songs, first 10,000 of 24,994 · Adam 0.015 · seed 1"),
        ({"corpus": "songs.txt", "seed": 7}, [WHOLE], "GRU 192 · songs.txt, 2,000 characters · Adam 0.015 · seed 7"),
        ({"corpus": "own", "optimizer": "sgd", "learning_rate": 100}, [], "GRU 192 · Your own text · SGD 100 · seed 1"),
        ({"corpus": "own", "dropout": 0.5, "num_layers": 2}, [],
         "GRU 192, 2 layers · Your own text · Adam 0.015 · dropout 0.5 · seed 1"),
        ({"corpus": "own", "schedule": "plateau", "optimizer": "adamw"}, [],
         "GRU 192 · Your own text · AdamW 0.015 · schedule: on a plateau · seed 1"),
        ({"corpus": "own"}, [changed(0.1, before=0.015), changed(0.01)],
         "GRU 192 · Your own text · Adam 0.015 → 0.1 → 0.01 · seed 1"),
        ({"corpus": "own"}, [changed(0.4, before=1e7), *map(changed, (0.3, 0.2, 0.1))],
         "GRU 192 · Your own text · Adam 1·10⁷ → … → 0.2 → 0.1 · seed 1"),
    ],
)  # fmt: skip
def test_the_title_of_a_run(config, rows, title):
    assert title_of_run(Config(**config), rows, "en") == title


def test_the_title_of_a_recorded_run_says_recorded_in_both_languages():
    assert title_of_run(Config(), [PART], "en", recorded=True).startswith("Recorded · GRU 192 · ")
    chinese = title_of_run(Config(), [PART], "zh", recorded=True)
    assert chinese == "回放 · GRU 192 · 中文歌词，取前 10,000 个字符，共 24,994 个 · Adam 0.015 · 种子 1"


@pytest.mark.parametrize(
    ("config", "title"),
    [
        (hello.Config(module="RNN", source="ab", target="ba"),
         "RNN (from scratch) · ab → ba · Adam 0.01 · 100 epochs · seed 3"),
        (sine.ComparisonConfig(model="lstm", noise=0.1),
         "LSTM 64 · all three · 300 windows of 10 points · Adam 0.001 · noise 0.1 · seed 2"),
        (tagging.Config(corpus="context"), "LSTM 3 · Context: the same word, two tags · SGD 0.1 · seed 2"),
    ],
)  # fmt: skip
def test_the_title_of_a_lesson(config, title):
    assert title_of_lesson(config, "en") == title
