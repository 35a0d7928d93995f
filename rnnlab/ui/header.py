"""The header: name, one sentence, the lessons, the way in from a tutorial, the buttons that copy links, and the
switches of language, projector mode and theme."""

import gradio as gr

from rnnlab.ui.guide_dialog import guides_html
from rnnlab.ui.i18n import spans
from rnnlab.ui.i18n.languages import LANGUAGES
from rnnlab.ui.tutorial_dialog import dialog_html

ICON = """<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
<circle cx="10" cy="10" r="7.5" fill="none" stroke="currentColor" stroke-width="1.5"/>
<path d="M10 2.5a7.5 7.5 0 0 1 0 15z" fill="currentColor"/></svg>"""

LINK = """<svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true" fill="none" stroke="currentColor"
stroke-width="1.6" stroke-linecap="round"><path d="M8.2 11.8a3.2 3.2 0 0 0 4.5 0l3-3a3.2 3.2 0 0 0-4.5-4.5l-1 1"/>
<path d="M11.8 8.2a3.2 3.2 0 0 0-4.5 0l-3 3a3.2 3.2 0 0 0 4.5 4.5l1-1"/></svg>"""

EYE = """<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" fill="none" stroke="currentColor"
stroke-width="1.6"><path d="M1.8 10c3.6-6.4 12.8-6.4 16.4 0-3.6 6.4-12.8 6.4-16.4 0z"/>
<circle cx="10" cy="10" r="2.6"/></svg>"""

SCREEN = """<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
<g fill="none" stroke="currentColor" stroke-width="1.5">
<path d="M1.5 3.5h17M3 3.5v9.5h14V3.5M10 13v1.5M6.5 17.5l3.5-3 3.5 3"/></g></svg>"""


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
<button type="button" data-copy-link>{LINK}<span class="label">{spans("link.copy")}</span></button>
<button type="button" data-copy-watch>{EYE}<span class="label">{spans("watch.copy")}</span></button>
<button type="button" data-switch="projector" aria-pressed="false" title="P">
<span class="spoken">{spans("projector.switch")}</span>{SCREEN}<span class="leave" aria-hidden="true">×</span></button>
<button type="button" data-switch="theme"><span class="spoken">{spans("app.theme")}</span>{ICON}</button>
</nav>
</header>""",
        elem_id="header",
        js_on_load=None,
        apply_default_css=False,
    )
