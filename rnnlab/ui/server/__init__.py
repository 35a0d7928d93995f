"""The web server around Gradio: middleware, routes and limits. Plain ASGI, and no tab is known here."""
