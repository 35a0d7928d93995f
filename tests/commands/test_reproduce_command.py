"""`rnnlab reproduce`: which experiments it trains, and its output."""

import json

import pytest

from rnnlab.commands import reproduce as command
from rnnlab.reproduce import ANOTHER_TEXT, TABLE_ROWS, Result
from rnnlab.validation import InvalidInput


def result(row, **changes):
    known = {"what": "perplexity", "published": {40: 151.0}, "ours": {40: (157.44, 155.3, float("inf")), 80: (2, 2, 2)}}
    return Result(row, **{**known, "verdict": "agrees", "seeds": 3, "seconds": 0.4, "shipped": False, **changes})


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


@pytest.fixture
def trained(monkeypatch):
    """Replace training by given results; an exception among them is raised."""
    asked = []

    def trained(*found):
        def reproduce(rows, text, quick, progress, workers):
            asked.append(([row.name for row in rows], text, quick, workers))
            for one in found:
                if isinstance(one, BaseException):
                    raise one
                yield one

        monkeypatch.setattr(command, "reproduce", reproduce)
        return asked

    return trained


def test_hello_is_really_trained(call):
    status, out, _ = call("reproduce", "--only", "hello-RNN", "--workers", 1)
    head, rule, row = (line for line in out.splitlines() if line.startswith("|"))
    assert status == 0
    assert cells(head) == ["row", "epoch", "published", "ours: median (spread)", "seeds", "verdict", "time"]
    assert set(rule) == {"|", "-"}
    assert cells(row) == [
        "hello-RNN, share of ohlol", "20", "", "1 (0.8 – 1)", "3", "no figure published", "under 1 s",
    ]  # fmt: skip
    assert "spread over the seeds" in out


def test_json_has_a_line_for_the_baselines_each_experiment_and_the_end(call, trained):
    names = [row.name for row in TABLE_ROWS]
    trained(*(result(name) for name in names))
    _, out, _ = call("reproduce", "--json")
    counted, *rows, end = map(json.loads, out.splitlines())
    assert counted["baselines"]["ngram3"].keys() == {"training", "held_out"}
    assert counted["shipped"] is True
    assert [row["row"] for row in rows] == names
    assert rows[0]["ours"]["40"] == {"median": 157.44, "low": 155.3, "high": None}
    assert (end["complete"], end["missing"]) == (True, [])
    assert all(line["machine"] for line in (counted, *rows, end))


def test_the_table_is_markdown_in_a_fixed_order(call, trained):
    trained(result("lstm-scratch-patient", seeds=1, seconds=91.4, published={}, verdict="no"), result("gru-scratch"))
    _, out, _ = call("reproduce")
    table = [cells(line) for line in out.splitlines() if line.startswith("|")]
    assert table[2] == [
        "gru-scratch, perplexity", "40", "151", "157.4 (155.3 – ∞)", "3", "agrees", "under 1 s",
    ]  # fmt: skip
    assert table[3] == ["", "80", "", "2 (2 – 2)", "3", "", ""]
    assert table[4] == ["lstm-scratch-patient, perplexity", "40", "", "157.4", "1", "no", "91 s"]


def test_the_baselines_have_a_table(call, trained):
    trained()
    _, out, _ = call("reproduce", "--only", "baselines", "--corpus", "lyrics-zh")
    table = [cells(line) for line in out.splitlines() if line.startswith("|")]
    assert [row[0] for row in table[2:]] == ["uniform", "unigram", *(f"{n}-gram" for n in range(2, 8))]
    assert table[0] == ["without a network, perplexity", "training", "held out"]
    assert float(table[-1][1]) < float(table[2][1]) == float(table[2][2])
    assert "9,000 characters counted, 1,000 held out, of the shipped songs" in out


def test_the_shipped_songs_are_marked(call, trained):
    trained(result("gru-scratch", verdict=ANOTHER_TEXT, shipped=True))
    _, out, _ = call("reproduce", "--only", "gru-scratch")
    assert "another text (the shipped songs)" in out
    assert "the published figures are of the tutorials' lyrics" in out


@pytest.mark.parametrize(
    ("flags", "rows"),
    [
        ([], [row.name for row in TABLE_ROWS]),
        (["--quick"], [row.name for row in TABLE_ROWS if row.published]),
        (["--quick", "--only", "sine"], ["sine"]),
        (["--only", "baselines"], []),
        (["--only", "sine", "--only", "hello-RNN", "--only", "baselines"], ["hello-RNN", "sine"]),
    ],
)
def test_flags_choose_the_experiments(call, trained, song, flags, rows):
    asked = trained()
    call("reproduce", "--corpus", song, "--workers", 2, *flags)
    assert asked == [(rows, song.read_text("utf-8"), "--quick" in flags, 2)]


@pytest.mark.parametrize("end", [KeyboardInterrupt(), InvalidInput("worker_lost", "workers")])
def test_finished_results_are_printed_after_an_interruption(call, trained, end):
    trained(result("gru-scratch"), end)
    status, out, _ = call("reproduce", "--quick")
    assert status == (130 if isinstance(end, KeyboardInterrupt) else 2)
    assert "157.4" in out
    assert "Incomplete: rnn-scratch, " in out
    _, out, _ = call("reproduce", "--quick", "--json")
    *_, row, last = map(json.loads, out.splitlines())
    assert row["row"] == "gru-scratch"
    assert last["complete"] is False
    assert "rnn-scratch" in last["missing"]


def test_refusals(call, refused):
    refused(call("reproduce", "--only", "gru"), "only", "gru-scratch", "baselines")
    refused(call("reproduce", "--corpus", "nowhere.txt"), "corpus")


def test_an_error_of_a_worker_process_is_one_line(python, refused, song):
    song.write_text("one fish two fish red fish blue", "utf-8")
    done = python("reproduce", "--corpus", song, "--only", "gru-torch", "--workers", 1)
    refused((done.returncode, done.stdout, done.stderr), "31 tokens are fewer than one batch")
    assert done.stdout == ""
