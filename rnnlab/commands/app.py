"""`rnnlab app`: serve the laboratory."""

from __future__ import annotations

from typing import Any

from rnnlab.flags import with_flags
from rnnlab.operating import Operating


@with_flags(Operating)
def app_command(**flags: Any) -> None:
    """Serve the laboratory to a browser. Every flag is an environment variable, too: RNNLAB_MAX_RUNS and so on."""
    from rnnlab.ui.app import launch  # gradio takes seconds to import, and no other command needs it

    launch(flags)
