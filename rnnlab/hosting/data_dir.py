"""The folder that outlives the process: ours alone, and one server's at a time."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from rnnlab.validation import InvalidInput, echo

OURS_ALONE = 0o700
SERVERS_AT_ONCE = 16  # of one person, each with a folder of its own, unless they were told one
LOST = {  # why a folder that was removed cannot be used any more, in the few words that a page has room for
    "data_dir_in_use": "another RNN Lab uses the data folder now",
    "data_dir_foreign": "the data folder belongs to somebody else now",
}


@dataclass
class Held:
    """A folder that this process uses: the open file whose lock says so, and whether the folder has to be its own."""

    lock: int
    is_own: bool


HELD: dict[Path, Held] = {}
RESTORING = threading.Lock()  # guards HELD


@contextmanager
def data_folder(chosen: str = "") -> Iterator[Path]:
    """The folder `chosen`, made if need be; without a choice one of this user's in the system's temporary folder.

    While the block runs, no other server can use it. Raises InvalidInput when it cannot be used, is in use, or, in the
    temporary folder, where anybody may put anything, belongs to somebody else.
    """
    folder, lock = _locked(_meant(chosen)) if chosen else _first_free()
    held = HELD[folder] = Held(lock, is_own=not chosen)
    try:
        yield folder
    finally:
        HELD.pop(folder, None)
        os.close(held.lock)  # and lets go of the lock; a killed process lets go of it, too


def restore_folder(folder: Path) -> None:
    """Make a folder that this process holds again when somebody has removed it, and lock it again.

    Temporary folders are swept, whole or file by file. Raises OSError when it cannot be made, or when another server
    has taken it meanwhile. What this process does not hold is left alone.
    """
    with RESTORING:
        held = HELD.get(folder)
        if held is None or _is_there(folder / "lock", held.lock):
            return
        try:
            if held.is_own:
                _claim(folder)
            _, lock = _locked(folder)
        except InvalidInput as error:
            raise OSError(errno.EACCES, LOST.get(error.code, str(error))) from None
        os.close(held.lock)
        held.lock = lock


def _is_there(path: Path, file: int) -> bool:
    """Whether this open file is the one that lies at `path`."""
    with suppress(FileNotFoundError):
        return os.path.samestat(path.lstat(), os.fstat(file))
    return False


def _meant(chosen: str) -> Path:
    try:
        return Path(chosen).expanduser()
    except RuntimeError:  # ~somebody, whom this machine does not know
        raise InvalidInput("data_dir_unusable", "data_dir", value=echo(chosen, 200), reason="no such user") from None


def _first_free() -> tuple[Path, int]:
    """One person may have several servers on one machine: the first takes the first folder, and so on."""
    try:
        temporary = Path(tempfile.gettempdir())
    except FileNotFoundError:
        reason = "no folder for temporary files can be written to"
        raise InvalidInput(
            "data_dir_unusable", "data_dir", value=echo(os.environ.get("TMPDIR", "/tmp")), reason=reason
        ) from None
    name = f"rnnlab-{os.getuid()}" if hasattr(os, "getuid") else "rnnlab"
    for number in range(1, SERVERS_AT_ONCE + 1):
        folder = temporary / (name if number == 1 else f"{name}-{number}")
        _claim(folder)
        try:
            return _locked(folder)
        except InvalidInput as error:
            if error.code != "data_dir_in_use":
                raise
    raise InvalidInput("data_dir_in_use", "data_dir", value=echo(str(folder)))


def _claim(folder: Path) -> None:
    """Make the folder readable by nobody else; refuse what somebody else has put in its place."""
    _made(folder)
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode) or (hasattr(os, "getuid") and about.st_uid != os.getuid()):
        raise InvalidInput("data_dir_foreign", "data_dir", value=echo(str(folder), 200))
    if stat.S_IMODE(about.st_mode) != OURS_ALONE:
        folder.chmod(OURS_ALONE)


def _made(folder: Path) -> None:
    try:
        folder.mkdir(mode=OURS_ALONE, parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise InvalidInput("data_dir_unusable", "data_dir", value=echo(str(folder), 200), reason=reason) from None


def _locked(folder: Path) -> tuple[Path, int]:
    """The folder, and the open file whose lock says that it is in use."""
    _made(folder)
    try:
        lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as error:
        value = echo(str(folder), 200)
        raise InvalidInput("data_dir_unusable", "data_dir", value=value, reason=error.strerror) from None
    try:
        _lock(lock)
    except OSError as error:
        os.close(lock)
        if isinstance(error, BlockingIOError):
            raise InvalidInput("data_dir_in_use", "data_dir", value=echo(str(folder), 200)) from None
        value = echo(str(folder), 200)  # on a disk that knows no locks, say
        raise InvalidInput("data_dir_unusable", "data_dir", value=value, reason=error.strerror) from None
    return folder.resolve(), lock


def _lock(file: int) -> None:
    try:
        import fcntl  # not on Windows, where two servers must be told two folders
    except ImportError:
        return
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
