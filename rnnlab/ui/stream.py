"""Routes besides Gradio's own."""

from starlette.routing import BaseRoute


def routes() -> list[BaseRoute]:
    return []
