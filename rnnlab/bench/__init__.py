"""Measure speed and memory against reference implementations, interleaved: `python -m rnnlab bench`."""

from rnnlab.bench.counting import measure_counting
from rnnlab.bench.cuda import measure_cuda
from rnnlab.bench.generation import measure_generation
from rnnlab.bench.growth import measure_growth
from rnnlab.bench.latency import measure_latency
from rnnlab.bench.live_curve import measure_live_curve
from rnnlab.bench.recording import measure_recording
from rnnlab.bench.start import measure_start
from rnnlab.bench.throughput import measure_throughput
from rnnlab.bench.time_to_perplexity import measure_time_to_perplexity

MEASUREMENTS = {
    "throughput": measure_throughput,
    "time-to": measure_time_to_perplexity,
    "generation": measure_generation,
    "growth": measure_growth,
    "watching": measure_live_curve,
    "start": measure_start,
    "counting": measure_counting,
    "recording": measure_recording,
    "latency": measure_latency,
    "cuda": measure_cuda,
}

__all__ = [
    "MEASUREMENTS", "measure_counting", "measure_cuda", "measure_generation", "measure_growth", "measure_latency",
    "measure_live_curve",
    "measure_recording", "measure_start", "measure_throughput", "measure_time_to_perplexity",
]  # fmt: skip
