"""Values that are kept within a number, a number of bytes, and an age."""

from rnnlab.experiments.language_model import LearnedText
from rnnlab.experiments.language_model.surprise_at import SurpriseText
from rnnlab.text import make_corpus
from rnnlab.ui.latest import Latest, forget_unused


def made_by(latest, keys):
    """Ask for keys; return those whose value had to be made, the key repeated."""
    made = []
    for key in keys:
        latest.get(key, lambda key=key: made.append(key) or key * 10)
    return "".join(made)


def test_only_the_latest_values_are_kept():
    assert made_by(Latest(2), "abacab") == "abcb"


def test_no_more_bytes_are_kept_than_allowed_but_the_newest_value_is():
    latest = Latest(9, nbytes=len, max_bytes=25)
    assert made_by(latest, "abab") == "ab"
    assert made_by(latest, "cba") == "ca"
    huge = Latest(9, nbytes=len, max_bytes=5)
    assert made_by(huge, "aab") == "ab"
    assert len(huge) == 1


def test_a_value_that_grows_while_it_is_kept_is_measured_again():
    latest = Latest(9, nbytes=len, max_bytes=3)
    kept = latest.get("a", list)
    latest.get("b", list)
    kept.extend("xxxx")
    latest.get("b", list)
    assert len(latest) == 1


def test_what_nobody_asks_for_is_forgotten_without_a_further_request():
    now = [0.0]
    latest = Latest(9, seconds=60, clock=lambda: now[0])
    made_by(latest, "ab")
    now[0] = 40.0
    assert made_by(latest, "b") == ""
    now[0] = 61.0
    forget_unused()
    assert len(latest) == 1
    assert made_by(latest, "ba") == "a"


def test_a_value_can_be_dropped():
    latest = Latest(9)
    made_by(latest, "ab")
    for key in "ac":
        latest.drop(key)
    assert made_by(latest, "ab") == "a"


def test_texts_say_how_large_they_are():
    corpus = make_corpus("one fish two fish\n" * 500, held_out=0.2)
    learned = LearnedText(corpus)
    before = learned.nbytes
    assert before >= len(learned.text) + 8 * len(corpus.train_ids)
    assert learned.ngrams.longest == 5
    assert learned.nbytes - before == 900 * len(corpus.train_ids)
    text = SurpriseText(corpus)
    assert text.nbytes >= 8 * (len(corpus.train_ids) + len(corpus.held_out_ids))
    assert all(ids.untyped_storage().nbytes() == ids.nbytes for ids in text.ids.values())


def test_an_owner_drops_only_values_of_its_own():
    latest = Latest(9, each=2)
    for key, owner in (("a", "ann"), ("b", "bob"), ("c", "ann"), ("d", "ann"), ("e", ""), ("f", ""), ("g", "")):
        latest.keep(key, key, owner)
    assert [latest.known(key) for key in "abcdefg"] == [None, "b", "c", "d", "e", "f", "g"]


def test_a_value_that_is_kept_anew_replaces_the_one_before():
    latest = Latest(9)
    latest.keep("a", "old")
    latest.keep("a", "new")
    assert (latest.known("a"), len(latest)) == ("new", 1)
