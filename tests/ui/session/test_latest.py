"""The values that were used last: within a number, a size, and a number for each owner."""

from rnnlab.ui.session.latest import Latest


def test_only_the_latest_values_are_kept():
    latest, made = Latest(2), []
    for key in "abacab":
        latest.get(key, lambda key=key: made.append(key))
    assert made == ["a", "b", "c", "b"]


def test_the_oldest_values_make_room_and_the_latest_stays_whatever_its_size():
    latest = Latest(9, max_bytes=10, nbytes=len)
    latest.keep("a", "xxxx")
    latest.keep("b", "xxxx")
    assert latest.find("a") == "xxxx"  # used, so b is now the oldest
    latest.keep("c", "xxx")
    assert [latest.find(key) for key in "abc"] == ["xxxx", None, "xxx"]
    latest.keep("d", "x" * 99)
    assert [latest.find(key) for key in "acd"] == [None, None, "x" * 99]
    assert (len(latest), latest.nbytes) == (1, 99)


def test_an_owner_drops_only_values_of_its_own():
    latest = Latest(9, each=2)
    for key, owner in (("a", "ann"), ("b", "bob"), ("c", "ann"), ("d", "ann"), ("e", ""), ("f", ""), ("g", "")):
        latest.keep(key, key, owner)
    assert [latest.find(key) for key in "abcdefg"] == [None, "b", "c", "d", "e", "f", "g"]


def test_a_value_that_is_kept_anew_replaces_the_one_before():
    latest = Latest(9, max_bytes=10, nbytes=len)
    latest.keep("a", "x" * 8)
    latest.keep("a", "x" * 9)
    assert (latest.find("a"), latest.nbytes) == ("x" * 9, 9)
