"""The folder for uploads: ours alone, empty at the start, and never fuller than it may be."""

import errno
import os
import shutil
from pathlib import Path

import gradio.routes
import pytest
from gradio.utils import get_upload_folder

from rnnlab.hosting import data_folder
from rnnlab.ui.server.upload_storage import KEPT, LEAST_BYTES, SWEPT_EVERY, UploadStorage, gradio_inbox
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


def test_it_is_ours_alone_and_gradios_choice(tmp_path):
    folder = gradio_inbox(tmp_path / "uploads")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert get_upload_folder() == gradio.routes.DEFAULT_TEMP_DIR == str(folder)


def test_what_lay_there_is_gone_and_no_link_is_followed(tmp_path):
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "uploads"
    (folder / "sha").mkdir(parents=True)
    elsewhere.mkdir()
    (elsewhere / "mine.txt").write_text("la")
    (folder / "sha" / "old.txt").write_text("la")
    (folder / "link").symlink_to(elsewhere)
    gradio_inbox(folder)
    assert list(folder.iterdir()) == []
    folder.rmdir()
    folder.symlink_to(elsewhere)
    gradio_inbox(folder)
    assert not folder.is_symlink()
    assert (elsewhere / "mine.txt").read_text() == "la"


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="data_dir"):
        gradio_inbox(tmp_path / "nowhere" / "uploads")


def test_room_is_taken_from_the_beginning_until_some_minutes_after_the_end(clock):
    inbox = UploadStorage(most=3 * LEAST_BYTES, clock=clock)
    with inbox.taking(2 * LEAST_BYTES, lambda: 2 * LEAST_BYTES) as first:
        clock.now += 10 * KEPT  # it is slow
        with inbox.taking(1, nothing) as second, inbox.taking(1, nothing) as third:
            assert (first, second, third) == (True, True, False), "a small one counts, too"
    clock.now += KEPT - 1
    with inbox.taking(1, nothing) as early:
        assert not early
    clock.now += 2
    with inbox.taking(3 * LEAST_BYTES, nothing) as late:
        assert late


def test_afterwards_only_what_came_takes_room(clock):
    """Whoever says to send much and sends nothing shuts nobody out for minutes."""
    inbox = UploadStorage(most=4 * LEAST_BYTES, clock=clock)
    for _ in range(2):
        with inbox.taking(3 * LEAST_BYTES, nothing) as claimed:
            assert claimed
            with inbox.taking(2 * LEAST_BYTES, nothing) as meanwhile:
                assert not meanwhile
    with inbox.taking(3 * LEAST_BYTES, nothing) as too_much:
        assert not too_much
    with inbox.taking(2 * LEAST_BYTES, nothing) as enough:
        assert enough


def test_files_go_after_some_minutes_and_with_them_what_is_known_of_them(tmp_path, clock):
    """However the wall clock is set, by which the system notes when a file was written."""
    old, young = tmp_path / "a/old.txt", tmp_path / "b/young.txt"
    known = {str(old), str(young)}
    inbox = UploadStorage(tmp_path, known, clock=clock)
    for path, written, then in ((old, 2_000_000_000, KEPT - 20), (young, 0, SWEPT_EVERY)):
        with inbox.taking(1, nothing):
            path.parent.mkdir()
            path.write_text("la")
            os.utime(path, (written, written))
        clock.now += then
    for _ in range(2):
        with inbox.taking(1, nothing):
            assert known == {str(young)}
            assert sorted(path.name for path in tmp_path.rglob("*")) == ["b", "young.txt"]
        clock.now += 2  # too soon to look again
    clock.now += KEPT
    inbox.sweep()
    assert known == set()
    assert list(tmp_path.iterdir()) == []


def test_what_broke_off_goes_as_soon_as_no_upload_is_on_its_way(tmp_path, clock):
    inbox, (ours, theirs) = UploadStorage(tmp_path, clock=clock), (tmp_path / "tmpa1", tmp_path / "tmpb2")
    with inbox.taking(1, nothing):
        theirs.write_text("la")
        with inbox.taking(1, nothing):
            ours.write_text("la")
        assert ours.exists(), "nobody knows which is whose"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_removed_is_made_again(tmp_path):
    with data_folder(str(tmp_path / "data")) as data:
        inbox = UploadStorage(gradio_inbox(data / "uploads"))
        shutil.rmtree(data)
        inbox.prepare()
        assert (data / "uploads").stat().st_mode & 0o777 == 0o700
        with pytest.raises(InvalidInput, match="another RNN Lab"), data_folder(str(data)):
            pytest.fail("both use it")


def test_what_cannot_be_removed_is_logged(tmp_path, monkeypatch, caplog, clock):
    (tmp_path / "stays.txt").write_text("la")

    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    inbox = UploadStorage(tmp_path, clock=clock)
    inbox.sweep()
    monkeypatch.setattr(Path, "unlink", refuse)
    clock.now += KEPT + 1
    inbox.sweep()
    assert caplog.messages == ["event=uploads_not_removed reason='Permission denied'"]
