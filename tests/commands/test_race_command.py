"""`rnnlab race`: its rows, its lines and its errors."""

import json
import re

import pytest

SMALL = (
    "--hidden-size", 8, "--embedding-size", 4, "--max-tokens", 700, "--batch-size", 8, "--num-steps", 10,
    "--epochs", 2, "--sample-length", 3,
)  # fmt: skip


def rows_of(result):
    status, out, err = result
    assert (status, err) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


def test_every_row_of_json_has_lane_epoch_perplexity_and_seconds(call):
    rows = rows_of(call("race", "--lanes", "rnn,gru,lstm", "--target-perplexity", 400, *SMALL, "--json"))
    assert all({"kind", "lane", "epoch", "perplexity", "seconds"} <= set(row) for row in rows)
    epochs = [row for row in rows if row["kind"] == "epoch"]
    assert [(row["lane"], row["epoch"]) for row in epochs][:3] == [("rnn", 1), ("gru", 1), ("lstm", 1)]
    results = [row for row in rows if row["kind"] == "result"]
    assert {row["lane"] for row in results} == {"rnn", "gru", "lstm"}
    assert [row["place"] for row in results] == sorted(row["place"] for row in results)
    crossed = {row["lane"] for row in rows if row["kind"] == "split" and row["mark"] == 400}
    assert crossed == {row["lane"] for row in results if row["end"] == "finish"}
    assert all(row["seconds"] > 0 for row in rows)


def test_steps_adds_every_minibatch_and_the_difference_of_two_implementations(call):
    rows = rows_of(call("race", "--lanes", "scratch,torch", "--steps", *SMALL, "--json"))
    kinds = [row["kind"] for row in rows if row["kind"] in ("step", "difference")]
    assert kinds == ["step", "step", "difference"] * (len(kinds) // 3)
    assert len(kinds) >= 3 * 2 * 5
    assert all(abs(row["difference"]) < 1e-4 for row in rows if row["kind"] == "difference")


def test_plain_output_names_the_places(call):
    status, out, err = call("race", "--preset", "implementations", "--target-perplexity", 400, *SMALL)
    assert (status, err) == (0, "")
    first, *others = out.splitlines()
    assert first == "The lanes begin with the same weights."
    assert re.fullmatch(r"scratch  epoch 1  perplexity [\d.,]+  held out [\d.,]+  \d\.\d\d s", others[0])
    assert re.fullmatch(
        r"(scratch|torch  )  number 1: over the line  epoch [12]  perplexity [\d.,]+  \d\.\d\d s  [\d,]+ characters",
        others[-1],
    )


def test_a_text_from_a_file(call, song):
    rows = rows_of(call("race", "--lanes", "rnn,gru", "--corpus", song, *SMALL[:4], "--batch-size", 2, "--num-steps", 5,
                        "--epochs", 1, "--json"))  # fmt: skip
    assert [row["lane"] for row in rows if row["kind"] == "result"]


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--lanes", "rnn"), ["lanes: ", "2 to 4 lanes", "here are 1"]),
        (("--lanes", "rnn,foo"), ["lanes: 'foo'"]),
        (("--target-perplexity", "0.5"), ["target_perplexity: 0.5 is out of range"]),
        (("--preset", "horses"), ["preset: ", "models, implementations"]),
        (("--corpus", "none.txt"), ["none.txt"]),
        (("--hidden-size", "2048", "--num-layers", "2"), ["lanes: training it would take about", "2.0 GB"]),
    ],
)
def test_bad_input_is_one_line(call, refused, flags, words):
    refused(call("race", *flags), *words)
