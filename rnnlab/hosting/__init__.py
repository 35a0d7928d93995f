"""Hosting: the server's settings, address, data folder, clock, log, and limit of open files."""

from rnnlab.hosting.clocks import AwakeClock
from rnnlab.hosting.data_dir import data_folder, restore_folder
from rnnlab.hosting.logs import line, log_to_stderr
from rnnlab.hosting.settings import ServerSettings, flags_of, variables_of

__all__ = [
    "AwakeClock",
    "ServerSettings",
    "data_folder",
    "flags_of",
    "line",
    "log_to_stderr",
    "restore_folder",
    "variables_of",
]
