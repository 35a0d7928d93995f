"""Listening sockets, opened before the app is built, so that a taken port is reported at once."""

from __future__ import annotations

import errno
import socket
from contextlib import ExitStack
from typing import Any

from rnnlab.validation import InvalidInput, echo

FIRST_PORT, LAST_PORT = 7860, 7959  # among which the first free one is used
BACKLOG = 1024  # connections that wait in the system until the server accepts them: a class opens the page together
TAKEN = {errno.EADDRINUSE}
FORBIDDEN = {errno.EACCES, errno.EPERM}


def listen(host: str, port: int | None = None) -> list[socket.socket]:
    """Listen on `port`, or the first free one from 7860 on, at all addresses of `host`: `localhost` may have two.

    Raises InvalidInput when the port is taken or forbidden, or the host is none of this machine's.
    """
    if port is not None:
        return _listen(host, port)
    for candidate in range(FIRST_PORT, LAST_PORT + 1):
        try:
            return _listen(host, candidate)
        except InvalidInput as error:
            if error.code != "port_taken":
                raise
    raise InvalidInput("ports_taken", "port", low=FIRST_PORT, high=LAST_PORT)


def port_of(sockets: list[socket.socket]) -> int:
    """Return the port that these sockets have in common."""
    return sockets[0].getsockname()[1]


def url_of(host: str, port: int) -> str:
    """Return the URL by which a browser on this machine reaches the server."""
    bare = host.strip("[]")
    if bare in ("0.0.0.0", "::"):
        bare = "localhost"
    return f"http://[{bare}]:{port}/" if ":" in bare else f"http://{bare}:{port}/"


def _listen(host: str, port: int) -> list[socket.socket]:
    with ExitStack() as opened:
        sockets = []
        for family, address in _addresses(host, port):
            try:
                made = opened.enter_context(socket.socket(family, socket.SOCK_STREAM))
                _bind(made, address)
            except OSError as error:
                if error.errno in TAKEN | FORBIDDEN:
                    raise _refusal(port, error) from None
                continue  # an address of a family that this machine does not have
            sockets.append(made)
        if not sockets:
            raise InvalidInput("host_unusable", "host", value=echo(host, 100))
        opened.pop_all()
    return sockets


def _addresses(host: str, port: int) -> list[tuple[socket.AddressFamily, tuple[Any, ...]]]:
    """Return every address of `host` once."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, ValueError):  # an unknown name; an invalid one (UnicodeError is a ValueError)
        raise InvalidInput("host_unusable", "host", value=echo(host, 100)) from None
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))


def _bind(made: socket.socket, address: tuple[Any, ...]) -> None:
    if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows, where SO_REUSEADDR would share a taken port
        made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # for a port that a server has just released
    if made.family == socket.AF_INET6 and hasattr(socket, "IPPROTO_IPV6"):
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    made.bind(address)
    made.listen(BACKLOG)


def _refusal(port: int, error: OSError) -> InvalidInput:
    if error.errno in FORBIDDEN:
        return InvalidInput("port_forbidden", "port", value=port)
    return InvalidInput("port_taken", "port", value=port, other=port + 1 if port < 65535 else port - 1)
