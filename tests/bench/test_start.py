"""The stages of a start, and the program that times them."""

import ast
import importlib
import json
import subprocess
import sys
import time

import pytest

from rnnlab.bench import start
from rnnlab.bench.start import STAGES, script


def test_every_stage_is_timed():
    stages = {"think": "total = sum(range(10**6))", "sleep": "time.sleep(0.2); assert total"}
    command = [sys.executable, "-c", script(stages), str(time.time())]
    marks = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)
    assert [stage for stage, _, _ in marks] == ["python", "think", "sleep"]
    (_, begun, _), (_, thought, thinking), (_, slept, sleeping) = marks
    assert 0 <= begun <= thought <= slept
    assert slept - thought > 0.1  # wall-clock time includes sleeping
    assert sleeping - thinking < 0.2  # processor time does not


def test_the_stages_make_a_valid_program():
    compile(script(STAGES), "start", "exec")


def test_the_names_that_the_stages_import_exist():
    for code in STAGES.values():
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom):
                module = importlib.import_module(node.module)
                assert all(hasattr(module, alias.name) for alias in node.names), code


def test_an_app_that_does_not_start_says_why(monkeypatch):
    monkeypatch.setenv("RNNLAB_MAX_RUNS", "many")
    with pytest.raises(RuntimeError, match=r"ended before it was open: .*max_runs"), start._app():
        pytest.fail("it is open")
