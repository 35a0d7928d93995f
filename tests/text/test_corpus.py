import hashlib
import os
import re
import time
import zipfile

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnnlab.limits import MAX_FILE_BYTES, MAX_TEXT_CHARACTERS
from rnnlab.text import (
    END,
    TOKENIZERS,
    UNKNOWN,
    file_reading,
    make_corpus,
    read_corpus,
    read_source,
    tokenize,
)
from rnnlab.validation import InvalidInput

LYRIC = "想要有直升机\n想要和你飞到宇宙去\n"
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


def code_of(function, *arguments, **keywords):
    with pytest.raises(InvalidInput) as refusal:
        function(*arguments, **keywords)
    str(refusal.value).encode("utf-8")
    return refusal.value.code


# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lyrics.txt", "LYRICS.TXT", "my.lyrics.txt"])
def test_a_text_file_by_path_and_by_bytes(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(LYRIC.encode("gb18030"))
    assert read_corpus(path) == read_corpus(str(path)) == read_corpus(path.read_bytes(), name) == LYRIC


def test_a_zip_file(tmp_path):
    path = tmp_path / "lyrics.txt.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("lyrics.txt", "\ufeff" + LYRIC)
    assert read_corpus(path) == LYRIC
    assert read_corpus(path.read_bytes(), "upload.ZIP") == LYRIC
    assert code_of(read_corpus, path.read_bytes(), "renamed.txt") in ("binary", "not_decodable")


@pytest.mark.parametrize("name", ["lyrics.pdf", "lyrics", "lyrics.txt.gz", "", None, "txt"])
def test_other_kinds_are_refused_naming_those_accepted(name):
    with pytest.raises(InvalidInput, match=r"upload: .*\.txt .*\.zip"):
        read_corpus(b"la la", name, field="upload")


def test_missing_files_and_devices_are_refused(tmp_path):
    assert code_of(read_corpus, tmp_path / "none.txt") == "file_not_found"
    (tmp_path / "folder.txt").mkdir()  # an empty one
    assert code_of(read_corpus, tmp_path / "folder.txt") == "file_not_found"
    assert code_of(read_corpus, "bad\0name.txt") == "file_not_found"
    assert code_of(read_corpus, "x" * 10_000 + ".txt") == "file_unreadable"


def test_a_folder_of_songs_is_joined_in_the_order_of_the_names(tmp_path):
    for number in (10, 9, 1, 100):
        album = tmp_path / f"album {number % 2}"
        album.mkdir(exist_ok=True)
        (album / f"{number}.txt").write_bytes(f"第 {number} 首歌，我们一起唱".encode("gb18030"))
    for hidden in ("._1.txt", ".git/x.txt", "Thumbs.db"):
        (tmp_path / hidden).parent.mkdir(exist_ok=True)
        (tmp_path / hidden).write_bytes(b"\0")
    (tmp_path / "cover.jpg").write_bytes(b"\xff\xd8")
    source = read_source(tmp_path)
    assert source.text == "\n".join(f"第 {number} 首歌，我们一起唱" for number in (10, 100, 1, 9))
    assert (source.files, source.passed_over, source.encodings) == (4, 1, ("GB18030",))
    assert source.beginning == "第 10 首歌，我们一起唱 第 100 首歌，我们一起唱 第 1 首歌，我们一起…"


def test_a_folder_with_too_many_files_or_bytes_is_refused(tmp_path, monkeypatch):
    for number in range(4):
        (tmp_path / f"{number}.txt").write_text("la la")
    monkeypatch.setattr(file_reading, "MAX_FOLDER_FILES", 3)
    assert code_of(read_corpus, tmp_path) == "folder_files"
    monkeypatch.setattr(file_reading, "MAX_FOLDER_FILES", 4)
    monkeypatch.setattr(file_reading, "MAX_FILE_BYTES", 19)
    assert code_of(read_corpus, tmp_path) == "too_many_bytes"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes on this system")
def test_a_pipe_is_refused_without_reading(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    assert code_of(read_corpus, tmp_path / "pipe.txt") == "file_not_found"


def test_a_file_without_read_permission_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "secret.txt"
    path.write_text("la la")
    monkeypatch.setattr(type(path), "open", lambda *_: (_ for _ in ()).throw(PermissionError))
    assert code_of(read_corpus, path) == "file_unreadable"


def test_a_file_beyond_the_size_limit_is_refused(tmp_path):
    path = tmp_path / "long.txt"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    assert code_of(read_corpus, path) == "too_many_bytes"
    assert code_of(read_corpus, bytes(MAX_FILE_BYTES + 1), "long.zip") == "too_many_bytes"


# --- tokenising ------------------------------------------------------------------------------------------------------


def test_the_tutorials_make_each_line_end_one_space():
    for tokenizer in ("raw", "cleaned"):
        assert tokenize("a\nb\rc\r\nd\n\ne", tokenizer) == "a b c d  e"


def test_lines_keeps_the_line_ends_of_every_system():
    assert tokenize("a\nb\rc\r\nd\n\ne\x85f\u2028g\u2029h") == "a\nb\nc\nd\n\ne\nf\ng\nh"


@pytest.mark.parametrize("tokenizer", ["lines", "raw"])
def test_every_other_character_is_kept(tokenizer):
    assert tokenize("“a”\t[b]\x97! \u00a0e\u0301", tokenizer) == "“a”\t[b]\x97! \u00a0e\u0301"


def test_a_line_end_is_one_character():
    corpus = make_corpus("a b\r\nc d\r\n")
    assert corpus.tokenizer == "lines"
    assert "".join(corpus.vocab.decode(corpus.train_ids)) == "a b\nc d\n"


def test_cleaned_strips_the_same_characters_as_the_tutorial():
    assert tokenize("""!"#%&()*+,-./:;<=>?@[_`{|}~\t\x96\x97“”""", "cleaned") == ""
    assert tokenize("$^\\]' ，。！？‘’《》", "cleaned") == "$^\\]' ，。！？‘’《》"
    assert tokenize("||]]", "cleaned") == "]"


# The tutorial's pattern, as printed, to hold our table to it.
PRINTED = [*'!"#$%&', *map(re.escape, "()*+"), ",", "-", r"\.", *"/:;<=>", r"\?", "@", r"\[", "\\", r"\]", *"^_`"]
PRINTED += [r"\{", r"\|", r"\}", "~", "\t", "\n", "\x97", "\x96", "”", "“"]


@given(st.text(st.sampled_from("".join(map(chr, range(32, 127))) + "\t\n\x96\x97“”想"), max_size=30))
@example("|]|\\]\\|]][|^$\n^_")
def test_cleaned_agrees_with_the_tutorials_pattern(text):
    lines = [line.replace("\n", " ") for line in re.findall(r"[^\n]*\n|[^\n]+", text)]
    assert tokenize(text, "cleaned") == "".join(re.sub("|".join(PRINTED), "", line) for line in lines)


def test_other_tokenisers_are_refused():
    assert code_of(tokenize, "la", "syllables") == "not_a_choice"


# --- the corpus ------------------------------------------------------------------------------------------------------


def test_raw_takes_its_vocabulary_from_the_cut():
    corpus = make_corpus("aab\nccc", tokenizer="raw", max_tokens=4)
    assert corpus.vocab.tokens == ("a", "b", " ")
    assert corpus.vocab.unknown_id is None
    assert corpus.train_ids.tolist() == [0, 0, 1, 2]
    assert len(corpus.held_out_ids) == 0


def test_cleaned_takes_its_vocabulary_from_the_whole_text():
    corpus = make_corpus("a!ab\nccc", tokenizer="cleaned", max_tokens=4)
    assert corpus.vocab.tokens == (UNKNOWN, "c", "a", "b", " ")
    assert corpus.train_ids.tolist() == [2, 2, 3, 4]


def test_the_tail_is_held_out():
    corpus = make_corpus("abcdefghij", max_tokens=8, held_out=0.25)
    assert "".join(corpus.vocab.decode(corpus.train_ids)) == "abcdef"
    assert "".join(corpus.vocab.decode(corpus.held_out_ids)) == "gh"
    assert corpus.train_ids.dtype == corpus.held_out_ids.dtype == torch.int64


def test_the_end_is_the_test_part():
    corpus = make_corpus("abcdefghijkl", max_tokens=10, held_out=0.3, test=0.2)
    parts = (corpus.train_ids, corpus.held_out_ids, corpus.test_ids)
    assert ["".join(corpus.vocab.decode(part)) for part in parts] == ["abcde", "fgh", "ij"]
    assert (corpus.taken_tokens, corpus.text_tokens, corpus.unknown_tokens) == (10, 12, 0)
    alone = make_corpus("abcdefghij", test=0.2)
    assert ["".join(alone.vocab.decode(part)) for part in (alone.train_ids, alone.test_ids)] == ["abcdefgh", "ij"]
    assert len(alone.held_out_ids) == len(make_corpus("abc").test_ids) == 0


def test_separate_texts_take_the_place_of_the_shares():
    corpus = make_corpus("abcdef", held_out=0.5, test=0.5, held_out_text="fxa", test_text="b\r\nyc", tokenizer="raw")
    parts = (corpus.train_ids, corpus.held_out_ids, corpus.test_ids)
    assert ["".join(corpus.vocab.decode(part)) for part in parts] == ["abcdef", "fa", "bc"]
    assert corpus.unknown_tokens == 3  # x, y, and the blank in place of the line's end
    assert corpus.vocab == make_corpus("abcdef").vocab, "the vocabulary is the training text's"


def test_the_digest_is_of_all_texts():
    texts = {"held_out_text": "la", "test_text": "la"}
    digests = {make_corpus("la la", **{name: texts[name] for name in given}).text_digest
               for given in ((), ("held_out_text",), ("test_text",), tuple(texts))}  # fmt: skip
    assert len(digests) == 4


def test_a_separate_text_that_the_vocabulary_lacks_is_refused():
    with pytest.raises(InvalidInput, match="test_text: the model knows 1 of its 3") as refusal:
        make_corpus("abc", test_text="xya")
    assert refusal.value.code == "nothing_to_evaluate"
    assert code_of(make_corpus, "abc", held_out_text=" ") == "empty"


@pytest.mark.parametrize(("held_out", "test"), [(0.0, 0.1), (0.5, 0.5), (0.4, 0.3)])
def test_a_test_part_too_short_to_predict_in_is_refused(held_out, test):
    with pytest.raises(InvalidInput, match=r"^(test|held_out): ") as refusal:
        make_corpus("abcde", held_out=held_out, test=test)
    assert refusal.value.code == "held_out_too_short"


def test_the_digest_is_of_the_whole_text():
    one, other = make_corpus("la la", max_tokens=2), make_corpus("la li", max_tokens=2)
    assert one.text_digest == hashlib.sha256(b"la la").hexdigest()
    assert one.text_digest != other.text_digest


def test_max_tokens_beyond_the_text_takes_all_of_it():
    assert len(make_corpus("abc", max_tokens=10_000).train_ids) == 3


@pytest.mark.parametrize("text", ["", " ", "\n\r\n\t"])
def test_an_empty_text_is_refused(text):
    assert code_of(make_corpus, text) == "empty"


@pytest.mark.parametrize(("text", "tokenizer"), [("a", "raw"), ("!?…"[:2], "cleaned"), ("!a!", "cleaned")])
def test_fewer_than_two_tokens_are_refused(text, tokenizer):
    assert code_of(make_corpus, text, tokenizer=tokenizer) == "too_few_tokens"


@pytest.mark.parametrize("held_out", [0.1, 0.5])
def test_a_held_out_part_too_short_to_predict_in_is_refused(held_out):
    assert code_of(make_corpus, "abc", held_out=held_out) == "held_out_too_short"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("tokenizer", "syllables"),
        ("min_freq", 0),
        ("min_freq", 1.5),
        ("tokenizer", None),
        ("max_tokens", 1),
        ("max_tokens", -1),
        ("max_tokens", 2.5),
        ("max_tokens", True),
        ("max_tokens", MAX_TEXT_CHARACTERS + 1),
        ("held_out", 0.51),
        ("held_out", -0.1),
        ("held_out", float("nan")),
        ("held_out", "0.1"),
    ],
)
def test_settings_are_checked_by_name(setting, value):
    with pytest.raises(InvalidInput, match=f"^{setting}: "):
        make_corpus("la la la", **{setting: value})


def test_other_values_than_text_are_refused():
    assert code_of(make_corpus, b"bytes") == "not_text"
    assert code_of(make_corpus, "a\0b") == "binary"
    assert code_of(make_corpus, "ab\ud83d") == "bad_character"
    assert code_of(make_corpus, "a" * (MAX_TEXT_CHARACTERS + 1)) == "too_long"


@settings(deadline=None)  # the first Chinese word loads a dictionary
@given(texts, st.sampled_from(TOKENIZERS), st.one_of(st.none(), st.integers(2, 60)), st.floats(0, 0.5))
def test_any_text_is_numbered_by_its_vocabulary_or_refused(text, tokenizer, max_tokens, held_out):
    cut = tokenize(text, tokenizer)[:max_tokens]
    nothing = tokenizer == "words" and set(cut) <= {UNKNOWN, END}
    if not text.strip() or len(cut) < 2 or (held_out and len(cut) < 2 / held_out) or nothing:
        with pytest.raises(InvalidInput):
            make_corpus(text, tokenizer=tokenizer, max_tokens=max_tokens, held_out=held_out)
        return
    corpus = make_corpus(text, tokenizer=tokenizer, max_tokens=max_tokens, held_out=held_out)
    ids = torch.cat([corpus.train_ids, corpus.held_out_ids]).tolist()
    assert ids == corpus.vocab.encode(cut)
    assert corpus.vocab.decode(ids) == list(cut)


def test_ten_million_characters_are_numbered_fast(slowness):
    verse = "".join(chr(0x4E00 + i * 7 % 5000) for i in range(100_000))
    text = verse * 100
    began = time.perf_counter()
    corpus = make_corpus(text, held_out=0.1)
    assert time.perf_counter() - began < 8 * slowness()  # about 1 s on a quiet machine
    assert len(corpus.train_ids) == 9_000_000
    assert corpus.vocab.decode(corpus.held_out_ids[:5]) == list(verse[:5])


# --- the tutorials' corpus -------------------------------------------------------------------------------------------


def test_the_tutorials_counts(tutorial_corpus):
    text = read_corpus(tutorial_corpus)
    assert len(text) == 63_282
    assert text.count("\n") == 5_819

    raw = make_corpus(text, tokenizer="raw", max_tokens=10_000)
    assert len(raw.vocab) == 1_027
    assert len(raw.train_ids) == 10_000
    assert "".join(raw.vocab.decode(raw.train_ids[:20])) == "想要有直升机 想要和你飞到宇宙去 想要和"

    whole = make_corpus(text, tokenizer="cleaned")
    assert len(whole.train_ids) == 63_252
    assert len(whole.vocab) == 2_576
    cut = make_corpus(text, tokenizer="cleaned", max_tokens=10_000)
    assert cut.vocab == whole.vocab
    assert len(cut.train_ids.unique()) == 1_027
    assert torch.equal(cut.train_ids, whole.train_ids[:10_000])
