"""Start work again and again, each time in a process of its own that is killed with SIGKILL.

    killing.py runs|train|within FOLDER ROUNDS SEED

It imports everything once and forks a child per round, so that a round costs a fraction of a second. Half of the
children are killed from outside at any moment; the others kill themselves in the middle of a save. Whatever a child
has to report it writes to a pipe, and this program prints all reports as lines of JSON: one per round, then that of a
child which was let live.
"""

import json
import os
import random
import select
import signal
import sys
import time
from functools import partial
from pathlib import Path

import torch

import rnnlab.__main__ as command_line
from rnnlab.commands import train, train_saving
from rnnlab.experiments.language_model import Config
from rnnlab.runs import Runner, Store, autosave, training_run

TEXT = "one fish two fish red fish blue fish " * 6
LONG = TEXT * 40  # an epoch of it takes longer than most children live
EPOCHS = 5000  # more than all rounds together can train
MORE = 3  # epochs that the last child adds to what it has found
NEVER = 10**9


def config():
    return Config(
        corpus="own", hidden_size=8, embedding_size=4, batch_size=4, num_steps=5, held_out=0.1, dropout=0.2,
        epochs=EPOCHS, sample_every=None, state="carried-across-epochs",
    )  # fmt: skip


def flags(epochs):
    settings = {**config().to_strings(), "epochs": str(epochs)}
    del settings["corpus"]
    return [word for name, text in settings.items() for word in (f"--{name.replace('_', '-')}", text)]


def die_in_save(number, where):
    """Let this process kill itself in its n-th save: half written, before the rename, or after it."""
    replace, saves = os.replace, []

    def deadly(source, target):
        if "recordings" in Path(target).parts:  # what the run notes of itself is written far more often
            return replace(source, target)
        saves.append(target)
        if len(saves) == number:
            if where == "half written":
                os.truncate(source, os.path.getsize(source) // 2)
            if where == "after the rename":
                replace(source, target)
            os.kill(os.getpid(), signal.SIGKILL)
        return replace(source, target)

    os.replace = deadly


def go_on_with_run(folder, run_id, epochs, tell):
    """Do what a server does: find the run or start it, and train it for `epochs` more."""
    store = Store(folder / "store")
    runner = Runner(max_running=1, store=store, save_every=0.0)
    run, files = runner.get(run_id), sorted(path.suffix for path in store.folder.iterdir())
    if run is None:
        found, run = 0, runner.start(training_run(config(), TEXT))
        tell(id=run.id, found=None, files=files, skipped=[name for name, _ in runner.skipped])
    else:
        found, stood = run.experiment.epoch, [run.state, run.why]
        skipped, rows = [name for name, _ in runner.skipped], run.since(0).rows
        runner.resume(run)
        tell(id=run_id, found=found, stood=stood, files=files, skipped=skipped, rows=rows)
    with run.viewers.watch():
        while run.experiment.epoch < found + epochs:
            assert not run.ended, run.error
            time.sleep(0.005)
        runner.close()
    tell(end=run.since(0).rows)


def go_on_within_an_epoch(folder, run_id, epochs, tell):
    """Do what a server does with a long epoch, and save within it at every check."""
    autosave.PARTIAL_EVERY = 0.0
    store = Store(folder / "store")
    runner = Runner(max_running=1, store=store, save_every=0.0)
    run = runner.get(run_id)
    if run is None:
        run = runner.start(training_run(config(), LONG))
        tell(id=run.id, found=None)
    else:
        tell(id=run_id, found=run.experiment.place, rows=run.since(0).rows)
        runner.resume(run)
    with run.viewers.watch():
        while run.experiment.epoch < 1 or epochs == NEVER:
            assert not run.ended, run.error
            runner.supervisor.wake()
            time.sleep(0.005)
        runner.close()
    tell(end=run.since(0).rows)


def go_on_with_training(folder, _, epochs, tell):
    """Do what `rnnlab train` does: begin, or resume from the saved file."""
    train_saving.SAVE_EVERY = 0.0
    saved, song = folder / "a.safetensors", folder / "song.txt"
    song.write_text(TEXT, "utf-8")
    found = None
    if saved.exists():
        found = train.checkpoints.load(saved).epoch
    target = min((found or 0) + epochs, EPOCHS)
    how = ["--resume", saved, "--epochs", target] if saved.exists() else ["--corpus", song, *flags(target)]
    sys.argv = ["rnnlab", "train", *map(str, how), "--save", str(saved), "--json"]
    tell(found=found)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        command_line.main()
    finally:
        tell(end=[dict(row) for row in train.checkpoints.load(saved).history])


def one_child(work, chance=None):
    """Fork a child that does `work(tell)`, killed as `chance` (a Random) decides; return what it has written."""
    there, here = os.pipe()
    deadly = None if chance is None else chance.choice(["half written", "before the rename", "after the rename", None])
    number = 1 if chance is None else chance.randint(1, 3)
    child = os.fork()
    if child == 0:
        os.close(there)
        if deadly:
            die_in_save(number, deadly)
        try:
            work(lambda **report: os.write(here, json.dumps(report).encode() + b"\n"))
        finally:
            os._exit(0)
    os.close(here)
    told, until = b"", None
    while True:
        timeout = None if until is None else max(0.0, until - time.monotonic())
        if not select.select([there], [], [], timeout)[0]:
            os.kill(child, signal.SIGKILL)
            until = None
        part = os.read(there, 1 << 20)
        if not part:
            break
        told += part
        if until is None and chance is not None and b"\n" in told:  # it has begun: its lifetime counts from here
            until = time.monotonic() + (10.0 if deadly else chance.uniform(0.0, 0.12))
    os.close(there)
    status = os.waitpid(child, 0)[1]
    reports = [json.loads(line) for line in told.splitlines(keepends=True) if line.endswith(b"\n")]
    return {"killed": os.WIFSIGNALED(status), "how": deadly or "at any moment"} | {
        name: value for report in reports for name, value in report.items()
    }


def main(kind, folder, rounds, seed):
    go_on = {"runs": go_on_with_run, "train": go_on_with_training, "within": go_on_within_an_epoch}[kind]
    chance, folder, run_id, report = random.Random(seed), Path(folder), None, {}
    torch.set_num_threads(1)  # a process with threads must not be forked
    assert training_run(config(), TEXT).latest  # imports the parts of PyTorch that are loaded on first use
    for _ in range(int(rounds)):
        report = one_child(partial(go_on, folder, run_id, NEVER), chance)
        run_id = report.get("id", run_id)
        print(json.dumps(report), flush=True)
    print(json.dumps(one_child(partial(go_on, folder, run_id, MORE))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
