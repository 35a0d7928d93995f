"""The endpoints for programs, each with a typed, documented argument per setting.

    client = gradio_client.Client("http://127.0.0.1:7860")
    job = client.submit(preset="quick", epochs=3, api_name="/train")
    for row in job:
        print(row["epoch"], row["perplexity"])
    job.result()  # raises what was refused; the loop alone would end in silence
    client.predict(model=row["run"], prefix="雨", api_name="/generate")["text"]

The page's own handlers call the same functions of the floors below.
"""

from rnnlab.runs import Runner
from rnnlab.ui.api import generate, layers, sine, step, tag, train

ENDPOINTS = (train, generate, step, sine, tag, layers)


def build_api(runner: Runner) -> None:
    """Register every endpoint; call it inside the app's Blocks."""
    for endpoint in ENDPOINTS:
        endpoint.build_endpoint(runner)
