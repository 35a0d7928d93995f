"""Measurements, side by side and interleaved in one run: `python -m rnnlab bench`."""

from rnnlab.bench.cuda import measure_cuda
from rnnlab.bench.generation import measure_generation
from rnnlab.bench.growth import measure_growth
from rnnlab.bench.live_curve import measure_watching
from rnnlab.bench.start import measure_start
from rnnlab.bench.throughput import measure_throughput
from rnnlab.bench.time_to_perplexity import measure_time_to

MEASUREMENTS = {
    "throughput": measure_throughput,
    "time-to": measure_time_to,
    "generation": measure_generation,
    "growth": measure_growth,
    "watching": measure_watching,
    "start": measure_start,
    "cuda": measure_cuda,
}

__all__ = [
    "MEASUREMENTS", "measure_cuda", "measure_generation", "measure_growth", "measure_start", "measure_throughput",
    "measure_time_to", "measure_watching",
]  # fmt: skip
