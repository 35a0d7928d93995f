"""CoNLL-U: which words are read, the limits, and errors that name the line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.text import UPOS, TaggedSentence, read_conllu, read_treebank
from rnnlab.text import treebank as module
from rnnlab.validation import InvalidInput


def line(number, form, tag, rest="_\t_\t_\t_\t_\t_"):
    return f"{number}\t{form}\t_\t{tag}\t{rest}"


def several(count, sentence=("a", "b")):
    """Return `count` sentences of the same words."""
    return "\n\n".join(["\n".join(line(n, form, "X") for n, form in enumerate(sentence, 1))] * count)


CANNOT = "\n".join(
    [
        "# sent_id = 1",
        "# text = I can't # go",
        line(1, "I", "PRON"),
        line("2-3", "can't", "_"),
        line(2, "ca", "AUX"),
        line(3, "n't", "PART"),
        line("3.1", "surely", "ADV"),
        line(4, "#", "SYM", "XPOS\tA=b\tnonsense\troot\t???\tSpaceAfter=No"),
        line(5, "go", "VERB"),
        "",
    ]
)


def refused(code, data, **details):
    with pytest.raises(InvalidInput) as refusal:
        read_conllu(data if isinstance(data, bytes) else data.encode())
    assert refusal.value.code == code, refusal.value
    assert details.items() <= refusal.value.details.items(), refusal.value
    str(refusal.value).encode("utf-8")


def remarks(data):
    treebank = read_treebank(data.encode())
    return treebank.sentences, [(remark.code, remark.details) for remark in treebank.remarks]


def test_words_without_ranges_and_empty_nodes():
    (sentence,) = read_conllu(CANNOT.encode())
    assert sentence == TaggedSentence(("I", "ca", "n't", "#", "go"), ("PRON", "AUX", "PART", "SYM", "VERB"))
    assert len(sentence) == 5


def test_from_a_path_in_any_encoding_and_with_any_line_ends(tmp_path):
    text = line(1, "你好", "INTJ") + "\n\n\n" + line(1, "再见", "INTJ")
    for content in (text.encode("gb18030"), text.encode("utf-8-sig"), text.replace("\n", "\r\n").encode("utf-16")):
        path = tmp_path / "a.conllu"
        path.write_bytes(content)
        assert [s.forms for s in read_conllu(path)] == [("你好",), ("再见",)]
        assert read_conllu(str(path)) == read_conllu(content)


def test_words_may_hold_spaces_and_tags_may_be_anything():
    data = line(1, "10 000", "NUM") + "\n" + line(2, "_", "B-PER")
    assert read_conllu(data.encode()) == (TaggedSentence(("10 000", "_"), ("NUM", "B-PER")),)


@pytest.mark.parametrize("data", [b"", b"\n\n", b"# only\n# comments\n", line("1-2", "don't", "_").encode()])
def test_a_file_without_sentences_is_refused(data):
    refused("conllu_empty", data)


BROKEN = {
    "conllu_columns": ["The dog ate the apple.", "1\tdog\tNOUN", line(1, "a", "X") + "\t_"],
    "conllu_line": [
        line("x", "dog", "NOUN"), line("", "dog", "NOUN"), line("_", "dog", "NOUN"), line("2-1", "dog", "NOUN"),
        line("1" * 5000, "dog", "NOUN"), line(1, "", "NOUN"), line(1, "\u3000", "NOUN"), line(1, "a  b", "NOUN"),
    ],
    "conllu_no_tag": [line(1, "b", "_"), line(1, "b", ""), line(1, "b", "T" * 201)],
}  # fmt: skip
EACH_BROKEN = [(code, broken) for code, lines in BROKEN.items() for broken in lines]


@pytest.mark.parametrize(("code", "broken"), EACH_BROKEN)
def test_a_broken_line_is_passed_over_and_counted(code, broken):
    sentences, told = remarks(f"{CANNOT}\n{line(1, 'we', 'PRON')}\n{broken}\n{line(3, 'go', 'VERB')}\n\n{broken}\n")
    assert [s.forms for s in sentences] == [("I", "ca", "n't", "#", "go"), ("we", "go")]
    assert told == [("conllu_skipped", {"count": "2", "line": 12})]


@pytest.mark.parametrize(("code", "broken"), EACH_BROKEN)
def test_a_file_of_broken_lines_is_refused_naming_the_first(code, broken):
    refused(code, f"# a comment\n{broken}\n", line=2)
    refused(code, f"{line(1, 'a', 'X')}\n\n{broken}\n{broken}", line=3)


def test_of_a_large_file_the_first_sentences_are_read(monkeypatch):
    monkeypatch.setattr(module, "MAX_CONLLU_SENTENCES", 2)
    assert remarks(several(2))[1] == []
    sentences, told = remarks(several(5))
    assert len(sentences) == 2
    assert told == [("conllu_first_sentences", {"taken": "2", "total": "5"})]
    monkeypatch.setattr(module, "MAX_CONLLU_SENTENCES", 100)
    monkeypatch.setattr(module, "MAX_CONLLU_LINES", 5)
    sentences, told = remarks(several(4))
    assert (len(sentences), told) == (2, [("conllu_first_sentences", {"taken": "2", "total": "4"})])
    sentences, told = remarks(several(1, "abcdefg"))
    assert [len(s) for s in sentences] == [5]
    assert told, "the cut of a sentence longer than the limit must be reported"


def test_a_long_sentence_is_read_in_parts(monkeypatch):
    monkeypatch.setattr(module, "MAX_SENTENCE_WORDS", 2)
    sentences, told = remarks(f"# one\n\n{several(1, 'abcde')}")
    assert [s.forms for s in sentences] == [("a", "b"), ("c", "d"), ("e",)]
    assert told == [("conllu_parted", {"count": "1", "line": 3, "high": 2})]


def test_a_file_with_too_many_tags_is_refused():
    refused("conllu_tags", "\n\n".join(line(1, f"w{n}", f"T{n}") for n in range(101)))


def test_a_file_of_too_many_bytes_is_read_up_to_a_line_end(tmp_path, monkeypatch):
    data = f"{line(1, '你好', 'INTJ')}\n\n{line(1, '再见', 'INTJ')}\n\n"
    monkeypatch.setattr(module, "MAX_CONLLU_BYTES", len(data.encode()) - 4)
    path = tmp_path / "a.conllu"
    path.write_text(data * 3, "utf-8")
    assert len(module._read_file(path, "corpus")) == module.MAX_CONLLU_BYTES + 1, "one byte beyond the limit"
    treebank = read_treebank(path)
    assert [s.forms for s in treebank.sentences] == [("你好",)]
    assert [remark.code for remark in treebank.remarks] == ["conllu_first_bytes"]
    refused("too_many_bytes", data.encode("utf-16") * 3)
    refused("too_many_bytes", b"a" * 1000)


def test_a_word_of_any_length_is_read_whole():
    address = "https://example.org/" + "a" * 500
    (sentence,) = read_conllu(f"{line(1, 'see', 'VERB')}\n{line(2, address, 'PROPN')}".encode())
    assert sentence.forms == ("see", address)


TAGS = ("NOUN", "VERB", "PUNCT") * 20


@pytest.mark.parametrize(
    "forms",
    [["_"] * 60, ["_", "_", "."] * 20, ["X"] * 60, ["***", "**", "*****"] * 20, ["[word]"] * 60],
    ids=["underscores", "with marks", "one sign", "as long as the words", "a placeholder"],
)
def test_a_treebank_with_placeholders_for_words_is_refused(forms):
    rows = "\n".join(line(n, form, tag) for n, (form, tag) in enumerate(zip(forms, TAGS, strict=True), 1))
    refused("conllu_no_words", rows)


def test_a_file_with_few_words_or_one_tag_has_no_placeholder():
    assert read_conllu(several(30, ["no"]).encode())
    assert read_conllu(f"{line(1, 'book', 'VERB')}\n{line(2, 'book', 'NOUN')}".encode())


def test_a_word_is_kept_in_memory_once():
    first, second = read_conllu(f"{line(1, 'a dog', 'X')}\n\n{line(1, 'a dog', 'X')}".encode())
    assert first.forms[0] is second.forms[0]
    assert first.tags[0] is second.tags[0]


def test_other_values_than_text_are_refused():
    refused("binary", line(1, "a\0b", "X"))
    refused("not_decodable", b"1\t\xff\xff\t_\tX")


@pytest.mark.parametrize("name", ["none.conllu", ".", "\0", "x" * 5000])
def test_missing_files_folders_and_devices_are_refused(tmp_path, name):
    with pytest.raises(InvalidInput, match=r"^eval: .*cannot be read"):
        read_conllu(f"{tmp_path}/{name}", field="eval")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80) | st.text("0123-.\t\n\r #_aX￥\x85\u2028", max_size=80).map(lambda text: text.encode()))
def test_any_bytes_are_read_or_refused(data):
    try:
        treebank = read_treebank(data)
    except InvalidInput as refusal:
        str(refusal).encode("utf-8")
        return
    assert all(len(s.forms) == len(s.tags) > 0 and all(s.forms) and all(s.tags) for s in treebank.sentences)
    for remark in treebank.remarks:
        str(remark).encode("utf-8")


FORMS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.tuples(FORMS, st.sampled_from(UPOS)), min_size=1, max_size=4), min_size=1, max_size=4))
def test_written_sentences_are_read_back(sentences):
    blocks = ["\n".join(line(n, *word) for n, word in enumerate(words, 1)) for words in [[("a", "X")], *sentences]]
    if {form for words in sentences for form, _ in words} == {"_"}:
        return  # the sign is taken for a placeholder
    read = read_conllu("\n\n".join(blocks).encode())
    assert [list(zip(s.forms, s.tags, strict=True)) for s in read[1:]] == sentences
