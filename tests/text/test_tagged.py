"""CoNLL-U: the words that count, and refusals that name the line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.text import UPOS, Lexicon, TaggedSentence, read_conllu
from rnnlab.text import tagged as module
from rnnlab.validation import InvalidInput


def line(number, form, tag, rest="_\t_\t_\t_\t_\t_"):
    return f"{number}\t{form}\t_\t{tag}\t{rest}"


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


@pytest.mark.parametrize(
    ("broken", "columns"), [("The dog ate the apple.", 1), ("1\tdog\tNOUN", 3), (line(1, "a", "X") + "\t_", 11)]
)
def test_other_columns_are_refused_naming_the_line(broken, columns):
    refused("conllu_columns", f"{CANNOT}\n# again\n{broken}\n", line=12, columns=columns)


@pytest.mark.parametrize(
    "broken",
    [
        line("x", "dog", "NOUN"),
        line("", "dog", "NOUN"),
        line("_", "dog", "NOUN"),
        line("2-1", "dog", "NOUN"),
        line("1" * 5000, "dog", "NOUN"),
        line(1, "", "NOUN"),
        line(1, "\u3000", "NOUN"),
        line(1, "a  b", "NOUN"),
    ],
)
def test_broken_columns_are_refused_naming_the_line(broken):
    refused("conllu_line", f"{line(1, 'a', 'X')}\n{broken}", line=2)


@pytest.mark.parametrize("tag", ["_", "", "T" * 201])
def test_every_word_needs_a_tag(tag):
    refused("conllu_no_tag", f"{line(1, 'a', 'X')}\n\n{line(1, 'b', tag)}", line=3)


def test_limits(monkeypatch):
    monkeypatch.setattr(module, "MAX_SENTENCES", 2)
    monkeypatch.setattr(module, "MAX_TOKENS", 2)
    monkeypatch.setattr(module, "MAX_TAGS", 2)
    words = [line(1, "a", "X"), line(2, "b", "Y"), line(3, "c", "Z")]
    assert len(read_conllu("\n\n".join(words[:2]).encode())) == 2
    refused("conllu_sentences", "\n\n".join([words[0]] * 3))
    refused("conllu_tags", "\n".join(words[:2]) + "\n\n" + words[2])
    refused("conllu_long_sentence", "# one\n\n" + "\n".join(words), line=3, length=3)
    refused("conllu_long_form", line(1, "a" * 201, "X"), line=1, length=201)
    assert read_conllu(line(1, "a" * 200, "X").encode())
    monkeypatch.setattr(module, "MAX_CONLLU_BYTES", 10)
    refused("too_many_bytes", words[0])


def test_a_file_of_too_many_words_is_refused_before_any_line_is_read(monkeypatch):
    monkeypatch.setattr(module, "MAX_LINES", 3)
    words = [line(1, "a", "X"), "# 1 comment", line("2-3", "bc", "_"), "", line(1, "b", "Y")]
    assert len(read_conllu("\n".join(words).encode())) == 2
    monkeypatch.setattr(module, "parse_line", None)
    refused("conllu_words", "\r\n".join([*words, "", line(1, "c", "Z")]), lines=4, high=3)


def test_a_word_is_kept_in_memory_once():
    first, second = read_conllu(f"{line(1, 'a dog', 'X')}\n\n{line(1, 'a dog', 'X')}".encode())
    assert first.forms[0] is second.forms[0]
    assert first.tags[0] is second.tags[0]


def test_a_large_file_is_not_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_CONLLU_BYTES", 10)
    path = tmp_path / "a.conllu"
    path.write_text(CANNOT, "utf-8")
    assert len(module._read_file(path, "corpus")) == 11
    with pytest.raises(InvalidInput, match="too large"):
        read_conllu(path)


def test_what_is_no_text_is_refused():
    refused("binary", line(1, "a\0b", "X"))
    refused("not_decodable", b"1\t\xff\xff\t_\tX")


@pytest.mark.parametrize("name", ["none.conllu", ".", "\0", "x" * 5000])
def test_what_is_no_file_is_refused(tmp_path, name):
    with pytest.raises(InvalidInput, match=r"^eval: .*cannot be read"):
        read_conllu(f"{tmp_path}/{name}", field="eval")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=80) | st.text("0123-.\t\n\r #_aX￥\x85\u2028", max_size=80).map(lambda text: text.encode()))
def test_any_bytes_are_read_or_refused(data):
    try:
        sentences = read_conllu(data)
    except InvalidInput as refusal:
        str(refusal).encode("utf-8")
        return
    assert all(len(s.forms) == len(s.tags) > 0 and all(s.forms) and all(s.tags) for s in sentences)


FORMS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.tuples(FORMS, st.sampled_from(UPOS)), min_size=1, max_size=6), min_size=1, max_size=4))
def test_what_is_written_is_read(sentences):
    blocks = ["\n".join(line(n, *word) for n, word in enumerate(words, 1)) for words in sentences]
    read = read_conllu("\n\n".join(blocks).encode())
    assert [list(zip(s.forms, s.tags, strict=True)) for s in read] == sentences


def test_a_sentence_has_as_many_tags_as_words():
    with pytest.raises(ValueError, match="2 words and 1 tags"):
        TaggedSentence.of("two words", "X")


def test_a_lexicon_without_regard_to_capitals_keeps_them_in_its_characters():
    sentences = [TaggedSentence.of("The the THE end", "D D D N")]
    lexicon = Lexicon.of(sentences, lowercase=True)
    assert lexicon.words.tokens == ("<unk>", "the", "end")
    assert {"T", "t"} <= set(lexicon.characters)
    assert Lexicon.of(sentences).words.tokens == ("<unk>", "The", "the", "THE", "end")
    assert lexicon.tags == ("D", "N")
