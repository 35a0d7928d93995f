"""Acrostics: heads at their places, lengths in the band, prices as a reading in float64 gives them, wild heads."""

import copy
import math
import unicodedata
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab import checkpoints
from rnnlab.experiments.language_model import (
    Config,
    LearnedText,
    acrostic_row,
    counting_writer,
    network_writer,
    text_to_count,
    write_acrostic,
)
from rnnlab.experiments.language_model.acrostic_of_writer import line_band
from rnnlab.experiments.language_model.data import prepare
from rnnlab.generation import Acrostic, acrostic, line_ends
from rnnlab.generation.acrostic_heads import KINDS, MAX_HEADS, RADICALS, heads_of, nearest_to
from rnnlab.generation.decoder import decoder_of
from rnnlab.models import LanguageModel, LanguageModelConfig
from rnnlab.resources import shipped_model
from rnnlab.text import Vocab, clusters, make_corpus
from rnnlab.validation import InvalidInput

ZH, EN = "风雨同路", "Rain"


@pytest.fixture(scope="module")
def saved():
    return {name: checkpoints.load(shipped_model(name)) for name in ("lyrics-zh", "lyrics-en")}


@pytest.fixture(scope="module")
def writers(saved):
    learned = {name: LearnedText(prepare(Config.from_strings(each.config)).corpus) for name, each in saved.items()}
    networks = {name: network_writer(each, learned[name]) for name, each in saved.items()}
    return {**networks, "5-gram": counting_writer("5-gram", learned["lyrics-zh"])}


def lines_of(writer, **how):
    return list(write_acrostic(writer, Acrostic(**how)).lines)


def softmax(logits):
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


# what holds of every acrostic


CASES = [
    ("lyrics-zh", ZH, "start"),
    ("lyrics-zh", ZH, "end"),
    ("lyrics-en", EN, "start"),
    ("lyrics-en", EN, "end"),
    ("5-gram", "春夏", "start"),
    ("5-gram", "春夏", "end"),
]


@pytest.mark.parametrize(("name", "heads", "at"), CASES)
def test_each_line_has_its_head_at_its_place_and_a_length_in_the_band(writers, name, heads, at):
    written = write_acrostic(writers[name], Acrostic(heads=heads, at=at, beam=3))
    low, high = written.how.min_line, written.how.max_line
    lines = list(written.lines)
    assert [line.head for line in lines] == list(heads)
    for line in lines:
        assert low <= len(line.text) == line.length <= high
        head = line.text[0] if at == "start" else line.text[-1]
        assert head.casefold() == line.head.casefold()
        assert line.text[line.head_start : line.head_end] == head
        assert not set(line.text) & set("\n\r\u3000")
        assert "".join(line.tokens[:-1]) == line.text
    if name != "lyrics-en":
        assert " " not in "".join(line.text for line in lines)  # in Chinese songs a space ends a line


@pytest.mark.parametrize(("name", "heads", "at"), [case for case in CASES if case[0] != "5-gram"])
def test_prices_are_those_of_the_network_read_in_float64(saved, writers, name, heads, at):
    model, vocab = copy.deepcopy(saved[name].build_model()).double().eval(), saved[name].vocab
    lines = lines_of(writers[name], heads=heads, at=at, seed=4, min_line=5, max_line=14, beam=3)
    ids = vocab.encode(["\n"]) + [number for line in lines for number in vocab.encode(line.tokens)]
    with torch.inference_mode():
        logits = model(torch.tensor([ids]))[0][0].numpy()  # (T, V)
    logits[:, [number for number, token in enumerate(vocab.tokens) if len(token) != 1]] = -np.inf
    ends, begin = list(line_ends(vocab)), 0
    for index, line in enumerate(lines):
        first, last = line.head_tokens
        assert last - first == 1
        believed, head = softmax(logits[begin + first]), vocab.encode([line.tokens[first]])[0]
        assert line.probability == pytest.approx(believed[head], rel=1e-3)
        assert line.bits == pytest.approx(-math.log2(believed[head]), abs=2e-3)
        assert line.rank == 1 + int((believed > believed[head]).sum())
        assert line.likeliest == vocab.tokens[int(believed.argmax())]
        assert line.likeliest_probability == pytest.approx(believed.max(), rel=1e-3)
        at_end = softmax(logits[begin + len(line.tokens) - 1])
        assert line.end_probability == pytest.approx(at_end[ends].sum(), rel=1e-3)
        chosen = line.candidates[line.chosen]
        assert (chosen.text, chosen.end_probability) == (line.text, line.end_probability)
        begin += len(line.tokens)
        if at == "end":
            assert chosen.head_probability == line.probability
        elif index + 1 < len(lines):
            assert chosen.head_probability == lines[index + 1].probability
        else:
            assert chosen.head_probability is None


@pytest.mark.parametrize("at", ["start", "end"])
def test_the_candidate_is_taken_under_which_the_forced_tokens_are_likeliest(writers, at):
    for line in lines_of(writers["lyrics-zh"], heads=ZH, at=at):
        scores = [each.end_probability * (each.head_probability or 1.0) for each in line.candidates]
        assert len(scores) == 8
        assert scores[line.chosen] == max(scores)


def test_a_line_ends_within_the_band_where_its_end_is_likeliest(saved, writers):
    """Of the only candidate, read anew: P(end) at every length of the band."""
    model, vocab = saved["lyrics-zh"].build_model(), saved["lyrics-zh"].vocab
    how = Acrostic(heads="雨", min_line=3, max_line=12, beam=1, seed=2)
    (line,) = acrostic(model, vocab, how)
    (longest,) = acrostic(model, vocab, replace(how, min_line=12))
    assert longest.text.startswith(line.text)
    decoder, ends, found = decoder_of(model), list(line_ends(vocab)), {}
    logits = decoder.read(vocab.encode(["\n"]))
    for length, character in enumerate(longest.text):
        if length >= 3:
            found[length] = softmax(logits.astype(np.float64))[ends].sum()
        logits = decoder.read(vocab.encode([character]))
    found[12] = softmax(logits.astype(np.float64))[ends].sum()
    assert len(line.text) == max(found, key=found.get)


def test_the_seed_is_that_of_the_lines_and_temperature_zero_has_one_candidate(writers):
    one, same, other = (lines_of(writers["lyrics-zh"], heads=ZH, seed=seed) for seed in (1, 1, 2))
    assert one == same != other
    for line in lines_of(writers["lyrics-zh"], heads="雨", temperature=0.0):
        assert len(line.candidates) == 1


def test_a_bidirectional_network_and_one_without_a_numpy_step_write_too():
    vocab = Vocab("abc \n")
    for options in ({"bidirectional": True}, {"num_layers": 2}):
        config = LanguageModelConfig(hidden_size=4, embedding_size=3, **options)
        model = LanguageModel(config, len(vocab), generator=torch.Generator().manual_seed(1))
        found = list(acrostic(model, vocab, Acrostic(heads="abc", min_line=2, max_line=4, beam=2)))
        assert [line.text[0] for line in found] == list("abc")


def test_a_fork_reads_on_without_its_origin(saved):
    decoder = decoder_of(saved["lyrics-zh"].build_model())
    decoder.read([5])
    other = decoder.fork()
    first, again = other.read([6]), decoder.read([6])
    np.testing.assert_array_equal(first, again)
    other.read([9])
    np.testing.assert_array_equal(decoder.fork().read([7]), decoder.read([7]))


# lengths


def test_lengths_are_by_default_the_quartiles_of_the_lines_of_its_text(writers):
    for name, ends in (("lyrics-zh", "\n "), ("lyrics-en", "\n")):
        text = writers[name].learned.text
        for end in ends:
            text = text.replace(end, "|")
        lengths = sorted(map(len, filter(None, text.split("|")[:-1])))
        low, high = line_band(writers[name])
        assert low <= np.median(lengths) <= high
        assert sum(length < low for length in lengths) <= len(lengths) / 4
        assert sum(length > high for length in lengths) <= len(lengths) / 4


def test_a_given_length_moves_the_other_one(writers):
    assert line_band(writers["lyrics-zh"]) == (4, 9)
    bands = [
        ({"max_line": 2}, (2, 2)),
        ({"min_line": 20}, (20, 20)),
        ({"min_line": 6}, (6, 9)),
        ({"max_line": 7}, (4, 7)),
    ]
    for given_lengths, expected in bands:
        how = write_acrostic(writers["lyrics-zh"], Acrostic(heads="雨", **given_lengths)).how
        assert (how.min_line, how.max_line) == expected
    unknown = replace(writers["lyrics-zh"], learned=None)
    assert line_band(unknown) == (5, 10)


# unknown heads


def test_an_unknown_head_stands_as_it_was_typed_and_the_nearest_one_is_read(writers):
    east, tree, smile = lines_of(writers["lyrics-zh"], heads="冬梓🙂")
    assert (east.text[0], east.nearest[0], east.measure, east.tokens[0]) == ("冬", "东", "pinyin", "东")
    assert (tree.text[0], tree.nearest[0], tree.measure, tree.tokens[0]) == ("梓", "梅", "radical", "梅")
    assert (smile.text[0], smile.nearest, smile.measure, smile.head_tokens) == ("🙂", (), "", (0, 0))
    for line in (east, tree, smile):
        assert (line.rank, line.probability, line.bits) == (None, None, None)
        assert 4 <= line.length == len(line.text) <= 9
    (last,) = lines_of(writers["lyrics-en"], heads="é", at="end")
    assert (last.text[-1], last.nearest[0], last.measure) == ("é", "E", "letter")


def test_the_measures_of_nearness():
    assert sorted(set(RADICALS)) == RADICALS
    assert len(RADICALS) == 214
    assert nearest_to("睿", ["眉", "睡", "水"]) == (("睡", "眉"), "radical")  # both of 目
    assert nearest_to("舟", ["周", "粥", "船"]) == (("周", "粥"), "pinyin")
    assert nearest_to("ñ", ["N", "n", "m"]) == (("N", "n"), "letter")
    assert nearest_to("語", ["a"]) == nearest_to("🙂", ["a"]) == ((), "")


def test_letters_of_either_case_and_width_are_known(writers):
    (line,) = lines_of(writers["lyrics-en"], heads="Ｒ")
    assert line.text[0] == "R"
    assert line.rank is not None


# words


def test_a_model_of_words_writes_words_that_begin_and_end_with_the_heads():
    corpus = make_corpus("red fish swim\nblue fish sleep\nold birds sing\n" * 9, tokenizer="words")
    writer = counting_writer("2-gram", LearnedText(corpus))
    for line, head in zip(lines_of(writer, heads="fbx", min_line=2, max_line=4), "fbx", strict=True):
        assert line.text.startswith(head)
        assert line.text[line.head_start : line.head_end] == head
        assert 2 <= line.length <= 4
    for line, head in zip(lines_of(writer, heads="hpx", at="end", min_line=2, max_line=4), "hpx", strict=True):
        assert line.text.endswith(head)
        assert line.text[line.head_start : line.head_end] == head


# bad input


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"heads": ""}, "heads: it is empty"),
        ({"heads": " ，。!"}, "heads: it is empty"),
        ({"heads": "春" * 200}, f"heads: at most {MAX_HEADS} entries"),
        ({"heads": "春" * 201}, "heads: at most 200 characters"),
        ({"heads": 5}, "heads: 5 is not text"),
        ({"heads": "春", "at": "middle"}, "at: 'middle' is not on offer"),
        ({"heads": "春", "min_line": 9, "max_line": 4}, "max_line: 4 is less than the shortest line, 9"),
        ({"heads": "春", "max_line": 81}, "max_line: 81 is out of range"),
        ({"heads": "春", "beam": 0}, "beam: 0 is out of range"),
    ],
)
def test_bad_settings_are_refused_by_name(how, words):
    with pytest.raises(InvalidInput, match=words):
        Acrostic(**how)


def test_too_much_to_write_and_a_text_without_lines_are_refused(writers):
    with pytest.raises(InvalidInput, match="heads: 40 lines of up to 80 tokens, each chosen from 16"):
        lines_of(writers["lyrics-zh"], heads="春" * 40, max_line=80, beam=16)
    with pytest.raises(InvalidInput, match="model: its text has neither line ends nor spaces"):
        lines_of(counting_writer("2-gram", text_to_count("abcabcabc")), heads="a")
    with pytest.raises(InvalidInput, match="vocabulary"):
        list(acrostic(writers["5-gram"].decoder(), Vocab("\n"), Acrostic(heads="a", min_line=1, max_line=2)))


SMALL = counting_writer("2-gram", text_to_count("春天 来了\nשלום\nfish swim\n夏天 走了\n" * 5))


@settings(max_examples=30, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=25),
    st.sampled_from(["start", "end"]),
    st.integers(1, 5),
    st.integers(0, 3),
)
def test_any_text_gives_its_lines_or_is_refused(text, at, low, more):
    how = {"heads": text, "at": at, "min_line": low, "max_line": low + more, "beam": 2}
    if not any(unicodedata.category(unicodedata.normalize("NFC", part)[0]) in KINDS for part in clusters(text)):
        with pytest.raises(InvalidInput, match="heads: "):
            lines_of(SMALL, **how)
        return
    lines = lines_of(SMALL, **how)
    assert tuple(line.head for line in lines) == heads_of(text)
    for line in lines:
        head = line.text[line.head_start : line.head_end]
        assert (line.head_start == 0) if at == "start" else (line.head_end == len(line.text))
        if line.rank is None:
            assert head == line.head
        else:
            alike = unicodedata.normalize("NFKC", head).casefold()
            assert alike == unicodedata.normalize("NFKC", line.head).casefold()
            assert 0 < line.probability <= 1
        assert low <= line.length <= low + more
        assert len(line.text.splitlines()) == 1
        assert acrostic_row(line)["bits"] == line.bits
