"""The command line as a program: encodings, pipes, interruptions and errors."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import rnnlab.__main__ as command_line
from rnnlab import checkpoints

CHECKOUT = Path(command_line.__file__).parents[1]
TINY = ["--hidden-size", "6", "--embedding-size", "3", "--batch-size", "4", "--num-steps", "5", "--held-out", "0.2"]


def test_an_unknown_command_is_refused(call, refused):
    refused(call("sing"), "sing")


def test_without_a_command_it_shows_its_help(call):
    status, out, err = call()
    assert status == 2
    assert "train" in out + err
    assert "rnnlab: " not in err


TAKEN = "1 line, 320 characters taken, vocabulary 11, 12 minibatches per epoch"


@pytest.mark.parametrize(("encoding", "more"), [("gbk", []), ("cp1252", ["--json"])])
def test_output_to_a_pipe_is_utf_8_in_every_locale(song, tmp_path, encoding, more, python):
    song.write_bytes("分开 不分开 雨下整夜 我的爱 ".encode("gb18030") * 20)
    done = python(
        "train", "--corpus", "song.txt", *TINY, "--epochs", 2, "--save", "a.safetensors", *more,
        cwd=tmp_path, env={"PYTHONIOENCODING": encoding}, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("song.txt: GB18030, 320 characters, 11 distinct. It begins: 分开 不分开 雨下整夜")
    assert done.stderr.splitlines()[1:] == ([] if more else [TAKEN])
    if more:
        assert done.stdout.isascii()
        samples = json.loads(done.stdout.splitlines()[0])["samples"]
        assert samples[0].startswith("分开")
    else:
        assert "分开" in done.stdout
    assert sorted(os.listdir(tmp_path)) == ["a.safetensors", "song.txt"]


def test_bad_input_is_one_line_on_standard_error_and_status_2(tmp_path, refused, python):
    done = python("generate", "none.safetensors", cwd=tmp_path)
    refused((done.returncode, done.stdout, done.stderr), "checkpoint", "none.safetensors")


def start(*arguments, **words):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-m", "rnnlab", *map(str, arguments)]
    # A test worker ignores SIGINT, and its child processes would inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            command, text=True, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **words
        )
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_closed_pipe_is_not_an_error(song):
    with start("train", "--corpus", song, *TINY, "--epochs", 100_000, "--sample-every", "none", "--json") as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) not in (0, 2)
        assert process.stderr.read() == ""


@pytest.mark.skipif(os.name != "posix", reason="signals are sent otherwise elsewhere")
def test_an_interrupted_run_is_saved_without_a_traceback(song, tmp_path):
    path = tmp_path / "a.safetensors"
    words = ["--epochs", 100_000, "--sample-every", "none", "--json", "--save", path]
    with start("train", "--corpus", song, *TINY, *words) as process:
        for _ in range(5):
            process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.strip() == ""
    assert checkpoints.load(path).epoch >= 5
    assert abs(checkpoints.load(path).epoch - 5 - len(out.splitlines())) <= 1


@pytest.mark.skipif(os.name != "posix", reason="there are no pseudo-terminals elsewhere")
def test_the_progress_bar_does_not_overwrite_printed_lines(song, tmp_path):
    import pty

    ours, theirs = pty.openpty()
    with open(tmp_path / "out", "w") as out:
        done = subprocess.run(
            [sys.executable, "-m", "rnnlab", "train", "--corpus", song, *TINY, "--epochs", "3"],
            stdout=out, stderr=theirs, timeout=120, cwd=CHECKOUT, env={**os.environ, "TERM": "xterm"},
        )  # fmt: skip
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 0
    assert sum(line.startswith("epoch ") for line in (tmp_path / "out").read_text("utf-8").splitlines()) == 1 + 3
