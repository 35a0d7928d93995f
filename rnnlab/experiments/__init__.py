"""Experiments of one shape: `Config`, `PRESETS`, events that begin with `Started`, `run(config)`.

`tests/experiments/test_shape.py` holds them to it. Shared: event.py, divergence.py, presets.py, optimizers.py.
"""
