"""VisitorLimit: for whom a place is reserved, which reservation ends first, and when a place is free."""

import pytest

from rnnlab.limits import MAX_UNCONFIRMED
from rnnlab.ui.server.visitor_limit import GRACE, VisitorLimit, key_in


@pytest.fixture
def visitors(clock):
    return VisitorLimit(2, clock)


def test_a_place_is_reserved_until_the_page_connects(visitors, clock):
    assert visitors.admit("a")
    assert visitors.admit("b")
    assert not visitors.admit("c")
    clock.now = GRACE + 1  # neither has connected
    assert visitors.admit("c")
    assert visitors.connected == 0


def test_a_connected_visitor_keeps_the_place_and_frees_it_by_leaving(visitors, clock):
    a = visitors.new_id()
    for who in (a, "b"):
        assert visitors.admit(who)
        visitors.connect(who)
    clock.now = 1000.0
    assert not visitors.admit("c")
    assert visitors.admit(a), "a second tab needs no second place"
    visitors.disconnect(a)
    assert not visitors.admit("c"), "it may be a reload"
    assert visitors.admit(a)
    clock.now += GRACE + 1
    assert visitors.admit("c")
    assert visitors.connected == 1


def test_a_forged_id_is_not_signed(visitors):
    name = visitors.new_id()
    assert visitors.is_signed(name)
    assert name != visitors.new_id()
    changed = ("0" if name[0] != "0" else "1") + name[1:]
    for invented in ("", "x", name[:-1], name + "0", changed, "é" * len(name), "\ud800"):
        assert not visitors.is_signed(invented)
    assert not VisitorLimit(2).is_signed(name), "another server's"


def test_a_restarted_server_recognises_its_ids(tmp_path, caplog):
    name = VisitorLimit(2, key=key_in(tmp_path)).new_id()
    assert VisitorLimit(2, key=key_in(tmp_path)).is_signed(name)
    (kept,) = tmp_path.iterdir()
    assert kept.stat().st_mode & 0o077 == 0
    kept.write_bytes(b"short")
    assert not VisitorLimit(2, key=key_in(tmp_path)).is_signed(name)
    assert len(key_in(tmp_path / "nowhere")) == 32
    assert caplog.messages[-1].startswith("event=seats_not_kept reason=")


def test_no_more_places_are_reserved_than_there_are(visitors, clock):
    names = [visitors.new_id() for _ in range(50)]
    for name in names:
        visitors.connect(name)
        visitors.disconnect(name)
    assert len(visitors._expiry) == visitors.limit
    clock.now = GRACE + 1
    assert visitors.admit(visitors.new_id())
    assert len(visitors._expiry) == 1


def test_a_visitor_leaves_with_the_last_tab(visitors, caplog):
    caplog.set_level("INFO")
    for _ in range(2):
        visitors.connect("a")
    visitors.disconnect("a")
    assert visitors.connected == 1
    visitors.disconnect("a")
    assert visitors.connected == 0
    assert caplog.messages == ["event=visitor_came visitors=1", "event=visitor_left visitors=0"]


def test_connected_visitors_are_never_disconnected(visitors):
    for who in ("a", "b", "c"):  # they were here when the server was started anew
        visitors.connect(who)
    assert all(visitors.admit(who) for who in ("a", "b", "c"))
    assert not visitors.admit("d")


def test_cookies_that_are_never_sent_back_leave_room_for_others(clock):
    visitors = VisitorLimit(12, clock)
    assert all(visitors.admit_new(visitors.new_id(), "address loop") for _ in range(50)), "the oldest is given up"
    assert len(visitors._expiry) == 3, "a quarter of all"
    assert all(visitors.admit_new(visitors.new_id(), "address other") for _ in range(50))
    assert len(visitors._expiry) == 6
    assert len(visitors._unconfirmed) == 6
    large = VisitorLimit(1000, clock)
    for _ in range(50):
        large.admit_new(large.new_id(), "address loop")
    assert len(large._expiry) == MAX_UNCONFIRMED
    clock.now = GRACE + 1
    assert large.admit("a")
    assert not large._unconfirmed
