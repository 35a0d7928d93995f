"""Race: two to four trainings side by side, a minibatch each in turn."""

from rnnlab.ui.tabs.race.layout import build_tab
from rnnlab.ui.tabs.race.payload import VIEW
from rnnlab.ui.tabs.race.stored import restore

__all__ = ["VIEW", "build_tab", "restore"]
