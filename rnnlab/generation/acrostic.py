"""Write an acrostic: the lines begin, or end, with given characters (heads).

for line in acrostic(model, vocab, Acrostic(heads="雨天", min_line=5, max_line=9)):
    print(line.text, line.rank, line.probability)

The model writes freely between what is forced: the head, and the end of the line. A line of n tokens may end where n is
within a band; it ends at the place where this is likeliest,

start    n* = argmax P(end | line of n tokens)                   the head is the first token
end      n* = argmax P(head | n - 1 tokens) P(end | head)        the head is the last one

For each line `beam` candidates are drawn, and the one under which the forced tokens are likeliest is taken: for heads
at the start its end and the head of the line after it, P(end) P(next head | end); for heads at the end
P(head) P(end | head). All probabilities are the model's own (temperature 1). Where letters have case, either counts as
the head, and a model of words takes the likeliest word that begins (ends) with it.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch

from rnnlab.generation.acrostic_heads import Head, find_heads, heads_of
from rnnlab.generation.acrostic_places import Choices, Place, line_ends
from rnnlab.generation.decoder import ForkingDecoder, decoder_of
from rnnlab.generation.generate import excluded_ids, start_token
from rnnlab.generation.sampling import Generation
from rnnlab.limits import MAX_ACROSTIC_TOKENS
from rnnlab.models import LanguageModel
from rnnlab.text import TokenWriter, Vocab, clusters
from rnnlab.validation import Choice, Config, Integer, InvalidInput, Text, rule_of, setting

START, END = AT = ("start", "end")
MAX_LINE = 80
TEMPERATURE = Generation.__dataclass_fields__["temperature"]


@dataclass(frozen=True)
class Acrostic(Config):
    """Settings of an acrostic; None for a length is filled in by `banded`."""

    heads: str = setting("", Text(1, 200), "a character for each line; blanks and punctuation are left out")
    at: str = setting("start", Choice(AT), "where in its line a head stands")
    min_line: int | None = setting(
        None, Integer(1, MAX_LINE, optional=True), "characters of a line at least, or words; empty: as in its text"
    )
    max_line: int | None = setting(
        None, Integer(1, MAX_LINE, optional=True), "characters of a line at most, or words; empty: as in its text"
    )
    beam: int = setting(8, Integer(1, 16), "lines of which one is chosen, for each head")
    temperature: float = setting(0.8, rule_of(TEMPERATURE), TEMPERATURE.metadata["help"])
    seed: int = setting(1, Integer(0, 2**31 - 1), "of the draw: the same seed gives the same lines")

    def check_together(self) -> None:
        """Check that there are heads, and that the band holds a length."""
        heads_of(self.heads)
        if self.min_line is not None and self.max_line is not None and self.min_line > self.max_line:
            raise InvalidInput("line_band", "max_line", value=self.max_line, low=self.min_line)


@dataclass(frozen=True)
class Candidate:
    """A line that could have been taken."""

    text: str
    end_probability: float  # of the line's end where it ends
    head_probability: float | None  # of the next line's head after it, or of its own at its end; None if unknown


@dataclass(frozen=True)
class AcrosticLine:
    """A line with the price of its head. Probabilities and ranks are the model's own, at the place of the token."""

    head: str  # as it was typed
    text: str  # without the line's end
    head_start: int  # the head is text[head_start:head_end]
    head_end: int
    tokens: tuple[str, ...]  # that the model has read, the line's end included
    head_tokens: tuple[int, int]  # places in `tokens` of those that stand for the head; equal if none does
    length: int  # tokens of the line, without its end
    probability: float | None  # of the head; None if the model does not know it
    rank: int | None  # 1 for the likeliest token there; of a head of several tokens, of the first
    likeliest: str  # token at the place of the head
    likeliest_probability: float
    end_probability: float  # of any line end where the line ends
    nearest: tuple[str, ...]  # to an unknown head: known characters; the model has read the first of them in its place
    measure: str  # of nearest: pinyin, radical, letter, or empty
    candidates: tuple[Candidate, ...]  # the line is that of number `chosen`
    chosen: int

    @property
    def bits(self) -> float | None:
        """The price of the head: -log2 of its probability."""
        return None if self.probability is None else -math.log2(max(self.probability, sys.float_info.min))


@dataclass
class _Draft:
    """A line that may be taken, with its best end so far."""

    place: Place  # after the line
    ids: list[int]
    before: Place  # before the head
    way: tuple[int, ...]  # ids that stand for the head; none for an unknown one without a near one
    price: float | None  # P(head); None for an unknown one
    score: float = 0.0  # log of the probability of what was forced
    next_price: float | None = None  # P(next head | this line and its end)


Write = Callable[[Place, Head, Head | None, tuple[int, int], list[list[float]]], list[_Draft]]


def acrostic(model: LanguageModel | ForkingDecoder, vocab: Vocab, how: Acrostic) -> Iterator[AcrosticLine]:
    """Yield a line for each head of `how`, whose lengths must be numbers.

    model: a network, or a decoder that has read nothing yet, such as an NGramDecoder.

    Raises InvalidInput for a vocabulary without line ends, and for more than MAX_ACROSTIC_TOKENS tokens in all.
    """
    low, high = how.min_line, how.max_line
    assert low is not None, "fill in the lengths first"
    assert high is not None, "fill in the lengths first"
    heads = heads_of(how.heads)
    if len(heads) * how.beam * high > MAX_ACROSTIC_TOKENS:
        raise InvalidInput(
            "acrostic_too_long", "heads", lines=len(heads), length=high, beam=how.beam, high=MAX_ACROSTIC_TOKENS
        )
    excluded = excluded_ids(vocab)
    choices = Choices(vocab, excluded, line_ends(vocab), Generation(temperature=how.temperature))
    found = find_heads(heads, vocab, {*excluded.tolist(), *choices.ends}, how.at)
    beam = how.beam if how.temperature else 1  # at temperature 0 all candidates are the same
    generator = torch.Generator().manual_seed(how.seed)
    decoder = decoder_of(model) if isinstance(model, LanguageModel) else model
    place = Place.after(decoder, [start_token(vocab, excluded)], choices)
    write: Write = _from_the_head if how.at == START else _to_the_head
    for head, following in zip(found, [*found[1:], None], strict=True):
        uniforms = torch.rand(how.beam, high, generator=generator, dtype=torch.float64).tolist()[:beam]
        drafts = write(place, head, following, (low, high), uniforms)
        chosen = max(range(beam), key=lambda k: drafts[k].score)
        yield _line(head, drafts, chosen, how.at, vocab)
        place = drafts[chosen].place.ended


def _from_the_head(
    place: Place, head: Head, following: Head | None, band: tuple[int, int], uniforms: list[list[float]]
) -> list[_Draft]:
    """Write candidates after the head; each ends where P(end) is highest within the band."""
    way = place.likeliest_of(head.ways or head.instead)
    after, price = place.read(way)
    known = price if head.ways else None
    drafts = []
    for numbers in uniforms:
        here, ids = after.fork(), list(way)
        length = len(way) or 1  # a head for which nothing is read has a place in the line as well
        best = _Draft(here.fork(), list(ids), place, way, known)
        for nth in range(length, band[1]):
            here, number = here.draw(numbers[nth])
            ids.append(number)
            if nth < band[0] or here.end_probability > best.place.end_probability:
                best = _Draft(here.fork(), list(ids), place, way, known)
        best.score = _log(best.place.end_probability)
        next_place = best.place.ended
        if following is not None and (next_way := next_place.likeliest_of(following.ways)):
            best.next_price = next_place.read(next_way)[1]
            best.score += _log(best.next_price)
        drafts.append(best)
    return drafts


def _to_the_head(
    place: Place, head: Head, following: Head | None, band: tuple[int, int], uniforms: list[list[float]]
) -> list[_Draft]:
    """Write candidates before the head; each ends where P(head) P(end) is highest within the band."""
    drafts = []
    for numbers in uniforms:
        here, content, best = place.fork(), list[int](), None
        for length in range(1, band[1] + 1):
            if length >= band[0]:
                way = here.likeliest_of(head.ways or head.instead)
                after, price = here.read(way)
                known = price if head.ways else None
                score = _log(after.end_probability) + (0.0 if known is None else _log(known))
                if best is None or score > best.score:
                    best = _Draft(after, [*content, *way], here.fork(), way, known, score)
            if length < band[1]:
                here, number = here.draw(numbers[length])
                content.append(number)
        assert best is not None  # the band holds a length
        drafts.append(best)
    return drafts


def _log(probability: float) -> float:
    return math.log(max(probability, sys.float_info.min))


def _line(head: Head, drafts: list[_Draft], chosen: int, at: str, vocab: Vocab) -> AcrosticLine:
    draft, texts = drafts[chosen], [_text(head, draft, at, vocab) for draft in drafts]
    text, start, end = texts[chosen]
    before, place, way = draft.before, draft.place, draft.way
    first = 0 if at == START else len(draft.ids) - len(way)
    return AcrosticLine(
        head=head.typed, text=text, head_start=start, head_end=end,
        tokens=tuple(vocab.decode([*draft.ids, place.end])), head_tokens=(first, first + len(way)),
        length=len(draft.ids) + (0 if way else 1),
        probability=draft.price, rank=None if draft.price is None else before.rank(way[0]),
        likeliest=vocab.tokens[before.likeliest], likeliest_probability=before.probability(before.likeliest),
        end_probability=place.end_probability, nearest=head.nearest, measure=head.measure,
        candidates=tuple(
            Candidate(written, each.place.end_probability, each.next_price if at == START else each.price)
            for each, (written, _, _) in zip(drafts, texts, strict=True)
        ),
        chosen=chosen,
    )  # fmt: skip


def _text(head: Head, draft: _Draft, at: str, vocab: Vocab) -> tuple[str, int, int]:
    """Return a line's text, and where its head begins and ends in it; an unknown head stands there as it was typed."""
    count = len(draft.way)
    first = 0 if at == START else len(draft.ids) - count
    writer = TokenWriter(vocab.spacing)
    written = [writer.write(token) for token in vocab.decode(draft.ids)]
    before, after = "".join(written[:first]), "".join(written[first + count :])
    own = "".join(written[first : first + count])
    before, own = before + own[: len(own) - len(own.lstrip())], own.lstrip()
    if not head.ways:
        own = head.typed
    elif vocab.has_words:  # the head is the word's first or last character
        extent = len(clusters(own)[0 if at == START else -1])
        if at == START:
            own, after = own[:extent], own[extent:] + after
        else:
            before, own = before + own[:-extent], own[-extent:]
    return before + own + after, len(before), len(before) + len(own)
