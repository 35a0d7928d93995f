"""Every figure that the tutorials published, trained anew and compared: `python -m rnnlab reproduce`."""

from rnnlab.reproduce.rows import QUICK_LABELS, ROWS, SEEDS, Row
from rnnlab.reproduce.running import Result, Task, reproduce, tasks_of
from rnnlab.reproduce.verdicts import AGREES, BETTER, DIFFERS, UNPUBLISHED, verdict

__all__ = [
    "AGREES", "BETTER", "DIFFERS", "QUICK_LABELS", "ROWS", "SEEDS", "UNPUBLISHED", "Result", "Row", "Task", "reproduce",
    "tasks_of", "verdict",
]  # fmt: skip
