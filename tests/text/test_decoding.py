import codecs
import contextlib
import zlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnnlab.text import decode, decode_text
from rnnlab.validation import InvalidInput

LYRIC = "想要有直升机\n想要和你飞到宇宙去\r\nnaïve 🎵 Ω"
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)

# Texts in several languages, and the encodings in which systems save them.
CHINESE = "春天的风吹过窗台\n我把歌写在纸上\n等你在雨里回来\n"
TRADITIONAL = "春天的風吹過窗臺\n我把歌寫在紙上\n等你在雨裡回來\n"
JAPANESE = "春の風が窓をたたく\n君の声をまだ覚えている\n遠い町の灯りが消えて\n"
KOREAN = "봄바람이 창문을 두드리고\n너의 목소리를 아직 기억해\n먼 도시의 불빛이 꺼지고\n"
ENGLISH = "I don’t know the way back home,\nit’s a long road and it’s cold —\n“stay,” she said, and we’ll be old\n"
GERMAN = "Über dem Fluss geht der Mond auf\nund wir hören die Vögel rufen\nfür jeden süßen Traum\n"
FRENCH = "J'ai rêvé d'un été sans fin\nà la lumière des fenêtres\net mon cœur s'est arrêté là\n"
SPANISH = "Mañana cantaré bajo la lluvia\nel corazón no sabe por qué\nla canción más pequeña del año\n"
POLISH = "Nad rzeką wschodzi księżyc\ni słyszymy jak śpiewają ptaki\nżółty liść spada na łąkę\n"
CZECH = "Nad řekou vychází měsíc\na slyšíme, jak zpívají ptáci\nžlutý list padá na louku, příteli\n"
RUSSIAN = "Над рекой восходит луна\nи мы слышим как поют птицы\nжёлтый лист падает на землю\n"
GREEK = "Πάνω από το ποτάμι βγαίνει το φεγγάρι\nκι ακούμε τα πουλιά να τραγουδούν\n"
TURKISH = "Nehrin üstünde ay doğuyor\nkuşların şarkısını işitiyoruz\nsarı yaprak düşüyor\n"
SAVED = [
    (CHINESE, "gb18030", "GB18030"), (CHINESE, "gbk", "GB18030"), (CHINESE, "hz", "HZ"),
    (TRADITIONAL, "big5", "Big5"), (TRADITIONAL, "cp950", "Big5"), (TRADITIONAL, "big5hkscs", "Big5"),
    (TRADITIONAL, "gb18030", "GB18030"),
    (JAPANESE, "cp932", "Shift_JIS"), (JAPANESE, "euc-jp", "EUC-JP"), (JAPANESE, "iso2022_jp", "ISO-2022-JP"),
    (KOREAN, "cp949", "EUC-KR (cp949)"), (KOREAN, "euc-kr", "EUC-KR (cp949)"), (KOREAN, "iso2022_kr", "ISO-2022-KR"),
    (ENGLISH, "cp1252", "Windows-1252"), (GERMAN, "cp1252", "Windows-1252"), (GERMAN, "latin-1", "Windows-1252"),
    (FRENCH, "cp1252", "Windows-1252"), (FRENCH, "iso8859-15", "ISO-8859-15"), (SPANISH, "latin-1", "Windows-1252"),
    (POLISH, "cp1250", "Windows-1250"), (POLISH, "iso8859-2", "ISO-8859-2"), (CZECH, "cp1250", "Windows-1250"),
    (CZECH, "iso8859-2", "ISO-8859-2"), (RUSSIAN, "cp1251", "Windows-1251"), (RUSSIAN, "koi8-r", "KOI8-R"),
    (RUSSIAN, "iso8859-5", "ISO-8859-5"), (RUSSIAN, "cp866", "CP866"), (GREEK, "cp1253", "Windows-1253"),
    (TURKISH, "cp1254", "Windows-1254"),
    *((text, wide, wide[:6].upper()) for text in (CHINESE, ENGLISH, RUSSIAN, JAPANESE, KOREAN)
      for wide in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "encoding", "name"), SAVED, ids=[f"{e}-{t[:2]}" for t, e, _ in SAVED])
def test_encodings_of_other_systems_are_recognised_and_named(text, encoding, name):
    understood = decode(text.encode(encoding))
    assert (understood.text, understood.encoding) == (text, name)


ALL = [
    *dict.fromkeys(encoding for _, encoding, _ in SAVED),
    "mac-roman", "cp850", "cp437", "cp852", "mac-cyrillic", "cp1257", "cp1255", "cp1256", "cp874", "johab",
]  # fmt: skip


@pytest.mark.parametrize("encoding", ALL)
def test_in_every_encoding_a_text_is_decoded_correctly_or_refused(encoding):
    tried = 0
    for text in (*dict.fromkeys(text for text, _, _ in SAVED), *GERMAN.splitlines(), *SPANISH.splitlines()):
        try:
            data = text.encode(encoding)
        except UnicodeEncodeError:
            continue
        tried += 1
        with contextlib.suppress(InvalidInput):
            assert decode(data).text == text
    assert tried


def test_a_text_in_an_encoding_that_python_lacks_is_refused():
    viscii = "Ch\xa9 Qu\xafc ng\xb8 l\xe0 h\xae ch\xa9 vi\xaet".encode("latin-1") * 9
    euc_tw = bytes.fromhex("e0f3c4d8c7e1c5c6") * 20  # Chinese characters of CNS 11643
    iso_2022_cn = b"\x1b$)A\x0e4:Ll\x0f\n" * 9
    for data in (viscii, euc_tw, iso_2022_cn):
        with pytest.raises(InvalidInput) as refusal:
            decode(data)
        assert refusal.value.code == "not_decodable"


@pytest.mark.parametrize("broken", [lambda data: data[:-1], lambda data: data[:50] + b"\xff" + data[50:]])
def test_damaged_utf8_is_not_taken_for_another_encoding(broken):
    for text in (CHINESE, JAPANESE, KOREAN, RUSSIAN):
        with pytest.raises(InvalidInput, match=r"line \d is not UTF-8") as refusal:
            decode(broken(text.rstrip("\n").encode()))
        assert refusal.value.code == "damaged_utf8"


def test_a_single_song_among_english_words_is_not_read_as_chinese():
    """In GB18030 the bytes of a curly apostrophe and the letter after it are a Chinese character."""
    assert ENGLISH.encode("cp1252").decode("gb18030", "ignore") != ENGLISH
    assert decode((ENGLISH * 50).encode("cp1252")).text == ENGLISH * 50


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_utf_16_and_utf_32_without_a_mark_are_recognised(encoding):
    assert decode_text(LYRIC.encode(encoding)) == LYRIC


@pytest.mark.parametrize("encoding", ["gbk", "gb2312"])
def test_every_character_of_gb18030_is_decoded(encoding):
    assert decode_text("想要有直升机，想要和你飞到宇宙去".encode(encoding)) == "想要有直升机，想要和你飞到宇宙去"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "gb18030"])
@given(text=texts)
def test_a_byte_order_mark_chooses_the_encoding_and_is_removed(encoding, text):
    assert decode_text(("\ufeff" + text).encode(encoding)) == text


@given(texts)
def test_utf8_is_read_back(text):
    if not text.startswith("\ufeff"):  # which would be a byte order mark
        assert decode_text(text.encode()) == text


def test_text_is_not_normalised():
    decomposed = "e\u0301"
    assert decode_text(decomposed.encode()) == decomposed


def test_no_bytes_decode_to_an_empty_text():
    assert decode_text(b"") == ""


def test_text_too_short_to_recognise_its_encoding_is_refused():
    with pytest.raises(InvalidInput, match=r"lyrics: its encoding is not recognised; save it as UTF-8") as refusal:
        decode_text(b"caf\xe9", field="lyrics")
    assert refusal.value.code == "not_decodable"


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + "想".encode("gb18030"),
        codecs.BOM_UTF16_LE + b"\x00",  # half a unit
        codecs.BOM_UTF16_LE + b"\x00\xd8",  # half a character
        codecs.BOM_UTF32_LE + b"\x00\x00\x11\x00",  # beyond Unicode
        codecs.BOM_UTF32_BE + b"\x00\x00\xd8\x00",  # a surrogate
    ],
)
def test_bytes_that_contradict_their_mark_are_refused_naming_the_encoding(data):
    with pytest.raises(InvalidInput, match=r"UTF-.*; save it as UTF-8") as refusal:
        decode_text(data)
    assert refusal.value.code == "not_as_marked"


@pytest.mark.parametrize(
    "data",
    [
        b"la\0la",
        bytes(1000),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        zlib.compress(b"hello") + b"\0\0",
    ],
)
def test_binary_is_refused(data):
    with pytest.raises(InvalidInput) as refusal:
        decode_text(data)
    assert refusal.value.code in ("binary", "not_decodable")


def test_no_four_byte_gb18030_sequence_gives_a_surrogate():
    for first in range(0x81, 0x85):
        for second in range(0x30, 0x3A):
            for third in range(0x81, 0xFF):
                data = b"".join(bytes([first, second, third, fourth]) for fourth in range(0x30, 0x3A))
                assert not any("\ud800" <= c <= "\udfff" for c in data.decode("gb18030", "ignore"))


@settings(max_examples=50)
@given(st.binary(max_size=64))
@example(b"\xed\xa0\x80")  # a surrogate, encoded like UTF-8
@example(codecs.BOM_UTF16_LE)
def test_any_bytes_give_clean_text_or_a_refusal(data):
    try:
        text = decode_text(data)
    except InvalidInput:
        return
    text.encode("utf-8")
    assert "\0" not in text
