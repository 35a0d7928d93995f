"""`rnnlab app`: serve the laboratory."""

from __future__ import annotations

from typing import Annotated

import typer


def app_command(
    host: Annotated[str | None, typer.Option(help="Address to listen on; else GRADIO_SERVER_NAME, 127.0.0.1.")] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port; else GRADIO_SERVER_PORT, the first free from 7860.")
    ] = None,
) -> None:
    """Serve the laboratory to a browser."""
    from rnnlab.ui.app import launch  # gradio takes seconds to import, and no other command needs it

    launch(host, port)
