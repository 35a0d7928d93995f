"""The server's log lines."""

import io
import logging

import pytest

from rnnlab.hosting import line, log_to_stderr
from rnnlab.hosting.logs import OneLine


def test_a_line_is_unambiguous_keys_and_values():
    text = line("run_refused", why="queue_full", reason='no "space" left', empty="", rate=0.5, two="a=b", more="a\nb")
    assert text == (
        "event=run_refused why=queue_full reason='no \"space\" left' empty='' rate=0.5 two='a=b' more='a\\nb'"
    )


@pytest.fixture
def written(monkeypatch):
    """The log of `rnnlab.*`, as text."""
    stream = io.StringIO()
    log = logging.getLogger("rnnlab")
    before = (log.handlers, log.propagate, log.level)
    monkeypatch.setattr("sys.stderr", stream)
    log_to_stderr()
    yield stream.getvalue
    log.handlers, log.propagate = before[:2]
    log.setLevel(before[2])


def test_a_line_begins_with_time_and_level(written):
    logging.getLogger("rnnlab.runs").warning(line("store_skipped", code="checkpoint_header"))
    when, rest = written().split(" ", 1)
    assert len(when) == len("2026-11-22T08:30:00Z")
    assert rest == "level=warning event=store_skipped code=checkpoint_header\n"


def test_an_exception_is_one_line_without_its_message(written):
    try:
        {}["a secret of a visitor"]
    except KeyError:
        logging.getLogger("rnnlab.runs").exception(line("run_failed"))
    assert written().count("\n") == 1
    assert "secret" not in written()
    assert "event=run_failed error=KeyError at=test_logs.py:" in written()


def test_importing_the_app_configures_no_log():
    import rnnlab.ui.app  # noqa: F401  (importing it is what is tested)

    assert not any(isinstance(handler.formatter, OneLine) for handler in logging.getLogger("rnnlab").handlers)
