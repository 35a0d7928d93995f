"""The measurement on a GPU: skipped with a reason without one."""

import pytest
import torch

from rnnlab.bench import cuda
from rnnlab.bench.cuda import measure_cuda


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_without_a_gpu_the_measurement_is_skipped_with_a_reason():
    result = measure_cuda()
    assert list(result) == ["skipped"]
    assert "no CUDA device" in result["skipped"]


def test_the_gpu_comparison_runs_on_a_cpu(monkeypatch):
    """On the CPU and with a small text, every implementation trains in turn."""
    monkeypatch.setattr(cuda, "CHARACTERS", 1500)
    ms = cuda._milliseconds("gru", torch.device("cpu"), repeats=1)
    assert set(ms) == {
        "scratch",
        "scratch, no graph",
        "scratch like cuDNN",
        "cuDNN",
        "tutorial scratch",
        "tutorial torch",
    }
    assert all(time > 0 for time in ms.values())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_on_a_gpu_the_graph_is_faster_than_launching_one_by_one():
    result = measure_cuda(repeats=1)
    assert all(result[model]["scratch_over_no_graph"] > 1 for model in ("rnn", "gru", "lstm"))
