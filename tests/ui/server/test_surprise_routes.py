"""The routes of the surprise panel, with runs that have trained; and that its shades can be read."""

import json
import math
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from starlette.applications import Starlette
from starlette.testclient import TestClient

from rnnlab import limits
from rnnlab.experiments.language_model import Config, Trainer
from rnnlab.experiments.language_model.recording import Recording
from rnnlab.experiments.language_model.recording.measuring import model_of
from rnnlab.inspection.surprise import surprisal
from rnnlab.resources import shipped_corpus, shipped_recording
from rnnlab.runs import Run, Runner, training_run
from rnnlab.ui.server.surprise_routes import surprise_routes
from rnnlab.ui.server.turns import Superseded, Turns
from rnnlab.ui.tabs.hello import payload as hello
from rnnlab.ui.tabs.lesson import Lesson
from rnnlab.ui.tabs.train import replaying
from rnnlab.ui.tabs.train import surprise as module
from rnnlab.ui.tabs.train.passages import CopiedPlace, passage_of_run
from rnnlab.ui.tabs.train.surprise import TrainSurprise

TEXT = "one fish two fish\nred fish blue fish\n" * 30
TINY = {
    "corpus": "own", "hidden_size": 8, "embedding_size": 4, "batch_size": 4, "num_steps": 10, "epochs": 3,
    "held_out": 0.3, "sample_every": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def runner():
    runner = Runner(1)
    yield runner
    runner.close()


@pytest.fixture(scope="module")
def client(runner):
    return TestClient(Starlette(routes=surprise_routes(runner, TrainSurprise(runner), Turns(2, "replay"))))


@pytest.fixture(scope="module")
def recorded(runner, tmp_path_factory):
    """A run that has recorded itself, with weights of every epoch but the second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "MAX_RECORDING_SHARE", 1.0)  # so that no epoch is left out
        return recorded_run(runner, tmp_path_factory)


def recorded_run(runner, tmp_path_factory):
    run = training_run(Config(**TINY), TEXT)
    run.experiment.recording = Recording(tmp_path_factory.mktemp("run") / "recording")
    runner.start(run)
    assert run.wait(60)
    end = time.monotonic() + 20
    while run.experiment.recording.epochs != [0, 1, 2, 3] and time.monotonic() < end:
        time.sleep(0.01)  # a thread beside the training writes them
    run.experiment.recording._remove("weights", 2)
    return run


def get(client, path, status=200, **query):
    answer = client.get(f"/lab/{path}", params=query)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_recorded_run_shows_the_epoch_that_is_asked_for_or_the_nearest(client, recorded):
    last = get(client, f"runs/{recorded.id}/surprise")
    assert (last["epoch"], last["wanted"], last["now"], last["live"], last["source"]) == (3, 3, 3, False, "rounded")
    assert last["has_model"]
    parts = last["parts"]
    assert "".join(parts["training"]["pieces"] + parts["held_out"]["pieces"]) == TEXT
    for part in parts.values():
        assert part["tenths"][0] is None
        known = part["tenths"][1:]
        assert sum(known) / len(known) / 10 == pytest.approx(part["mean_bits"], abs=0.05)
    untrained = get(client, f"runs/{recorded.id}/surprise", epoch=0)
    assert untrained["epoch"] == 0
    assert untrained["parts"]["training"]["mean_bits"] > parts["training"]["mean_bits"]
    bare = get(client, f"runs/{recorded.id}/surprise", epoch=0, bare="")
    assert "pieces" not in bare["parts"]["training"]


def lines(client, path, **query):
    """Return the lines of a long answer."""
    answer = client.get(f"/lab/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return [json.loads(text) for text in answer.text.splitlines()]


def trained(epochs):
    """The training of the recorded run, done anew without anything of the page."""
    trainer = Trainer(Config(**TINY | {"epochs": epochs}), TEXT, device="cpu")
    assert list(trainer.events())
    return trainer


def test_an_epoch_of_which_nothing_is_kept_is_trained_anew(client, recorded, monkeypatch):
    near = get(client, f"runs/{recorded.id}/surprise", epoch=2, bare="")
    assert (near["epoch"], near["wanted"], near["replay"]) == (1, 2, "possible")
    with monkeypatch.context() as patch:
        patch.setattr(replaying, "MAX_REPLAY_SECONDS", -1)
        far = get(client, f"runs/{recorded.id}/surprise", epoch=2, bare="")
        assert (far["epoch"], far["replay"]) == (1, "too_long")
        (refused,) = lines(client, f"runs/{recorded.id}/surprise/exact", epoch=2)
        assert "epoch 2" in refused["message"]
        assert lines(client, f"runs/{recorded.id}/songs/exact", epoch=2) == [{"state": "gone"}]
    *shares, last = lines(client, f"runs/{recorded.id}/surprise/exact", epoch=2, bare="")
    assert all(0 <= line["share"] <= 1 for line in shares)
    value = last["value"]
    assert (value["epoch"], value["wanted"], value["source"], value["replay"]) == (2, 2, "exact", "none")
    trainer = trained(2)
    bits = surprisal(model_of(trainer.latest).double(), trainer.corpus.held_out_ids).numpy()
    tenths = value["parts"]["held_out"]["tenths"]
    assert np.abs(np.array(tenths[1:]) - 10 * np.minimum(bits[1:], 25.4)).max() <= 0.51
    state = replaying.replaying_of(recorded).known(2)
    assert all(torch.equal(state.weights[name], tensor) for name, tensor in trainer.latest.weights.items())
    again = get(client, f"runs/{recorded.id}/surprise", epoch=2, bare="")
    assert again == value, "it is kept, for the other windows and for who comes back"
    found = get(client, f"runs/{recorded.id}/expected", epoch=2, part="held_out", place=7)
    assert (found["epoch"], found["token"]) == (2, TEXT[len(trainer.corpus.train_ids) + 7])
    assert found["bits"] == pytest.approx(float(bits[7]), abs=0.01)


def test_songs_of_an_epoch_that_was_not_sampled_are_those_that_it_would_have_written(client, recorded):
    (last,) = lines(client, f"runs/{recorded.id}/songs/exact", epoch=2)[-1:]
    trainer = Trainer(Config(**TINY | {"epochs": 2, "sample_every": 1}), TEXT, device="cpu")
    row = [event for event in trainer.events() if event.kind == "epoch"][-1].to_dict()
    fields = ("epoch", "samples", "copied_share", "longest_copied", "copied_runs")
    assert {name: last["value"][name] for name in fields} == json.loads(
        json.dumps({name: row[name] for name in fields})
    )
    start, end = row["copied_runs"][0][0]
    assert passage_of_run(recorded, CopiedPlace(2, 0, 0))["run"] == row["samples"][0][start:end]


def test_a_newer_position_ends_the_training_of_an_older_one(client, recorded, monkeypatch):
    begun, ended = threading.Event(), []

    def endless(recording, epoch, *_, tick, **__):
        begun.set()
        try:
            while True:
                time.sleep(0.005)
                tick(0.5)
        except Superseded:
            ended.append(epoch)
            raise

    monkeypatch.setattr(replaying, "replay", endless)
    path = f"runs/{recorded.id}/surprise/exact"
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(lines, client, path, epoch=1)
        assert begun.wait(20)
        monkeypatch.undo()
        newer = lines(client, path, epoch=2)
        older = waiting.result(20)
    assert older[-1] == {"state": "superseded"}
    assert newer[-1]["value"]["epoch"] == 2
    assert ended == [1]


def test_what_is_quick_does_not_wait_for_what_is_trained_anew(client, recorded, monkeypatch):
    begun, answered, waited = threading.Event(), threading.Event(), []

    def long(*_, **__):
        begun.set()
        waited.append(answered.wait(10))
        raise Superseded

    monkeypatch.setattr(replaying, "replay", long)
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(lines, client, f"runs/{recorded.id}/songs/exact", epoch=1)
        assert begun.wait(20)
        assert get(client, f"runs/{recorded.id}/surprise", epoch=3, bare="")["epoch"] == 3
        answered.set()
        assert waiting.result(20)[-1] == {"state": "superseded"}
    assert waited == [True]


def test_what_was_expected_has_the_bits_of_the_picture(client, recorded):
    shown = get(client, f"runs/{recorded.id}/surprise", epoch=3)["parts"]["held_out"]
    for place in (1, 100, len(shown["tenths"]) - 1):
        found = get(client, f"runs/{recorded.id}/expected", epoch=3, part="held_out", place=place)
        assert (found["epoch"], found["token"]) == (3, shown["pieces"][place])
        assert found["bits"] * 10 == pytest.approx(shown["tenths"][place], abs=0.51)
        shares = [share for _, share in found["likeliest"]]
        assert shares == sorted(shares, reverse=True)
        if found["token"] == found["likeliest"][0][0]:
            assert -math.log2(shares[0]) == pytest.approx(found["bits"], abs=1e-3)


def test_a_run_without_a_recording_shows_its_last_weights(client, runner):
    run = runner.start(training_run(Config(**TINY), TEXT))
    assert run.wait(60)
    found = get(client, f"runs/{run.id}/surprise", epoch=1)
    assert (found["epoch"], found["wanted"], found["source"]) == (3, 1, "final")
    assert get(client, f"runs/{run.id}/expected", epoch=1, part="training", place=5)["epoch"] == 3


def test_a_recording_that_was_dropped_leaves_the_last_weights(client, runner, tmp_path):
    run = training_run(Config(**TINY), TEXT)
    run.experiment.recording = Recording(tmp_path / "recording")
    runner.start(run)
    assert run.wait(60)
    run.experiment.recording.remove()
    assert get(client, f"runs/{run.id}/surprise", epoch=1)["source"] == "final"


def test_a_shipped_model_is_shown_in_windows(client):
    first = get(client, "curves/lyrics-zh/surprise")["parts"]["training"]
    later = get(client, "curves/lyrics-zh/surprise", training=3100)["parts"]["training"]
    assert (first["start"], later["start"], first["shown"]) == (0, 3000, 9000)
    assert len(first["pieces"]) == len(later["tenths"]) == 3000
    assert first["pieces"] != later["pieces"]
    assert get(client, "curves/lyrics-zh/surprise", training=10**8)["parts"]["training"]["start"] == 6000


def test_a_recorded_recipe_has_the_bits_of_its_recorded_epochs_and_no_weights(client):
    shipped = Recording.open(shipped_recording("rnn-scratch"))
    text = shipped_corpus("lyrics-zh").replace("\n", " ")  # as its recipe reads it
    last = get(client, "curves/rnn-scratch/surprise")
    assert (last["epoch"], last["now"], last["live"], last["source"]) == (250, 250, False, "recorded")
    assert not last["has_model"]
    part = last["parts"]["training"]
    bits = shipped.epoch(250).bits("training")
    assert part["tenths"] == [None, *(round(float(value) * 10) for value in bits[1:3000])]
    assert "".join(part["pieces"]) == text[:3000]
    near = get(client, "curves/rnn-scratch/surprise", epoch=100, bare="")
    assert (near["epoch"], near["wanted"]) == (128, 100)
    assert near["parts"]["training"]["mean_bits"] > part["mean_bits"]
    query = {"part": "training", "place": 5}
    assert get(client, "curves/rnn-scratch/expected", 404, **query) == {"state": "gone"}
    assert get(client, "curves/rnn-scratch/expected", 400, part="test", place=5)["message"]


def test_bad_requests_get_a_message_and_unknown_names_404(client, recorded, runner):
    of_run = f"runs/{recorded.id}"
    bad = (
        (f"{of_run}/surprise", {"epoch": "x"}),
        (f"{of_run}/surprise/exact", {"epoch": "x"}),
        (f"{of_run}/expected", {"part": "test", "place": 1}),
        (f"{of_run}/expected", {"part": "training", "place": 0}),
        (f"{of_run}/expected", {"part": "training"}),
        ("curves/lyrics-zh/expected", {"part": "training", "place": 10**6}),
    )
    for path, query in bad:
        assert get(client, path, 400, **query)["message"], (path, query)
    assert get(client, "runs/none/surprise", 404) == get(client, "curves/none/surprise", 404) == {"state": "gone"}
    lesson = runner.start(Run(Lesson(hello.VIEW, hello.VIEW.config(epochs=1)), hello.VIEW.record))
    assert lesson.wait(60)
    assert get(client, f"runs/{lesson.id}/surprise", 404) == {"state": "gone"}


def luminance(colour):
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_text_can_be_read_on_every_shade_and_the_shades_go_one_way():
    css = Path(module.__file__).with_name("surprise_panel.css").read_text("utf-8")
    for theme, paper in (("", "#ffffff"), (r'html\[data-theme="dark"\] & ', "#0f1317")):
        found = re.findall(rf"^{theme}\.s(\d+) {{ background: (\S+); color: (\S+); }}$", css, re.MULTILINE)
        assert [int(number) for number, _, _ in found] == list(range(12))
        grounds = [luminance(paper if ground == "transparent" else ground) for _, ground, _ in found]
        assert grounds == sorted(grounds, reverse=paper == "#ffffff")
        for ground, (_, _, ink) in zip(grounds, found, strict=True):
            dark, light = sorted((ground, luminance(ink)))
            assert (light + 0.05) / (dark + 0.05) >= 4.5
