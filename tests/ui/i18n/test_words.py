"""Both languages say the same things, in their own punctuation."""

import re
from dataclasses import fields
from string import Formatter

import pytest
from gradio.i18n import I18nData

from rnnlab.messages import MESSAGES
from rnnlab.ui.i18n import configs, message_of, own_words, spans, t, translations, words
from rnnlab.validation import Integer, InvalidInput


def placeholders(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


HELP_OF_COMMANDS = ("command.", "option.")  # their English stands in the code; tests/commands/test_language.py


def test_both_languages_have_the_same_keys():
    assert set(own_words("en")) == {key for key in own_words("zh") if not key.startswith(HELP_OF_COMMANDS)}


def test_no_text_is_empty():
    assert [key for language in ("en", "zh") for key, text in words(language).items() if not text.strip()] == []


def test_every_refusal_is_translated():
    assert {key.removeprefix("errors.") for key in own_words("zh") if key.startswith("errors.")} == set(MESSAGES)


def test_both_languages_fill_in_the_same_things():
    english, chinese = words("en"), words("zh")
    both = english.keys() & chinese.keys()
    assert [key for key in both if placeholders(chinese[key]) != placeholders(english[key])] == []


def test_chinese_has_full_width_punctuation():
    """A half-width mark beside a Chinese character is a slip; in the name of a file it is not."""
    half_width = {}
    for key, text in words("zh").items():
        text = re.sub(r"\{\w+\}|<\w+>|`[^`]*`|\]\([^)]*\)|\.(zip|txt|safetensors)", "", text)
        if found := re.findall(r"[\u4e00-\u9fff] ?[,.;:?!()\"']|[,;:?!()\"'] ?[\u4e00-\u9fff]", text):
            half_width[key] = found
    assert half_width == {}


def test_chinese_has_no_italics():
    italics = re.compile(r"(?<!\*)\*(?![* ])[^*]+\*(?!\*)|<(i|em)>")
    assert [key for key, text in words("zh").items() if italics.search(text)] == []


def test_words_are_read_only():
    with pytest.raises(TypeError):
        words("en")["train.tab"] = "Drill"


def test_t_gives_what_the_browser_translates():
    assert isinstance(t("train.tab"), I18nData)
    assert t("train.tab").key == "train.tab"


def test_t_refuses_words_that_are_not_there():
    with pytest.raises(KeyError, match=r"train\.nonsense"):
        t("train.nonsense")


def test_translations_reach_the_browser_without_the_refusals():
    sent = translations().translations_dict
    assert sent["zh"]["train.tab"] == "训练"
    assert sent["en"]["train.tab"] == "Train"
    assert not any(key.startswith("errors.") for key in sent["zh"])


def test_spans_hold_each_language_marked():
    assert spans("train.tab") == '<span lang="en">Train</span><span lang="zh-CN">训练</span>'


def test_a_refusal_in_each_language():
    with pytest.raises(InvalidInput) as refused:
        Integer(1, 2048).check("hidden_size", 3.7)
    english, chinese = (words(language)["fields.hidden_size"] for language in ("en", "zh"))
    assert message_of(refused.value, "en") == (
        f"{english}: 3.7 is not a whole number; give a whole number from 1 to 2048."
    )
    assert message_of(refused.value, "zh") == f"{chinese}：3.7 不是整数；请给出 1 到 2048 之间的整数。"


def test_a_program_reads_a_settings_own_name_too():
    refused = InvalidInput("less_than_a_batch", "text", tokens=3, batch_size=2, num_steps=4, low=9)
    said = message_of(refused, "en", program=True)
    assert said.startswith("Your text (text): ")
    assert "lower Batch size (batch_size) or Steps (truncated BPTT) (num_steps)." in said
    assert "(batch_size)" not in message_of(refused, "en")


def test_a_field_without_a_label_goes_by_its_name():
    assert message_of(InvalidInput("empty", "nameless", low=1), "zh") == "nameless：不能为空；请至少输入 1 个字符。"


def test_every_setting_has_a_label():
    names = [item.name for config in configs() for item in fields(config)]
    assert [name for name in names if f"fields.{name}" not in words("en")] == []
