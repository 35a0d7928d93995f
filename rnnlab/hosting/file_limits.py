"""How many files the process may have open: each connection is one."""

from __future__ import annotations

import sys
from dataclasses import dataclass

ENOUGH = 65_536  # open files: as many as anybody needs; the largest number that a system allows may be endless
FEWEST = 16  # connections, on whatever machine
BURST = 8  # connections that are taken from the system at once; up to four times as many before one is looked at
PER_VISITOR, BESIDES = 16, 500  # connections of a visitor at most, a browser having six a server, and of all others


@dataclass(frozen=True)
class Capacity:
    """What the process can hold: connections, besides a reserve for files; None where the system sets no limit."""

    open_files: int | None
    connections: int
    wanted: int  # connections that the visitors can need

    @classmethod
    def of(cls, open_files: int | None, visitors: int) -> Capacity:
        """As much as so many visitors can need, if there are files enough for it.

        >>> Capacity.of(1024, 200)
        Capacity(open_files=1024, connections=832, wanted=3700)
        >>> Capacity.of(65536, 200)
        Capacity(open_files=65536, connections=3700, wanted=3700)
        """
        wanted = PER_VISITOR * visitors + BESIDES
        if open_files is None:
            return cls(None, wanted, wanted)
        reserve = max(12 * BURST, 3 * open_files // 16)
        return cls(open_files, max(FEWEST, min(wanted, open_files - min(reserve, 2048))), wanted)

    @property
    def is_short(self) -> bool:
        """Whether it is the system's limit that keeps browsers out."""
        return self.open_files is not None and self.connections < self.wanted

    @property
    def outside(self) -> int:
        """Connections beyond those that are told so before they are closed."""
        return min(2 * BURST, self.connections // 8)


def open_files() -> int | None:
    """How many files this process may have open; None where there is no such limit."""
    return _limits()[0]


def raise_open_files() -> None:
    """Let this process have as many files open as the system allows, up to ENOUGH.

    Systems begin with 1024 or 256; a class takes more, a browser opening six connections for the page.
    """
    soft, hard = _limits()
    for wanted in (ENOUGH, 10_240):  # macOS names no largest number, and takes no more than the second
        most = wanted if hard is None else min(wanted, hard)
        if soft is not None and most > soft and _may_have(most):
            return


def _limits() -> tuple[int | None, int | None]:
    """How many there may be now, and at most; None for endless."""
    if sys.platform == "win32":
        return None, None
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return tuple(None if limit == resource.RLIM_INFINITY else limit for limit in (soft, hard))


def _may_have(most: int) -> bool:
    """Whether the system allows so many."""
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    except (OSError, ValueError):
        return False
    return True
