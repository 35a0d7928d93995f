"""`rnnlab app`: serve the page."""

from __future__ import annotations

import os
import signal
from typing import Any

from rnnlab.flags import with_flags
from rnnlab.hosting import ServerSettings


@with_flags(ServerSettings)
def app_command(**flags: Any) -> None:
    """Serve the page. Every flag is an environment variable, too: RNNLAB_MAX_RUNS and so on."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))  # during imports; `launch` installs an orderly shutdown
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
    from rnnlab.ui.serve import launch

    launch(flags)
