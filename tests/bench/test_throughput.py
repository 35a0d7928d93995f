"""Training throughput, on the smallest sizes: the implementations and the ratios."""

import pytest

from rnnlab.bench import throughput
from rnnlab.bench.throughput import measure_throughput
from rnnlab.recurrent import MODELS


def test_every_ratio_is_of_two_measured_speeds(monkeypatch):
    for size, value in {"HIDDEN_SIZE": 4, "BATCH_SIZE": 4, "NUM_STEPS": 5, "CHARACTERS": 900, "MINIBATCHES": 1}.items():
        monkeypatch.setattr(throughput, size, value)
    result = measure_throughput(repeats=1)
    assert result["hidden_size"] == 4
    for model in MODELS:
        found, speeds = result[model], result[model]["tokens_per_second"]
        assert all(speed > 0 for speed in speeds.values())
        for ratio, ours, theirs in [
            ("scratch_over_tutorial_scratch", "scratch", "tutorial scratch"),
            ("torch_over_tutorial_torch", "torch", "tutorial torch"),
            ("torch_over_word_language_model", "torch", "word_language_model"),
            ("scratch_over_torch_one_hot", "scratch one-hot", "torch one-hot"),
            ("scratch_over_torch_embedding", "scratch embedding", "torch"),
            ("scratch_over_word_language_model", "scratch embedding", "word_language_model"),
        ]:
            assert found[ratio] == pytest.approx(speeds[ours] / speeds[theirs])
        assert found["scratch_share_of_limit"] > 0


def test_our_gru_has_the_reset_gate_of_the_tutorials(monkeypatch):
    """The tutorials' GRU and that of torch.nn are two networks: each is compared with ours of the same form."""
    made = []

    def work(*_):
        return sum(range(1000))

    def note(model, **settings):
        made.append(settings.get("reset_after", True))
        return work

    monkeypatch.setattr(throughput, "_ours", note)
    for reference in ("TutorialScratch", "TutorialTorch", "WordLanguageModel"):
        monkeypatch.setattr(throughput, reference, lambda *_: work)
    speeds = throughput._tokens_per_second("gru", 8, [(None, None)], repeats=1)
    assert dict(zip(speeds, made, strict=False)) == {
        "scratch": False, "scratch one-hot": True, "scratch embedding": True, "torch": True, "torch one-hot": True,
    }  # fmt: skip
