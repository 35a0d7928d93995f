"""The shipped tagged sentences, read with the `conllu` library: valid, varied and without repetition."""

from collections import Counter

import conllu
import pytest

from rnnlab.resources import resource

UPOS = {
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM",
    "VERB", "X",
}  # fmt: skip


@pytest.fixture(params=["en", "zh"])
def sentences(request):
    return conllu.parse(resource(f"data/tagging/{request.param}.conllu").read_text("utf-8"))


def test_there_are_hundreds_of_everyday_length(sentences):
    assert 300 <= len(sentences) <= 500
    lengths = [len(sentence) for sentence in sentences]
    assert min(lengths) >= 2
    assert max(lengths) <= 25
    assert 7 <= sum(lengths) / len(lengths) <= 12


def test_every_tag_is_universal_and_all_are_there(sentences):
    tags = Counter(token["upos"] for sentence in sentences for token in sentence)
    assert set(tags) == UPOS
    assert tags["NOUN"] == max(tags.values())


def test_the_text_is_the_tokens(sentences):
    for sentence in sentences:
        spaced = "".join(
            token["form"] + ("" if (token["misc"] or {}).get("SpaceAfter") == "No" else " ") for token in sentence
        )
        assert sentence.metadata["text"] == spaced.strip()
        assert [token["id"] for token in sentence] == list(range(1, len(sentence) + 1))


def test_no_sentence_comes_twice(sentences):
    assert len({sentence.metadata["text"].lower() for sentence in sentences}) == len(sentences)
    assert len({sentence.metadata["sent_id"] for sentence in sentences}) == len(sentences)


def test_the_last_sentences_resemble_the_others(sentences):
    """A held-out tail must be a fair test: no tag's share differs much."""
    cut = len(sentences) * 4 // 5
    shares = []
    for part in (sentences[:cut], sentences[cut:]):
        tags = Counter(token["upos"] for sentence in part for token in sentence)
        shares.append({tag: tags[tag] / sum(tags.values()) for tag in UPOS})
    assert max(abs(shares[0][tag] - shares[1][tag]) for tag in UPOS) < 0.03
