"""Compare gradients for the page and the API: one comparison at a time, on one core."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from rnnlab.devices import tune_thread
from rnnlab.inspection import GradientComparison, LayersConfig, compare_gradients

_worker = ThreadPoolExecutor(1, "gradients", initializer=tune_thread)  # its thread starts at the first comparison


def timed_gradients(config: LayersConfig) -> GradientComparison:
    """Return `compare_gradients(config)`, computed by the one worker thread. Raises InvalidInput."""
    return _worker.submit(compare_gradients, config).result()
