"""The routes of a song: bars of a place and endings, what is refused, and which songs are kept."""

import math
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from rnnlab import limits
from rnnlab.experiments.language_model import Config
from rnnlab.generation import Generation, generate, next_tokens
from rnnlab.runs import Runner, training_run
from rnnlab.text import copied_runs
from rnnlab.ui.server.song_routes import song_routes
from rnnlab.ui.server.turns import Superseded
from rnnlab.ui.tabs.generate.handlers import SETTINGS, on_first_song, on_generate
from rnnlab.ui.tabs.generate.kept_songs import SONGS, KeptSong, KeptSongs
from rnnlab.ui.tabs.generate.next_characters import NextCharacters
from rnnlab.ui.tabs.generate.writers import writer_chosen

OWN = "one fish two fish red fish blue fish " * 10
TINY = {"corpus": "own", "hidden_size": 4, "embedding_size": 3, "batch_size": 2, "num_steps": 5, "epochs": 1}
HOW = Generation(prefix="不分", length=60, temperature=1.2, top_k=20, seed=3)


@pytest.fixture(scope="module")
def runner():
    runner = Runner(1)
    yield runner
    runner.close()


@pytest.fixture(scope="module")
def trained(runner):
    run = runner.start(training_run(Config(**TINY), OWN))
    assert run.wait(60)
    return run.id


@pytest.fixture(scope="module")
def client():
    return TestClient(Starlette(routes=song_routes(NextCharacters())))


def sing(runner, model, saved=None, how=HOW):
    """The last value of the panel, as the Generate button makes it."""
    return list(on_generate(runner, saved, None, model, True, None, *(getattr(how, name) for name in SETTINGS)))[-1][0]


def ask(client, song, what, **question):
    answer = client.post(f"/lab/songs/{song['key']}/{what}", json=question)
    return answer.status_code, answer.json()


def tokens_of(choices):
    return [token for *_, token in choices]


@pytest.mark.parametrize("model", ["lyrics-zh", "trained", "5-gram:lyrics-zh", "2-gram:trained", "uniform:lyrics-zh"])
def test_bars_and_endings_are_those_of_the_writer_that_sang(runner, trained, client, model):
    how = replace(HOW, prefix="fis") if "trained" in model else HOW
    song = sing(runner, model, trained, how)
    tokens, writer = tokens_of(song["choices"]), writer_chosen(runner, trained, None, model, None)
    status, bars = ask(client, song, "next", begun=tokens[:9], also=[tokens[9]])
    found = next_tokens(writer.decoder(), writer.vocab, how, tokens[:9], also=[tokens[9]])
    assert (status, bars["place"], bars["drawn"], bars["kept"]) == (200, 9, tokens[9], found.kept)
    assert [row[0] for row in bars["rows"]] == [row.token for row in found.rows]
    assert [row[2] for row in bars["rows"]] == pytest.approx([row.believed for row in found.rows], rel=1e-3)
    assert [row[3] for row in bars["rows"]] == pytest.approx([row.drawn_from for row in found.rows], rel=1e-3)
    softmax = [math.exp(row[4] / how.temperature - bars["log_sum"]) for row in bars["rows"]]  # as the page writes it
    whole = next_tokens(
        writer.decoder(), writer.vocab, replace(how, top_k=None, top_p=None), tokens[:9], also=[tokens[9]]
    )
    expected = {row.token: row.drawn_from for row in whole.rows}
    assert softmax == pytest.approx([expected[row[0]] for row in bars["rows"]], rel=1e-3)
    assert bars["is_cut"] == (how.top_k is not None or how.top_p is not None)
    same = ask(client, song, "ending", begun=tokens[:9])[1]
    assert tokens_of(same["choices"]) == tokens[9:], "the same random numbers at each place"
    assert same["choices"] == song["choices"][9:]
    picked = next(row[0] for row in bars["rows"] if row[0] != tokens[9])
    ending = ask(client, song, "ending", begun=tokens[:9], picked=[picked])[1]
    other = [*tokens[:9], picked]
    rest = list(generate(writer.decoder(), writer.vocab, how, begun=other))
    assert tokens_of(ending["choices"]) == [picked, *(token.token for token in rest)]
    believed = next(row.believed for row in found.rows if row.token == picked)
    assert ending["choices"][0][1] == pytest.approx(believed, abs=1e-4)
    text = song["prefix"] + "".join([*other, *(token.text for token in rest)])
    learned = writer.learned
    runs = [[run.start, run.end] for run in copied_runs(text, learned.text, learned.min_length)]
    assert (ending["copied"]["runs"], ending["is_whole"]) == (runs, True)


def test_a_long_ending_comes_in_parts(runner, client, monkeypatch):
    monkeypatch.setattr(limits, "MAX_PICKED_TOKENS", 25)
    song = sing(runner, "lyrics-en")
    whole, parts = tokens_of(song["choices"]), tokens_of(song["choices"])[:3]
    for most in (25, 25, 7):
        value = ask(client, song, "ending", begun=parts)[1]
        parts += tokens_of(value["choices"])
        assert (len(value["choices"]), value["is_whole"]) == (most, most == 7)
    assert parts == whole


def test_a_song_goes_on_with_the_weights_that_wrote_it(runner, trained, client, monkeypatch):
    how = replace(HOW, prefix="fis")
    song = sing(runner, "trained", trained, how)
    later = runner.start(training_run(Config(**{**TINY, "seed": 9}), OWN))
    assert later.wait(60)
    monkeypatch.setattr(runner, "latest", lambda run: later.latest)  # as if the run had trained on
    tokens = tokens_of(song["choices"])
    assert tokens_of(sing(runner, "trained", trained, how)["choices"]) != tokens
    assert tokens_of(ask(client, song, "ending", begun=tokens[:2])[1]["choices"]) == tokens[2:]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ({"begun": ["no such token"]}, "no such token"),
        ({"begun": "text"}, "The song so far"),
        ({"begun": [1]}, "The song so far"),
        ({"begun": ["的"] * 60}, "at most 59"),
        ({"begun": [], "also": ["的"] * 5}, "at most 4"),
    ],
)
def test_bad_questions_are_refused(runner, client, question, words):
    song = sing(runner, "lyrics-zh")
    status, answer = ask(client, song, "next", **question)
    assert status == 400
    assert words in answer["message"]


def test_what_is_no_object_and_what_is_not_kept(runner, client, monkeypatch):
    song = sing(runner, "lyrics-zh")
    for body in (b"", b"[1]", b'{"begun": "\\ud800"}', b"\xff"):
        assert client.post(f"/lab/songs/{song['key']}/next", content=body).status_code == 400
    monkeypatch.setattr("rnnlab.ui.server.song_routes.MAX_SONG_REQUEST_BYTES", 10)
    assert client.post(f"/lab/songs/{song['key']}/next", json={"begun": ["的"]}).status_code == 400
    monkeypatch.undo()
    assert ask(client, {"key": "unknown"}, "next")[0] == 404
    assert ask(client, song, "ending", picked=["的", "的"])[0] == 400


def test_songs_are_kept_within_number_visitor_and_bytes(monkeypatch):
    monkeypatch.setattr(limits, "MAX_KEPT_SONGS", 5)
    monkeypatch.setattr(limits, "MAX_KEPT_SONGS_OF_VISITOR", 2)
    monkeypatch.setattr(limits, "MAX_KEPT_SONGS_BYTES", 100)
    songs = KeptSongs()

    def keep(client, nbytes=10):
        return songs.keep(KeptSong(HOW, lambda: None, nbytes), client)

    own = [keep("a") for _ in range(3)]
    assert [songs.find(key) is not None for key in own] == [False, True, True]
    others = [keep(name) for name in "bcd"]
    assert songs.find(own[1]) is not None, "looked at last"
    keep("e")
    assert songs.find(own[2]) is None, "the oldest goes"
    keep("f", nbytes=90)
    assert [songs.find(key) is not None for key in others] == [False, False, False]
    assert keep("g", nbytes=101) == ""
    assert songs.find("") is None
    shared = [keep("", nbytes=1) for _ in range(4)]
    assert all(songs.find(key) for key in shared), "several visitors may share an address"


def test_the_first_song_is_that_of_the_fields_and_replaces_none(runner):
    values = [getattr(HOW, name) for name in SETTINGS]
    *_, first = on_first_song(runner, None, None, "lyrics-zh", False, None, *values)
    asked = sing(runner, "lyrics-zh")
    assert (first["choices"], first["is_first"], asked["is_first"]) == (asked["choices"], True, False)
    assert SONGS.find(first["key"]) is not None
    for model, has_song, given in (
        ("lyrics-zh", True, values),
        ("trained", False, values),
        ("lyrics-zh", False, ["no"] * 6),
    ):
        (skipped,) = on_first_song(runner, None, None, model, has_song, None, *given)
        assert skipped.get("__type__") == "update", "nothing changes, and nobody is told"


def test_a_song_that_counts_in_the_text_of_a_run_that_is_gone_is_gone_too(client):
    runner = Runner(1)
    run = runner.start(training_run(Config(**TINY), OWN))
    assert run.wait(60)
    song = sing(runner, "2-gram:trained", run.id, replace(HOW, prefix="fis"))
    assert ask(client, song, "next")[0] == 200
    runner.forget(run)
    for what in ("next", "ending"):
        assert ask(client, song, what) == (404, {"state": "gone"})
    runner.close()


def test_an_ending_that_nobody_waits_for_is_not_written(runner):
    drawn = []

    def check():
        drawn.append(1)
        if len(drawn) == 3:
            raise Superseded

    song = sing(runner, "lyrics-zh")
    with pytest.raises(Superseded):
        NextCharacters().ending(song["key"], {}, check)
    assert len(drawn) == 3
