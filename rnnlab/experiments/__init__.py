"""Experiments, all of one shape: `Config`, `PRESETS`, events of which `Started` is the first, and `run(config)`.

`tests/experiments/test_shape.py` holds them to it. Shared: event.py, divergence.py, presets.py, optimizers.py.
"""
