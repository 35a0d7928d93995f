"""Measurements, side by side and interleaved in one run: `python -m rnnlab bench`."""

from rnnlab.bench.generation import measure_generation
from rnnlab.bench.throughput import measure_throughput
from rnnlab.bench.time_to import measure_time_to
from rnnlab.bench.watching import measure_watching

MEASUREMENTS = {
    "throughput": measure_throughput,
    "time-to": measure_time_to,
    "generation": measure_generation,
    "watching": measure_watching,
}

__all__ = ["MEASUREMENTS", "measure_generation", "measure_throughput", "measure_time_to", "measure_watching"]
