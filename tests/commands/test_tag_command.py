"""`rnnlab tag`: a sentence, the tutorial, and training on one's own sentences."""

import json
from dataclasses import fields

import pytest

from rnnlab.checkpoints import load_tagger
from rnnlab.experiments.tagging import Config
from rnnlab.text import UPOS

SENTENCES = [("a dog barks", "DET NOUN VERB"), ("a cat sleeps", "DET NOUN VERB"), ("dogs bark", "NOUN VERB")] * 4
SMALL = [
    "--hidden-size", "6", "--embedding-size", "5", "--character-embedding-size", "3", "--character-size", "4",
    "--epochs", "3",
]  # fmt: skip


def conllu(sentences):
    blocks = []
    for forms, tags in sentences:
        pairs = zip(forms.split(), tags.split(), strict=True)
        blocks.append("\n".join(f"{n}\t{form}\t_\t{tag}" + "\t_" * 6 for n, (form, tag) in enumerate(pairs, 1)))
    return "\n\n".join(blocks) + "\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "train.conllu"
    path.write_text(conllu(SENTENCES), "utf-8")
    return path


@pytest.fixture
def other(tmp_path):
    path = tmp_path / "eval.conllu"
    path.write_text(conllu([("a mouse barks", "DET NOUN VERB")]), "utf-8")
    return path


def rows_of(result):
    status, out, err = result
    assert (status, err) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


# a sentence


def test_a_sentence_in_english(call):
    status, out, err = call("tag", "--text", "I don't like rain.")
    assert (status, err) == (0, "")
    words = [line.split("\t") for line in out.splitlines()]
    assert [word[0] for word in words] == ["I", "do", "n't", "like", "rain", "."]
    assert [word[1] for word in words] == ["PRON", "AUX", "PART", "VERB", "NOUN", "PUNCT"]
    assert all(0 < float(word[2]) <= 1 for word in words)


def test_the_script_chooses_the_tagger(call):
    (row,) = rows_of(call("tag", "--text", "这件衣服很好看。", "--json"))
    assert row["kind"] == "tagged"
    assert row["text"] == "这件衣服很好看。"
    assert [token["form"] for token in row["tokens"]] == ["这", "件", "衣服", "很", "好看", "。"]
    assert [token["tag"] for token in row["tokens"]][:3] == ["DET", "NOUN", "NOUN"]
    for token in row["tokens"]:
        assert {tag for tag, _ in token["probabilities"]} == set(UPOS)
        assert token["probabilities"][0] == [token["tag"], token["probability"]]
        assert sum(p for _, p in token["probabilities"]) == pytest.approx(1.0, abs=1e-5)


def test_unknown_words_are_marked_and_spaces_respected(call):
    status, out, _ = call("tag", "--text", "today we zorble", "--language", "en")
    assert status == 0
    assert [line.endswith("unknown word") for line in out.splitlines()] == [False, False, True]
    (row,) = rows_of(call("tag", "--text", "这件 衣服", "--json"))
    assert [token["form"] for token in row["tokens"]] == ["这件", "衣服"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--text", " "], ["text", "no word"]),
        (["--text", "a " * 501], ["text", "501"]),
        (["--text", "hello", "--language", "fr"], ["language", "auto"]),
        (["--text", "a\x01" + "b" * 6000], ["text"]),
        (["--model", "none.safetensors", "--text", "a"], ["model", "cannot be read"]),
        (["--corpus", "nonsense"], ["corpus", "everyday-zh"]),
        (["--train", "none.conllu"], ["train", "cannot be read"]),
        (["--tokens", " "], ["tokens", "no word"]),
        (["--hidden-size", "3.7"], ["hidden_size", "3.7"]),
        (["--first", "0"], ["first", "out of range"]),
        (["--first", "5", "--corpus", "toy-en"], ["first", "2"]),
        (["--save", "none/t.safetensors"], ["folder"]),
    ],
)
def test_refusals(call, refused, monkeypatch, tmp_path, arguments, words):
    monkeypatch.chdir(tmp_path)
    refused(call("tag", *arguments), *words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--text hello --eval none.conllu --first 3", ["eval: ", "--eval has no effect", "--train"]),
        ("--text hello --last 3", ["last: ", "--last has no effect"]),
        ("--model some.safetensors --text hello --train none.conllu", ["--train has no effect beside --model FILE"]),
        ("--model some.safetensors --hidden-size 4", ["--hidden-size has no effect beside --model FILE"]),
        ("--model some.safetensors --text a --language en", ["--language has no effect"]),
        ("--train none.conllu --corpus everyday-en", ["--corpus has no effect beside --train"]),
        ("--train none.conllu --eval other.conllu --held-out 0.1", ["--held-out has no effect beside --eval"]),
        ("--corpus everyday-en --first 3 --held-out 0.1", ["--held-out has no effect beside --first"]),
        ("--text a --tokens b", ["tokens: ", "--tokens has no effect beside --text"]),
        ("--language en --epochs 1", ["language: ", "trained", "only --text"]),
    ],
)
def test_a_flag_without_effect_is_refused(call, refused, monkeypatch, tmp_path, arguments, words):
    monkeypatch.chdir(tmp_path)
    refused(call("tag", *arguments.split()), *words)


def test_a_tagger_that_is_too_large_is_refused(call, refused):
    refused(call("tag", "--hidden-size", 1024, "--num-layers", 4), "29,408,289 numbers to learn", "4,000,000")


def test_control_characters_do_not_reach_the_terminal(call):
    _, out, _ = call("tag", "--text", "a\x1b[2Jb c")
    assert "\x1b" not in out


# the tutorial


def test_without_arguments_it_is_the_tutorial(call):
    status, out, err = call("tag")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert sum(line.startswith("before training") for line in lines) == 2
    after = lines[lines.index(next(line for line in lines if line.startswith("after  training"))) + 1 :][:5]
    assert [line.split()[0] for line in after] == ["The", "dog", "ate", "the", "apple"]
    assert all(line.endswith("right") for line in after)
    assert "epoch 300" in out


def test_the_index_of_each_word_is_printed(call):
    code, out, _ = call("tag", "--epochs", 1, "--unknown-words", "false")
    assert code == 0
    assert "word and index: The 0  dog 1  ate 2  the 3  apple 4  Everybody 5  read 6  that 7  book 8\n" in out
    _, out, _ = call("tag", "--epochs", 1, "--json")
    assert json.loads(out.splitlines()[0])["vocabulary"][:3] == ["<unk>", "The", "dog"]


def test_chinese_columns_line_up(call):
    _, out, _ = call("tag", "--corpus", "toy-zh", "--epochs", "1")
    rows = [line for line in out.splitlines() if line.startswith(("你", "今天", "怎么样"))]
    starts = [line.index("-") + sum("一" <= c <= "鿿" for c in line[: line.index("-")]) for line in rows]
    assert len(rows) == 6
    assert len(set(starts)) == 1


def test_a_recurrent_layer_or_none(call):
    rows = rows_of(call("tag", "--corpus", "context", "--model", "none", "--json"))
    assert rows[-1]["accuracy"] == 0.9
    rows = rows_of(call("tag", "--corpus", "context", "--model", "rnn", "--json"))
    assert rows[-1]["accuracy"] == 1.0


def test_every_setting_has_a_flag(call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    _, out, _ = call("tag", "--help")
    for item in fields(Config):
        assert f"--{item.name.replace('_', '-')}" in out, item.name
    for flag in ("--text", "--tokens", "--language", "--train", "--eval", "--first", "--last", "--save", "--json"):
        assert flag in out


# training on one's own sentences


def test_training_on_a_file_and_measuring_on_another(call, file, other):
    rows = rows_of(call("tag", "--train", file, "--eval", other, *SMALL, "--json"))
    assert [row["kind"] for row in rows] == ["started", *["scores"] * 1, *["epoch"] * 3, "scores", "finished"]
    assert (rows[0]["sentences"], rows[0]["held_out_sentences"], rows[0]["held_out_words"]) == (12, 1, 3)
    assert rows[-1]["baseline"] == 1.0  # mouse is unknown; of equally frequent tags the first one counts
    assert rows[-1].keys() >= {"accuracy", "unknown_accuracy", "baseline", "confusion", "tags", "mistakes"}
    assert rows[-2]["tokens"] == ["a", "mouse", "barks"]


@pytest.mark.parametrize(
    ("cut", "parts"),
    [
        (["--first", 5], (5, 7)),
        (["--first", 5, "--last", 2], (5, 2)),
        (["--last", 3], (9, 3)),
        (["--held-out", "0.5"], (6, 6)),  # with --eval as well, as it is the same file
        ([], (10, 2)),  # the recipe holds out a fifth
    ],
)
def test_one_file_can_be_split_for_training_and_evaluation(call, file, cut, parts):
    for evaluate in ([], ["--eval", file]) if {"--first", "--held-out"} & set(cut) else ([],):
        rows = rows_of(call("tag", "--train", file, *evaluate, *cut, *SMALL, "--epochs", 1, "--json"))
        assert (rows[0]["sentences"], rows[0]["held_out_sentences"]) == parts


def test_a_saved_tagger_tags(call, file, tmp_path):
    path = tmp_path / "own.safetensors"
    by_heart = ["--held-out", 0, "--dropout", 0, "--word-dropout", 0]
    arguments = ["--train", file, *SMALL, *by_heart, "--epochs", 60, "--save", path]
    status, out, _ = call("tag", *arguments, "--text", "a cat barks")
    assert status == 0
    assert "accuracy on training" in out
    last = [line.split("\t")[:2] for line in out.splitlines()[-3:]]
    assert last == [["a", "DET"], ["cat", "NOUN"], ["barks", "VERB"]]
    (row,) = rows_of(call("tag", "--model", path, "--text", "a cat barks", "--json"))
    assert [[token["form"], token["tag"]] for token in row["tokens"]] == last
    assert load_tagger(path).epoch == 60


def test_given_words_are_not_segmented(call, tmp_path):
    path, model = tmp_path / "vi.conllu", tmp_path / "vi.safetensors"
    rows = [("học sinh", "NOUN"), ("đọc", "VERB"), ("किताब", "NOUN"), ("peut-être", "ADV")]
    sentence = "\n".join(f"{n}\t{form}\t_\t{tag}" + "\t_" * 6 for n, (form, tag) in enumerate(rows, 1))
    path.write_text(f"{sentence}\n\n" * 5, "utf-8")
    assert call("tag", "--train", path, *SMALL, "--save", model, "--json")[0] == 0
    for given in (["--tokens", "học_sinh đọc किताब peut-être"], ["--text", "học sinh đọc किताब peut-être"]):
        (row,) = rows_of(call("tag", "--model", model, *given, "--json"))
        assert row["text"] == given[1]
        assert [token["form"] for token in row["tokens"]] == [form for form, _ in rows]
        assert all(token["known"] for token in row["tokens"])
    (row,) = rows_of(call("tag", "--tokens", "New_York grows", "--json"))
    assert [token["form"] for token in row["tokens"]] == ["New York", "grows"]


def test_left_out_sentences_are_reported_on_standard_error(call, file):
    file.write_text(f"a line of prose\n{conllu(SENTENCES)}", "utf-8")
    status, out, err = call("tag", "--train", file, *SMALL, "--epochs", 1, "--json")
    assert status == 0
    assert err == "train: 1 line(s) hold no tagged word and were passed over, the first is line 1.\n"
    assert json.loads(out.splitlines()[0])["kind"] == "started"


def test_an_interrupted_training_keeps_the_last_epoch(call, file, tmp_path, monkeypatch):
    from rnnlab.experiments.tagging import trainer

    path = tmp_path / "own.safetensors"
    measure, calls = trainer.measure, []

    def interrupt(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return measure(*arguments)

    monkeypatch.setattr(trainer, "measure", interrupt)
    status, _, _ = call("tag", "--train", file, *SMALL, "--epochs", 50, "--save", path)
    assert status == 130
    assert load_tagger(path).epoch == 2


def test_a_broken_file_is_refused_naming_the_line(call, refused, tmp_path):
    path = tmp_path / "broken.conllu"
    path.write_text("1\tdog\tNOUN\n", "utf-8")
    refused(call("tag", "--train", path), "train", "line 1", "3 column")
