"""A student's file runs in a process of its own: whatever it does, the grade says what."""

from pathlib import Path

import pytest

from rnnlab.exercises import EXERCISES, grade_file

HEAD = "import torch\n\n\ndef perplexity(nlls):\n"
SOLUTIONS = Path(__file__).with_name("solutions.py")


@pytest.fixture
def graded(tmp_path):
    """Grade a file with this text as an answer to `perplexity`."""

    def graded(text, seconds=10):
        path = tmp_path / "my.py"
        path.write_text(text, "utf-8")
        return grade_file(EXERCISES["perplexity"], path, seconds)

    return graded


def test_a_right_file_passes():
    found = grade_file(EXERCISES["lstm_step"], SOLUTIONS)
    assert found.passed
    assert (found.cases, found.printed) == (2, "")


def test_a_number_of_numpy_is_a_number(graded):
    assert graded(f"import numpy as np\n{HEAD}    return np.exp(nlls.double().numpy().mean())\n").passed


def test_a_function_may_write_into_what_it_is_given(tmp_path):
    path = tmp_path / "my.py"
    path.write_text(
        "def adam_step(weight, gradient, mean, square, step, lr):\n"
        "    mean.mul_(0.9).add_(gradient, alpha=1 - 0.9)\n"
        "    square.mul_(0.999).addcmul_(gradient, gradient, value=1 - 0.999)\n"
        "    root = (square / (1 - 0.999**step)).sqrt().add_(1e-8)\n"
        "    weight.sub_(lr * mean / (1 - 0.9**step) / root)\n"
        "    return weight, mean, square\n",
        "utf-8",
    )
    assert grade_file(EXERCISES["adam_step"], path).passed


def test_an_endless_loop_is_ended(graded):
    assert graded(f"{HEAD}    while True: pass\n", seconds=0.3).verdict == "timeout"


def test_a_file_that_ends_its_process_is_told_and_so_is_what_it_printed(graded):
    found = graded(f"import os\n{HEAD}    print('at work', flush=True)\n    os._exit(0)\n")
    assert (found.verdict, found.printed) == ("exited", "at work\n")


@pytest.mark.usefixtures("in_this_process")
def test_an_exception_is_told_with_its_line_and_case(graded):
    found = graded(f"{HEAD}    x = nlls\n    return x[100]\n")
    assert (found.verdict, found.error, found.line, found.case) == ("raised", "IndexError", 6, 1)
    assert "out of bounds" in found.message


@pytest.mark.usefixtures("in_this_process")
def test_a_slip_of_syntax_is_told_with_its_line(graded):
    found = graded(f"{HEAD}    return nlls.mean(\n")
    assert (found.verdict, found.error, found.line, found.case) == ("raised", "SyntaxError", 5, 0)


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize(
    ("text", "verdict", "error"),
    [
        (f"{HEAD}    raise SystemExit(0)\n", "raised", "SystemExit"),
        ("x = 1\n", "no_function", ""),
        (f"{HEAD}    return 'four'\n", "not_numbers", "str"),
        (f"{HEAD}    return None\n", "not_numbers", "NoneType"),
        (f"{HEAD}    return nlls * 1j\n", "not_numbers", "torch.complex128"),
        (f"{HEAD}    return float('nan')\n", "differs", ""),
    ],
)
def test_hostile_files(graded, text, verdict, error):
    found = graded(text)
    assert (found.verdict, found.error) == (verdict, error or found.error)
    if "nan" in text:
        assert found.difference.kind == "not_finite"


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        grade_file(EXERCISES["perplexity"], tmp_path / "none.py")
