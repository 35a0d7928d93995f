"""`rnnlab link`."""

import json

import pytest


def test_flags_become_a_link(call):
    words = ["--tab", "train", "--preset", "quick", "--seed=3", "--learning-rate", 0.01, "--hide", "advanced,corpus"]
    status, out, err = call("link", *words)
    assert (status, err) == (0, "")
    assert out == "?tab=train&preset=quick&learning_rate=0.01&seed=3&hide=advanced,corpus\n"


def test_a_link_is_checked_and_what_is_refused_is_said(call):
    status, out, err = call("link", "https://example.org/?tab=train&epochs=0&seed=3")
    assert (status, out) == (2, "?tab=train&seed=3\n")
    assert "epochs" in err
    assert "from 1 to 100000" in err
    status, out, _ = call("link", "tab=train&epochs=0&seed=3&at=epoch:7", "--json")
    found = json.loads(out)
    assert (status, found["settings"], found["at"], len(found["refused"])) == (2, {"seed": "3"}, 7, 1)


@pytest.mark.parametrize("words", [[], ["--seed"], ["nothing"], ["--seed", "3", "tab=train"]], ids=str)
def test_words_that_are_no_link_are_refused(call, words):
    status, out, err = call("link", *words)
    assert (status, out) == (2, "")
    assert "--tab train --seed 3" in err


def test_the_keys_are_listed(call):
    status, out, _ = call("link", "--keys")
    assert status == 0
    assert "| `learning_rate` |" in out
