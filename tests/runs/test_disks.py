"""Real disks that are full or read-only: the viewers learn it, training goes on, and older saves survive."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
APART = ["unshare", "--user", "--map-root-user", "--mount"]  # its mounts are invisible outside


@pytest.fixture(scope="module")
def apart():
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare to mount a disk with")
    probe = [*APART, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    if (tried := subprocess.run(probe, capture_output=True, text=True, check=False)).returncode:
        pytest.skip(f"no disk may be mounted here: {tried.stderr.strip()}")
    return APART


@pytest.mark.parametrize(
    ("trouble", "reason"), [("full", "No space left on device"), ("read-only", "Read-only file system")]
)
def test_disk_that_becomes_full_or_read_only_is_reported_and_training_goes_on(apart, tmp_path, trouble, reason):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(HERE.parents[1])}
    command = [*apart, sys.executable, str(HERE / "disks.py"), str(tmp_path), trouble]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "reason": reason, "told": 1, "state_before": True, "saved_at_last": True, "temporary": [],
    }  # fmt: skip
