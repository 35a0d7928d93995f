"""`rnnlab hello`: its output and its errors."""

import json

from rnnlab.experiments.event import plain
from rnnlab.experiments.hello import Config, preset, run
from rnnlab.experiments.hello.why import weight_update


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


def test_why_explains_the_update_of_a_weight(call):
    flags = ("hello", "--module", "LSTMCell", "--epochs", "3", "--why", "weight_hh[9,2]", "--epoch", "2")
    _, out, _ = call(*flags, "--json")
    config = preset("LSTMCell").config(epochs=3)
    expected = weight_update(config, list(run(config))[2], "weight_hh[9,2]").to_dict()
    assert json.loads(out) == {"kind": "why", **plain(expected)}
    _, out, _ = call(*flags)
    lines = out.splitlines()
    assert len(lines) == 1 + 5 + 3
    assert lines[0].startswith(f"weight_hh[9,2] = {expected['value']:.6f} before the update of epoch 2.")
    assert lines[-1].endswith(f"= {expected['value'] + expected['step']:.6f}")
    _, out, _ = call(*flags, "--optimizer", "sgd")
    assert len(out.splitlines()) == 1 + 5 + 2, "SGD has no running means"


def test_a_weight_or_an_epoch_that_does_not_exist_is_refused(call):
    assert "weight_hh[0…3, 0…3]" in call("hello", "--why", "weight_hh[4,0]", "--epoch", "1")[2]
    assert call("hello", "--why", "bias_ih[0]", "--epoch", "101")[2].startswith("rnnlab: epoch: 101 is out of range")
    assert call("hello", "--epoch", "3")[0] == 2


def test_two_epochs_are_three_lines(call):
    status, out, _ = call("hello", "--epochs", "2")
    assert status == 0
    assert len(out.splitlines()) == 3
