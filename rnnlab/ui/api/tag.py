"""`/tag`: the part of speech of every word of a sentence, by a shipped tagger."""

from __future__ import annotations

from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.runs import Runner
from rnnlab.tagging import check_tokens, tag_sentence
from rnnlab.text import segment
from rnnlab.ui.api.signature import signed
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.ui.tabs.tag.sentence.payload import AUTO, SENTENCE_TEXT, language_meant, loaded


def tag(
    runner: Runner, request: gr.Request, text: str, language: str, tokens: list[str] | None
) -> list[dict[str, Any]]:
    """Tag a sentence with the shipped tagger of a language: en, zh, or auto (that of the sentence).

    The sentence is `text`, which is cut into words here, or `tokens`, words that you have cut yourself (`text` is then
    not read). Returns a row for each word: the `form`, its `tag` (UPOS), the `probability` of that, whether the tagger
    knows the word from training (`known`), and the `probabilities` of all tags, best first.
    """
    with refusals_shown(request, program=True):
        forms = None if tokens is None else check_tokens(tokens)
        text = SENTENCE_TEXT.check("text", text) if forms is None else "".join(forms)
        tagger = loaded(language_meant(text, language))
        tagged = tag_sentence(tagger, segment(text, tagger.lexicon.words) if forms is None else forms)
    return [
        {
            "form": token.form,
            "tag": token.tag,
            "probability": token.probability,
            "known": token.known,
            "probabilities": dict(token.probabilities),
        }
        for token in tagged
    ]


def build_endpoint(runner: Runner) -> None:
    """Register the endpoint; call it inside the app's Blocks."""
    first = {"text": (str, ""), "language": (str, AUTO), "tokens": (list[str] | None, None)}
    gr.api(MethodType(signed(tag, first, [], list[dict[str, Any]]), runner), api_name="tag", concurrency_limit=8)
