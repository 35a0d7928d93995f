"""Draw a run's curve as a file, SVG or PNG, with Kaleido: Plotly's own renderer, in a Chrome or Chromium.

Kaleido is the extra `rnnlab[pictures]`. It runs the script of the installed Plotly; nothing is fetched.
"""

from __future__ import annotations

from typing import Any

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.language_model import Config, published_results
from rnnlab.experiments.language_model.baselines import baselines
from rnnlab.figures import PerplexityCurve, perplexity_figure
from rnnlab.figures.perplexity import DRAWN, LABELS, MORE
from rnnlab.resources import SHIPPED_CORPORA, shipped_corpus
from rnnlab.text import make_corpus
from rnnlab.validation import InvalidInput

SIZE = {"width": 1280, "height": 720}  # CSS pixels; a PNG has twice as many
FORMATS = ("svg", "png")


def curve_figure(checkpoint: Checkpoint, title: str = "") -> Any:  # a plotly Figure
    """Draw the curve of the run of `checkpoint` on white, as the page draws it.

    Of a shipped text the n-grams are counted; of another one, which the checkpoint does not hold, only the uniform
    guess is known.
    """
    config, history = Config.from_strings(checkpoint.config), checkpoint.history
    training = [(row["epoch"], row.get("perplexity")) for row in history]
    held_out = [(row["epoch"], row.get("held_out_perplexity")) for row in history]
    best = checkpoint.best_epoch
    curve = PerplexityCurve(
        model=config.model,
        epochs=max(config.epochs, 1),
        training=training,
        held_out=held_out if config.held_out else None,
        published={epoch: value for epoch, value in published_results(config).items() if epoch <= config.epochs},
        baselines=_baselines(config, len(checkpoint.vocab)),
        kept=None if best is None or checkpoint.kept_perplexity is None else (best, checkpoint.kept_perplexity),
    )
    figure = perplexity_figure(curve, LABELS)
    return figure.update_layout(
        paper_bgcolor="white",
        plot_bgcolor="white",
        title={"text": title, "x": 0.02, "font": {"size": 18}},
        margin={"l": 72, "r": 24, "t": 96, "b": 56},
    )


def make_picture(checkpoint: Checkpoint, kind: str, title: str = "") -> bytes:
    """Return the curve as a file of that kind, one of FORMATS, drawn by Kaleido in a Chromium of its own.

    Raises InvalidInput if Kaleido or a Chrome is missing.
    """
    try:
        import kaleido
        from kaleido.errors import ChromeNotFoundError
    except ImportError:
        raise InvalidInput("no_kaleido", "as", value=kind) from None
    options: dict[str, Any] = {"format": kind, **SIZE, "scale": 2 if kind == "png" else 1}
    try:  # without MathJax, which Kaleido would fetch from a network
        content: bytes = kaleido.calc_fig_sync(
            curve_figure(checkpoint, title).to_dict(), opts=options, kopts={"mathjax": False}
        )
    except ChromeNotFoundError:
        raise InvalidInput("no_chrome", "as", value=kind) from None
    return content


def _baselines(config: Config, vocab_size: int) -> dict[str, float | None]:
    """Return the perplexities that need no network, by their names in the figure."""
    if config.corpus not in SHIPPED_CORPORA:
        return {"uniform": float(vocab_size)}
    corpus = make_corpus(
        shipped_corpus(config.corpus), tokenizer=config.tokenizer, min_freq=config.min_freq,
        max_tokens=config.max_tokens, held_out=config.held_out, test=config.test,
    )  # fmt: skip
    known = baselines(corpus)
    return {name: known.get(f"{name}_perplexity") for name in (*DRAWN, *MORE)}
