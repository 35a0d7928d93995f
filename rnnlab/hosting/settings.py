"""The settings of the server, each with a flag and an environment variable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

from rnnlab.devices import DEVICES, MATMUL_PRECISIONS
from rnnlab.validation import Choice, Config, Integer, Text, setting

GRADIO_VARIABLES = {"host": "GRADIO_SERVER_NAME", "port": "GRADIO_SERVER_PORT"}  # the others are RNNLAB_<SETTING>


@dataclass(frozen=True)
class ServerSettings(Config):
    """The settings of the server. All values are checked here, whether from a flag or from the environment."""

    host: str = setting("127.0.0.1", Text(1, 255), "address to listen on; 0.0.0.0 lets other machines in")
    port: int | None = setting(None, Integer(1, 65535, optional=True), "port; none: the first free one from 7860")
    max_runs: int | None = setting(None, Integer(1, 256, optional=True), "runs that train at once; none: one per core")
    max_visitors: int = setting(200, Integer(1, 10_000), "browsers and programs that are served at once")
    data_dir: str = setting("", Text(0, 4000), "folder that keeps the runs; empty: one in the temporary folder")
    device: str = setting("auto", Choice(DEVICES), "where to train; auto takes a GPU if there is one")
    matmul_precision: str = setting("highest", Choice(MATMUL_PRECISIONS), "of float32 matrix products")

    @classmethod
    def resolve(cls, flags: Mapping[str, str | None], environment: Mapping[str, str]) -> Self:
        """Take each setting from the flags, else the environment, else its default; None and "" are ignored.

        Raises InvalidInput, which names the setting and its range.
        """
        variables = {name: environment.get(variable) for name, variable in variables_of(cls).items()}
        return cls.from_strings({name: text for source in (variables, flags) for name, text in source.items() if text})


def variables_of(config: type[Config]) -> dict[str, str]:
    """Return the environment variable of each setting."""
    return {item.name: GRADIO_VARIABLES.get(item.name, f"RNNLAB_{item.name.upper()}") for item in fields(config)}


def flags_of(config: type[Config]) -> dict[str, str]:
    """Return the flag of each setting, without `--`, and its line of help."""
    variables = variables_of(config)
    return {
        item.name.replace("_", "-"): f"{item.metadata['help']} (or {variables[item.name]})" for item in fields(config)
    }
