"""Running the server: its settings, the folder that outlives it, and its log."""

from rnnlab.operating.folder import data_folder
from rnnlab.operating.logs import line, log_to_stderr
from rnnlab.operating.settings import Operating, flags_of, variables_of

__all__ = ["Operating", "data_folder", "flags_of", "line", "log_to_stderr", "variables_of"]
