"""The command line, most of it in this process, the rest as a visitor would run it."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch

import rnnlab.__main__ as command_line
from rnnlab import checkpoints
from rnnlab.experiments.language_model import Config, Trainer
from rnnlab.generation import Generation
from rnnlab.text import Vocab

CHECKOUT = Path(command_line.__file__).parents[1]
TEXT = "one fish two fish red fish blue fish \n" * 4
TINY = ["--hidden-size", "6", "--embedding-size", "3", "--batch-size", "4", "--num-steps", "5", "--held-out", "0.2"]
KEYS = ["epoch", "perplexity", "held_out_perplexity", "tokens_per_second", "seconds", "grad_norm", "clipped", "samples"]
TIMINGS = {"seconds", "tokens_per_second"}


@pytest.fixture(autouse=True)
def quiet_machine():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    torch.set_flush_denormal(False)
    torch.set_float32_matmul_precision("highest")


@pytest.fixture
def song(tmp_path):
    path = tmp_path / "song.txt"
    path.write_text(TEXT, "utf-8")
    return path


@pytest.fixture
def call(monkeypatch, capsys):
    """Run the command line here; returns its exit status, standard output and standard error."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["rnnlab", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            command_line.main()
        return end.value.code or 0, *capsys.readouterr()

    return call


def python(*arguments, **words):
    """Run `python -m rnnlab` in a process of its own."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(CHECKOUT)} | words.pop("env", {})
    command = [sys.executable, "-m", "rnnlab", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, **words)


def refused(result, *words):
    """Check that a call ended with one clear line on standard error and status 2."""
    status, out, err = result
    assert status == 2, (out, err)
    assert err.startswith("rnnlab: ")
    assert err.count("\n") == 1, err
    assert "Traceback" not in err
    for word in words:
        assert word in err


def rows_of(out):
    return [json.loads(line) for line in out.splitlines()]


def timeless(rows):
    return [{k: v for k, v in row.items() if k not in TIMINGS} for row in rows]


# train


def test_json_has_exactly_the_keys(call, song):
    status, out, err = call("train", "--corpus", song, *TINY, "--epochs", 3, "--sample-prefixes", "fi", "--json")
    assert (status, err) == (0, "")
    rows = rows_of(out)
    assert [list(row) for row in rows] == [KEYS] * 3
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    assert all(row["perplexity"] > 1 and row["held_out_perplexity"] > 1 and row["seconds"] > 0 for row in rows)
    assert all(len(row["samples"]) == 1 and row["samples"][0].startswith("fi") for row in rows)


def test_every_setting_has_a_flag_and_the_others_are_told_too(call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")  # wide enough that no name is cut
    _, out, _ = call("train", "--help")
    for item in fields(Config):
        assert f"--{item.name.replace('_', '-')}" in out, item.name
    for flag in ("--preset", "--corpus", "--save", "--resume", "--json", "--device"):
        assert flag in out
    _, out, _ = call("generate", "--help")
    for item in fields(Generation):
        assert f"--{item.name.replace('_', '-')}" in out


@pytest.fixture
def seen(monkeypatch):
    """The configurations that training was asked for; nothing is trained."""
    configs = []

    class Nothing:
        def __init__(self, config, *_, **__):
            configs.append(config)
            self.latest, self.config, self.epoch = None, config, 0

        def events(self):
            yield from ()

    monkeypatch.setattr(command_line, "Trainer", Nothing)
    return configs


def test_every_flag_reaches_the_configuration(call, seen, song):
    wanted = Config(
        corpus=str(song), model="rnn", implementation="scratch", encoding="one-hot", embedding_size=7, hidden_size=9,
        num_layers=2, dropout=0.25, nonlinearity="relu", bidirectional=True, reset_after=False,
        initialization="normal", max_tokens=None, tokenizer="cleaned", held_out=0.2, batch_size=3, num_steps=4,
        sampling="random", random_offset=True, state="reset", optimizer="sgd", learning_rate=0.5, grad_clip=None,
        epochs=12, target_perplexity=1.5, seed=99, sample_prefixes=("分", "b c"), sample_length=3, sample_every=None,
    )  # fmt: skip
    default = Config()
    flags = []
    for item in fields(Config):
        assert getattr(wanted, item.name) != getattr(default, item.name), item.name
        flags += [f"--{item.name.replace('_', '-')}", wanted.to_strings()[item.name]]
    assert call("train", *flags)[0] == 0
    assert seen == [wanted]


def test_a_preset_is_where_flags_start_from(call, seen):
    assert call("train", "--preset", "rnn-scratch", "--epochs", 5)[0] == 0
    assert call("train")[0] == 0
    assert (seen[0].learning_rate, seen[0].sampling, seen[0].epochs) == (100.0, "random", 5)
    assert seen[1] == Config()


def test_without_json_it_prints_lines_to_read(call, song):
    status, out, err = call("train", "--corpus", song, *TINY, "--epochs", 2, "--sample-prefixes", "fi")
    assert (status, err) == (0, "")  # no bar where there is no terminal
    lines = out.splitlines()
    assert lines[0].startswith("epoch 1  perplexity ")
    assert "held out" in lines[0]
    assert lines[1].startswith("  fi")
    assert len(lines) == 4


def test_resuming_a_saved_run_gives_the_same_curve(call, song, tmp_path):
    words = ["train", "--corpus", song, *TINY, "--json", "--dropout", "0.2", "--sample-prefixes", "fi"]
    whole = rows_of(call(*words, "--epochs", 4)[1])
    saved = tmp_path / "half.safetensors"
    first = rows_of(call(*words, "--epochs", 2, "--save", saved)[1])
    second = rows_of(call("train", "--resume", saved, "--epochs", 4, "--save", saved, "--json")[1])
    assert timeless(first + second) == timeless(whole)
    assert checkpoints.load(saved).epoch == 4
    assert timeless(checkpoints.load(saved).history) == timeless(whole)
    status, out, err = call("train", "--resume", saved, "--json")  # it is done
    assert (status, out) == (0, "")
    assert err == "The model has 4 epochs already: give a larger --epochs to train on.\n"
    status, _, err = call("train", "--resume", saved, "--preset", "quick")
    assert status == 2
    assert "preset" in err


def test_the_target_ends_it(call, song):
    words = ["--epochs", 999, "--target-perplexity", 8, "--sample-every", "none", "--json"]
    rows = rows_of(call("train", "--corpus", song, *TINY, *words)[1])
    assert rows[-1]["perplexity"] <= 8 < rows[-2]["perplexity"]


def test_it_is_saved_while_it_trains_but_not_at_every_epoch(call, song, tmp_path, monkeypatch):
    epochs, save = [], checkpoints.save
    monkeypatch.setattr(checkpoints, "save", lambda c, path: epochs.append(c.epoch) or save(c, path))
    words = ["train", "--corpus", song, *TINY, "--sample-every", "none", "--save", tmp_path / "a.safetensors"]
    assert call(*words, "--epochs", 6)[0] == 0
    assert epochs == [0, 6]  # these take no two seconds
    epochs.clear()
    monkeypatch.setattr(command_line, "SAVE_EVERY", 0.0)
    assert call(*words, "--epochs", 6)[0] == 0
    assert epochs == [0, 1, 2, 3, 4, 5, 6]


def test_a_run_that_diverges_says_so_and_keeps_its_weights(call, song, tmp_path):
    path = tmp_path / "a.safetensors"
    words = ["--learning-rate", "1e6", "--optimizer", "sgd", "--grad-clip", "none", "--epochs", 50, "--save", path]
    result = call("train", "--corpus", song, *TINY, "--json", *words)
    refused(result, "learning_rate: the run diverged at epoch", "step", "are kept")
    assert checkpoints.load(path).build_model()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--nope", "3"], ["--nope"]),
        (["--hidden-size"], ["--hidden-size"]),
        (["--hidden-size", "3.7"], ["hidden_size", "3.7", "whole number"]),
        (["--hidden-size", "0"], ["hidden_size", "out of range"]),
        (["--epochs", "nan"], ["epochs"]),
        (["--learning-rate", "fast"], ["learning_rate", "fast"]),
        (["--model", "transformer"], ["model", "rnn, gru, lstm"]),
        (["--bidirectional", "maybe"], ["bidirectional"]),
        (["--nonlinearity", "relu"], ["nonlinearity", "gru"]),
        (["--preset", "slow"], ["preset", "quick"]),
        (["--device", "tpu"], ["device", "cuda"]),
        (["--matmul-precision", "low"], ["matmul_precision"]),
        (["--corpus", "none.txt"], ["corpus", "none.txt"]),
        (["--corpus", "."], ["corpus"]),
        (["--corpus", "song.pdf"], ["corpus", ".txt"]),
        (["--corpus", ""], ["corpus"]),
        (["--resume", "none.safetensors"], ["resume", "none.safetensors"]),
        (["--save", "none/here/a.safetensors"], ["none/here"]),
        (["--save", "/dev/null"], ["/dev/null"]),
        (["--sample-prefixes", "a||b"], ["sample_prefixes"]),
        (["--sample-prefixes", "\udcff"], ["sample_prefixes"]),
        (["surplus"], ["surplus"]),
    ],
    ids=lambda value: " ".join(value).encode("ascii", "replace").decode() if isinstance(value, list) else None,
)
def test_what_train_refuses(call, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    refused(call("train", *arguments), *words)
    assert not list(tmp_path.iterdir())


def test_a_short_corpus_is_refused(call, tmp_path):
    (tmp_path / "short.txt").write_text("la la", "utf-8")
    refused(call("train", "--corpus", tmp_path / "short.txt"), "held_out", "5 tokens")
    refused(call("train", "--corpus", tmp_path / "short.txt", "--held-out", 0), "corpus", "fewer than one batch")
    (tmp_path / "empty.txt").write_text("", "utf-8")
    refused(call("train", "--corpus", tmp_path / "empty.txt"), "corpus")


def test_another_text_or_setting_is_not_resumed(call, song, tmp_path):
    saved = tmp_path / "a.safetensors"
    assert call("train", "--corpus", song, *TINY, "--epochs", 1, "--save", saved)[0] == 0
    refused(call("train", "--resume", saved, "--hidden-size", 7), "hidden_size")
    other = tmp_path / "other.txt"
    other.write_text(TEXT.replace("fish", "bird"), "utf-8")
    refused(call("train", "--resume", saved, "--corpus", other), "another text")
    song.unlink()
    refused(call("train", "--resume", saved, "--epochs", 2), "corpus")
    for content in (b"", b"\x80\x04junk", b"x" * 500):
        saved.write_bytes(content)
        refused(call("train", "--resume", saved), "resume: ")


def test_a_full_disk_is_one_line(call, song, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoints, "save", full)
    refused(call("train", "--corpus", song, *TINY, "--save", tmp_path / "a.safetensors"), "No space left")


def test_too_little_memory_is_one_line(call, song, monkeypatch):
    def huge(*_, **__):
        return torch.empty(2**50)

    monkeypatch.setattr(command_line, "Trainer", huge)
    refused(call("train", "--corpus", song, *TINY), "memory")


def test_an_error_of_ours_is_not_hidden(call, song, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("a bug")

    monkeypatch.setattr(command_line, "Trainer", broken)
    monkeypatch.setattr(sys, "argv", ["rnnlab", "train", "--corpus", str(song)])
    with pytest.raises(RuntimeError, match="a bug"):
        command_line.main()


# generate


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    config = Config(corpus="own", hidden_size=6, embedding_size=3, batch_size=4, num_steps=5, sample_every=None)
    checkpoints.save(Trainer(config, TEXT).latest, path)
    return path


def test_generate_prints_the_song(call, model):
    status, out, err = call("generate", model, "--prefix", "fi", "--length", 20, "--temperature", 1.5, "--seed", 3)
    assert (status, err) == (0, "")
    assert out.startswith("fi")
    assert len(out) == 2 + 20 + 1
    assert call("generate", model, "--prefix", "fi", "--length", 20, "--temperature", 1.5, "--seed", 3)[1] == out
    assert call("generate", model, "--prefix", "fi", "--length", 20, "--temperature", 1.5, "--seed", 4)[1] != out


def test_generate_as_json(call, model):
    words = ["--prefix", "f語i", "--length", 5, "--top-k", 2, "--top-p", "0.9"]
    status, out, err = call("generate", model, *words, "--json")
    assert status == 0
    song = json.loads(out)
    assert list(song) == ["text", "missing", "choices"]
    assert song["missing"] == ["語"]
    assert song["text"] == "fi" + "".join(choice["character"] for choice in song["choices"])
    assert all(0 < choice["probability"] <= 1 for choice in song["choices"])
    assert len(song["choices"]) == 5
    assert "語" in err


def test_characters_that_the_model_lacks_are_named_on_standard_error(call, model):
    status, out, err = call("generate", model, "--prefix", "語f", "--length", 1)
    assert status == 0
    assert out.startswith("f")
    assert err == "The model does not know 語; it goes on without.\n"


def test_somebody_elses_model_does_not_steer_the_terminal(call, model, tmp_path):
    odd = checkpoints.load(model)
    tokens = ["\x1b", "\x9b", "\x07", *odd.vocab.tokens[3:]]
    path = tmp_path / "odd.safetensors"
    checkpoints.save(replace(odd, vocab=Vocab.from_list(tokens, unknown=False)), path)
    _, out, err = call("generate", path, "--temperature", 5, "--length", 300, "--prefix", "\x1bx\x08")
    assert not {"\x1b", "\x9b", "\x07", "\x08"} & set(out + err)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["checkpoint"]),
        (["none.safetensors"], ["checkpoint", "none.safetensors"]),
        (["."], ["checkpoint"]),
        (["MODEL", "--length", "0"], ["length"]),
        (["MODEL", "--length", "1e9"], ["length"]),
        (["MODEL", "--temperature", "hot"], ["temperature"]),
        (["MODEL", "--temperature", "nan"], ["temperature"]),
        (["MODEL", "--top-k", "0"], ["top_k"]),
        (["MODEL", "--top-p", "1.1"], ["top_p"]),
        (["MODEL", "--seed", "-1"], ["seed"]),
        (["MODEL", "--prefix", "a" * 300], ["prefix", "300"]),
        (["MODEL", "--prefix", "\udcff"], ["prefix"]),
        (["MODEL", "--loud"], ["--loud"]),
    ],
    ids=lambda value: " ".join(value)[:30].encode("ascii", "replace").decode() if isinstance(value, list) else None,
)
def test_what_generate_refuses(call, model, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    refused(call("generate", *(model if a == "MODEL" else a for a in arguments)), *words)


# the program


def test_an_unknown_command_is_refused(call):
    refused(call("sing"), "sing")


def test_without_a_command_it_shows_its_help(call):
    status, out, err = call()
    assert status == 2
    assert "train" in out + err
    assert "rnnlab: " not in err


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_as_a_program(song, tmp_path, encoding):
    song.write_text("分开 不分开 " * 40, "utf-8")
    done = python(
        "train", "--corpus", "song.txt", *TINY, "--epochs", 2, "--save", "a.safetensors",
        cwd=tmp_path, env={"PYTHONIOENCODING": encoding}, encoding="utf-8",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert ("分开" if encoding == "utf-8" else "\\u5206\\u5f00") in done.stdout
    assert sorted(os.listdir(tmp_path)) == ["a.safetensors", "song.txt"]


def test_a_refusal_of_the_program(tmp_path):
    done = python("generate", "none.safetensors", cwd=tmp_path)
    refused((done.returncode, done.stdout, done.stderr), "checkpoint", "none.safetensors")


def start(*arguments, **words):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-m", "rnnlab", *map(str, arguments)]
    return subprocess.Popen(
        command, text=True, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **words
    )


def test_a_reader_that_goes_away_is_no_error(song):
    with start("train", "--corpus", song, *TINY, "--epochs", 100_000, "--sample-every", "none", "--json") as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) not in (0, 2)
        assert process.stderr.read() == ""


@pytest.mark.skipif(os.name != "posix", reason="signals are sent otherwise elsewhere")
def test_an_interrupted_run_is_saved_and_quiet(song, tmp_path):
    path = tmp_path / "a.safetensors"
    words = ["--epochs", 100_000, "--sample-every", "none", "--json", "--save", path]
    with start("train", "--corpus", song, *TINY, *words) as process:
        for _ in range(5):
            process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.strip() == ""
    assert checkpoints.load(path).epoch >= 5
    assert abs(checkpoints.load(path).epoch - 5 - len(out.splitlines())) <= 1


@pytest.mark.skipif(os.name != "posix", reason="there are no pseudo-terminals elsewhere")
def test_the_bar_does_not_swallow_what_is_printed(song, tmp_path):
    import pty

    ours, theirs = pty.openpty()
    with open(tmp_path / "out", "w") as out:
        done = subprocess.run(
            [sys.executable, "-m", "rnnlab", "train", "--corpus", song, *TINY, "--epochs", "3"],
            stdout=out, stderr=theirs, timeout=120, cwd=CHECKOUT, env={**os.environ, "TERM": "xterm"},
        )  # fmt: skip
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 0
    assert sum(line.startswith("epoch ") for line in (tmp_path / "out").read_text("utf-8").splitlines()) == 3
