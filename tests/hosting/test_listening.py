"""Listening sockets, and the refusals, which name the flag to change."""

import errno
import socket

import pytest

from rnnlab.hosting import listening
from rnnlab.hosting.listening import listen, port_of, url_of
from rnnlab.validation import InvalidInput


@pytest.fixture
def taken():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_taken_port_is_refused_with_a_proposal(taken):
    with pytest.raises(InvalidInput, match=rf"^port: {taken} is taken by another program.* --port {taken + 1}"):
        listen("127.0.0.1", taken)
    with pytest.raises(InvalidInput, match="is taken"):
        listen("0.0.0.0", taken)


def test_a_listening_socket_has_its_port_alone_and_answers_at_its_url():
    (mine,) = listen("127.0.0.1", None)
    with mine:
        port = port_of([mine])
        with pytest.raises(InvalidInput, match="is taken"):
            listen("127.0.0.1", port)
        with socket.create_connection(("127.0.0.1", port), timeout=10):
            assert url_of("127.0.0.1", port) == f"http://127.0.0.1:{port}/"
    for again in listen("127.0.0.1", port):
        again.close()


def test_the_default_port_is_the_first_free_one(taken, monkeypatch):
    monkeypatch.setattr(listening, "FIRST_PORT", taken)
    monkeypatch.setattr(listening, "LAST_PORT", taken)
    with pytest.raises(InvalidInput, match=rf"all from {taken} to {taken} are taken.*--port"):
        listen("127.0.0.1")
    monkeypatch.setattr(listening, "LAST_PORT", taken + 20)
    (next_one,) = listen("127.0.0.1")
    with next_one:
        assert taken < port_of([next_one]) <= taken + 20


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "rnnlab.invalid", "a\0b", "x" * 200, "::ffff:192.0.2.1"])
def test_an_address_of_another_machine_is_refused(host):
    with pytest.raises(InvalidInput, match=r"--host 127\.0\.0\.1") as refused:
        listen(host, 0)
    assert refused.value.field == "host"


def test_a_forbidden_port_is_refused(monkeypatch):
    def bind(made, where):
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(listening, "_bind", bind)
    with pytest.raises(InvalidInput, match=r"^port: 80 may not be used here.*--port 7860"):
        listen("127.0.0.1", 80)


def test_localhost_listens_at_all_of_its_addresses():
    sockets = listen("localhost", None)
    assert {each.getsockname()[1] for each in sockets} == {port_of(sockets)}
    for each in sockets:
        each.close()


@pytest.mark.parametrize(
    ("host", "url"),
    [("0.0.0.0", "http://localhost:80/"), ("::", "http://localhost:80/"), ("[::1]", "http://[::1]:80/")],
)
def test_the_url_is_valid_in_a_browser(host, url):
    assert url_of(host, 80) == url
