"""The dialog for visitors who come from a tutorial: a line per section, which opens a tab and sets its fields.

It stands in the page's header. `frontend/lib/tutorials.js` opens it, opens the tab of the chosen line, and sets its
fields.
"""

from __future__ import annotations

import html
import json
from typing import Any

from rnnlab.inspection import EXAMPLES
from rnnlab.ui.components.settings_form import shown_values
from rnnlab.ui.i18n import spans, spans_of
from rnnlab.ui.i18n.languages import LANGUAGES
from rnnlab.ui.tutorials import Line, Tutorial, tutorials

# The elem_id of the field in which a tab's recipe is chosen.
RECIPE_FIELDS = {"train": "recipe", "tag": "tag-preset", "hello": "hello-module", "sine": "sine-memory"}
LAYER_PARTS = ("products", "lookup")  # parts of the Layers tab with fields of their own, named by the part


def fields_of(line: Line) -> dict[str, Any]:
    """Return what the fields show that a line sets, by their elem_id."""
    if line.recipe:
        return {RECIPE_FIELDS[line.tab]: line.recipe}
    if line.tab != "layers":
        return {f"set-{name}": value for name, value in line.settings.items()}
    prefix = line.part if line.part in LAYER_PARTS else "cut" if line.part == "batches" else "layers"
    values = dict(line.settings)
    found: dict[str, Any] = {"layers-part": line.part}
    if line.example:
        found["layers-example"] = line.example
        values = dict(zip(values, shown_values(EXAMPLES[line.example].config(), tuple(values)), strict=True))
    return found | {f"{prefix}-{name}": value for name, value in values.items()}


def dialog_html() -> str:
    """Return the button that opens the dialog, and the dialog."""
    return f"""<button type="button" class="door" data-door aria-haspopup="dialog">{spans("tutorials.door")}</button>
<dialog id="tutorials" class="chooser" aria-labelledby="tutorials-title">
<div class="head"><h2 id="tutorials-title">{spans("tutorials.title")}</h2>
<button type="button" data-close>{spans("tutorials.close")}</button></div>
<p>{spans("tutorials.about")}</p>
{"".join(map(_tutorial_html, tutorials()))}
</dialog>"""


def _tutorial_html(tutorial: Tutorial) -> str:
    titles = {language: tutorial.title(language) for language in LANGUAGES}
    originals = {
        language: tutorial.original if title != tutorial.original else "" for language, title in titles.items()
    }
    author = spans("tutorials.by", author=tutorial.author) if tutorial.author else ""
    title = f"{spans_of(titles)} <small>{spans_of(originals)} {author}</small>"
    lines = "".join(map(_line_html, tutorial.lines))
    return f'<details name="tutorial"><summary>{title}</summary><ul>{lines}</ul></details>'


def _line_html(line: Line) -> str:
    form = line.tab if line.recipe else ""  # the form of `form_restore.connect_form`
    where = {
        "tab": line.tab,
        "part": "train" if line.tab == "tag" else "",
        "form": form,
        "fields": json.dumps(fields_of(line)),
    }
    data = " ".join(f'data-{name}="{html.escape(value)}"' for name, value in where.items())
    title = spans_of({language: line.title(language) for language in LANGUAGES})
    place = spans_of(
        {language: " · ".join(dict.fromkeys(filter(None, line.place(language)))) for language in LANGUAGES}
    )
    return f'<li><button type="button" {data}><b>{title}</b> <small>{place}</small></button></li>'


def dialog_ids() -> set[str]:
    """Return the elem_ids of all fields that lines set."""
    return {elem_id for tutorial in tutorials() for line in tutorial.lines for elem_id in fields_of(line)}
