"""Training from the command line."""

import json
import math
import re
import sys
from dataclasses import fields

import pytest
import torch

import rnnlab.__main__ as command_line
from rnnlab import checkpoints
from rnnlab.commands import train, train_report, train_saving
from rnnlab.experiments.language_model import Baselines, Config, Trainer
from rnnlab.experiments.language_model.baselines import not_counted
from rnnlab.experiments.language_model.train_step import TrainingStep
from rnnlab.experiments.tutorials import SLIPS
from rnnlab.generation import Generation
from rnnlab.perplexity import with_bits

TEXT = "one fish two fish red fish blue fish \n" * 4
TINY = ["--hidden-size", "6", "--embedding-size", "3", "--batch-size", "4", "--num-steps", "5", "--held-out", "0.2"]
KEYS = [
    "epoch", "perplexity", "held_out_perplexity", "tokens_per_second", "seconds", "grad_norm", "clipped", "samples",
    "learning_rate",
]  # fmt: skip
KEYS += ["copied_share", "longest_copied", "copied_runs", "bits_per_token", "held_out_bits_per_token"]
TIMINGS = {"seconds", "tokens_per_second"}


def rows_of(out):
    return [json.loads(line) for line in out.splitlines()]


def timeless(rows):
    return [{k: v for k, v in row.items() if k not in TIMINGS} for row in rows]


def test_json_has_exactly_the_keys(call, song):
    status, out, err = call("train", "--corpus", song, *TINY, "--epochs", 3, "--sample-prefixes", "fi", "--json")
    assert (status, err) == (0, "")
    first, *rows = rows_of(out)
    assert [list(row) for row in (first, *rows)] == [KEYS] * 4
    assert [row["epoch"] for row in (first, *rows)] == [0, 1, 2, 3]
    assert first["samples"][0].startswith("fi")
    copied = {"copied_share": 0.0, "longest_copied": 0, "copied_runs": [[]]}
    assert {name: first[name] for name in copied} == copied
    assert {value for name, value in first.items() if name not in {"epoch", "samples", *copied}} == {None}


def test_every_setting_and_option_is_in_the_help(call, monkeypatch):
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
    """The configurations that the command would train; nothing is trained."""
    configs = []

    class Nothing:
        def __init__(self, config, *_, **__):
            configs.append(config)
            self.latest, self.config, self.epoch, self.progress = None, config, 0, None

        def events(self):
            yield from ()

    monkeypatch.setattr(train, "Trainer", Nothing)
    return configs


def test_every_flag_reaches_the_configuration(call, seen, song):
    wanted = Config(
        corpus=str(song), model="rnn", implementation="scratch", gradient="autograd", encoding="one-hot",
        embedding_size=7, hidden_size=9, num_layers=2, dropout=0.25, nonlinearity="relu", bidirectional=True,
        reset_after=False, biases="one", initialization="normal", max_tokens=None, tokenizer="cleaned", min_freq=2,
        held_out=0.2, test=0.1,
        batch_size=3, num_steps=4, sampling="random", random_offset=True, state="reset", optimizer="sgd",
        learning_rate=0.5,
        momentum=0.5, weight_decay=0.1,
        schedule="step", schedule_factor=0.25, schedule_every=2, schedule_after=3,
        init_scale=0.08, clip_by="value",
        grad_clip=None, epochs=12, target_perplexity=1.5, seed=99, sample_prefixes=("分", "b c"),
        sample_length=3, sample_every=None, progress_every=77, keep="best", patience=4,
    )  # fmt: skip
    other = Config(
        corpus=str(song),
        model="lstm",
        embedding_dropout=0.1,
        forget_bias=1.0,
        tie_weights=True,
        embedding_size=192,
        detach=False,
        trained="output",
        shuffle_text=True,
        distance=5,
    )  # fmt: skip - what does not go with the settings above
    default, changed = Config(), set()
    for config in (wanted, other):
        flags = []
        for item in fields(Config):
            if getattr(config, item.name) != getattr(default, item.name):
                changed.add(item.name)
                flags += [f"--{item.name.replace('_', '-')}", config.to_strings()[item.name]]
        assert call("train", *flags)[0] == 0
    assert seen == [wanted, other]
    assert changed == {item.name for item in fields(Config)}


def test_a_preset_is_where_flags_start_from(call, seen):
    assert call("train", "--preset", "rnn-scratch", "--epochs", 5)[0] == 0
    assert call("train")[0] == 0
    assert (seen[0].learning_rate, seen[0].sampling, seen[0].epochs) == (100.0, "random", 5)
    assert seen[1] == Config()


def test_what_the_tutorials_code_does_besides_is_said_before_its_recipe_trains(call, seen):
    _, _, err = call("train", "--preset", "lstm-torch-slow")
    said = " ".join(err.split())
    assert [slip for slip in SLIPS if SLIPS[slip] in said] == ["lstm-left-over", "nothing-clipped"]
    for arguments in (["--preset", "lstm-torch-slow", "--json"], ["--preset", "gru-scratch"]):
        assert call("train", *arguments)[2] == ""


def test_a_test_part_is_the_last_line(call, song):
    words = ["train", "--corpus", song, *TINY, "--test", "0.2", "--epochs", 1, "--sample-every", "none"]
    *rows, last = rows_of(call(*words, "--json")[1])
    assert len(rows) == 1
    assert list(last) == ["epoch", "test_perplexity", "test_bits_per_token"]
    value, bits = last["test_perplexity"], last["test_bits_per_token"]
    assert bits == pytest.approx(math.log2(value))
    assert call(*words)[1].splitlines()[-1] == f"test  perplexity {value:.4g} ({bits:.3g} bits)"


def test_held_out_and_test_text_from_files(call, song, tmp_path, refused):
    (tmp_path / "held.txt").write_text("blue fish two fish\n", "utf-8")
    (tmp_path / "test.txt").write_text("red 語 fish one fish!\n", "utf-8")
    files = ["--held-out-corpus", tmp_path / "held.txt", "--test-corpus", tmp_path / "test.txt"]
    words = ["train", "--corpus", song, *TINY, "--epochs", 1, "--save", tmp_path / "a.safetensors"]
    status, out, _ = call(*words, *files, "--json")
    assert status == 0
    assert [sorted(row.keys() & {"held_out_perplexity", "test_perplexity"}) for row in rows_of(out)] == [
        ["held_out_perplexity"], ["held_out_perplexity"], ["test_perplexity"],
    ]  # fmt: skip
    assert "2 tokens of the held-out and test texts are not in the vocabulary: left out." in call(*words, *files)[2]
    again = ["train", "--resume", tmp_path / "a.safetensors", "--epochs", 2, "--json"]
    refused(call(*again), "another text")
    assert [row["epoch"] for row in rows_of(call(*again, *files)[1])] == [2, 2]


def test_the_ngrams_of_a_long_text_are_a_line_when_they_are_counted(call, song, monkeypatch):
    class Counted(Trainer):
        def events(self):
            yield Baselines(**not_counted() | {"ngram6_held_out_perplexity": 4.75, "counted_tokens": 1_003_855})

    monkeypatch.setattr(train, "Trainer", Counted)
    _, out, err = call("train", "--corpus", song, *TINY)
    assert out == ""
    assert err == "6-grams that have counted 1,003,855 tokens: held out 4.75 (2.25 bits).\n"
    assert call("train", "--corpus", song, *TINY, "--json")[1:] == ("", "")


def test_without_json_it_prints_lines_to_read(call, song):
    status, out, err = call("train", "--corpus", song, *TINY, "--epochs", 2, "--sample-prefixes", "fi")
    about = "song.txt: UTF-8, 152 characters, 16 distinct. It begins: one fish two fish red fish blue fish one…\n"
    about += "4 lines, 152 characters taken, vocabulary 16, 5 minibatches per epoch\n"
    assert (status, err) == (0, about)  # no bar where there is no terminal
    before, song_before, *lines = out.splitlines()
    assert before == "epoch 0  before training"
    assert song_before.startswith("  fi")
    assert lines[0].startswith("epoch 1  perplexity ")
    assert "held out" in lines[0]
    assert lines[1].startswith("  fi")
    assert re.fullmatch(r"  word for word in its text: \d+%, the longest run \d+ characters", lines[2])
    assert len(lines) == 6


def test_unknown_characters_of_a_prefix_are_named_once(call, song):
    words = ["train", "--corpus", song, *TINY, "--epochs", 1, "--sample-prefixes", "fiZQ|Z\u0301o", "--json"]
    _, out, err = call(*words)
    assert err == "Not in the text, so the samples go on without: Z Q Z\u0301\n"
    assert rows_of(out)[0]["samples"][0].startswith("fi")


JAPANESE = "春の風が窓をたたく\n君の声をまだ覚えている\n" * 20


def test_encoding_and_beginning_of_a_text_are_reported_also_with_json(call, tmp_path):
    (tmp_path / "uta.txt").write_bytes(JAPANESE.encode("cp932"))
    words = ["train", "--corpus", tmp_path / "uta.txt", *TINY, "--epochs", 1]
    for more in ([], ["--json"]):
        status, _, err = call(*words, *more)
        assert status == 0
        assert err.startswith("uta.txt: Shift_JIS, 440 characters, 18 distinct. It begins: 春の風が窓をたたく 君の声")


def test_files_of_a_folder_are_joined_and_reported(call, tmp_path):
    for number in (10, 2):
        (tmp_path / f"{number}.txt").write_text(f"song {number}: " + TEXT, "utf-8")
    status, _, err = call("train", "--corpus", tmp_path, *TINY, "--epochs", 1)
    assert status == 0
    assert ": 2 files joined in the order of their names, UTF-8, 321 characters" in err
    assert "It begins: song 2: one fish" in err


def test_own_text_is_used_whole_and_a_part_is_reported(call, tmp_path):
    path = tmp_path / "long.txt"
    path.write_text(TEXT * 80, "utf-8")  # more than ten thousand characters
    words = ["train", "--corpus", path, *TINY, "--batch-size", 64, "--num-steps", 50, "--epochs", 1, "--json"]
    words += ["--sample-every", "none"]
    status, out, err = call(*words)
    assert (status, err, list(rows_of(out)[0])) == (0, "", KEYS)
    status, out, err = call(*words, "--max-tokens", 10_000)
    total = len(TEXT * 80)
    assert err == f"long.txt: the first 10,000 of {total:,} characters are taken; --max-tokens none takes all.\n"
    (row,) = rows_of(out)
    assert (row["characters_taken"], row["characters_total"]) == (10_000, total)


def test_words_from_text_to_song(call, tmp_path):
    path, model = tmp_path / "text.txt", tmp_path / "words.safetensors"
    path.write_text("One fish, two fish.\n“Don’t,” said the red fish.\n" * 20 + "Rare!\n", "utf-8")
    words = ["--tokenizer", "words", "--min-freq", 2, "--max-tokens", 200, "--sample-length", 7, "--json"]
    status, out, err = call("train", "--corpus", path, *TINY, "--epochs", 2, *words, "--save", model)
    assert status == 0
    assert err == "text.txt: the first 200 of 363 words are taken; --max-tokens none takes all.\n"
    *_, (sample,) = (row["samples"] for row in rows_of(out))
    assert sample.startswith("One")
    assert len(checkpoints.load(model).vocab) == 14  # <unk>, <eos>, twelve words and signs
    words = ["--prefix", "One fish, whale", "--length", 40, "--temperature", 3]
    status, out, err = call("generate", model, *words, "--json")
    assert (status, err) == (0, "The model does not know whale; it goes on without.\n")
    song = rows_of(out)[0]
    assert song["text"].startswith("One fish,")
    assert song["text"] == "One fish," + "".join(choice["text"] for choice in song["choices"])
    assert all(
        choice["text"].strip(" ") == choice["token"].lstrip("␣‿")
        for choice in song["choices"]
        if choice["token"] != "<eos>"
    )
    assert "<" not in song["text"]
    assert call("generate", model, *words)[1] == song["text"] + "\n"


def test_tutorial_preset_keeps_its_ten_thousand_characters(call, seen, song):
    for recipe, max_tokens in (("gru-scratch", 10_000), ("quick", None)):
        assert call("train", "--preset", recipe, "--corpus", song)[0] == 0
        assert seen[-1].max_tokens == max_tokens
    assert call("train", "--corpus", "lyrics-en")[0] == 0
    assert seen[-1].max_tokens == 10_000


def test_resuming_a_saved_run_gives_the_same_curve(call, song, tmp_path):
    words = ["train", "--corpus", song, *TINY, "--json", "--dropout", "0.2", "--sample-prefixes", "fi"]
    whole = rows_of(call(*words, "--epochs", 4)[1])
    saved = tmp_path / "half.safetensors"
    first = rows_of(call(*words, "--epochs", 2, "--save", saved)[1])
    second = rows_of(call("train", "--resume", saved, "--epochs", 4, "--save", saved, "--json")[1])
    assert timeless(first + second) == timeless(whole)
    assert checkpoints.load(saved).epoch == 4
    history = map(with_bits, checkpoints.load(saved).history)
    assert timeless(history) == timeless(whole[1:])  # without the epoch 0 that is printed
    status, out, err = call("train", "--resume", saved, "--json")  # all epochs are trained
    assert (status, out) == (0, "")
    assert err == "The model has 4 epochs already: give a larger --epochs to train on.\n"
    status, _, err = call("train", "--resume", saved, "--preset", "quick")
    assert status == 2
    assert "preset" in err


def test_target_perplexity_ends_the_command(call, song):
    words = ["--epochs", 999, "--target-perplexity", 8, "--sample-every", "none", "--json"]
    rows = rows_of(call("train", "--corpus", song, *TINY, *words)[1])
    assert rows[-1]["perplexity"] <= 8 < rows[-2]["perplexity"]


def test_training_is_saved_regularly_but_not_at_every_epoch(call, song, tmp_path, monkeypatch):
    epochs, save = [], checkpoints.save
    monkeypatch.setattr(checkpoints, "save", lambda c, path: epochs.append(c.epoch) or save(c, path))
    words = ["train", "--corpus", song, *TINY, "--sample-every", "none", "--save", tmp_path / "a.safetensors"]
    assert call(*words, "--epochs", 6)[0] == 0
    assert epochs == [0, 6]  # the others take less than two seconds
    epochs.clear()
    monkeypatch.setattr(train_saving, "SAVE_EVERY", 0.0)
    assert call(*words, "--epochs", 6)[0] == 0
    assert epochs == [0, 1, 2, 3, 4, 5, 6]


def test_a_long_epoch_is_reported_on_the_way(call, song, monkeypatch):
    monkeypatch.setattr(train_report, "MAX_SILENCE", 0.0)
    words = ["train", "--corpus", song, *TINY, "--epochs", 2, "--progress-every", 60, "--sample-prefixes", "fi"]
    status, out, _ = call(*words, "--json")
    assert status == 0
    rows = rows_of(out)
    on_the_way = [row for row in rows if row.get("kind") == "progress"]
    assert [row["epoch"] for row in rows if "kind" not in row] == [0, 1, 2]
    keys = ["kind", "epoch", "step", "steps", "perplexity", "held_out_perplexity", "samples"]
    copied, bits = ["copied_share", "longest_copied", "copied_runs"], ["bits_per_token", "held_out_bits_per_token"]
    assert all(list(row) == [*keys, *copied, *bits] for row in on_the_way)
    evaluated = [row for row in on_the_way if row["samples"]]
    assert [(row["epoch"], row["step"]) for row in evaluated] == [(1, 3), (2, 3)]
    assert all(row["held_out_perplexity"] > 1 for row in evaluated)
    assert {(row["epoch"], row["step"]) for row in on_the_way} == {
        (epoch, step) for epoch in (1, 2) for step in range(1, row_steps(rows) + 1)
    }
    status, out, _ = call(*words)
    assert [line.split("  ")[0] for line in out.splitlines() if line.startswith("epoch")] == [
        "epoch 0", "epoch 1, 60%", "epoch 1", "epoch 2, 60%", "epoch 2"
    ]  # fmt: skip


def row_steps(rows):
    return max(row["steps"] for row in rows if row.get("kind") == "progress")


def test_an_interrupted_command_goes_on_within_the_epoch(call, song, tmp_path, monkeypatch):
    monkeypatch.setattr(train_saving, "SAVE_EVERY", 0.0)
    monkeypatch.setattr(train_saving, "PARTIAL_EVERY", 0.0)
    path = tmp_path / "a.safetensors"
    words = ["train", "--corpus", song, *TINY, "--epochs", 2, "--dropout", 0.2, "--json"]
    _, out, _ = call(*words)
    whole = timeless(row for row in rows_of(out) if "kind" not in row)
    trained, step = [], TrainingStep.__call__

    def interrupted(*arguments):
        trained.append(arguments)
        if len(trained) == 9:  # in the second epoch
            raise KeyboardInterrupt
        return step(*arguments)

    monkeypatch.setattr(TrainingStep, "__call__", interrupted)
    assert call(*words, "--save", path)[0] == 130
    saved = checkpoints.load(path)
    assert (saved.epoch, len(saved.partial)) == divmod(8, row_steps_of(song))
    trained.clear()
    monkeypatch.setattr(TrainingStep, "__call__", step)
    _, out, _ = call("train", "--resume", path, "--save", path, "--json")
    assert timeless(row for row in rows_of(out) if "kind" not in row) == whole[2:]
    assert checkpoints.load(path).partial is None


def row_steps_of(song):
    config = Config(corpus=str(song), hidden_size=6, embedding_size=3, batch_size=4, num_steps=5, held_out=0.2)
    return Trainer(config, TEXT).steps


def test_the_kept_epoch_is_named_and_weights_only_holds_it(call, song, tmp_path):
    path = tmp_path / "a.safetensors"
    words = ["train", "--corpus", song, *TINY, "--epochs", 30, "--learning-rate", 0.15, "--keep", "best"]
    words += ["--save", path]
    status, _, err = call(*words, "--patience", 2, "--json", "--weights-only")
    saved = checkpoints.load(path)
    assert status == 0
    assert saved.training is None
    assert saved.epoch == saved.best_epoch + 2 < 30
    assert "Stopped: 2 epochs without a lower held-out perplexity; --patience none trains on." in err
    best = saved.history[saved.best_epoch - 1]["held_out_perplexity"]
    assert f"{path} uses epoch {saved.best_epoch} of {saved.epoch}, the best on held-out text: {best:.4g}." in err
    _, _, err = call("generate", path, "--length", 3)
    assert f"are those of epoch {saved.best_epoch} of {saved.epoch}, the best on held-out text: {best:.4g}." in err
    _, _, err = call(*words, "--epochs", 1, "--held-out", 0, "--json")
    assert "no held-out text to choose the best epoch by: the last one is kept" in err


def test_a_long_text_is_named_its_recipe(call, seen, tmp_path):
    path = tmp_path / "book.txt"
    path.write_text(TEXT * 700, "utf-8")
    told = "book.txt has 106,400 characters: --preset book is the recipe for a text of that size.\n"
    assert call("train", "--corpus", path)[2] == told
    assert call("train", "--corpus", path, "--preset", "quick")[2] == ""
    _, _, err = call("train", "--corpus", path, "--preset", "book")
    assert err == f"For 106,400 characters book takes: epochs {seen[-1].epochs}\n"
    assert (seen[-1].keep, seen[-1].schedule) == ("best", "cosine")
    call("train", "--corpus", path, "--preset", "book", "--epochs", 3)
    assert seen[-1].epochs == 3
    path.write_text(TEXT, "utf-8")
    assert call("train", "--corpus", path)[2] == ""


def test_diverging_run_reports_it_and_restores_the_last_finite_weights(call, song, tmp_path, refused):
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
def test_invalid_arguments_of_train_are_refused(call, tmp_path, monkeypatch, arguments, words, refused):
    monkeypatch.chdir(tmp_path)
    refused(call("train", *arguments), *words)
    assert not list(tmp_path.iterdir())


def test_a_short_corpus_is_refused(call, tmp_path, refused):
    (tmp_path / "short.txt").write_text("la la", "utf-8")
    refused(call("train", "--corpus", tmp_path / "short.txt"), "corpus", "5 tokens are fewer than one batch")
    refused(call("train", "--corpus", tmp_path / "short.txt", "--held-out", 0), "corpus", "fewer than one batch")
    (tmp_path / "empty.txt").write_text("", "utf-8")
    refused(call("train", "--corpus", tmp_path / "empty.txt"), "corpus")


def test_another_text_or_setting_is_not_resumed(call, song, tmp_path, refused):
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


def test_a_full_disk_is_one_line(call, song, tmp_path, monkeypatch, refused):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoints, "save", full)
    refused(call("train", "--corpus", song, *TINY, "--save", tmp_path / "a.safetensors"), "No space left")


def test_disk_full_for_a_while_is_reported_and_training_goes_on(call, song, tmp_path, monkeypatch):
    monkeypatch.setattr(train_saving, "SAVE_EVERY", 0.0)
    save, epochs = checkpoints.save, []

    def sometimes_full(checkpoint, path):
        if checkpoint.epoch in (2, 3, 5):
            raise OSError(28, "No space left on device")
        save(checkpoint, path)
        epochs.append(checkpoints.load(path).epoch)

    monkeypatch.setattr(checkpoints, "save", sometimes_full)
    path = tmp_path / "a.safetensors"
    status, out, err = call("train", "--corpus", song, *TINY, "--epochs", 6, "--save", path, "--json")
    assert status == 0
    assert [row["epoch"] for row in rows_of(out)] == [0, 1, 2, 3, 4, 5, 6]
    assert epochs == [0, 1, 4, 6]
    told = "Epoch {} could not be saved ([Errno 28] No space left on device): training goes on.\n"
    assert err == told.format(2) + told.format(5)  # once each time


def test_a_disk_that_stays_full_is_an_error_at_the_end_and_the_last_good_file_stays(call, song, tmp_path, monkeypatch):
    def full_later(checkpoint, path):
        if checkpoint.epoch:
            raise OSError(28, "No space left on device")
        save(checkpoint, path)

    save = checkpoints.save
    monkeypatch.setattr(checkpoints, "save", full_later)
    path = tmp_path / "a.safetensors"
    status, out, err = call("train", "--corpus", song, *TINY, "--epochs", 2, "--save", path, "--json")
    assert (status, len(rows_of(out))) == (2, 1 + 2)
    assert "No space left" in err
    assert checkpoints.load(path).epoch == 0


def test_too_little_memory_is_one_line(call, song, monkeypatch, refused):
    def huge(*_, **__):
        return torch.empty(2**50)

    monkeypatch.setattr(train, "Trainer", huge)
    refused(call("train", "--corpus", song, *TINY), "memory")


def test_error_without_a_device_cause_is_raised(call, song, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("a bug")

    monkeypatch.setattr(train, "Trainer", broken)
    monkeypatch.setattr(sys, "argv", ["rnnlab", "train", "--corpus", str(song)])
    with pytest.raises(RuntimeError, match="a bug"):
        command_line.main()


def test_failing_gpu_is_reported_and_training_goes_on(call, song, monkeypatch):
    build, errors = Trainer._build, [torch.OutOfMemoryError("CUDA out of memory")]

    def scarce(trainer, device):
        if errors:
            raise errors.pop()
        build(trainer, device)

    monkeypatch.setattr(Trainer, "_build", scarce)
    status, out, err = call("train", "--corpus", song, *TINY, "--epochs", 1)
    assert status == 0
    assert "too little memory" in err
    assert "epoch 1 " in out
