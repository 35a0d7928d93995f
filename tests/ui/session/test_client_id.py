"""The id of a client: from a browser's cookie, or from the address of a program."""

from types import SimpleNamespace

import pytest

from rnnlab.runs.scheduler import ADDRESS
from rnnlab.ui.session.client_id import COOKIE, client_id_of


def request(address=None, **cookies):
    return SimpleNamespace(cookies=cookies, client=address and SimpleNamespace(host=address))


def test_a_browser_is_identified_by_its_cookie_and_a_program_by_its_address():
    seat = request("10.0.0.1", **{COOKIE: "a"})
    owners = [
        client_id_of(one) for one in (seat, request("10.0.0.1"), request("10.0.0.2"), request("10.0.0.1", other="a"))
    ]
    assert owners[0] == client_id_of(request("10.0.0.2", **{COOKIE: "a"}))
    assert owners[1] == owners[3]
    assert len(set(owners)) == 3
    assert client_id_of(request("a")) != client_id_of(request(**{COOKIE: "a"}))
    assert [owner.startswith(ADDRESS) for owner in owners] == [False, True, True, True]


def test_the_id_hides_address_and_cookie():
    assert "10.0.0.1" not in client_id_of(request("10.0.0.1"))
    assert "secret" not in client_id_of(request(**{COOKIE: "secret"}))


@pytest.mark.parametrize("nobody", [None, request()])
def test_a_request_without_cookie_and_address_has_no_id(nobody):
    assert client_id_of(nobody) == ""
