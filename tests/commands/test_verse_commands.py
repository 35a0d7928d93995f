"""`rnnlab acrostic` and `rnnlab who`."""

import json

import pytest


def test_an_acrostic_as_json_is_that_of_its_seed(call):
    words = ["--heads", "风雨", "--max-line", "7", "--beam", "2", "--seed", "3"]
    status, out, err = call("acrostic", "lyrics-zh", *words, "--json")
    found = json.loads(out)
    assert (status, err, found["max_line"]) == (0, "", 7)
    assert [line["text"][0] for line in found["lines"]] == ["风", "雨"]
    for line in found["lines"]:
        assert found["min_line"] <= len(line["text"]) <= 7
        assert line["candidates"][line["chosen"]]["text"] == line["text"]
    assert call("acrostic", "lyrics-zh", *words, "--json")[1] == out


def test_lines_are_printed_and_prices_told(call, song):
    status, out, err = call("acrostic", "2-gram", "--corpus", song, "--heads", "fé🙂", "--at", "end", "--beam", "1")
    assert status == 0
    assert [line[-1] for line in out.splitlines()] == ["f", "é", "🙂"]
    first, second, third = err.splitlines()
    assert "choice" in first
    assert "the same letter" in second
    assert "nothing in its place" in third


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["heads", "empty"]),
        (["--heads", "春", "--at", "middle"], ["at", "start, end"]),
        (["--heads", "春" * 41], ["heads", "at most 40"]),
    ],
)
def test_bad_input_is_refused_in_one_line(call, refused, arguments, words):
    refused(call("acrostic", "lyrics-zh", *arguments), *words)


# who wrote this?


def test_rounds_of_who_wrote_this_as_json_and_printed(call, refused):
    words = ["2-gram", "--seed", "5", "--temperature", "1"]
    rounds = [json.loads(line) for line in call("who", *words, "--rounds", "2", "--json")[1].splitlines()]
    assert [each["seed"] for each in rounds] == [5, 6]
    status, out, err = call("who", *words)
    assert (status, err) == (0, "")
    assert out.splitlines()[:4] == [f"{number}  {line}" for number, line in enumerate(rounds[0]["lines"], 1)]
    assert out.splitlines()[4] == f"real: {rounds[0]['real']}"
    refused(call("who", "2-gram", "--rounds", "0"), "rounds", "from 1 to 100")
