"""`rnnlab inspect --what gradient`."""

import json

TEXT = "The night train\nleaves at ten\n"


def test_norms_by_lag_in_json_and_as_a_table(call):
    status, out, err = call("inspect", "lyrics-en", "--text", TEXT, "--what", "gradient", "--set", "place=12", "--json")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert (found["what"], found["place"], found["token"], found["state"]) == ("gradient", 12, "a", "l0.h")
    assert len(found["norms"]) == 12
    assert found["start"]["h"][10] < 0.1 * found["curve"]["h"][10]  # training lets the gradient reach further
    lines = call("inspect", "lyrics-en", "--text", TEXT, "--what", "gradient", "--set", "place=12")[1].splitlines()
    (table,) = (line.split() for line in lines if line.startswith("a "))
    assert table[1:] == [f"{found['norms'][lag]:.1e}" for lag in (0, 5, 10)] + ["–"] * 3
    assert sum(line.startswith("LSTM c") for line in lines) == 2


def test_a_place_that_is_not_there_is_refused(call, refused):
    refused(call("inspect", "lyrics-en", "--text", TEXT, "--what", "gradient", "--set", "place=0"), "place")
