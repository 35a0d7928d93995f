"""A pseudo-language for the tests: English with accents and in brackets, ⟦Ţřáíñ⟧, so that English text stands out.

python tests/pseudo_language.py FOLDER --port 7861     # app.py with the pseudo-language; its texts lie in FOLDER
"""

import json
import re
import runpy
import sys
from pathlib import Path

TAG, NAME = "qps", "⟦Ƥšéúđó⟧"
OPEN, CLOSE = "⟦", "⟧"
ACCENTS = str.maketrans("aceginorstuyADEILMNOPRSTU", "áçéğíñóřšţúýÁĎÉÍĹḾŃÓƤŘŠŢÚ")
# Placeholders, names of settings, markup, code and addresses stay as they are.
KEPT = re.compile(r"(\{[^}]*\}|@\w+|<[^>]+>|`[^`]*`|\]\([^)]*\))")


def pseudo(text: str) -> str:
    """Translate a text into the pseudo-language."""
    parts = KEPT.split(text)
    return OPEN + "".join(part if i % 2 else part.translate(ACCENTS) for i, part in enumerate(parts)) + CLOSE


def write_texts(folder: Path) -> None:
    """Write the folder of the language: every English text, except the examples, which it leaves to English."""
    from rnnlab.ui.i18n import own_words
    from rnnlab.ui.i18n.languages import FALLBACK

    sections: dict[str, dict[str, str]] = {}
    for key, text in own_words(FALLBACK).items():
        section, _, name = key.partition(".")
        if section != "examples":
            sections.setdefault(section, {})[name] = pseudo(text)
    (folder / "all.json").write_text(json.dumps(sections, ensure_ascii=False), "utf-8")


def add_row(folder: Path) -> None:
    """Add the language to the table: this is the one row that a new language needs."""
    from rnnlab.ui.i18n.languages import LANGUAGES, LanguageRow

    LANGUAGES[TAG] = LanguageRow(html=TAG, name=NAME, folder=folder)


if __name__ == "__main__":
    root = Path(__file__).resolve().parents[1]
    sys.path.insert(0, str(root))
    folder = Path(sys.argv.pop(1))
    write_texts(folder)
    add_row(folder)
    sys.argv[0] = "app.py"
    runpy.run_path(str(root / "app.py"), run_name="__main__")
