"""Payloads of the panel of the next character: the bars of a place, and an ending after a picked token."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from rnnlab import limits
from rnnlab.experiments.language_model import Writer
from rnnlab.generation import Generation, NextTokens, SampledToken, fit_prefix, generate, next_tokens
from rnnlab.generation.next_token import check_known
from rnnlab.text import TokenWriter
from rnnlab.ui.i18n.errors import Refusal
from rnnlab.ui.tabs.generate.copied import whole_value
from rnnlab.ui.tabs.generate.kept_songs import SONGS, KeptSong, KeptSongs
from rnnlab.ui.tabs.generate.payload import choices_value
from rnnlab.validation import InvalidInput, echo

ALTERNATIVES = 5  # of each token of a song

Check = Callable[[], None]


class NextCharacters:
    """What the routes of songs ask for (`ui/server/song_routes.py`). None for a song that is not kept any more."""

    def __init__(self, songs: KeptSongs = SONGS) -> None:
        self.songs = songs

    def bars(self, key: str, question: dict[str, Any]) -> dict[str, Any] | None:
        """Return the bars of the place after the tokens `begun`, with rows of the tokens `also` in any case."""
        song = self.songs.find(key)
        if song is None:
            return None
        begun, also = _tokens(question, "begun", song.how.length - 1), _tokens(question, "also", 4)
        writer = _writer_of(song)
        if writer is None:
            return None
        return bars_value(next_tokens(writer.decoder(), writer.vocab, song.how, begun, also=also), len(begun), song.how)

    def ending(self, key: str, question: dict[str, Any], check: Check = lambda: None) -> dict[str, Any] | None:
        """Return how the song goes on after the tokens `begun`, and `picked` after them, if that is given.

        check: called at each token; it raises where nobody waits any more.
        """
        song = self.songs.find(key)
        if song is None:
            return None
        picked = _tokens(question, "picked", 1)
        begun = _tokens(question, "begun", song.how.length - len(picked))
        writer = _writer_of(song)
        return None if writer is None else ending_value(song, writer, begun, picked, check)


def _writer_of(song: KeptSong) -> Writer | None:
    """Return what wrote a song; None where the run is gone in whose text it counts."""
    try:
        return song.writer()
    except Refusal:
        return None


def bars_value(found: NextTokens, place: int, how: Generation) -> dict[str, Any]:
    """Return the bars of a place of a song; probabilities have four significant digits, logits seven."""
    return {
        "place": place,
        "rows": [
            [row.token, row.rank, _short(row.believed), _short(row.drawn_from), _short(row.logit, 7)]
            for row in found.rows
        ],
        "others": [found.others, _short(found.others_believed), _short(found.others_drawn_from)],
        "kept": found.kept,
        "drawn": found.drawn,
        "temperature": how.temperature,
        "log_sum": None if found.log_sum is None else _short(found.log_sum, 7),
        "is_cut": how.top_k is not None or how.top_p is not None,
    }


def ending_value(
    song: KeptSong, writer: Writer, begun: Sequence[str], picked: Sequence[str], check: Check = lambda: None
) -> dict[str, Any]:
    """Return the next tokens of an ending, at most MAX_PICKED_TOKENS, drawn by the random numbers of their places.

    The value of what is copied is that of the whole song so far. Raises InvalidInput for tokens that are not known.
    """
    check_known([*begun, *picked], writer.vocab, "begun")
    how, before = song.how, [*begun, *picked]
    last = min(how.length, len(before) + limits.MAX_PICKED_TOKENS)
    sampled = [picked_token(writer, how, begun, token) for token in picked]
    rest = replace(how, length=max(1, last))
    for token in generate(writer.decoder(), writer.vocab, rest, alternatives=ALTERNATIVES, begun=before):
        check()
        sampled.append(token)
    copied = None
    if writer.learned is not None:
        prefix = fit_prefix(how.prefix, writer.vocab)
        pieces = TokenWriter(writer.vocab.spacing)
        tokens = (*prefix.tokens, *begun, *(token.token for token in sampled))
        copied = whole_value(writer.learned, "".join(map(pieces.write, tokens)), len(prefix.text))
    return {"choices": choices_value(sampled), "copied": copied, "is_whole": last >= how.length}


def picked_token(writer: Writer, how: Generation, begun: Sequence[str], token: str) -> SampledToken:
    """Return a token that was picked and not drawn, as the song's panel shows each."""
    found = next_tokens(writer.decoder(), writer.vocab, how, begun, likeliest=ALTERNATIVES, also=[token])
    believed = {row.token: row.believed for row in found.rows}
    pieces = TokenWriter(writer.vocab.spacing)
    for each in (*fit_prefix(how.prefix, writer.vocab).tokens, *begun):
        pieces.write(each)
    best = tuple((row.token, row.believed) for row in found.rows[:ALTERNATIVES])
    return SampledToken(token, pieces.write(token), believed.get(token, 0.0), best)


def _tokens(question: dict[str, Any], name: str, most: int) -> list[str]:
    """Return a list of tokens of a question, empty if it is not given. Raises InvalidInput."""
    value = question.get(name, [])
    if not isinstance(value, list) or not all(isinstance(token, str) for token in value):
        raise InvalidInput("not_a_value", name, value=echo(value))
    if len(value) > most:
        raise InvalidInput("too_many_items", name, length=len(value), high=most)
    return value


def _short(value: float, digits: int = 4) -> float:
    return float(f"{value:.{digits}g}")
