"""Measurements, side by side and interleaved in one run: `python -m rnnlab bench`."""

from rnnlab.bench.throughput import measure_throughput
from rnnlab.bench.watching import measure_watching

MEASUREMENTS = {"throughput": measure_throughput, "watching": measure_watching}

__all__ = ["MEASUREMENTS", "measure_throughput", "measure_watching"]
