"""The order of turns, worked out by hand."""

import pytest

from rnnlab.runs import Run
from rnnlab.runs.scheduler import in_turn


@pytest.fixture
def turns(counting, record):
    """A function from waiting owners, a letter each, to the order of their turns."""

    def turns(waiting, driven="", served=None):
        owned = [[Run(counting(1), record, owner=owner) for owner in owners] for owners in (waiting, driven)]
        order = in_turn(*owned, served or {})
        assert sorted(order, key=owned[0].index) == owned[0], "everybody has one place in line"
        of_each = {owner: [run for run in order if run.owner == owner] for owner in waiting}
        assert all(own == sorted(own, key=owned[0].index) for own in of_each.values()), "one's own wait as they came"
        return "".join(run.owner for run in order)

    return turns


@pytest.mark.parametrize(
    ("waiting", "driven", "served", "order"),
    [
        ("", "", {}, ""),
        ("aaab", "", {}, "abaa"),
        ("abc", "", {}, "abc"),
        ("aabcb", "a", {"a": 1}, "bcaba"),
        ("ab", "aab", {"a": 1, "b": 2}, "ba"),  # b has fewer
        ("aab", "", {"a": 1}, "baa"),  # a was served last
        ("ab", "", {"a": 1, "b": 2}, "ab"),  # b was served last
        ("ab", "aaaaa", {"a": 5}, "ba"),
    ],
)
def test_order_of_turns(turns, waiting, driven, served, order):
    assert turns(waiting, driven, served) == order
