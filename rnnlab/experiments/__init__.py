"""Experiments: each has a `Config`, a few `Event`s, and `run(config) -> Iterator[Event]`."""
