"""VisitorLimit: for whom one is held, who gives way, and when it is free again."""

import pytest

from rnnlab.ui.server.visitor_limit import HELD, UNCLAIMED, VisitorLimit, key_in


@pytest.fixture
def seats(clock):
    return VisitorLimit(2, clock)


def test_a_seat_is_held_for_who_was_let_in_and_is_on_the_way(seats, clock):
    assert seats.admit("a")
    assert seats.admit("b")
    assert not seats.admit("c")
    clock.now = HELD + 1  # neither has come
    assert seats.admit("c")
    assert seats.visitors == 0


def test_whoever_is_connected_keeps_the_seat_and_leaving_frees_it(seats, clock):
    a = seats.new_name()
    for who in (a, "b"):
        assert seats.admit(who)
        seats.connect(who)
    clock.now = 1000.0
    assert not seats.admit("c")
    assert seats.admit(a), "a second tab needs no second seat"
    seats.disconnect(a)
    assert not seats.admit("c"), "it may be a reload"
    assert seats.admit(a)
    clock.now += HELD + 1
    assert seats.admit("c")
    assert seats.visitors == 1


def test_what_anybody_makes_up_is_no_seat(seats):
    name = seats.new_name()
    assert seats.has_given(name)
    assert name != seats.new_name()
    changed = ("0" if name[0] != "0" else "1") + name[1:]
    for invented in ("", "x", name[:-1], name + "0", changed, "é" * len(name), "\ud800"):
        assert not seats.has_given(invented)
    assert not VisitorLimit(2).has_given(name), "another server's"


def test_a_server_that_is_started_anew_knows_who_was_here(tmp_path, caplog):
    name = VisitorLimit(2, key=key_in(tmp_path)).new_name()
    assert VisitorLimit(2, key=key_in(tmp_path)).has_given(name)
    (kept,) = tmp_path.iterdir()
    assert kept.stat().st_mode & 0o077 == 0
    kept.write_bytes(b"short")
    assert not VisitorLimit(2, key=key_in(tmp_path)).has_given(name)
    assert len(key_in(tmp_path / "nowhere")) == 32
    assert caplog.messages[-1].startswith("event=seats_not_kept reason=")


def test_no_more_seats_are_held_than_there_are(seats, clock):
    names = [seats.new_name() for _ in range(50)]
    for name in names:
        seats.connect(name)
        seats.disconnect(name)
    assert len(seats._held) == seats.most
    clock.now = HELD + 1
    assert seats.admit(seats.new_name())
    assert len(seats._held) == 1


def test_a_visitor_leaves_with_the_last_tab(seats, caplog):
    caplog.set_level("INFO")
    for _ in range(2):
        seats.connect("a")
    seats.disconnect("a")
    assert seats.visitors == 1
    seats.disconnect("a")
    assert seats.visitors == 0
    assert caplog.messages == ["event=visitor_came visitors=1", "event=visitor_left visitors=0"]


def test_nobody_who_is_in_is_sent_out(seats):
    for who in ("a", "b", "c"):  # they were here when the server was started anew
        seats.connect(who)
    assert all(seats.admit(who) for who in ("a", "b", "c"))
    assert not seats.admit("d")


def test_names_that_are_never_shown_leave_room_for_others(clock):
    seats = VisitorLimit(12, clock)
    assert all(seats.welcome(seats.new_name(), "address loop") for _ in range(50)), "the oldest gives way"
    assert len(seats._held) == 3, "a quarter of all"
    assert all(seats.welcome(seats.new_name(), "address other") for _ in range(50))
    assert len(seats._held) == 6
    assert len(seats._unclaimed) == 6
    large = VisitorLimit(1000, clock)
    for _ in range(50):
        large.welcome(large.new_name(), "address loop")
    assert len(large._held) == UNCLAIMED
    clock.now = HELD + 1
    assert large.admit("a")
    assert not large._unclaimed
