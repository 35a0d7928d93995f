"""The character ranges of writing systems, for regular expressions, and a test for Chinese characters."""

from __future__ import annotations

import re

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese characters, with their extensions
KANA_LETTERS = "\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d"  # Japanese syllables, half-width ones included
KANA = rf"{KANA_LETTERS}\u3005\u3006\u309d-\u309f\u30fc-\u30ff\u31f0-\u31ff\uff9e\uff9f"  # with their marks
HANGUL_SYLLABLES = "\uac00-\ud7a3"
SOUTHEAST_ASIAN = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer

HAN_CHARACTER = re.compile(f"[{HAN}]")


def is_chinese(text: str) -> bool:
    """Return whether `text` holds a Chinese character.

    >>> is_chinese("hello 你"), is_chinese("こんにちは")
    (True, False)
    """
    return HAN_CHARACTER.search(text) is not None
