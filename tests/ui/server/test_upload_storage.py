"""The folder for uploads: private, empty at the start, and of a limited size."""

import errno
import os
import shutil
from pathlib import Path

import gradio.routes
import pytest
from gradio.utils import get_upload_folder

from rnnlab.hosting import data_folder
from rnnlab.ui.server.upload_storage import MIN_WEIGHT, RETENTION, SWEEP_PERIOD, UploadStorage, upload_folder
from rnnlab.validation import InvalidInput


@pytest.fixture(autouse=True)
def gradio_as_before(monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    monkeypatch.setattr(gradio.routes, "DEFAULT_TEMP_DIR", "")


@pytest.fixture
def clock(clock):
    clock.now = 1_000_000.0  # as a file's time
    return clock


def nothing():
    return 0


def test_the_folder_is_private_and_gradio_uses_it(tmp_path):
    folder = upload_folder(tmp_path / "uploads")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert get_upload_folder() == gradio.routes.DEFAULT_TEMP_DIR == str(folder)


def test_the_folder_is_emptied_and_no_link_is_followed(tmp_path):
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "uploads"
    (folder / "sha").mkdir(parents=True)
    elsewhere.mkdir()
    (elsewhere / "mine.txt").write_text("la")
    (folder / "sha" / "old.txt").write_text("la")
    (folder / "link").symlink_to(elsewhere)
    upload_folder(folder)
    assert list(folder.iterdir()) == []
    folder.rmdir()
    folder.symlink_to(elsewhere)
    upload_folder(folder)
    assert not folder.is_symlink()
    assert (elsewhere / "mine.txt").read_text() == "la"


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="data_dir"):
        upload_folder(tmp_path / "nowhere" / "uploads")


def test_a_request_counts_from_its_beginning_until_some_minutes_after_its_end(clock):
    storage = UploadStorage(max_bytes=3 * MIN_WEIGHT, clock=clock)
    with storage.admit(2 * MIN_WEIGHT, lambda: 2 * MIN_WEIGHT) as first:
        clock.now += 10 * RETENTION  # it is slow
        with storage.admit(1, nothing) as second, storage.admit(1, nothing) as third:
            assert (first, second, third) == (True, True, False), "a small one counts, too"
    clock.now += RETENTION - 1
    with storage.admit(1, nothing) as early:
        assert not early
    clock.now += 2
    with storage.admit(3 * MIN_WEIGHT, nothing) as late:
        assert late


def test_afterwards_a_request_counts_for_the_bytes_that_arrived(clock):
    """A client that announces much and sends nothing does not block others for minutes."""
    storage = UploadStorage(max_bytes=4 * MIN_WEIGHT, clock=clock)
    for _ in range(2):
        with storage.admit(3 * MIN_WEIGHT, nothing) as claimed:
            assert claimed
            with storage.admit(2 * MIN_WEIGHT, nothing) as meanwhile:
                assert not meanwhile
    with storage.admit(3 * MIN_WEIGHT, nothing) as too_much:
        assert not too_much
    with storage.admit(2 * MIN_WEIGHT, nothing) as enough:
        assert enough


def test_files_and_their_paths_are_removed_after_some_minutes(tmp_path, clock):
    """The times of files, by the wall clock, do not matter."""
    old, young = tmp_path / "a/old.txt", tmp_path / "b/young.txt"
    known = {str(old), str(young)}
    storage = UploadStorage(tmp_path, known, clock=clock)
    for path, written, then in ((old, 2_000_000_000, RETENTION - 20), (young, 0, SWEEP_PERIOD)):
        with storage.admit(1, nothing):
            path.parent.mkdir()
            path.write_text("la")
            os.utime(path, (written, written))
        clock.now += then
    for _ in range(2):
        with storage.admit(1, nothing):
            assert known == {str(young)}
            assert sorted(path.name for path in tmp_path.rglob("*")) == ["b", "young.txt"]
        clock.now += 2  # too soon to look again
    clock.now += RETENTION
    storage.sweep()
    assert known == set()
    assert list(tmp_path.iterdir()) == []


def test_parts_of_aborted_uploads_are_removed_as_soon_as_no_upload_arrives(tmp_path, clock):
    storage, (ours, theirs) = UploadStorage(tmp_path, clock=clock), (tmp_path / "tmpa1", tmp_path / "tmpb2")
    with storage.admit(1, nothing):
        theirs.write_text("la")
        with storage.admit(1, nothing):
            ours.write_text("la")
        assert ours.exists(), "it might be a part of the other upload"
    assert list(tmp_path.iterdir()) == []


def test_a_removed_folder_is_made_again(tmp_path):
    with data_folder(str(tmp_path / "data")) as data:
        storage = UploadStorage(upload_folder(data / "uploads"))
        shutil.rmtree(data)
        storage.prepare()
        assert (data / "uploads").stat().st_mode & 0o777 == 0o700
        with pytest.raises(InvalidInput, match="another RNN Lab"), data_folder(str(data)):
            pytest.fail("both use it")


def test_a_file_that_cannot_be_removed_is_logged(tmp_path, monkeypatch, caplog, clock):
    (tmp_path / "stays.txt").write_text("la")

    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    storage = UploadStorage(tmp_path, clock=clock)
    storage.sweep()
    monkeypatch.setattr(Path, "unlink", refuse)
    clock.now += RETENTION + 1
    storage.sweep()
    assert caplog.messages == ["event=uploads_not_removed reason='Permission denied'"]
