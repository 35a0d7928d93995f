"""Every figure that the tutorials published, trained anew and compared: `python -m rnnlab reproduce`."""

from rnnlab.reproduce.baselines import count
from rnnlab.reproduce.rows import QUICK_LABELS, ROWS, SEEDS, Row
from rnnlab.reproduce.runner import Result, Task, reproduce, tasks_of
from rnnlab.reproduce.verdicts import AGREES, ANOTHER_TEXT, BETTER, DIFFERS, UNPUBLISHED, verdict

__all__ = [
    "AGREES", "ANOTHER_TEXT", "BETTER", "DIFFERS", "QUICK_LABELS", "ROWS", "SEEDS", "UNPUBLISHED", "Result", "Row",
    "Task", "count", "reproduce", "tasks_of", "verdict",
]  # fmt: skip
