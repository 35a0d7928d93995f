"""What the Train form says about the chosen text."""

import gradio as gr
import pytest

from rnnlab.experiments.language_model import Config
from rnnlab.limits import MAX_SHOWN_VOCABULARY
from rnnlab.resources import shipped_corpus
from rnnlab.ui.components.settings_form import shown_values
from rnnlab.ui.session.uploads import Upload
from rnnlab.ui.tabs.train.text_facts import TEXT_SETTINGS, facts_of_preset, on_text_facts

OWN = "<b>\x07\u202eשלום</b>\n" * 40


def facts(uploaded=None, corpus="own", pasted="", **changes):
    values = dict(zip(TEXT_SETTINGS, shown_values(Config(corpus="own"), TEXT_SETTINGS), strict=True)) | changes
    return on_text_facts(uploaded, corpus, pasted, *values.values())


def test_a_shipped_text_with_the_forms_settings():
    found = facts(corpus="lyrics-en", max_tokens="5000", held_out=0, batch_size=4, num_steps=10)
    assert found["lines"] == len(shipped_corpus("lyrics-en").splitlines())
    assert (found["taken"], found["minibatches"]) == (5000, 124)  # rows of 1250 tokens: 1249 targets in pieces of 10
    assert len(found["vocabulary"]) == found["vocab_size"] == len(found["counts"])
    assert sum(found["counts"]) == 5000
    assert found["counts"] == sorted(found["counts"], reverse=True)


def test_the_pasted_text_counts_before_the_uploaded_one():
    upload = Upload("an uploaded text\n" * 50, 1)
    assert facts(upload)["lines"] == 50
    assert facts(upload, pasted=OWN)["lines"] == 40
    assert facts(upload, pasted=OWN)["vocabulary"][0] == "<", "characters travel as they are; the page escapes them"


def test_what_cannot_be_taken_says_why():
    assert facts() == {"message": None}
    assert "fewer than 2 on one side" in facts(pasted="ab")["message"]["en"]
    assert facts(pasted=OWN, batch_size=0)["message"]["en"].startswith("Batch size: 0 is out of range")
    assert set(facts(pasted=OWN, num_steps=0)["message"]) == {"en", "zh"}
    assert facts(pasted=OWN, batch_size=None) == facts(corpus=None) == gr.skip()


def test_a_large_vocabulary_is_cut():
    text = "".join(map(chr, range(0x4E00, 0x4E00 + MAX_SHOWN_VOCABULARY + 7)))
    found = facts(pasted=text, held_out=0)
    assert (found["vocab_size"], len(found["vocabulary"])) == (MAX_SHOWN_VOCABULARY + 7, MAX_SHOWN_VOCABULARY)


@pytest.mark.parametrize("corpus", ["lyrics-zh", "lyrics-en"])
def test_the_page_begins_with_a_shipped_text(corpus):
    assert facts_of_preset("quick", corpus)["characters"] == len(shipped_corpus(corpus))
