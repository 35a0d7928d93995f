"""The tabs, in the order of the page. Each is a module with `build_tab()`, called inside `gr.Tabs`.

A lesson's tab has a `VIEW` as well, by which the page knows its default run.
"""

from rnnlab.ui.tabs import generate, hello, layers, sine, tag, train

TABS = (train, generate, hello, sine, tag, layers)
VIEWS = tuple(tab.VIEW for tab in TABS if hasattr(tab, "VIEW"))
