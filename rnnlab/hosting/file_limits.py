"""The system's limit of open files, and how many connections it allows: each connection is an open file."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from rnnlab.limits import MAX_CONNECTIONS_OF_VISITOR, MAX_OPEN_FILES, MAX_OTHER_CONNECTIONS, MIN_CONNECTIONS

BURST = 8  # connections that asyncio accepts at once; up to four times as many before one is looked at


@dataclass(frozen=True)
class Capacity:
    """The connections that the process can have open, besides a reserve for files."""

    open_files: int | None  # None where the system sets no limit
    connections: int
    wanted: int  # connections that the visitors can need

    @classmethod
    def of(cls, open_files: int | None, visitors: int) -> Capacity:
        """Return the capacity for so many visitors with so many open files.

        >>> Capacity.of(1024, 200)
        Capacity(open_files=1024, connections=832, wanted=3700)
        >>> Capacity.of(65536, 200)
        Capacity(open_files=65536, connections=3700, wanted=3700)
        """
        wanted = MAX_CONNECTIONS_OF_VISITOR * visitors + MAX_OTHER_CONNECTIONS
        if open_files is None:
            return cls(None, wanted, wanted)
        reserve = max(12 * BURST, 3 * open_files // 16)
        return cls(open_files, max(MIN_CONNECTIONS, min(wanted, open_files - min(reserve, 2048))), wanted)

    @property
    def is_short(self) -> bool:
        """Whether the limit of open files, and not that of visitors, keeps browsers out."""
        return self.open_files is not None and self.connections < self.wanted

    @property
    def max_refused(self) -> int:
        """Connections beyond the limit that get an answer before they are closed."""
        return min(2 * BURST, self.connections // 8)


def open_files() -> int | None:
    """Return how many files this process may have open; None where there is no such limit."""
    return _limits()[0]


def raise_open_files() -> None:
    """Let this process have as many files open as the system allows, up to MAX_OPEN_FILES.

    The default is 1024 or 256; a class needs more, since a browser opens six connections for the page.
    """
    soft, hard = _limits()
    for wanted in (MAX_OPEN_FILES, 10_240):  # macOS names no largest number, and takes no more than the second
        most = wanted if hard is None else min(wanted, hard)
        if soft is not None and most > soft and _set_limit(most):
            return


def _limits() -> tuple[int | None, int | None]:
    """Return the present and the largest possible limit; None for infinite."""
    if sys.platform == "win32":
        return None, None
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    endless = resource.RLIM_INFINITY
    return None if soft == endless else soft, None if hard == endless else hard


def _set_limit(most: int) -> bool:
    """Set the limit, and return whether the system allows it."""
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    except (OSError, ValueError):
        return False
    return True
