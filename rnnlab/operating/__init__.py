"""Running the server: its settings, the folder that outlives it, its clocks, and its log."""

from rnnlab.operating.clock import AwakeClock, WallClock
from rnnlab.operating.folder import data_folder, restore_folder
from rnnlab.operating.logs import line, log_to_stderr
from rnnlab.operating.settings import Operating, flags_of, variables_of

__all__ = [
    "AwakeClock",
    "Operating",
    "WallClock",
    "data_folder",
    "flags_of",
    "line",
    "log_to_stderr",
    "restore_folder",
    "variables_of",
]
