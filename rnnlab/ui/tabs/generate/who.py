"""Who wrote this? The handlers: deal a round, whose answer stays on the server, and judge a guess."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.language_model import Round, WhoWrote, who_wrote
from rnnlab.generation.decoder import Decoder, decoder_of
from rnnlab.limits import MAX_KEPT_ROUNDS, MAX_KEPT_ROUNDS_OF_VISITOR
from rnnlab.runs import Runner
from rnnlab.text import Corpus, Vocab
from rnnlab.ui.i18n.errors import refusals_shown, refuse
from rnnlab.ui.latest import Latest
from rnnlab.ui.session.client_id import owner_of
from rnnlab.ui.session.uploads import Upload
from rnnlab.ui.tabs.generate.temperatures import SEEDS
from rnnlab.ui.tabs.generate.writers import COUNTERS, network_of, writer_chosen
from rnnlab.ui.tabs.inside.handlers import epoch_under_handle
from rnnlab.ui.tabs.inside.opened import choose_network
from rnnlab.ui.tabs.networks import TRAINED
from rnnlab.validation import Integer, InvalidInput


@dataclass(frozen=True)
class Player:
    """What writes the model's lines."""

    decoder: Callable[[], Decoder]
    vocab: Vocab
    corpus: Corpus
    whose: str  # under which the results are counted: the model, and the run
    epoch: int | None  # of its weights; None for counting


_rounds: Latest[str, tuple[Round, dict[str, Any]]] = Latest(MAX_KEPT_ROUNDS, each=MAX_KEPT_ROUNDS_OF_VISITOR)


def on_deal(
    runner: Runner,
    saved: Any,
    uploaded: Upload[Checkpoint] | None,
    model: str,
    moment: Any,
    temperature: Any,
    request: gr.Request,
) -> dict[str, Any]:
    """Return a new round for the panel, without its answer: a key names it.

    moment: where the Train tab stands, "runs/<id> <epoch> <the last epoch>".
    """
    with refusals_shown(request):
        how = WhoWrote(temperature=temperature, seed=secrets.randbelow(SEEDS))
        player = _player(runner, saved, uploaded, model, moment, request)
        found = who_wrote(player.decoder, player.vocab, player.corpus, how)
        key = secrets.token_urlsafe(12)
        value = {
            "key": key,
            "lines": list(found.lines),
            "whose": player.whose,
            "model": model,
            "epoch": player.epoch,
        }
        _rounds.keep(key, (found, {**value, "seed": how.seed}), owner_of(request))
        return value  # without the seed, by which /who would tell the answer


def on_guess(guess: Any, request: gr.Request) -> dict[str, Any]:
    """Return the round with its answer; `guess` is its key and the place of a line, with a space between.

    A round can be guessed once.
    """
    key, _, text = guess.partition(" ") if isinstance(guess, str) else ("", "", "")
    kept = _rounds.known(key)
    with refusals_shown(request):
        if kept is None:
            raise refuse("generate.who.gone", request)
        place = Integer(0, 3)
        chosen = place.require("guess", place.parse("guess", text[:30]))
        _rounds.drop(key)
    found, value = kept
    return {**value, "guess": chosen, "real": found.real, "cut": list(found.cut)}


def _player(
    runner: Runner, saved: Any, uploaded: Upload[Checkpoint] | None, model: str, moment: Any, request: gr.Request
) -> Player:
    """Return the chosen model, one trained here at the epoch under the handle. Raises InvalidInput or a Refusal."""
    if isinstance(model, str) and model in COUNTERS:
        writer = writer_chosen(runner, saved, uploaded, model, request)
        if writer.learned is None:
            raise InvalidInput("learned_text_unknown", "model")
        whose = f"{model} {saved}" if network_of(model) == TRAINED else model
        return Player(writer.decoder, writer.vocab, writer.learned.corpus, whose, None)
    network = choose_network(runner, saved, uploaded, model, epoch_under_handle(moment, saved), request)
    whose = f"{network.name} {network.run}{network.upload}"
    return Player(lambda: decoder_of(network.model), network.facts.vocab, network.corpus(), whose, network.epoch)
