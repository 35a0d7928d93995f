"""The data folder: it outlives the process, is private to the user, and serves one server at a time."""

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

from rnnlab.limits import MAX_SERVERS_OF_USER
from rnnlab.validation import InvalidInput, echo

LOST = {  # why a removed folder cannot be made again, in the few words that a page has room for
    "data_dir_in_use": "another RNN Lab uses the data folder now",
    "data_dir_foreign": "the data folder belongs to somebody else now",
}


@dataclass
class LockedFolder:
    """A folder in use by this process: its locked file, and whether it lies in the shared temporary folder."""

    lock: int
    is_temporary: bool


PRIVATE = 0o700  # mode
IN_USE: dict[Path, LockedFolder] = {}
RESTORING = threading.Lock()  # guards IN_USE


@contextmanager
def data_folder(chosen: str = "") -> Iterator[Path]:
    """Make and lock the folder `chosen`, or else one of this user's in the system's temporary folder.

    No other server can use it within the block. Raises InvalidInput when it cannot be used, is in use, or, in the
    temporary folder, where all users may write, belongs to another one.
    """
    folder, lock = _lock_folder(_expanded(chosen)) if chosen else _first_free()
    locked = IN_USE[folder] = LockedFolder(lock, is_temporary=not chosen)
    try:
        yield folder
    finally:
        IN_USE.pop(folder, None)
        os.close(locked.lock)  # releases the lock, as does a process that is killed


def restore_folder(folder: Path) -> None:
    """Make and lock a folder of `data_folder` again if it was removed; ignore other folders.

    Systems sweep temporary folders, whole or file by file. Raises OSError when the folder cannot be made, or when
    another server has taken it meanwhile.
    """
    with RESTORING:
        locked = IN_USE.get(folder)
        if locked is None or _is_file(folder / "lock", locked.lock):
            return
        try:
            if locked.is_temporary:
                _claim(folder)
            _, lock = _lock_folder(folder)
        except InvalidInput as error:
            raise OSError(errno.EACCES, LOST.get(error.code, str(error))) from None
        os.close(locked.lock)
        locked.lock = lock


def _is_file(path: Path, file: int) -> bool:
    """Return whether this open file is the one at `path`."""
    with suppress(FileNotFoundError):
        return os.path.samestat(path.lstat(), os.fstat(file))
    return False


def _expanded(chosen: str) -> Path:
    """Replace `~` and `~user`."""
    try:
        return Path(chosen).expanduser()
    except RuntimeError:  # ~user, of an unknown user
        raise InvalidInput("data_dir_unusable", "data_dir", value=echo(chosen, 200), reason="no such user") from None


def _first_free() -> tuple[Path, int]:
    """Lock the first folder that is not in use: one user may have several servers on one machine."""
    try:
        temporary = Path(tempfile.gettempdir())
    except FileNotFoundError:
        reason = "no folder for temporary files can be written to"
        raise InvalidInput(
            "data_dir_unusable", "data_dir", value=echo(os.environ.get("TMPDIR", "/tmp")), reason=reason
        ) from None
    name = f"rnnlab-{os.getuid()}" if hasattr(os, "getuid") else "rnnlab"
    for number in range(1, MAX_SERVERS_OF_USER + 1):
        folder = temporary / (name if number == 1 else f"{name}-{number}")
        _claim(folder)
        try:
            return _lock_folder(folder)
        except InvalidInput as error:
            if error.code != "data_dir_in_use":
                raise
    raise InvalidInput("data_dir_in_use", "data_dir", value=echo(str(folder)))


def _claim(folder: Path) -> None:
    """Make the folder private; raise InvalidInput for another user's folder, or a link, in its place."""
    _make(folder)
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode) or (hasattr(os, "getuid") and about.st_uid != os.getuid()):
        raise InvalidInput("data_dir_foreign", "data_dir", value=echo(str(folder), 200))
    if stat.S_IMODE(about.st_mode) != PRIVATE:
        folder.chmod(PRIVATE)


def _make(folder: Path) -> None:
    """Make the folder. Raises InvalidInput."""
    try:
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise InvalidInput("data_dir_unusable", "data_dir", value=echo(str(folder), 200), reason=reason) from None


def _lock_folder(folder: Path) -> tuple[Path, int]:
    """Make the folder and lock it; return it and the open file that has the lock. Raises InvalidInput."""
    _make(folder)
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
        value = echo(str(folder), 200)  # on a disk without locks, for example
        raise InvalidInput("data_dir_unusable", "data_dir", value=value, reason=error.strerror) from None
    return folder.resolve(), lock


def _lock(file: int) -> None:
    """Lock an open file; on Windows two servers must be given two folders."""
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
