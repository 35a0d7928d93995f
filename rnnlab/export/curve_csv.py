"""Write a run's curve as CSV: its settings in lines that begin with `#`, then a row for each epoch.

Programs that do not know comments skip them by `pandas.read_csv(..., comment="#")` or `numpy.genfromtxt`.
"""

from __future__ import annotations

import csv
import io

from rnnlab.checkpoints import Checkpoint
from rnnlab.export.script import printable_line
from rnnlab.perplexity import with_bits

COLUMNS = (
    "epoch", "perplexity", "held_out_perplexity", "bits_per_token", "held_out_bits_per_token", "learning_rate",
    "grad_norm", "clipped", "seconds", "tokens_per_second",
)  # fmt: skip


def make_csv(checkpoint: Checkpoint) -> str:
    """Return the curve of `checkpoint`; a number that the run does not have is an empty field.

    Columns are perplexities and bits per token (nan-free), the learning rate of the last minibatch, the mean norm of
    the gradient before clipping and the share of clipped minibatches, and seconds of training.
    """
    out = io.StringIO()
    settings = {**checkpoint.config, "text_sha256": checkpoint.text_digest, "vocabulary": str(len(checkpoint.vocab))}
    for name, value in settings.items():
        out.write(f"# {name}: {printable_line(value)}\n")
    writer = csv.DictWriter(out, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in checkpoint.history:
        whole = {"perplexity": None, "held_out_perplexity": None, **row}
        writer.writerow(with_bits(whole))
    return out.getvalue()
