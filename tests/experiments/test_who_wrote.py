"""Rounds of "who wrote this?": one real held-out line among three of the model, of like length, by the seed."""

from collections import Counter

import pytest

from rnnlab import checkpoints
from rnnlab.experiments.language_model import Config, LearnedText, WhoWrote, counting_writer, network_writer, who_wrote
from rnnlab.experiments.language_model.data import prepare
from rnnlab.experiments.language_model.who_wrote import lines_of
from rnnlab.resources import shipped_model
from rnnlab.text import make_corpus
from rnnlab.validation import InvalidInput


@pytest.fixture(scope="module")
def writers():
    saved = checkpoints.load(shipped_model("lyrics-zh"))
    learned = LearnedText(prepare(Config.from_strings(saved.config)).corpus)
    return {"network": network_writer(saved, learned), "5-gram": counting_writer("5-gram", learned)}


def dealt(writer, **how):
    return who_wrote(writer.decoder, writer.vocab, writer.learned.corpus, WhoWrote(**how))


@pytest.mark.parametrize(("name", "seeds"), [("network", range(2)), ("5-gram", range(6))])
def test_one_line_is_real_and_held_out_and_three_are_the_models(writers, name, seeds):
    corpus = writers[name].learned.corpus
    text = corpus.vocab.decode(corpus.held_out_ids.tolist())
    held_out, learned = "".join(text).split("\n"), writers[name].learned.text.split("\n")
    for seed in seeds:
        found = dealt(writers[name], seed=seed, temperature=1.0)
        assert len(set(found.lines)) == len(found.cut) == 4
        for place, line in enumerate(found.lines):
            assert (line in held_out) == (place == found.real)
            assert line not in learned
            assert "\n" not in line
        assert not found.cut[found.real]


def test_the_lines_are_of_like_length(writers):
    for seed in range(4):
        found = dealt(writers["5-gram"], seed=seed, temperature=1.0)
        length = len(found.lines[found.real])
        assert all(abs(len(line) - length) <= length / 4 for line in found.lines)


def test_the_seed_is_that_of_the_round_and_the_real_line_has_every_place(writers):
    assert dealt(writers["5-gram"], seed=3) == dealt(writers["5-gram"], seed=3)
    places = Counter(dealt(writers["5-gram"], seed=seed).real for seed in range(24))
    assert set(places) == {0, 1, 2, 3}


def writer_of(text, **options):
    return counting_writer("5-gram", LearnedText(make_corpus(text, **options)))


def test_a_text_without_a_usable_held_out_line_is_refused(writers):
    for options in ({}, {"held_out": 0.3}):  # nothing is held out, or only lines that were learned too
        with pytest.raises(InvalidInput, match="model: of its text no line was held out"):
            dealt(writer_of("one fish\ntwo fish\n" * 20, **options))


def test_a_model_that_only_recites_is_refused_with_a_way_out():
    writer = writer_of("one fish swims\n" * 30 + "blue bird flies\n" * 4, held_out=0.12)
    assert "blue bird flies" in lines_of(writer.learned.corpus.held_out_ids, writer.vocab)
    with pytest.raises(InvalidInput, match="temperature: in 2000 tokens it wrote fewer than 3 lines"):
        dealt(writer, temperature=0.0)


def test_lines_without_an_end_are_cut_to_the_length(writers):
    guess = counting_writer("uniform", writers["network"].learned)  # a line end is one of 1061 tokens
    found = dealt(guess, temperature=1.0)
    assert sum(found.cut) == 3
    length = len(found.lines[found.real])
    assert all(len(line) <= length for line in found.lines)
