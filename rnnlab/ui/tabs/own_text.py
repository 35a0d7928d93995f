"""A text of the visitor's own, pasted or uploaded in Train, which several tabs use."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from rnnlab.experiments.language_model import Config
from rnnlab.limits import MAX_PASTED_CHARACTERS
from rnnlab.resources import CORPORA
from rnnlab.text import Source, read_source
from rnnlab.ui.i18n import spans, words
from rnnlab.ui.i18n.errors import SECONDS_SHOWN, refusals_shown
from rnnlab.ui.i18n.languages import language_of
from rnnlab.ui.session.uploads import Upload, Uploads
from rnnlab.validation import InvalidInput, Text

OWN = "own"  # the corpus that is a text of the visitor's own
MAX_NAME = 60  # characters of a file's name that a title shows


def on_upload(
    uploads: Uploads, before: Upload[str] | None, path: str, request: gr.Request
) -> tuple[Upload[str], str, str]:
    """Keep an uploaded text for this visitor, describe it, and clear the pasted one."""
    with refusals_shown(request):
        source = read_source(path, field="text")
        upload = uploads.keep(before, "text", source.text, file=Path(path).name)
    return upload, about_source(Path(path).name, source), ""


def about_source(name: str, source: Source) -> str:
    """Describe an uploaded text, as HTML: its encoding, size, beginning and number of files."""
    about = spans(
        "train.uploaded",
        name=name,
        encoding=", ".join(source.encodings),
        characters=f"{len(source.text):,}",
        distinct=f"{len(set(source.text)):,}",
        beginning=source.beginning,
    )
    about = f'<span data-characters="{len(source.text)}">{about}</span>'
    if source.files > 1:
        about += spans("train.files_joined", files=f"{source.files:,}")
    return about + (spans("train.files_passed_over", files=f"{source.passed_over:,}") if source.passed_over else "")


def chosen_text(corpus: str, uploaded: Upload[str] | None, pasted: str) -> tuple[str, str | None]:
    """Return the name of the chosen corpus and, of the visitor's own, the text. Raises InvalidInput."""
    if corpus != OWN:
        return corpus, None
    return (OWN if pasted else _name_of(uploaded)), _own_text(uploaded, pasted)


def sent_text(corpus: str, text: str) -> str | None:
    """Return the text that a program has sent, if it has chosen its own. Raises InvalidInput."""
    return Text(2, MAX_PASTED_CHARACTERS).check("text", text) if corpus == OWN else None


def corpus_field(corpus: str) -> str:
    """Return what the field of the corpus shows for that of a run."""
    return corpus if corpus in CORPORA else OWN


def tell_part(config: Config, text: str | None, request: gr.Request | None) -> None:
    """Say how much of the visitor's own text is learned, if that is not all of it."""
    # A number of words is known only later; the run's title has it.
    if text is None or config.tokenizer == "words" or config.max_tokens is None or len(text) <= config.max_tokens:
        return
    facts = {"taken": f"{config.max_tokens:,}", "total": f"{len(text):,}"}
    gr.Info(words(language_of(request))["train.part_of_text"].format(**facts), title="", duration=SECONDS_SHOWN)


def _name_of(uploaded: Upload[str] | None) -> str:
    """Return the name of the visitor's own text: that of its file, unless a shipped text has the same."""
    name = "" if uploaded is None else "".join(letter for letter in uploaded.name if letter.isprintable()).strip()
    return name[:MAX_NAME] if name and name not in CORPORA else OWN


def _own_text(uploaded: Upload[str] | None, pasted: str) -> str:
    """Return the pasted text, else the uploaded one. Raises InvalidInput."""
    if pasted or uploaded is None:
        if isinstance(pasted, str) and len(pasted) > MAX_PASTED_CHARACTERS:
            raise InvalidInput("paste_too_long", "text", length=f"{len(pasted):,}", high=f"{MAX_PASTED_CHARACTERS:,}")
        return Text(2, MAX_PASTED_CHARACTERS).check("text", pasted)
    return uploaded.content
