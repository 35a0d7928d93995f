"""The endpoint `/tag`, with a real server and a real client."""

import inspect
from types import SimpleNamespace

import gradio as gr
import pytest

from rnnlab.runs import Runner
from rnnlab.text import UPOS
from rnnlab.ui.api import tag as endpoint

NOBODY = SimpleNamespace(headers={}, query_params={}, cookies={})


def ask(text="", language="auto", tokens=None):
    return endpoint.tag(Runner(), NOBODY, text, language, tokens)


def test_every_word_has_a_tag_and_all_probabilities():
    rows = ask("She reads a book.")
    assert [(row["form"], row["tag"]) for row in rows] == [
        ("She", "PRON"), ("reads", "VERB"), ("a", "DET"), ("book", "NOUN"), (".", "PUNCT"),
    ]  # fmt: skip
    for row in rows:
        assert set(row) == {"form", "tag", "probability", "known", "probabilities"}
        assert set(row["probabilities"]) <= set(UPOS)
        assert sum(row["probabilities"].values()) == pytest.approx(1, abs=1e-4)
        assert row["probability"] == max(row["probabilities"].values()) == row["probabilities"][row["tag"]]


def test_the_language_is_that_of_the_text_unless_one_is_named():
    assert [row["form"] for row in ask("我们喜欢音乐。")] == ["我们", "喜欢", "音乐", "。"]
    assert ask("我们", "zh") == ask("我们")
    assert ask("我们", "en") != ask("我们", "zh")


def test_given_words_are_not_cut_again():
    assert [row["form"] for row in ask(tokens=["南京", "市长", "江大桥"])] == ["南京", "市长", "江大桥"]
    assert [row["form"] for row in ask("not read", tokens=["New York", "grows"])] == ["New York", "grows"]


def test_words_unknown_to_training_are_marked():
    assert [row["known"] for row in ask("the glorptastic")] == [True, False]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"text": ""}, "it is empty"),
        ({"text": None}, "not text"),
        ({"text": "   "}, "it is empty"),
        ({"text": "x" * 5001}, "at most 5000"),
        ({"text": "a\0"}, "not text"),
        ({"text": "a", "language": "fr"}, "auto, en, zh"),
        ({"text": "a", "language": None}, "not on offer"),
        ({"text": "a", "language": "../en"}, "not on offer"),
        ({"tokens": []}, "no word"),
        ({"tokens": ["a"] * 501}, "at most 500"),
        ({"tokens": ["x" * 5001]}, "at most 5000"),
        ({"tokens": [1]}, "not text"),
        ({"tokens": "a b"}, "not a list"),
        ({"tokens": {"a": 1}}, "not a list"),
    ],
)
def test_bad_input_is_refused_with_a_message(arguments, words):
    with pytest.raises(gr.Error, match=words):
        ask(**arguments)


def test_it_is_typed_and_documented():
    with gr.Blocks() as app:
        endpoint.build_endpoint(Runner())
    (named,) = app.get_api_info()["named_endpoints"].values()
    types = {p["parameter_name"]: p["python_type"]["type"] for p in named["parameters"]}
    assert list(types) == ["text", "language", "tokens"]
    assert set(types["tokens"].split(" | ")) == {"list[str]", "None"}
    assert "shipped tagger" in inspect.getdoc(endpoint.tag)
