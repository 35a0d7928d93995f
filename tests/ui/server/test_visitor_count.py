"""VisitorCount: for whom there is a place, for how long it is reserved, and which ids are signed."""

import pytest

from rnnlab.ui.server.visitor_count import GRACE, VisitorCount, key_in


@pytest.fixture
def visitors(clock):
    return VisitorCount(2, clock)


def test_a_place_is_reserved_until_the_page_connects(visitors, clock):
    for visitor in ("a", "b"):
        assert visitors.has_room(visitor)
        visitors.reserve(visitor)
    assert not visitors.has_room("c")
    assert visitors.has_room("a"), "a second tab needs no second place"
    visitors.reserve("c")
    clock.now = GRACE + 1  # neither has connected
    assert visitors.has_room("c")
    assert visitors.connected == 0


def test_a_connected_visitor_keeps_the_place_and_frees_it_by_leaving(visitors, clock):
    a = visitors.new_id()
    for visitor in (a, "b"):
        visitors.connect(visitor)
    clock.now = 1000.0
    assert not visitors.has_room("c")
    visitors.disconnect(a)
    assert not visitors.has_room("c"), "it may be a reload"
    assert visitors.has_room(a)
    clock.now += GRACE + 1
    assert visitors.has_room("c")
    assert visitors.connected == 1


def test_a_forged_id_is_not_signed(visitors):
    name = visitors.new_id()
    assert visitors.is_signed(name)
    assert name != visitors.new_id()
    changed = ("0" if name[0] != "0" else "1") + name[1:]
    for forged in ("", "x", name[:-1], name + "0", changed, "é" * len(name), "\ud800"):
        assert not visitors.is_signed(forged)
    assert not VisitorCount(2).is_signed(name), "another server's"


def test_a_restarted_server_recognises_its_ids(tmp_path, caplog):
    name = VisitorCount(2, key=key_in(tmp_path)).new_id()
    assert VisitorCount(2, key=key_in(tmp_path)).is_signed(name)
    (kept,) = tmp_path.iterdir()
    assert kept.stat().st_mode & 0o077 == 0
    kept.write_bytes(b"short")
    assert not VisitorCount(2, key=key_in(tmp_path)).is_signed(name)
    assert len(key_in(tmp_path / "nowhere")) == 32
    assert caplog.messages[-1].startswith("event=seats_not_kept reason=")


def test_no_more_places_are_reserved_than_there_are(visitors, clock):
    ids = [visitors.new_id() for _ in range(50)]
    for visitor in ids:
        visitors.connect(visitor)
        visitors.disconnect(visitor)
    assert not visitors.has_room("c")
    assert len(visitors._expiry) == visitors.limit
    clock.now = GRACE + 1
    visitors.reserve("c")
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
    for visitor in ("a", "b", "c"):  # they were here before the server was restarted
        visitors.connect(visitor)
    assert all(visitors.has_room(visitor) for visitor in ("a", "b", "c"))
    assert not visitors.has_room("d")
