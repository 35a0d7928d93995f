"""The speed of generation, on the smallest sizes."""

import pytest

from rnnlab.bench import generation
from rnnlab.bench.generation import measure_generation
from rnnlab.recurrent import MODELS


def test_all_implementations_generate_and_are_compared(monkeypatch):
    monkeypatch.setattr(generation, "LENGTH", 3)
    monkeypatch.setattr(generation, "HIDDEN_SIZE", 8)
    result = measure_generation(repeats=1)
    for model in MODELS:
        found, speeds = result[model], result[model]["characters_per_second"]
        assert set(speeds) == {"scratch", "torch", "tutorial"}
        for name in ("scratch", "torch"):
            assert found[f"{name}_over_tutorial"] == pytest.approx(speeds[name] / speeds["tutorial"])
        assert found["weights_read"]["ours"] < found["weights_read"]["tutorial"]  # no product with a one-hot vector
