"""The tabs, in the order of the page. Each is a module with `build_tab()`, called inside `gr.Tabs`."""

from rnnlab.ui.tabs import generate, train

TABS = (train, generate)
