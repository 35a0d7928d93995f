"""The routes of the surprise panel, with runs that have trained; and that its shades can be read."""

import math
import re
import time
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from rnnlab import limits
from rnnlab.experiments.language_model import Config
from rnnlab.experiments.language_model.recording import Recording
from rnnlab.resources import shipped_corpus, shipped_recording
from rnnlab.runs import Run, Runner, training_run
from rnnlab.ui.server.surprise_routes import surprise_routes
from rnnlab.ui.tabs.hello import payload as hello
from rnnlab.ui.tabs.lesson import Lesson
from rnnlab.ui.tabs.train import surprise as module
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
    return TestClient(Starlette(routes=surprise_routes(runner, TrainSurprise(runner))))


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
    near = get(client, f"runs/{recorded.id}/surprise", epoch=2, bare="")
    assert (near["epoch"], near["wanted"]) == (1, 2)
    assert "pieces" not in near["parts"]["training"]


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
