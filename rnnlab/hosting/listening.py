"""The address that is listened on, taken before anything else is made: who cannot have it learns so at once."""

from __future__ import annotations

import errno
import socket
from contextlib import ExitStack

from rnnlab.validation import InvalidInput, echo

FIRST_PORT, LAST_PORT = 7860, 7959  # where the first free one is looked for
PENDING = 1024  # connections that the system keeps until we take them: a class opens the page together
TAKEN = {errno.EADDRINUSE}
FORBIDDEN = {errno.EACCES, errno.EPERM}


def listen(host: str, port: int | None = None) -> list[socket.socket]:
    """Listen on `port`, or the first free one from 7860 on, of everything that `host` means; nobody else can any more.

    `localhost` may mean two addresses. Raises InvalidInput: the port is taken or may not be used, or the host is none
    of this machine's.
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
    return sockets[0].getsockname()[1]


def url_of(host: str, port: int) -> str:
    """Where a browser on this machine finds what listens there."""
    bare = host.strip("[]")
    if bare in ("0.0.0.0", "::"):
        bare = "localhost"
    return f"http://[{bare}]:{port}/" if ":" in bare else f"http://{bare}:{port}/"


def _listen(host: str, port: int) -> list[socket.socket]:
    with ExitStack() as opened:
        sockets = []
        for family, address in _meant(host, port):
            try:
                made = opened.enter_context(socket.socket(family, socket.SOCK_STREAM))
                _bind(made, address)
            except OSError as error:
                if error.errno in TAKEN | FORBIDDEN:
                    raise _refused(port, error) from None
                continue  # an address of a family that this machine does not have
            sockets.append(made)
        if not sockets:
            raise InvalidInput("host_unusable", "host", value=echo(host, 100))
        opened.pop_all()
    return sockets


def _meant(host: str, port: int) -> list[tuple[socket.AddressFamily, tuple]]:
    """Every address that `host` stands for, each once."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, ValueError):  # no such name; no name at all (UnicodeError is a ValueError)
        raise InvalidInput("host_unusable", "host", value=echo(host, 100)) from None
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))


def _bind(made: socket.socket, address: tuple) -> None:
    if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows, where SO_REUSEADDR would share it with whoever has it
        made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that a server has just left
    if made.family == socket.AF_INET6 and hasattr(socket, "IPPROTO_IPV6"):
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    made.bind(address)
    made.listen(PENDING)


def _refused(port: int, error: OSError) -> InvalidInput:
    if error.errno in FORBIDDEN:
        return InvalidInput("port_forbidden", "port", value=port)
    return InvalidInput("port_taken", "port", value=port, other=port + 1 if port < 65535 else port - 1)
