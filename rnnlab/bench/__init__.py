"""Measurements, side by side and interleaved in one run: `python -m rnnlab bench`."""

from rnnlab.bench.watching import measure_watching

MEASUREMENTS = {"watching": measure_watching}

__all__ = ["MEASUREMENTS", "measure_watching"]
