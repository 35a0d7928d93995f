"""Whose run it is: the browser's, or that of a program's address."""

from types import SimpleNamespace

import pytest

from rnnlab.runs.scheduler import ADDRESS
from rnnlab.ui.session.client_id import COOKIE, client_id_of


def request(address=None, **cookies):
    return SimpleNamespace(cookies=cookies, client=address and SimpleNamespace(host=address))


def test_a_browser_is_known_by_its_seat_and_a_program_by_its_address():
    seat = request("10.0.0.1", **{COOKIE: "a"})
    owners = [
        client_id_of(one) for one in (seat, request("10.0.0.1"), request("10.0.0.2"), request("10.0.0.1", other="a"))
    ]
    assert owners[0] == client_id_of(request("10.0.0.2", **{COOKIE: "a"}))
    assert owners[1] == owners[3]
    assert len(set(owners)) == 3
    assert client_id_of(request("a")) != client_id_of(request(**{COOKIE: "a"}))
    assert [owner.startswith(ADDRESS) for owner in owners] == [False, True, True, True]


def test_it_does_not_tell_who_it_is():
    assert "10.0.0.1" not in client_id_of(request("10.0.0.1"))
    assert "secret" not in client_id_of(request(**{COOKIE: "secret"}))


@pytest.mark.parametrize("nobody", [None, request()])
def test_nobody_is_nobody(nobody):
    assert client_id_of(nobody) == ""
