"""Segmentation by the rules of Universal Dependencies: examples, the shipped tagged sentences, and arbitrary text."""

import conllu
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnnlab.resources import tagged_sentences
from rnnlab.text import Lexicon, Vocab, is_chinese, join_words, read_conllu, segment, segmentation, split_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("She reads a book.", "She reads a book ."),
        ("I can't, won't and don’t!", "I ca n't , wo n't and do n’t !"),
        ("CAN'T you cannot", "CA N'T you can not"),
        ("The dog's owner says it's John’s.", "The dog 's owner says it 's John ’s ."),
        ("We'll see; they'd, I'm, you're, I've", "We 'll see ; they 'd , I 'm , you 're , I 've"),
        ("It's 5 o'clock, O'Neill", "It 's 5 o'clock , O'Neill"),
        ("At 6:45 p.m. Dr. Lee paid $3.50 (or 20%).", "At 6:45 p.m. Dr. Lee paid $ 3.50 ( or 20 % ) ."),
        ("Wait... what?! No!!! :) :-(", "Wait ... what ? ! No !!! :) :-("),
        ("a well-known e-mail", "a well - known e-mail"),
        ("anna@example.com, www.example.org", "anna@example.com , www.example.org"),
        ("“Hello,” 'she' said—twice", "“ Hello , ” ' she ' said — twice"),
        ("Call 555-0134 on 08/16/2000.", "Call 555-0134 on 08/16/2000 ."),
        ("I do n't know .", "I do n't know ."),  # separated words stay as they are
        ("", ""),
        (" \n\t\u3000", ""),
    ],
)
def test_english_words(text, words):
    assert " ".join(segment(text)) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("你 叫 什么 名字 ？", "你 叫 什么 名字 ？"),
        ("今天天气 怎么样？", "今天天气 怎么样？"),  # a space between two Chinese characters: the words are separated
        ("我爱北京。", "我 爱 北京 。"),
        ("我喜欢 Python 编程", "我 喜欢 Python 编程"),  # spaces around a foreign word do not separate the others
        ("我们去公园。\n今天 下雨", "我们 去 公园 。 今天 下雨"),  # each line by itself
        ("他三十五岁", "他 三十五 岁"),
        ("涨了3.5%", "涨 了 3.5 %"),
        ("两千五百元", "两千五百 元"),
        ("二十分钟", "二十 分钟"),
    ],
)
def test_chinese_words(text, words):
    assert " ".join(segment(text)) == words


@pytest.mark.parametrize(
    "word",
    ["四川人", "三明治", "一般来说", "百合花", "万圣节", "九寨沟", "三亚", "一下子", "十分", "二胡", "一起", "三国"],
)
def test_a_word_that_begins_with_a_numeral_is_not_split(word, known_words):
    for words in (None, known_words):
        assert segment(f"他是{word}", words)[-1] == word
    assert segment("百度公司", known_words) == ("百度", "公司")


@pytest.mark.parametrize(("text", "words"), [("三个人", "三 个 人"), ("五月", "五 月"), ("一百块", "一百 块")])
def test_a_number_is_a_word_beside_what_it_counts(text, words, known_words):
    assert " ".join(segment(text)) == " ".join(segment(text, known_words)) == words


@pytest.fixture(scope="module")
def known_words():
    return Lexicon.of(read_conllu(tagged_sentences("everyday-zh"))).words


def test_a_taggers_vocabulary_decides_between_one_word_and_two():
    words = Vocab(["这", "这", "件", "衣服", "很", "很", "贵", "太", "多", "太多", "了", "一", "个", "月"])
    assert segment("这件衣服很贵", words) == ("这", "件", "衣服", "很", "贵")
    assert segment("这件衣服很贵") == ("这件", "衣服", "很", "贵")
    assert segment("太多了", words) == ("太多", "了")  # it is in the vocabulary
    assert segment("一个月", words) == ("一", "个", "月")


def agreement(language, words_of, tested):
    """Return the F1 of the words when the sentences' texts are segmented."""
    path = tagged_sentences(f"everyday-{language}")
    gold = read_conllu(path)
    texts = [sentence.metadata["text"] for sentence in conllu.parse(path.read_text("utf-8"))]
    words = words_of and Lexicon.of(gold[words_of]).words
    found, there, common = 0, 0, 0
    for sentence, text in list(zip(gold, texts, strict=True))[tested]:
        ours, theirs = spans(segment(text, words)), spans(sentence.forms)
        found, there, common = found + len(ours), there + len(theirs), common + len(ours & theirs)
    return 2 * common / (found + there)


def spans(words):
    ends = [sum(map(len, words[: n + 1])) for n in range(len(words))]
    return {(end - len(word), end) for end, word in zip(ends, words, strict=True)}


def test_english_agrees_with_the_tagged_sentences():
    assert agreement("en", None, slice(None)) > 0.995


def test_chinese_agrees_with_sentences_outside_the_vocabulary():
    alone = agreement("zh", None, slice(360, None))
    asked = agreement("zh", slice(360), slice(360, None))
    assert alone > 0.88
    assert asked > 0.915


def test_only_chinese_characters_make_a_text_chinese():
    assert is_chinese("hello 你")
    assert not any(map(is_chinese, ("hello", "", "こんにちは", "안녕하세요", "สวัสดี", "\ue000", "\ud800")))


def test_korean_is_cut_like_other_text_with_spaces():
    assert segment("안녕 하세요.") == ("안녕", "하세요", ".")


PIECES = st.sampled_from(
    [
        "n't",
        "'s",
        "一个",
        "这件",
        "3.5",
        "%",
        " ",
        "\n",
        "\u3000",
        "\x85",
        "你好",
        "a",
        "\ud800",
        "...",
        "T恤",
        "e-",
        "👍🏽",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=40) | st.lists(PIECES, max_size=12).map("".join))
@example("\ud83d\udc4d我")
@example("\0我\0")
@example("can" * 5 + "not")
def test_joined_the_words_are_the_text_without_spaces(text):
    whole = "".join(c for c in text if not "\ud800" <= c <= "\udfff")
    for words in (None, Vocab(["这", "件", "一", "个", "你", "好"])):
        tokens = segment(text, words)
        assert "".join(tokens) == "".join(whole.split())
        assert all(token and token == token.strip() for token in tokens)


def test_long_text_is_segmented_fast():
    assert len(segment("a" * 100_000)) == 1
    assert len(segment("'" * 100_000)) == 1
    for unit in ("一", "1一", "很", "我a", "我" + "a" * 50):
        assert "".join(segment(unit * 5_000, Vocab(["很", "一", "a", "我"]))) == unit * 5_000


def test_the_dictionary_is_loaded_only_for_chinese():
    assert not hasattr(segmentation, "rjieba")  # importing it takes longer than the rest of rnnlab.text


# --- other languages ---


@pytest.mark.parametrize(
    "text",
    [
        "यह किताब बहुत अच्छी है ।",
        "او کتاب می‌خواند .",
        "كَتَبَ الوَلَدُ الدَّرْسَ .",
        "Tôi đọc sách",
        "re\u0302ve et e\u0301te\u0301",
        "👩\u200d👩\u200d👧 👍🏽 🏳️\u200d🌈 🇫🇷 3️⃣",
        "変更 し た 。",
    ],
)
def test_marks_and_joiners_stay_with_their_character(text):
    assert segment(text) == tuple(text.split())


def test_a_word_that_a_tagger_knows_is_never_cut():
    words = Vocab(["peut-être", "l'", "can't", "変更", "r\u00eave's"])
    assert segment("Peut-être l' can't 変更 re\u0302ve’s it's", words) == (
        "Peut-être", "l'", "can't", "変更", "re\u0302ve’s", "it", "'s",
    )  # fmt: skip


def test_spaces_decide_for_a_tagger_trained_on_other_sentences():
    words = Vocab(["học sinh", "học", "sinh", "10 000", "変更", "し", "た"])
    own = {"words": words, "spaces_decide": True}
    assert segment("peut-être don't l' U.S.A. a... 変更する x", **own) == (
        "peut-être", "don't", "l'", "U.S.A.", "a...", "変更する", "x",
    )  # fmt: skip
    assert segment("Học sinh học học_sinh học_x", **own) == ("Học sinh", "học", "học sinh", "học_x")
    assert segment("10\u00a0000 25\u202f000 oui\u00a0!", **own) == ("10\u00a0000", "25\u202f000", "oui", "!")
    assert segment("don't", **own) == ("don't",)
    assert segment("変更した", **own) == ("変更", "し", "た"), "without spaces, by its words"
    assert segment("我爱北京", **own) == ("我", "爱", "北京")


@pytest.mark.parametrize(
    "words",
    [("học sinh", "."), ("a_b", "_", "__x_y__"), ("10\u00a0000", "km"), ("a\\b", "\\"), ("New York", "is")],
)
def test_joined_words_are_split_into_the_same_words(words):
    assert split_words(join_words(words)) == words
    assert split_words(join_words(("a_b", "a b"))) == ("a_b", "a b")
    assert split_words(join_words(words, words), words) == words
