"""The data folder: private, and for one server at a time."""

import errno
import os
import shutil
import stat
import tempfile

import pytest

from rnnlab.hosting import data_folder, restore_folder
from rnnlab.validation import InvalidInput

pytestmark = pytest.mark.skipif(os.name != "posix", reason="owners, modes and locks are POSIX")


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_default_folder_is_the_users_own_and_private(temporary):
    (temporary / f"rnnlab-{os.getuid()}").mkdir(mode=0o755)  # left there by an older version
    with data_folder() as folder:
        assert folder == temporary / f"rnnlab-{os.getuid()}"
        assert mode(folder) == 0o700
        assert mode(folder / "lock") == 0o600


def test_a_second_server_takes_the_next_folder(temporary):
    with data_folder() as first:
        with data_folder() as second:
            assert second.name == f"{first.name}-2"
        with data_folder() as third:
            assert third == second
    with data_folder() as again:
        assert again == first


def test_another_users_folder_is_refused(temporary, monkeypatch):
    with data_folder():
        pass
    stranger = os.getuid() + 1
    (temporary / f"rnnlab-{stranger}").mkdir()
    monkeypatch.setattr(os, "getuid", lambda: stranger)
    with pytest.raises(InvalidInput, match=r"data_dir: .*belongs to somebody else"), data_folder():
        pytest.fail("it was used")


def test_a_link_in_place_of_the_folder_is_refused(temporary):
    (temporary / "elsewhere").mkdir(mode=0o755)
    (temporary / f"rnnlab-{os.getuid()}").symlink_to(temporary / "elsewhere")
    with pytest.raises(InvalidInput, match="data_dir"), data_folder():
        pytest.fail("it was used")
    assert mode(temporary / "elsewhere") == 0o755
    assert not list((temporary / "elsewhere").iterdir())


def test_a_chosen_folder_is_made_and_serves_one_server_at_a_time(tmp_path):
    chosen = tmp_path / "class" / "runs"
    with data_folder(str(chosen)) as folder:
        assert folder == chosen
        assert mode(folder) == 0o700
        with pytest.raises(InvalidInput, match="data_dir: another RNN Lab"), data_folder(str(chosen)):
            pytest.fail("both use it")
    with data_folder(str(chosen)):
        pass


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match=r"data_dir: .* cannot be used"), data_folder(str(tmp_path / "file")):
        pytest.fail("it was used")


def test_an_unknown_users_folder_is_refused(monkeypatch):
    with pytest.raises(InvalidInput, match=r"data_dir: .*nobody-of-this-name"), data_folder("~nobody-of-this-name/x"):
        pytest.fail("it was used")


@pytest.mark.parametrize("chosen", [True, False])
def test_a_folder_removed_while_in_use_is_made_and_locked_again(temporary, chosen):
    """Systems sweep temporary folders, whole or file by file."""
    where = str(temporary / "chosen") if chosen else ""
    with data_folder(where) as folder:
        for remove in (lambda: shutil.rmtree(folder), (folder / "lock").unlink):
            remove()
            restore_folder(folder)
            assert mode(folder) == 0o700
            with pytest.raises(InvalidInput, match="--data-dir"), data_folder(str(folder)):
                pytest.fail("both use it")
    with data_folder(where) as again:
        assert again == folder


def test_a_removed_folder_that_another_server_has_locked_is_not_used(temporary):
    import fcntl

    with data_folder() as folder:
        shutil.rmtree(folder)
        folder.mkdir(mode=0o700)
        with (folder / "lock").open("w") as others:
            fcntl.flock(others, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with pytest.raises(OSError, match="another RNN Lab"):
                restore_folder(folder)
        restore_folder(folder)
        with data_folder() as next_one:
            assert next_one != folder


def test_a_link_in_place_of_a_removed_folder_is_not_used(temporary):
    with data_folder() as folder:
        shutil.rmtree(folder)
        (temporary / "elsewhere").mkdir()
        folder.symlink_to(temporary / "elsewhere")
        with pytest.raises(OSError, match="somebody else"):
            restore_folder(folder)
    assert not list((temporary / "elsewhere").iterdir())


def test_a_folder_without_execute_permission_is_refused(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o600)
    if os.access(closed, os.X_OK):
        pytest.skip("root may enter every folder")
    for chosen in (closed, closed / "inside"):
        with pytest.raises(InvalidInput, match=r"data_dir: .* cannot be used"), data_folder(str(chosen)):
            pytest.fail("it was used")


def test_a_disk_without_locks_is_refused(tmp_path, monkeypatch):
    import fcntl

    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(InvalidInput, match=r"No locks available.*--data-dir"), data_folder(str(tmp_path / "data")):
        pytest.fail("it was used")


def test_without_a_temporary_folder_the_refusal_names_the_flag(monkeypatch):
    def none():
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    with pytest.raises(InvalidInput, match=r"no folder for temporary files.*--data-dir"), data_folder():
        pytest.fail("it was used")
