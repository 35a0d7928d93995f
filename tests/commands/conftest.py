"""Fixtures for commands: `call` runs one in this process, `python` as a program; `refused` checks its error."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import rnnlab.__main__ as command_line
from rnnlab.commands.language import use_language

CHECKOUT = Path(command_line.__file__).parents[1]


@pytest.fixture(autouse=True)
def english():
    """Give the language back: it is the process's, and a command that a test runs may have chosen another."""
    yield
    use_language("en")


@pytest.fixture
def song(tmp_path):
    path = tmp_path / "song.txt"
    path.write_text("one fish two fish red fish blue fish \n" * 4, "utf-8")
    return path


@pytest.fixture
def call(monkeypatch, capsys):
    """Run the command line in this process; return exit status, standard output and standard error."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["rnnlab", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            command_line.main()
        return end.value.code or 0, *capsys.readouterr()

    return call


@pytest.fixture
def python():
    def python(*arguments, **words):
        """Run `python -m rnnlab` in a new process."""
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(CHECKOUT)} | words.pop("env", {})
        command = [sys.executable, "-m", "rnnlab", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, **words)

    return python


@pytest.fixture
def refused():
    def refused(result, *words):
        """Check that a call ended with one clear line on standard error and status 2."""
        status, out, err = result
        assert status == 2, (out, err)
        assert err.startswith("rnnlab: ")
        assert err.count("\n") == 1, err
        assert "Traceback" not in err
        for word in words:
            assert word in err

    return refused
