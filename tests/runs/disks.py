"""Train on a disk of its own, which is full or read-only for a while.

    disks.py MOUNT full|read-only

It belongs into a mount namespace of its own (`unshare --user --map-root-user --mount`), for it mounts a file system
in memory at MOUNT. What it has seen it prints as JSON.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

from rnnlab.experiments.language_model import Config
from rnnlab.runs import Runner, Store, autosave, training_run

MEGABYTE = 2**20
SOON = 60  # seconds: only a failure takes so long
CONFIG = Config(
    corpus="own", hidden_size=8, embedding_size=4, batch_size=4, num_steps=5, held_out=0.0, epochs=100_000,
    sample_every=None,
)  # fmt: skip


def until(condition):
    end = time.monotonic() + SOON
    while not (told := condition()):
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)
    return told


def mount(*how):
    return subprocess.run(["mount", *how], check=False).returncode == 0


def fill(disk):
    with (disk / "filler").open("wb", buffering=0) as filler:
        try:
            while filler.write(bytes(4096)):
                pass
        except OSError:
            return


def main(disk, trouble):
    assert mount("-t", "tmpfs", "-o", f"size={MEGABYTE}", "tmpfs", disk)
    autosave.RETRY_AFTER = 0.02
    store = Store(Path(disk, "store"))
    store.recordings.attach = lambda run: None  # a recording that is dropped would make room on the disk
    runner = Runner(max_running=1, store=store, save_every=0.0)
    run = runner.start(training_run(CONFIG, "one fish two fish red fish blue fish " * 6))
    with run.viewers.watch():
        file = store.folder / f"{run.key}.safetensors"
        until(lambda: file.exists() and store.read(run.key).epoch)
        if trouble == "full":
            fill(Path(disk))
        else:
            until(lambda: mount("-o", "remount,ro", disk))  # it is busy while a run is being saved
        reason = until(lambda: run.not_saved)
        at = run.experiment.epoch
        until(lambda: run.experiment.epoch > at + 2)
        kept = store.read(run.key).epoch
        if trouble == "full":
            Path(disk, "filler").unlink()
        else:
            assert mount("-o", "remount,rw", disk)
        until(lambda: run.last("saved") and not run.not_saved)
        runner.close()
    rows = [row["kind"] for row in run.since(0).rows]
    print(json.dumps({
        "reason": reason, "told": rows.count("not_saved"), "state_before": kept <= at,
        "saved_at_last": store.read(run.key).epoch == run.experiment.epoch,
        "temporary": [path.name for path in store.folder.glob(".*")],
    }))  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
