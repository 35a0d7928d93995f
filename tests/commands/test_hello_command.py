"""`rnnlab hello`: its output and its errors."""

import json

from rnnlab.experiments.hello import Config, preset, run


def test_it_prints_the_predicted_word_of_each_epoch_and_ends_with_the_word(call):
    status, out, err = call("hello")
    lines = out.splitlines()
    assert (status, err) == (0, "")
    assert len(lines) == 101
    assert lines[0] == "loooo  epoch   1/100  loss 6.4530"
    assert lines[99].startswith("ohlol  epoch 100/100  loss ")
    assert lines[100].startswith("ohlol  trained  loss ")


def test_json_is_one_event_a_line_and_every_epoch_says_what_is_predicted(call):
    _, out, _ = call("hello", "--json", "--epochs", "4")
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["kind"] for row in rows] == ["started", *["epoch"] * 4, "finished"]
    assert rows[0]["vocabulary"] == "ehlo"
    looks = list(run(Config(epochs=4)))[1:]
    assert [row["predicted"] for row in rows[1:]] == [look.predicted for look in looks]
    assert [row["weight_hh"] for row in rows[1:]] == [look.weight_hh.tolist() for look in looks]


def test_a_module_brings_its_recipe_unless_a_flag_says_otherwise(call):
    _, out, _ = call("hello", "--module", "RNN", "--json")
    looks = list(run(preset("RNN").config()))[1:]
    assert [json.loads(line)["loss"] for line in out.splitlines()[1:]] == [look.loss for look in looks]
    _, out, _ = call("hello", "--module", "RNN", "--epochs", "3")
    assert len(out.splitlines()) == 4


def test_hello_learns_given_words(call):
    _, out, _ = call("hello", "--source", "你好吗", "--target", "好吗你", "--implementation", "torch")
    assert out.splitlines()[-1].startswith("好吗你  trained")


def test_a_refusal_is_one_line_that_names_the_field(call):
    status, out, err = call("hello", "--target", "ohl")
    assert (status, out) == (2, "")
    assert err == (
        "rnnlab: target: it has 3 character(s) and 'hello' has 5, but each character needs one answer; "
        "give two words of equal length.\n"
    )
    assert "module: 'GRU' is not on offer" in call("hello", "--module", "GRU")[2]


def test_as_a_program(python):
    done = python("hello", "--epochs", "2")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 3
