"""`rnnlab exercise`: the list, the file to begin with, and the grade."""

import json

import pytest

from rnnlab.exercises import EXERCISES

RIGHT = "def perplexity(nlls):\n    return nlls.mean().exp()\n"


def test_the_list(call):
    status, out, _ = call("exercise")
    assert status == 0
    assert all(name in out for name in EXERCISES)
    rows = [json.loads(line) for line in call("exercise", "--json")[1].splitlines()]
    assert [row["exercise"] for row in rows] == list(EXERCISES)
    assert rows[2]["signature"] == "def rnn_step(x_t, h_prev, weight_ih, weight_hh, bias_ih, bias_hh)"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", EXERCISES)
def test_the_file_to_begin_with_is_python_with_every_shape(call, tmp_path, name, lang):
    path = tmp_path / "my.py"
    assert call("exercise", name, path, "--start", "--lang", lang)[0] == 0
    namespace = {}
    exec(compile(path.read_text("utf-8"), "my.py", "exec"), namespace)
    said = namespace[name].__doc__
    assert all(shape in said for shape in EXERCISES[name].shapes.values())
    with pytest.raises(NotImplementedError):
        namespace[name](*EXERCISES[name].shapes)


def test_a_file_that_is_there_is_not_overwritten(call, refused, tmp_path):
    path = tmp_path / "my.py"
    path.write_text(RIGHT, "utf-8")
    refused(call("exercise", "perplexity", path, "--start"), "exists")
    assert path.read_text("utf-8") == RIGHT


@pytest.mark.usefixtures("in_this_process")
def test_a_right_answer_ends_with_status_0_and_a_wrong_one_with_1(call, tmp_path):
    path = tmp_path / "my.py"
    path.write_text(RIGHT, "utf-8")
    status, out, _ = call("exercise", "perplexity", path)
    assert (status, out) == (0, "perplexity: right, in all 3 cases.\n")
    path.write_text(RIGHT.replace("nlls.mean().exp()", "2 ** nlls.mean()"), "utf-8")
    status, out, _ = call("exercise", "perplexity", path, "--lang", "zh")
    assert status == 1
    assert out.splitlines()[-1] == "  很可能是：用 2 的乘方去配奈特。奈特配 e，比特才配 2。"
    status, out, _ = call("exercise", "perplexity", path, "--json")
    row = json.loads(out)
    assert (status, row["mistake"], row["passed"], row["difference"]["expected"]) == (1, "two_to_the_nats", False, "4")
    assert row["said"].startswith("2 is raised")


def test_an_error_names_the_line_of_the_file(call, tmp_path):
    path = tmp_path / "my.py"
    path.write_text("def perplexity(nlls):\n    print('here')\n    return nlls.nonsense\n", "utf-8")
    status, out, err = call("exercise", "perplexity", path)
    assert status == 1
    assert out.startswith("perplexity: AttributeError in line 3 of my.py, case 1: ")
    assert "here" in err


def test_wrong_names_and_missing_files_are_refused(call, refused, tmp_path):
    refused(call("exercise", "nonsense", tmp_path / "my.py"), "name", "gru_step")
    refused(call("exercise", "gru_step"), "path", "--start")
    refused(call("exercise", "gru_step", tmp_path / "none.py"), "No such file")
