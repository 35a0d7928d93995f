"""The dialog of the guides, in the page's header: a button for each, and one for the lecture of all of them.

`frontend/lib/guides.js` opens it and begins the chosen guide.
"""

from __future__ import annotations

from rnnlab.ui.guides import Guide, guides, lecture_minutes
from rnnlab.ui.i18n import spans


def guides_html() -> str:
    """Return the button that opens the dialog, and the dialog."""
    lecture = _button("lecture", spans("guide.lecture", minutes=lecture_minutes()), spans("guide.lecture_about"), "")
    items = "".join(map(_guide_html, guides().values()))
    return f"""<button type="button" class="door" data-guides aria-haspopup="dialog">{spans("guide.open")}</button>
<dialog id="guides" class="chooser" aria-labelledby="guides-title">
<div class="head"><h2 id="guides-title">{spans("guide.title")}</h2>
<button type="button" data-close>{spans("guide.close")}</button></div>
<p>{spans("guide.dialog_about")}</p>
<p class="refused" data-role="unknown" role="alert" hidden></p>
<ul>{lecture}{items}</ul>
</dialog>"""


def _guide_html(guide: Guide) -> str:
    title, about = spans(f"{guide.section}.title"), spans(f"{guide.section}.about")
    return _button(guide.name, title, about, spans("guide.minutes", minutes=guide.minutes))


def _button(name: str, title: str, about: str, minutes: str) -> str:
    return (
        f'<li><button type="button" data-guide="{name}"><b>{title}</b> <small>{about} {minutes}</small></button></li>'
    )
