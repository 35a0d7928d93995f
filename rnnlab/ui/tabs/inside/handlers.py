"""Handlers of the tab: open a text with a network, at the epoch under the handle of time travel."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr

from rnnlab.checkpoints import Checkpoint
from rnnlab.limits import MAX_HEADER_COUNT
from rnnlab.runs import Runner
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.ui.session.uploads import Upload
from rnnlab.ui.tabs.inside.opened import Network, choose_network, open_text, opened_by
from rnnlab.ui.tabs.inside.payload import opened_value
from rnnlab.ui.tabs.inside.texts import BEGINNING, KINDS, SONG, text_of
from rnnlab.ui.tabs.networks import TRAINED
from rnnlab.ui.tabs.train.runs import training_in, training_of
from rnnlab.validation import Integer


class Shown(NamedTuple):
    """What the panel shows: the key of the opened text, and by what it was opened."""

    key: str
    network: str  # `Network.key`
    text: str


class Asked(NamedTuple):
    """What the page sends with each event of the tab, in the order of `layout._inputs`."""

    saved: Any  # the id of the visitor's run
    uploaded: Upload[Checkpoint] | None
    model: Any
    text: Any
    filled: Any  # [kind, text] that the page has filled in, or None
    moment: Any  # where the Train tab stands: "runs/<id> <epoch> <the last epoch>"
    shown: Shown | None


def on_open(runner: Runner, request: gr.Request, *given: Any) -> tuple[Any, ...]:
    """Read the text with the chosen network; return the panel, the text, what was filled in, and what is shown.

    Without a text, or with one that the page has filled in for another network, the network's own song is read.
    """
    return _open(runner, Asked(*given), request)


def on_song(runner: Runner, request: gr.Request, *given: Any) -> tuple[Any, ...]:
    """Fill in a song of the network, and open that; return as `on_open`."""
    return _open(runner, Asked(*given), request, SONG)


def on_beginning(runner: Runner, request: gr.Request, *given: Any) -> tuple[Any, ...]:
    """Fill in the beginning of what the network has learned, and open that; return as `on_open`."""
    return _open(runner, Asked(*given), request, BEGINNING)


def on_select(runner: Runner, request: gr.Request, offered: Any, *given: Any) -> tuple[Any, ...]:
    """Open the visitor's trained network when the tab is first selected after its training, else what was chosen.

    Return as `on_open`, with the offered run and the chosen network before it. What is shown already stays.
    """
    asked, run = Asked(*given), training_of(runner, given[0])
    is_new = run is not None and run.id != offered and training_in(run).epoch > 0
    if run is not None and is_new:
        asked = asked._replace(model=TRAINED)
    head = (run.id, TRAINED) if run is not None and is_new else (gr.skip(), gr.skip())
    return *head, *_open(runner, asked, request, always=False)


def _open(
    runner: Runner, asked: Asked, request: gr.Request, kind: str | None = None, *, always: bool = True
) -> tuple[Any, ...]:
    with refusals_shown(request):
        epoch = epoch_under_handle(asked.moment, asked.saved)
        network = choose_network(runner, asked.saved, asked.uploaded, asked.model, epoch, request)
        text, filled = _text_of(network, asked, kind)
        shown = asked.shown
        if not always and shown is not None and shown[1:] == (network.key, text) and opened_by(shown.key):
            return (gr.skip(),) * 4
        opened = open_text(network, text, request)
    return (
        opened_value(opened),
        gr.skip() if text == asked.text else text,
        filled,
        Shown(opened.key, network.key, text),
    )


def _text_of(network: Network, asked: Asked, kind: str | None) -> tuple[Any, list[str] | None]:
    """Return the text to read, and the kind and text that the page then has filled in, if any."""
    filled = asked.filled if _is_filled(asked.filled) else None
    is_ours = filled is not None and asked.text == filled[1]
    is_empty = not isinstance(asked.text, str) or not asked.text.strip()
    if kind is None and is_ours and filled is not None and filled[2:] == [_whose(network)]:
        return asked.text, filled  # at another epoch the text stays, so that the two can be compared
    if kind is None and (is_empty or is_ours):
        kind = filled[0] if filled is not None and is_ours else SONG
    if kind is None:
        return asked.text, None
    text = text_of(kind, network)
    return text, [kind, text, _whose(network)]


def _whose(network: Network) -> str:
    return f"{network.name} {network.run}{network.upload}"


def _is_filled(given: Any) -> bool:
    """Return whether what a browser has kept is what `_text_of` gave it."""
    return isinstance(given, list) and len(given) == 3 and all(isinstance(x, str) for x in given) and given[0] in KINDS


def epoch_under_handle(moment: Any, saved: Any) -> int | None:
    """Return the epoch under the handle, if the Train tab stands before the last epoch of the visitor's run."""
    parts = moment.split() if isinstance(moment, str) else []
    if len(parts) != 3 or parts[0] != f"runs/{saved}" or parts[1] == parts[2]:
        return None
    rule = Integer(0, MAX_HEADER_COUNT)
    return rule.require("epoch", rule.parse("epoch", parts[1][:30]))
