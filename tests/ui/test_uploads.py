"""How much visitors may have uploaded, all together."""

import gc

import pytest

from rnnlab import checkpoints
from rnnlab.resources import shipped_model
from rnnlab.text import TaggedSentence
from rnnlab.ui.session import NOBODY, Session
from rnnlab.ui.uploads import MOST_BYTES, Uploads, nbytes_of
from rnnlab.ui.words import message_of
from rnnlab.validation import InvalidInput

TEXT = "a" * 1000
ROOM = 2 * nbytes_of(TEXT) + 10  # for two of them


def test_uploads_are_counted_for_as_long_as_a_session_holds_them():
    uploads = Uploads(ROOM)
    first, second = (uploads.keep(None, "text", text=TEXT) for _ in range(2))
    assert uploads.taken == 2 * nbytes_of(TEXT)
    with pytest.raises(InvalidInput) as refused:
        uploads.keep(None, "text", text=TEXT)
    assert (refused.value.code, refused.value.field) == ("uploads_full", "text")
    del second
    gc.collect()
    assert uploads.taken == nbytes_of(TEXT)
    third = uploads.keep(Session(model="m"), "text", text=TEXT)
    assert (first.text, third.text, third.model) == (TEXT, TEXT, "m")


def test_a_visitor_has_one_of_each_kind_and_may_replace_it():
    uploads = Uploads(ROOM)
    session = uploads.keep(NOBODY, "text", text=TEXT)
    session = uploads.keep(session, "upload", tagged=(TaggedSentence.of("a b", "X Y"),))
    for _ in range(5):
        session = uploads.keep(session, "text", text=TEXT + "b")
    assert set(session.shares) == {"text", "tagged"}
    assert uploads.taken == sum(share.nbytes for share in session.shares.values()) < ROOM
    large = TEXT * 2
    with pytest.raises(InvalidInput):
        uploads.keep(session, "text", text=large)
    assert session.text == TEXT + "b", "what is refused changes nothing"


def test_room_is_made_before_anything_is_refused():
    sessions = []
    uploads = Uploads(ROOM, make_room=sessions.clear)
    for _ in range(5):
        sessions.append(uploads.keep(None, "text", text=TEXT))
    assert uploads.taken <= ROOM


def test_each_kind_is_weighed():
    assert MOST_BYTES == 2**30
    assert nbytes_of("春" * 1000) >= 2000
    model = checkpoints.load(shipped_model("lyrics-en"))
    weights = sum(weight.nbytes for weight in model.weights.values())
    assert weights < nbytes_of(model) < 6 * weights
    words = tuple(TaggedSentence.of("one two three", "X Y Z") for _ in range(100))
    assert nbytes_of(words) > 100 * 3 * 50


@pytest.mark.parametrize(
    ("language", "told"), [("en", "Your text (text): there is no room"), ("zh", "你的文本（text）：")]
)
def test_a_refusal_says_how_much_there_is(language, told):
    with pytest.raises(InvalidInput) as refused:
        Uploads(10).keep(None, "text", text=TEXT)
    message = message_of(refused.value, language)
    assert message.startswith(told)
    assert "1 MB" in message
