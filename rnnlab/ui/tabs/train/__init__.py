"""Train: a recurrent language model learns a text while its perplexity curve is drawn."""

from rnnlab.ui.tabs.train.layout import build_tab

__all__ = ["build_tab"]
