"""What whoever runs the server decides: one flag and one environment variable for each setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

from rnnlab.devices import DEVICES, MATMUL_PRECISIONS
from rnnlab.validation import Choice, Config, Integer, Text, setting

GRADIOS_NAMES = {"host": "GRADIO_SERVER_NAME", "port": "GRADIO_SERVER_PORT"}  # the others are RNNLAB_<SETTING>


@dataclass(frozen=True)
class ServerSettings(Config):
    """How the app is served. Every value is checked here, whichever way it came in."""

    host: str = setting("127.0.0.1", Text(1, 255), "address to listen on; 0.0.0.0 lets other machines in")
    port: int | None = setting(None, Integer(1, 65535, optional=True), "port; none: the first free one from 7860")
    max_runs: int | None = setting(None, Integer(1, 256, optional=True), "runs that train at once; none: one per core")
    max_visitors: int = setting(200, Integer(1, 10_000), "browsers and programs that are served at once")
    data_dir: str = setting("", Text(0, 4000), "folder that keeps the runs; empty: one in the temporary folder")
    device: str = setting("auto", Choice(DEVICES), "where to train; auto takes a GPU if there is one")
    matmul_precision: str = setting("highest", Choice(MATMUL_PRECISIONS), "of float32 matrix products")

    @classmethod
    def told(cls, flags: Mapping[str, str | None], environment: Mapping[str, str]) -> Self:
        """What the flags say, else the environment, else the default; None and "" say nothing. Raises InvalidInput."""
        variables = {name: environment.get(variable) for name, variable in variables_of(cls).items()}
        return cls.from_strings({name: text for said in (variables, flags) for name, text in said.items() if text})


def variables_of(config: type[Config]) -> dict[str, str]:
    """The environment variable of each setting."""
    return {item.name: GRADIOS_NAMES.get(item.name, f"RNNLAB_{item.name.upper()}") for item in fields(config)}


def flags_of(config: type[Config]) -> dict[str, str]:
    """What follows `--` for each setting, and a line of help."""
    variables = variables_of(config)
    return {
        item.name.replace("_", "-"): f"{item.metadata['help']} (or {variables[item.name]})" for item in fields(config)
    }
