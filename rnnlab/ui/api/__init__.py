"""The endpoints for programs, each with a typed, documented argument per setting.

    client = gradio_client.Client("http://127.0.0.1:7860")
    job = client.submit(preset="quick", epochs=3, api_name="/train")
    for row in job:
        print(row["epoch"], row["perplexity"])
    job.result()  # raises what was refused; the loop alone would end in silence
    client.predict(model=row["run"], prefix="雨", api_name="/generate")["text"]

The page's handlers call the same functions of the lower layers. A lesson without an endpoint in LESSON_ENDPOINTS gets
one that is derived from its view.
"""

from collections.abc import Callable
from functools import partial

from rnnlab.runs import Runner
from rnnlab.ui.api import (
    acrostic,
    copied,
    evaluate,
    export,
    followers,
    generate,
    inspect,
    layers,
    next,
    phase,
    sine,
    step,
    surgery,
    surprise,
    tag,
    temperatures,
    text,
    train,
    who,
)
from rnnlab.ui.api.lesson import build_lesson_endpoint
from rnnlab.ui.tabs import views
from rnnlab.ui.tabs.lesson import View

LESSON_ENDPOINTS = {"hello": step.build_endpoint, "sine": sine.build_endpoint, "tag": tag.build_endpoint}


def build_api(runner: Runner) -> None:
    """Register every endpoint; call it inside the app's Blocks."""
    lessons = map(_lesson_endpoint, views())
    first = (train.build_endpoint, generate.build_endpoint, evaluate.build_endpoint, copied.build_endpoint)
    counted = (next.build_endpoint, temperatures.build_endpoint, followers.build_endpoint)
    played = (acrostic.build_endpoint, who.build_endpoint)
    last = (layers.build_endpoint, text.build_endpoint, export.build_endpoint, surprise.build_endpoint)
    opened = (inspect.build_endpoint, surgery.build_endpoint, phase.build_endpoint)
    for build_endpoint in (*first, *counted, *played, *lessons, *last, *opened):
        build_endpoint(runner)


def _lesson_endpoint(view: View) -> Callable[[Runner], None]:
    return LESSON_ENDPOINTS.get(view.name) or partial(build_lesson_endpoint, view)
