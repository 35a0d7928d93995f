"""Running the server: its settings, the folder that outlives it, its clocks, and its log."""

from rnnlab.hosting.clocks import AwakeClock, WallClock
from rnnlab.hosting.data_dir import data_folder, restore_folder
from rnnlab.hosting.logs import line, log_to_stderr
from rnnlab.hosting.settings import ServerSettings, flags_of, variables_of

__all__ = [
    "AwakeClock",
    "ServerSettings",
    "WallClock",
    "data_folder",
    "flags_of",
    "line",
    "log_to_stderr",
    "restore_folder",
    "variables_of",
]
