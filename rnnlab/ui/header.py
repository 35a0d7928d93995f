"""The header: name, one sentence, the lessons, the way in from a tutorial, the switches of language and theme."""

import gradio as gr

from rnnlab.ui.guide_dialog import guides_html
from rnnlab.ui.i18n import spans
from rnnlab.ui.i18n.languages import LANGUAGES
from rnnlab.ui.tutorial_dialog import dialog_html

ICON = """<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
<circle cx="10" cy="10" r="7.5" fill="none" stroke="currentColor" stroke-width="1.5"/>
<path d="M10 2.5a7.5 7.5 0 0 1 0 15z" fill="currentColor"/></svg>"""


def build_header() -> gr.HTML:
    """Make the header; the page shows the links to the languages that it is not in."""
    links = "\n".join(
        f'<a data-language="{row.html}" lang="{row.html}" hreflang="{row.html}" href="?lang={row.html}">{row.name}</a>'
        for row in reversed(LANGUAGES.values())
    )
    return gr.HTML(
        f"""<header>
<h1>{spans("app.name")}</h1>
<p>{spans("app.sentence")}</p>
{guides_html()}
{dialog_html()}
<nav>
{links}
<button type="button" data-switch="theme"><span class="spoken">{spans("app.theme")}</span>{ICON}</button>
</nav>
</header>""",
        elem_id="header",
        js_on_load=None,
        apply_default_css=False,
    )
