"""The strip above the tabs: the name, one sentence, and the two switches (they work in `frontend/boot.js`)."""

import gradio as gr

from rnnlab.ui.i18n import both

ICON = """<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
<circle cx="10" cy="10" r="7.5" fill="none" stroke="currentColor" stroke-width="1.5"/>
<path d="M10 2.5a7.5 7.5 0 0 1 0 15z" fill="currentColor"/></svg>"""


def build_header() -> gr.HTML:
    return gr.HTML(
        f"""<header>
<h1>{both("app.name")}</h1>
<p>{both("app.sentence")}</p>
<nav>
<a data-language="zh-CN" lang="zh-CN" hreflang="zh-CN" href="?lang=zh-CN">中文</a>
<a data-language="en" lang="en" hreflang="en" href="?lang=en">English</a>
<button type="button" data-switch="theme"><span class="spoken">{both("app.theme")}</span>{ICON}</button>
</nav>
</header>""",
        elem_id="header",
        js_on_load=None,
        apply_default_css=False,
    )
