"""The tabs, in the order of the page: one folder each.

A tab's package has `build_tab()`, called inside `gr.Tabs`, and a lesson's has a `VIEW` as well, by which the page knows
its default run. In the folder: `layout.py` (components and wiring), `handlers.py` (what an event does, a plain function
each), `payload.py` (the plain data that the panel draws) and `panel.html`, `.css`, `.js` (what draws it).
"""

from rnnlab.ui.tabs import generate, hello, layers, sine, tag, train

TABS = (train, generate, hello, sine, tag, layers)
VIEWS = tuple(tab.VIEW for tab in TABS if hasattr(tab, "VIEW"))
