"""Where a copied run of a song stands in the text of its own run, and what the page gets to travel with."""

import asyncio
import threading
from dataclasses import replace
from types import SimpleNamespace

import httpx
import pytest
from starlette.applications import Starlette

from rnnlab.experiments.event import plain
from rnnlab.experiments.language_model import Config, LearnedText
from rnnlab.experiments.language_model.copying import copied_of_samples
from rnnlab.limits import MAX_LINE_POINTS
from rnnlab.runs import Runner, training_run
from rnnlab.text import make_corpus
from rnnlab.ui.server.sse import routes
from rnnlab.ui.tabs.lesson import DefaultRuns, Lesson
from rnnlab.ui.tabs.payloads import TabPayloads
from rnnlab.ui.tabs.train.passages import CopiedPlace, min_copied_of, passage_in, passage_of_run
from rnnlab.ui.tabs.train.payload import picture, picture_of_run, recorded_picture
from rnnlab.ui.tabs.train.recording import recorded_passage, recording_of
from rnnlab.validation import InvalidInput

TEXT = "one fish two fish\nred fish blue fish\nthis one has a star\n" * 3
CONFIG = Config(
    corpus="own", hidden_size=8, embedding_size=4, batch_size=2, num_steps=8, held_out=0.0, epochs=3,
    learning_rate=0.03, sample_prefixes=("one fish", "this one"), sample_length=30, sample_every=2,
)  # fmt: skip


@pytest.fixture(scope="module")
def run():
    run = training_run(CONFIG, TEXT)
    run.drive()
    return run


def place_of(run):
    """Return the first copied run of the last epoch's songs, and its characters."""
    row = [row for row in run.since(0).rows if row["kind"] == "epoch"][-1]
    song = next(number for number, runs in enumerate(row["copied_runs"]) if runs)
    start, end = row["copied_runs"][song][0]
    return CopiedPlace(row["epoch"], song, 0), row["samples"][song][start:end]


def test_a_passage_has_the_lines_around_a_copied_run():
    learned = LearnedText(make_corpus("ab cd ef\ngh ij kl\nmn op qr\n" * 2, held_out=0.0))
    rows = [{"epoch": 2, "samples": ["xx", "x gh ij y"], "copied_runs": [[], [[2, 7]]]}]
    found = passage_in(rows, CopiedPlace(2, 1, 0), learned)
    assert found == {"before": "ab cd ef\n", "run": "gh ij", "after": " kl\nmn op qr", "count": 2}


@pytest.mark.parametrize("place", [(3, 0, 0), (2, 0, 0), (2, 1, 1), (2, 2, 0)])
def test_there_is_no_passage_without_that_epoch_song_or_run(place):
    learned = LearnedText(make_corpus("ab cd ef\n" * 4, held_out=0.0))
    rows = [{"epoch": 2, "samples": ["xx", "cd ef"], "copied_runs": [[], [[0, 5]]]}]
    assert passage_in(rows, CopiedPlace(*place), learned) is None


def test_a_long_line_is_cut_around_the_run():
    learned = LearnedText(make_corpus("a" * 500 + "needle" + "b" * 500, held_out=0.0))
    rows = [{"epoch": 1, "samples": ["needle"], "copied_runs": [[[0, 6]]]}]
    found = passage_in(rows, CopiedPlace(1, 0, 0), learned)
    assert (found["before"], found["after"]) == ("a" * 200, "b" * 200)


def test_the_songs_of_a_run_are_looked_up_in_its_own_text(run):
    place, copied = place_of(run)
    found = passage_of_run(run, place)
    assert found["run"] == copied
    assert found["before"] + found["run"] + found["after"] in TEXT
    assert found["count"] == sum(TEXT.startswith(copied, at) for at in range(len(TEXT)))


def test_songs_within_an_epoch_are_looked_up_as_well():
    run = training_run(replace(CONFIG, progress_every=60, epochs=2, sample_every=1), TEXT)
    run.drive()
    rows = [row for row in run.since(0).rows if row["kind"] == "progress"]
    assert len(rows) > 2
    text = run.experiment.learned().text
    for row in rows:
        assert row == {
            **row,
            **plain(copied_of_samples(run.experiment.learned(), row["samples"], ["one fish", "this one"])),
        }
    row = next(row for row in reversed(rows) if row["copied_runs"][1])
    start, end = row["copied_runs"][1][0]
    found = passage_of_run(run, CopiedPlace(row["epoch"], 1, 0, row["step"]))
    assert found["run"] == row["samples"][1][start:end]
    assert found["run"] in text
    assert passage_of_run(run, CopiedPlace(row["epoch"], 1, 0, 10**6)) is None
    after = next(row for row in run.since(0).rows if row["kind"] == "epoch" and row["epoch"] == 2)
    start, end = after["copied_runs"][0][0]
    assert passage_of_run(run, CopiedPlace(2, 0, 0))["run"] == after["samples"][0][start:end]


def test_in_a_very_long_text_songs_within_an_epoch_are_not_looked_up(monkeypatch):
    monkeypatch.setattr("rnnlab.limits.MAX_INTERIM_SEARCHED_CHARACTERS", 10)
    run = training_run(replace(CONFIG, progress_every=60, epochs=1, sample_every=1), TEXT)
    run.drive()
    rows = {row["kind"]: row for row in run.since(0).rows}
    assert rows["progress"]["samples"]
    assert (rows["progress"]["copied_share"], rows["progress"]["copied_runs"]) == (None, [])
    assert rows["epoch"]["copied_share"] is not None


def test_a_suspended_run_reads_its_text_again():
    run = training_run(CONFIG, TEXT)
    run.drive()
    run.experiment.suspend()
    place, copied = place_of(run)
    assert min_copied_of(run) is None  # a picture does not wait for that
    assert passage_of_run(run, place)["run"] == copied


def test_a_run_that_has_lost_its_text_has_no_passages():
    run = training_run(CONFIG, TEXT)
    run.drive()
    place, _ = place_of(run)

    def lost():
        raise InvalidInput("run_failed", "run")

    run.experiment.learned = lost
    assert passage_of_run(run, place) is None


def test_a_picture_has_every_epoch_and_the_songs_that_are_kept(run):
    whole = picture_of_run(run, run.since(0), "en")
    assert [row["epoch"] for row in whole["epoch_rows"]] == [1, 2, 3]
    assert [len(row["samples"]) for row in whole["epoch_rows"]] == [0, 2, 2]
    assert whole["untrained"]["samples"]
    assert whole["min_copied"] == run.experiment.learned().min_length


def test_a_very_long_run_sends_fewer_epochs_and_all_songs():
    rows = [
        {"kind": "epoch", "epoch": n, "perplexity": 2.0, "held_out_perplexity": None, "samples": ["la"] * (n == 4)}
        for n in range(1, 2 * MAX_LINE_POINTS + 1)
    ]
    sent = [row["epoch"] for row in picture(Config(corpus="own"), rows, "en")["epoch_rows"]]
    assert sent[:4] == [1, 3, 4, 5]
    assert (sent[-1], len(sent)) == (2 * MAX_LINE_POINTS, MAX_LINE_POINTS + 2)


@pytest.mark.parametrize("name", ["lyrics-zh", "lyrics-en"])
def test_a_recording_says_what_its_songs_copy(name):
    rows, text = recorded_picture(name, "en")["epoch_rows"], recording_of(name).learned.text
    assert [row["epoch"] for row in rows] == list(range(1, len(rows) + 1))
    assert rows[-1]["copied_share"] > rows[0]["copied_share"]
    for row in rows:
        songs = zip(row["samples"], row["copied_runs"], strict=True)
        copied = [song[start:end] for song, runs in songs for start, end in runs]
        assert all(piece in text for piece in copied)
        assert row["longest_copied"] == max(map(len, copied), default=0)
    found = recorded_passage(name, CopiedPlace(len(rows), 0, 0))
    assert found["before"] + found["run"] + found["after"] in text


def test_another_name_has_no_recorded_passage():
    with pytest.raises(InvalidInput):
        recorded_passage("../secrets", CopiedPlace(1, 0, 0))


def test_the_page_asks_by_numbers_and_gets_nothing_for_anything_else():
    runner = Runner(1)
    run = runner.start(training_run(CONFIG, TEXT))
    assert run.wait(60)
    place, copied = place_of(run)
    app = Starlette(routes=routes(runner, TabPayloads(DefaultRuns(())), threading.Event()))

    async def ask():
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            asked = [
                f"runs/{run.id}/passage?epoch={place.epoch}&song={place.song}&run=0&step=0",
                "curves/lyrics-zh/passage?epoch=20&song=0&run=0",
                f"runs/{run.id}/passage?epoch=99&song=0&run=0",
                f"runs/{run.id}/passage?epoch=-1&song=0&run=0",
                f"runs/{run.id}/passage",
                "runs/another/passage?epoch=1&song=0&run=0",
                "curves/another/passage?epoch=1&song=0&run=0",
            ]
            return [await client.get(f"/lab/{address}") for address in asked]

    try:
        mine, recorded, *others = asyncio.run(ask())
    finally:
        runner.close()
    assert mine.json()["run"] == copied
    assert recorded.json()["count"] >= 1
    assert [answer.status_code for answer in others] == [404] * 5


def test_a_lesson_has_no_passages():
    other = SimpleNamespace(experiment=Lesson.__new__(Lesson))
    assert TabPayloads(DefaultRuns(())).passage(other, (1, 0, 0)) is None
