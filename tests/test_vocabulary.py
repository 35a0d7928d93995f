"""Words that the code does not use, because a reader does not find a behaviour by them.

Identifiers are read as tokens, docstrings and comments as words. Texts of the page and error messages are not read:
they may use any word.
"""

import ast
import io
import re
import tokenize
from pathlib import Path

import rnnlab

PACKAGE = Path(rnnlab.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

# A word of an identifier, or of a docstring or comment, and the word of the field that stands for it.
WORDS = {
    "blame": "incoming gradient, or cause",
    "foretell": "predict",
    "sung": "generated",
    "whoever": "the caller, the visitor, the server",
    "let_go": "release",
    "give_way": "lower the priority, or evict",
    "lie_down": "suspend",
    "asleep": "suspended",
    "or_gone": "json_or_404",
    "told_by": "payload_module",
}
# The first word of a constant.
PREFIXES = {
    "MOST_": "MAX_",
    "LONGEST_": "MAX_",
    "LARGEST_": "MAX_",
    "LEAST_": "MIN_",
    "KEPT_": "MAX_",
    "FEWEST_": "MIN_",
    "HEAVIEST_": "MAX_",
}

# Words that are still in use somewhere. One that is not in use any more makes a test fail: take it out.
EXCEPTIONS: set[str] = set()


def words_of_identifier(name):
    """Split a name into lower-case words: `letGo_Now` gives let, go, now."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def forbidden_in(source):
    """Return the forbidden words in the names, comments and docstrings of a file."""
    names, prose = set(), []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME:
            names.add(token.string)
        elif token.type == tokenize.COMMENT:
            prose.append(token.string)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            prose.append(ast.get_docstring(node) or "")
    texts = [words_of_identifier(name) for name in names]
    texts += [re.findall(r"[a-z]+", text.lower()) for text in prose]
    joined = " ".join(f"_{'_'.join(words)}_" for words in texts)
    prefixes = {prefix for prefix in PREFIXES if any(name.lstrip("_").startswith(prefix) for name in names)}
    return prefixes | {word for word in WORDS if f"_{word}_" in joined}


def test_code_does_not_use_words_that_the_field_does_not():
    used = {path.relative_to(PACKAGE).as_posix(): forbidden_in(path.read_text("utf-8")) for path in FILES}
    found = {path: {word: (WORDS | PREFIXES)[word] for word in words - EXCEPTIONS} for path, words in used.items()}
    assert {path: words for path, words in found.items() if words} == {}
    assert set().union(*used.values()) >= EXCEPTIONS, "every exception is still needed"


def test_forbidden_words_are_found_in_names_docstrings_and_comments():
    source = '''
        LARGEST_FILE = 1  # whoever asks
        def letGo(song): """Blame the song that was sung."""; return "asleep"
    '''
    source = re.sub(r"^ {8}", "", source, flags=re.MULTILINE)
    assert forbidden_in(source) == {"LARGEST_", "whoever", "let_go", "blame", "sung"}
