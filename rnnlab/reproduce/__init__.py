"""Train the tutorials' experiments and compare results with theirs: `python -m rnnlab reproduce`."""

from rnnlab.reproduce.baselines import measure_baselines
from rnnlab.reproduce.process_pool import Result, Task, reproduce, tasks_of
from rnnlab.reproduce.published_results import QUICK_EPOCHS, SEEDS, TABLE_ROWS, TableRow
from rnnlab.reproduce.verdicts import AGREES, ANOTHER_TEXT, BETTER, DIFFERS, UNPUBLISHED, verdict

__all__ = [
    "AGREES",
    "ANOTHER_TEXT",
    "BETTER",
    "DIFFERS",
    "QUICK_EPOCHS",
    "SEEDS",
    "TABLE_ROWS",
    "UNPUBLISHED",
    "Result",
    "TableRow",
    "Task",
    "measure_baselines",
    "reproduce",
    "tasks_of",
    "verdict",
]  # fmt: skip
