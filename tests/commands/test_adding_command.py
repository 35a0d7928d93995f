"""`rnnlab adding`: its rows, its lines and its errors."""

import json
import re

SMALL = ("--length", 6, "--hidden-size", 4, "--batch-size", 4, "--max-steps", 3)


def test_json_has_the_steps_to_the_finish_line_or_none(call):
    status, out, err = call("adding", "--models", "rnn,gru,lstm", *SMALL, "--json")
    assert (status, err) == (0, "")
    rows = [json.loads(line) for line in out.splitlines()]
    outcomes = {row["model"]: row["steps_to_target"] for row in rows if row["kind"] == "outcome"}
    assert outcomes == {"rnn": None, "gru": None, "lstm": None}
    assert [row["kind"] for row in rows][-2:] == ["asked", "finished"]
    assert "step" not in {row["kind"] for row in rows}


def test_lines_for_a_reader_end_with_the_answers(call):
    arguments = ("--models", "gru", "--target-error", 1, "--ask-numbers", "0.3,0.8", "--ask-places", "2,5", "--steps")
    status, out, err = call("adding", *SMALL, *arguments)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "Rows of 6 numbers; always answering 1 has an error of 0.167."
    assert sum("minibatch" in line and "loss" in line for line in lines) == 3
    assert re.fullmatch(r"gru  over the line after 3 minibatches  error 0\.\d{4}  \d\.\d\d s", lines[-3])
    assert lines[-2] == "0.30 at place 2 and 0.80 at place 5: the sum is 1.10"
    assert re.fullmatch(r"gru  answers −?-?\d\.\d\d, off by \d\.\d\d", lines[-1])


def test_growing_says_the_longest_row(call):
    status, out, _ = call("adding", "--grow", "true", "--models", "rnn", "--max-steps", 1, "--lang", "zh")
    assert status == 0
    assert out.splitlines()[0] == "每行 10 个数；总答 1 的误差是 0.167。"


def test_a_place_that_no_row_has_is_refused(call, refused):
    refused(call("adding", *SMALL, "--ask-places", "2,9"), "ask_places", "6")
