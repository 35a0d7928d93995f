"""Write a run as a script in plain PyTorch, which prints the run's perplexities and songs.

The script imports nothing of RNN Lab. It draws from one `torch.Generator` in the trainer's order: initial weights by
`named_parameters`, then for each epoch its minibatches, and within a minibatch the dropout masks. On the CPU its
numbers are the run's up to the rounding of sums (`tests/export/test_script.py` trains it and compares).
It holds only the lines that the configuration needs (`script.py.jinja`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.language_model import Config
from rnnlab.experiments.language_model.evaluation import readable_prefixes
from rnnlab.experiments.schedules import reductions, scheduled_rate
from rnnlab.generation import fit_prefix, line_break
from rnnlab.recurrent import cell_spec
from rnnlab.resources import PREFIXES, SHIPPED_CORPORA
from rnnlab.text.corpus import DROPPED
from rnnlab.validation import InvalidInput

MAX_SHOWN_EPOCHS, MAX_SHOWN_SONGS = 4, 2  # of the run's results, at the script's end
MAX_LISTED_RATES = 40  # epochs whose changed learning rates a script lists
CLOSE = 1e-6  # of two learning rates that are the same
MAX_SONG = 160  # characters of a song at the script's end
CELL = "# %% "  # begins a line that begins a cell, in editors and in `notebook.py`
RESULT = "What the run got · 这次训练的结果"

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # it writes Python, not HTML: numbers as they are, and texts as `quoted` gives them
)


@dataclass(frozen=True)
class Script:
    """A script in its three parts, which a notebook shows differently."""

    head: tuple[str, ...]  # what it is, a line each
    code: str
    result: tuple[str, ...]  # what the run got, a line each

    @property
    def text(self) -> str:
        """The whole file."""
        lines = [f"# {line}".rstrip() for line in self.head]
        result = [f"# {line}".rstrip() for line in self.result]
        return "\n".join([*lines, "", self.code, f"{CELL}{RESULT}", *result]) + "\n"


def make_script(checkpoint: Checkpoint, *, in_notebook: bool = False) -> Script:
    """Write the run of `checkpoint` as a script, or with `in_notebook` as the code of one.

    Raises InvalidInput for a cell that `torch.nn` lacks.
    """
    config = Config.from_strings(checkpoint.config)
    if cell_spec(config.model).torch_class is None:
        raise InvalidInput("not_in_a_script", "model", value=config.model)
    rates = changed_rates(config, checkpoint.history)
    approximate = config.tokenizer == "words" and checkpoint.vocab.spacing != "separated"
    code = TEMPLATES.get_template("script.py.jinja").render(
        c=config,
        in_notebook=in_notebook,
        path=quoted(file_of(config)),
        digest=checkpoint.text_digest,
        drawn=_drawn(config),
        separated=checkpoint.vocab.spacing == "separated",
        cut='re.findall(r"\\w+|[^\\w\\s]", line)',
        dropped=ascii("".join(map(chr, DROPPED))),
        prefixes=_prefixes(config, checkpoint),
        start=_start(checkpoint),
        steps=_steps(config),
        optimizer=_optimizer(config),
        reductions=_reductions(config),
        rates=rates if len(rates) <= MAX_LISTED_RATES else [],
        keeps_state=config.sampling != "random" and config.state != "reset",
        watches_best=_watches_best(config, checkpoint.epoch),
        trained=checkpoint.epoch,
        shortened=f"  # of {config.epochs}: there the run ended" if 0 < checkpoint.epoch < config.epochs else "",
    )
    return Script(_head(config, checkpoint, rates, approximate), code, _result(checkpoint))


def file_of(config: Config) -> str:
    """Return the file name of the text that the script reads unless it is given another path."""
    return Path(SHIPPED_CORPORA[config.corpus]).name if config.corpus in SHIPPED_CORPORA else "text.txt"


def changed_rates(config: Config, history: Sequence[Mapping[str, Any]]) -> list[float]:
    """Return the learning rate of each epoch's last minibatch, if they are not those of `config`; else nothing.

    A rate that was changed while the run trained stands in its history only.
    """
    found = [float(row["learning_rate"]) for row in history if row.get("learning_rate") is not None]
    if len(found) < len(history):  # an older version has not kept them
        return []
    within = 1.0 if config.schedule == "cosine" else 0.0  # it falls within an epoch, whose number of minibatches varies
    for epoch, rate in enumerate(found, start=1):
        reduced = reductions(config, epoch, history[: epoch - 1])
        low, high = (scheduled_rate(config, reduced, epoch - 1 + share) for share in (within, 0.0))
        if not low * (1 - CLOSE) <= rate <= high * (1 + CLOSE):
            return found
    return []


def quoted(text: str) -> str:
    r"""Return `text` as a string of Python, in double quotes where none stands in it.

    >>> print(quoted("a"), quoted("\n"), quoted('"'))
    "a" "\n" '"'
    """
    found = repr(text)
    return f'"{found[1:-1]}"' if found[0] == "'" and '"' not in found else found


def printable_line(text: str) -> str:
    """Return `text` as one line, in which a sign that is not printable cannot end a comment."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text.replace("\n", " / "))


def _watches_best(config: Config, trained: int) -> bool:
    """Return whether the script needs the epoch that is best on held-out text: to stop, or for the test text.

    A run that has trained has an end already.
    """
    stops = config.patience is not None and not trained
    return bool(config.held_out) and (stops or bool(config.keep == "best" and config.test))


def _head(config: Config, checkpoint: Checkpoint, rates: Sequence[float], approximate: bool) -> tuple[str, ...]:
    """Say what the script trains, on which text, and where its numbers differ from the run's."""
    layers = f" × {config.num_layers}" if config.num_layers > 1 else ""
    shipped = config.corpus in SHIPPED_CORPORA
    where = f"{SHIPPED_CORPORA[config.corpus]} of RNN Lab" if shipped else "your copy of it"
    lines = [
        f"{config.model.upper()} {config.hidden_size}{layers} on {printable_line(config.corpus)}: "
        "a run of RNN Lab again, in plain PyTorch.",
        f"Usage: python this_file.py {file_of(config)}    ({where}, in UTF-8)",
        "It prints what the run printed. Another processor or PyTorch, a GPU or more threads round sums otherwise, and",
        "training enlarges that: then the last digits of late epochs differ.",
    ]
    if config.implementation == "scratch" and (config.model != "gru" or config.reset_after):
        lines.append("The run had layers written out by hand; torch.nn has the same equations.")
    if rates:
        listed = "has each epoch's" if len(rates) <= MAX_LISTED_RATES else "keeps the last setting, so numbers differ"
        lines.append(f"The learning rate was changed while the run trained: this script {listed}.")
        lines.append("A change in the middle of an epoch is not repeated: from there on numbers differ.")
    if approximate:
        lines.append("The run cut words by a dictionary and grammar; this script cuts at spaces: its numbers differ.")
    return tuple(lines)


def _result(checkpoint: Checkpoint) -> tuple[str, ...]:
    """Say what the run got: epochs from the first to the last, and the last songs."""
    history = checkpoint.history
    step = max(1, math.ceil(len(history) / MAX_SHOWN_EPOCHS))
    shown = list(reversed(history[::-1][::step]))
    lines = [_printed(row) for row in shown]
    songs: Sequence[str] = next((row["samples"] for row in reversed(history) if row.get("samples")), ())
    lines += [f"    {_shortened(printable_line(song))}" for song in songs[:MAX_SHOWN_SONGS]]
    return tuple(lines) or ("Nothing yet: no epoch was over.",)


def _printed(row: Mapping[str, Any]) -> str:
    """Return the line that the script prints for the epoch of `row`."""
    training, held_out = (row.get(name) for name in ("perplexity", "held_out_perplexity"))
    line = f"epoch {row['epoch']}: perplexity {math.inf if training is None else training:.4g}"
    return line if held_out is None else f"{line}, held out {held_out:.4g}"


def _shortened(song: str) -> str:
    return song if len(song) <= MAX_SONG else f"{song[: MAX_SONG - 1]}…"


def _drawn(config: Config) -> str:
    """Name what the generator draws after the initial weights."""
    what = ["minibatches"] if config.sampling == "random" or config.random_offset else []
    what += ["dropout"] if config.dropout or config.embedding_dropout else []
    return " and ".join(what) or "nothing"


def _prefixes(config: Config, checkpoint: Checkpoint) -> str:
    """Return what the songs begin with, in Python: a list of texts, of a model of words of lists; "" without songs."""
    if config.sample_every is None:
        return ""
    default = PREFIXES.get(config.corpus, ())
    chosen = readable_prefixes(config, checkpoint.vocab, default)
    if chosen:
        fitted = [fit_prefix(prefix, checkpoint.vocab).tokens for prefix in chosen]
    else:  # the first word of the visitor's text, which only the run's songs still hold
        songs = next((row["samples"] for row in reversed(checkpoint.history) if row.get("samples")), ())
        fitted = [_beginning(song, config, checkpoint.vocab.has_words) for song in songs]
    of_words = checkpoint.vocab.has_words
    each = [f"[{', '.join(map(quoted, part))}]" if of_words else quoted("".join(part)) for part in fitted]
    return f"[{', '.join(each)}]" if each else ""


def _beginning(song: str, config: Config, of_words: bool) -> tuple[str, ...]:
    """Return the tokens of a song before those that the model wrote."""
    if not of_words:
        return tuple(song[: max(0, len(song) - config.sample_length)])
    tokens = song.replace("\n", " <eos> ").split()
    return tuple(tokens[: max(0, len(tokens) - config.sample_length)])


def _start(checkpoint: Checkpoint) -> str:
    """Return the id, in Python, of the token that is read in place of an empty prefix; "" if there is none."""
    token = line_break(checkpoint.vocab)
    return "" if token is None else f"index[{quoted(token)}]"


def _steps(config: Config) -> str:
    """Return the number of minibatches of an epoch, in Python: with a random offset the minimum of all."""
    if config.sampling == "random":
        return f"(len(train_ids) - {'T' if config.random_offset else 1}) // T // B"
    return "(len(train_ids) - T - 1) // B // T" if config.random_offset else "(len(train_ids) // B - 1) // T"


def _optimizer(config: Config) -> str:
    """Return the optimizer, in Python."""
    name = {"sgd": "SGD", "rmsprop": "RMSprop", "adam": "Adam", "adamw": "AdamW"}[config.optimizer]
    options = f", momentum={config.momentum}" if config.momentum else ""
    if config.weight_decay or config.optimizer == "adamw":  # AdamW's own default is not 0
        options += f", weight_decay={config.weight_decay}"
    kernel = "foreach" if config.optimizer == "rmsprop" else "fused"
    return f"{name}(model.parameters(), lr={config.learning_rate}{options}, {kernel}=True)"


def _reductions(config: Config) -> str:
    """Return how often a step or exponential schedule has reduced the rate before `epoch`, in Python."""
    every = config.schedule_every if config.schedule == "step" else 1
    after = every if config.schedule_after is None else config.schedule_after
    return f"math.ceil(max(0, epoch - {after}) / {every})" if every > 1 else f"max(0, epoch - {after})"
