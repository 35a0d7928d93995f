"""A new language: a row in LANGUAGES and a folder of texts. A pseudo-language stands for one."""

import ast
import json
import re
from pathlib import Path

import gradio as gr
import pytest
from starlette.requests import Request

import rnnlab
from rnnlab import checkpoints
from rnnlab.generation import fit_prefix
from rnnlab.messages import MESSAGES
from rnnlab.resources import shipped_model
from rnnlab.runs import Runner
from rnnlab.ui.app import create_app
from rnnlab.ui.header import build_header
from rnnlab.ui.i18n import forget_words, message_of, own_words, spans, translations, words
from rnnlab.ui.i18n.errors import refusals_shown, refuse
from rnnlab.ui.i18n.languages import LANGUAGES, language_of
from rnnlab.ui.server.full_page import full_response
from rnnlab.ui.server.page_head import languages_style, languages_table
from rnnlab.ui.tabs import views
from rnnlab.ui.tabs.generate.payload import song_value
from rnnlab.ui.tabs.lesson import picture
from rnnlab.ui.tabs.tag.sentence.handlers import examples
from rnnlab.ui.tabs.train.payload import recorded_picture
from rnnlab.validation import Integer, InvalidInput

PACKAGE = Path(rnnlab.__file__).parent


@pytest.fixture(scope="module")
def tag(pseudo_language, tmp_path_factory):
    """Add the pseudo-language, as a developer would: one row, and one folder."""
    folder = tmp_path_factory.mktemp("language")
    pseudo_language.write_texts(folder)
    pseudo_language.add_row(folder)
    yield pseudo_language.TAG
    del LANGUAGES[pseudo_language.TAG]
    forget_words()


def request(tag):
    headers = [(b"accept-language", tag.encode()), (b"accept", b"text/html")]
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": headers,
                    "scheme": "http", "server": ("127.0.0.1", 80)})  # fmt: skip


def english_in(texts, allowed=r"examples\."):
    """The texts, by their keys, that are not in the pseudo-language."""
    return {key: text for key, text in texts.items() if "⟦" not in text and not re.match(allowed, key)}


def test_a_request_may_ask_for_it(tag):
    assert language_of(request(tag)) == language_of(request(f"{tag}-XA")) == tag


def test_every_text_is_in_it(tag):
    assert english_in(words(tag)) == {}
    assert english_in(translations().translations_dict[tag]) == {}


def test_a_text_that_it_lacks_is_english(tag):
    assert examples(tag) == examples("en")
    assert "examples.tag_first" not in own_words(tag)


@pytest.mark.parametrize("code", MESSAGES)
def test_every_refusal_is_in_it(tag, code):
    refusal = InvalidInput("empty", "epochs", low=1)
    refusal.code = code
    refusal.details = {name: 7 for name in re.findall(r"\{(\w+)", MESSAGES[code]) if name != "field"}
    assert message_of(refusal, tag).startswith("⟦")


def test_a_refused_handler_answers_in_it_beside_the_other_languages(tag):
    with pytest.raises(gr.Error) as refused, refusals_shown(request(tag)):
        Integer(1, 9).check("epochs", 10)
    assert re.search(rf'<span lang="{tag}">⟦⟦[^<]*10[^<]*⟧</span>', refused.value.message)
    assert f'<span lang="{tag}">⟦' in refuse("generate.not_trained", None).message


def test_a_refused_program_answers_in_it_alone(tag):
    with pytest.raises(gr.Error) as refused, refusals_shown(request(tag), program=True):
        Integer(1, 9).check("epochs", 10)
    assert refused.value.message.startswith("⟦⟦")
    assert "<span" not in refused.value.message


@pytest.mark.parametrize("name", ["race", "hello", "sine", "adding", "tag"])
def test_the_panel_of_a_lesson_is_in_it(tag, name):
    (view,) = [view for view in views() if view.name == name]
    shown = picture(view, view.config(), [], tag)
    assert english_in(shown["words"], allowed="title$") == {}
    assert "⟦" in shown["words"]["title"]


def test_the_panel_of_train_is_in_it(tag):
    shown = recorded_picture("lyrics-en", tag)
    assert english_in(shown["words"]) == {}
    assert "⟦" in shown["title"]


def test_the_notes_of_a_song_are_in_it(tag):
    fitted = fit_prefix("rain 龘", checkpoints.load(shipped_model("lyrics-en")).vocab)
    assert [note[0] for note in song_value(fitted, [])["notes"][tag]] == ["⟦"]


def test_the_page_gets_it_as_data(tag, pseudo_language):
    assert [row["key"] for row in languages_table()] == ["en", "zh", tag]
    (row,) = [row for row in languages_table() if row["key"] == tag]
    assert (row["html"], row["direction"], row["sentenceSpace"]) == (tag, "ltr", " ")
    assert row["title"].startswith("⟦")
    assert f'html:not(:lang({tag})) .gradio-container span[lang|="{tag}"]' in languages_style()
    assert f'<span lang="{tag}">⟦' in spans("train.tab")
    with gr.Blocks():
        header = build_header().value
    assert f'href="?lang={tag}">{pseudo_language.NAME}</a>' in header


def test_songs_and_examples_fall_back_to_english(tag):
    runner = Runner()
    app = create_app(runner)
    scripts = [str(event["js"]) for event in app.get_config_file()["dependencies"]]
    runner.close()
    first = {
        name: json.loads(re.search(rf'rnnlab\.kept\("{name}", \d+, \((.*)\)\[', script)[1])
        for name in ("generate", "sentence")
        for script in scripts
        if f'rnnlab.kept("{name}"' in script
    }
    assert first["generate"][tag] == first["generate"]["en"] == ["lyrics-en", "The night "]
    assert first["sentence"][tag] == first["sentence"]["en"]


def test_the_page_of_a_full_server_is_in_it(tag):
    page = full_response(request(tag), 30, "visitors").body.decode()
    assert f'<html lang="{tag}">' in page
    assert "<h1>⟦" in page


TABLES_OF_TEXTS = ("resources.py", "text/segmentation.py")  # there a language is that of a text, and not of the page


def test_no_code_outside_the_table_names_a_language():
    named = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}: {node.value}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if PACKAGE / "ui" / "i18n" not in path.parents and str(path.relative_to(PACKAGE)) not in TABLES_OF_TEXTS
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in ("en", "zh", "zh-CN")
    ]
    assert named == []
