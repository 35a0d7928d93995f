"""Uploads in memory: how much all visitors together may have."""

import gc

import gradio as gr
import pytest

from rnnlab import checkpoints
from rnnlab.limits import MAX_UPLOADED_BYTES
from rnnlab.resources import shipped_model
from rnnlab.text import TaggedSentence
from rnnlab.ui.i18n import message_of
from rnnlab.ui.session.persistence import on_return, token_of
from rnnlab.ui.session.uploads import Uploads, nbytes_of
from rnnlab.validation import InvalidInput

TEXT = "a" * 1000
ROOM = 2 * nbytes_of(TEXT) + 10  # for two of them


def test_uploads_count_for_as_long_as_a_session_refers_to_them():
    uploads = Uploads(ROOM)
    first, second = (uploads.keep(None, "text", TEXT) for _ in range(2))
    assert uploads.nbytes == 2 * nbytes_of(TEXT)
    with pytest.raises(InvalidInput) as refused:
        uploads.keep(None, "text", TEXT)
    assert (refused.value.code, refused.value.field) == ("uploads_full", "text")
    del second
    gc.collect()
    assert uploads.nbytes == nbytes_of(TEXT)
    third = uploads.keep(None, "text", TEXT)
    assert (first.content, third.content) == (TEXT, TEXT)


def test_a_new_upload_replaces_the_visitors_earlier_one():
    uploads = Uploads(ROOM)
    words = uploads.keep(None, "upload", (TaggedSentence.of("a b", "X Y"),))
    mine = uploads.keep(None, "text", TEXT)
    for _ in range(5):
        mine = uploads.keep(mine, "text", TEXT + "b")
    gc.collect()
    assert uploads.nbytes == mine.nbytes + words.nbytes < ROOM
    with pytest.raises(InvalidInput):
        uploads.keep(mine, "text", TEXT * 2)
    assert mine.content == TEXT + "b", "a refusal changes nothing"


def test_room_is_made_before_an_upload_is_refused():
    held = []
    uploads = Uploads(ROOM, make_room=held.clear)
    for _ in range(5):
        held.append(uploads.keep(None, "text", TEXT))
    assert uploads.nbytes <= ROOM


def test_each_kind_of_upload_is_measured():
    assert MAX_UPLOADED_BYTES == 2**30
    assert nbytes_of("春" * 1000) >= 2000
    model = checkpoints.load(shipped_model("lyrics-en"))
    weights = sum(weight.nbytes for weight in model.weights.values())
    assert weights < nbytes_of(model) < 6 * weights
    words = tuple(TaggedSentence.of("one two three", "X Y Z") for _ in range(100))
    assert nbytes_of(words) > 100 * 3 * 50


@pytest.mark.parametrize(("language", "prefix"), [("en", "Your text: there is no room"), ("zh", "你的文本：")])
def test_a_refusal_names_the_limit(language, prefix):
    with pytest.raises(InvalidInput) as refused:
        Uploads(10).keep(None, "text", TEXT)
    message = message_of(refused.value, language)
    assert message.startswith(prefix)
    assert "1 MB" in message


def test_a_reloaded_page_finds_the_uploads_of_its_browser():
    uploads = Uploads()
    text = uploads.keep(None, "text", TEXT)
    token = token_of(text)
    assert token_of(None) is None
    assert len({token, *(uploads.keep(None, "text", TEXT).token for _ in range(9))}) == 10
    assert uploads.find(str, token) is text
    assert [uploads.find(tuple, token), *(uploads.find(str, no) for no in (None, "", token[:-1], [token]))] == [
        None
    ] * 5
    same = gr.skip()
    assert on_return(uploads, token, None, "gone") == [text, same, same, same, same, None, same, same, ""]
    del text
    gc.collect()
    assert uploads.find(str, token) is None, "no session refers to it"
