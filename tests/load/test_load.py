"""A small class for a few seconds; `crowd.py` itself takes thirty visitors for two minutes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CROWD = Path(__file__).with_name("crowd.py")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc, which is Linux's")
def test_nobody_is_refused_nothing_is_lost_and_nothing_stays_behind():
    command = [sys.executable, CROWD, "--visitors", "6", "--trainers", "2", "--seconds", "12"]
    done = subprocess.run(
        [*command, "--epochs", "3", "--runs", "21", "--json"], capture_output=True, text=True, timeout=280
    )
    found = json.loads(done.stdout)
    assert found["failures"] == []
    assert done.returncode == 0
    assert found["requests"]["train"] >= 2
    assert found["curves"] == found["requests"]["train"] == found["requests"]["follow"]
    assert {"generate", "step", "tag", "reload"} <= set(found["requests"])
    assert found["runs_left_behind"] == {"running": 0, "waiting": 0, "paused": 0}
    first, _, last = found["memory_mib"]
    assert last - first < 60  # MiB; a run that stayed would weigh more than four
