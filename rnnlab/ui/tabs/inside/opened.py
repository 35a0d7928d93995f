"""A text that a visitor has opened with a network. The server keeps the last ones; the page knows its own by a key."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
from starlette.requests import Request

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.language_model import Config
from rnnlab.experiments.language_model.inspected import InspectedText, inspect_text
from rnnlab.experiments.language_model.recording import Tick
from rnnlab.experiments.language_model.recording.measuring import model_of
from rnnlab.experiments.language_model.surprise_at import nearest_model
from rnnlab.inspection.probe import read_probe
from rnnlab.limits import MAX_OPENED_BYTES, MAX_OPENED_TEXTS, MAX_OPENED_TEXTS_OF_VISITOR
from rnnlab.models import LanguageModel
from rnnlab.runs import Runner
from rnnlab.text import Corpus
from rnnlab.ui.latest import Latest
from rnnlab.ui.session.client_id import owner_of
from rnnlab.ui.session.uploads import Upload
from rnnlab.ui.tabs.generate.learned_text import learned_text
from rnnlab.ui.tabs.networks import TRAINED, UPLOADED, network_chosen
from rnnlab.ui.tabs.train.replaying import Replaying, replaying_of
from rnnlab.ui.tabs.train.runs import training_of
from rnnlab.validation import InvalidInput

NOTHING_KEPT = ("epoch_not_recorded", "recording_missing")  # the codes of a recording without weights


@dataclass(frozen=True, eq=False)
class Network:
    """A chosen network, at an epoch."""

    name: str  # one of `networks.NETWORKS`
    run: str  # the id of the run that trained it here, or ""
    facts: Checkpoint  # without weights: the configuration, the vocabulary
    model: LanguageModel  # with the weights of `epoch`
    epoch: int
    wanted: int  # the epoch that was asked for; unless the source is "exact", `epoch` is the nearest that is kept
    # "final": the last weights; "rounded": from a recording's weights in half precision; "exact": from a whole state
    source: str
    learned: Callable[[], Corpus | None]
    upload: str = ""  # its token
    replaying: Replaying | None = None  # of a run trained here: trains its epochs anew

    @property
    def key(self) -> str:
        """What tells these weights from all others."""
        of = {TRAINED: self.run, UPLOADED: self.upload}.get(self.name, "")
        return f"{self.name} {of} {self.epoch} {self.source}"

    @property
    def config(self) -> Config:
        """The configuration of its training."""
        return Config.from_strings(self.facts.config)

    def corpus(self) -> Corpus:
        """Return the text that it has learned. Raises InvalidInput where that is not known."""
        corpus = self.learned()
        if corpus is None:
            raise InvalidInput("learned_text_unknown", "model")
        return corpus


@dataclass(frozen=True, eq=False)
class Opened:
    """A text that a network has read, for one visitor."""

    key: str  # a secret of the visitor's page
    network: Network
    text: InspectedText


_opened: Latest[str, Opened] = Latest(
    MAX_OPENED_TEXTS,
    nbytes=lambda opened: opened.text.nbytes,
    max_bytes=MAX_OPENED_BYTES,
    each=MAX_OPENED_TEXTS_OF_VISITOR,
)


def choose_network(
    runner: Runner,
    saved: Any,
    uploaded: Upload[Checkpoint] | None,
    name: str,
    epoch: int | None,
    request: gr.Request | None,
) -> Network:
    """Return the network called `name`; one trained here at `epoch`, or at the nearest epoch whose weights are kept.

    Its exact weights are taken where they are kept; `open_exactly` trains them anew.
    epoch: None for the last one. Raises InvalidInput, or a Refusal where there is no such network.
    """
    checkpoint = network_chosen(runner, saved, uploaded, name, request)
    run = training_of(runner, saved) if name == TRAINED else None

    facts = replace(checkpoint, weights={}, training=None, best=None, partial=None, history=())

    def learned() -> Corpus | None:
        found = learned_text(runner, saved, facts, is_trained_here=run is not None)
        return None if found is None else found.corpus

    replaying = None if run is None else replaying_of(run)
    found = None if replaying is None or epoch is None else _kept(replaying, epoch)
    model, at, source = found or (checkpoint.build_model(), checkpoint.kept_epoch, "final")
    wanted = at if epoch is None else epoch
    token = uploaded.token if uploaded is not None and name == UPLOADED else ""
    return Network(name, "" if run is None else run.id, facts, model, at, wanted, source, learned, token, replaying)


def _kept(replaying: Replaying, epoch: int) -> tuple[LanguageModel, int, str] | None:
    """Return the exact model of an epoch, else that of the nearest recorded one; None where nothing is recorded."""
    if (state := replaying.at_once(epoch)) is not None:
        return model_of(state), epoch, "exact"
    recording = replaying.training.recording
    assert recording is not None
    try:
        return *nearest_model(recording, epoch), "rounded"
    except InvalidInput as error:
        if error.code not in NOTHING_KEPT:
            raise
        return None


def open_text(network: Network, text: str, request: gr.Request | None) -> Opened:
    """Read a text with a network and keep it for the visitor. Raises InvalidInput."""
    read = inspect_text(network.model, network.facts.vocab, network.config, text, network.corpus)
    return _keep(network, read, request)


def open_exactly(key: str, request: Request | None, tick: Tick) -> Opened | None:
    """Read what was opened under a key with the exact network of the epoch that was asked for, trained anew.

    Returns None if nothing is kept under the key. Raises InvalidInput, and what `tick` raises.
    """
    opened = opened_by(key)
    if opened is None:
        return None
    near, epoch = opened.network, opened.network.wanted
    if near.replaying is None:
        raise InvalidInput("epoch_not_recorded", "epoch", value=epoch)
    model = model_of(near.replaying.state(epoch, tick))
    read = replace(opened.text, model=model, reading=read_probe(model, opened.text.ids.tolist()))
    return _keep(replace(near, model=model, epoch=epoch, source="exact"), read, request)


def _keep(network: Network, read: InspectedText, request: gr.Request | Request | None) -> Opened:
    opened = Opened(secrets.token_urlsafe(24), network, read)
    _opened.keep(opened.key, opened, owner_of(request))
    return opened


def opened_by(key: str) -> Opened | None:
    """Return what was opened under a key; None if it is not kept any more."""
    return _opened.known(key)
