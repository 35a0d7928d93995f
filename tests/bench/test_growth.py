"""Speed and memory for growing sizes, measured on small ones."""

from collections import Counter

import pytest

from rnnlab.bench import growth
from rnnlab.bench.growth import Point, measure_growth, shuffled_lyrics
from rnnlab.figures import growth_figure
from rnnlab.resources import shipped_corpus


def test_a_text_of_any_length_has_the_corpus_lines():
    songs = shipped_corpus("lyrics-zh")
    text = shuffled_lyrics(2 * len(songs) + 100)
    assert len(text) == 2 * len(songs) + 100
    assert set(text) == set(songs)
    lines = Counter(text.splitlines()[:-1])
    known = Counter(songs.splitlines())
    assert all(2 * known[line] <= count <= 3 * known[line] for line, count in lines.items() if line in known)
    assert sum(lines[line] for line in lines if line not in known) <= 1
    assert shuffled_lyrics(50) == shuffled_lyrics(500)[:50] != songs[:50]


def test_every_point_is_measured_in_a_new_process(monkeypatch):
    small, larger = Point(3000, 8, 5), Point(2_000_000, 8, 5)
    monkeypatch.setattr(growth, "SWEEPS", {"characters": [small, larger], "hidden_size": [small], "num_steps": [small]})
    result = measure_growth(repeats=1)
    assert [point["characters"] for point in result["sweeps"]["characters"]] == [3000, 2_000_000]
    assert [point["hidden_size"] for point in result["sweeps"]["hidden_size"]] == [8]
    for sweep in result["sweeps"].values():
        for point in sweep:
            assert point["tokens_per_second"] > 0
            assert 1 < point["memory_mib"] < 1000
            assert 100 < point["vocabulary"] < 3000
    assert 4 < result["bytes_per_character"] < 80  # the text and its ids
    assert result["grows_with_corpus_times_vocabulary"] is False
    assert len(growth_figure(result["sweeps"]).data) == 6


@pytest.mark.parametrize(("memory", "grows"), [(20.0, False), (5000.0, True)])
def test_growth_of_memory_with_corpus_times_vocabulary_is_reported(monkeypatch, memory, grows):
    def found(call):
        peak = 100.0 if "10000000" not in call else 100.0 + memory
        return {"peak_bytes": peak * growth.MIB} | ({"vocabulary": 300} if call != "idle" else {})

    monkeypatch.setattr(growth, "_in_new_process", found)
    result = measure_growth()
    assert result["bytes_per_character"] == pytest.approx(memory * growth.MIB / 9_990_000, abs=0.1)
    assert result["grows_with_corpus_times_vocabulary"] is grows
