"""What comes in with an event of the page or a call of the API, looked at before a handler sees it.

Gradio's own checks of a value speak English, name no field, or fail without a word; here they are left out. A handler
gets what was sent, and the rules of its configuration (`rnnlab.validation`) are the only judge. What is checked here
is what no handler could: how many values there are, and that a file is one that was uploaded.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.blocks import BlockFunction
from gradio.components import Component
from gradio.state_holder import SessionState

from rnnlab.text import document_kind
from rnnlab.text.segmentation import LONE_SURROGATE
from rnnlab.ui import without_stubs
from rnnlab.ui.i18n import words
from rnnlab.ui.i18n.errors import Refusal, refusals_shown
from rnnlab.ui.i18n.languages import FALLBACK
from rnnlab.ui.server.queue import FairQueue
from rnnlab.ui.session.uploads import Uploads
from rnnlab.validation import InvalidInput, echo

with without_stubs():

    class Lab(gr.Blocks):
        """Gradio's Blocks with our refusals. Calls past the queue, which bounds how many run at once, are closed."""

        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.api_open = False
            self.uploads = Uploads()

        def queue(self, *arguments: Any, **options: Any) -> Lab:
            """Gradio's, but with a queue that is fair."""
            super().queue(*arguments, **options)
            self._queue = FairQueue.of(self._queue, self)
            return self

        def take_values_raw(self) -> None:
            """Leave the judgement of values to the handlers, except of files; call it when all events are there."""
            for function in self.fns.values():
                function.preprocess = any(isinstance(block, gr.UploadButton) for block in function.inputs)

        def get_config_file(self) -> dict[str, Any]:
            """Without largest size and kinds of files, by which the page would refuse them in English: we say it.

            The browser's dialog still offers the right kinds first: `frontend/lib/fields.js` tells it `accept`.
            """
            config = super().get_config_file()
            return {**config, "max_file_size": None, "components": [_taking_any_file(c) for c in config["components"]]}

        async def process_api(
            self, block_fn: BlockFunction | int, *arguments: Any, request: gr.Request | None = None, **options: Any
        ) -> dict[str, Any]:
            """What Gradio does with an event; a refusal, wherever it comes from, is said in the visitor's language."""
            function = self.fns[block_fn] if isinstance(block_fn, int) else block_fn
            program = function.api_visibility == "public"
            try:
                with refusals_shown(request, program=program):
                    return await super().process_api(function, *arguments, request=request, **options)
            except Refusal as refusal:
                if not program and (elem_id := elem_id_of(function, refusal.field)):
                    refusal.mark(elem_id)
                raise
            finally:
                self._forget_copies(options.get("state"))

        @staticmethod
        def _forget_copies(state: SessionState | None) -> None:
            """Gradio keeps a copy of all components for each page, half a megabyte, for deep links; there are none."""
            if state is not None:
                state.config_values.clear()

        def validate_inputs(self, block_fn: BlockFunction, inputs: list[Any]) -> None:
            """Refuse too few or too many values, and what no setting can be."""
            names = names_of(block_fn)
            if len(inputs) != len(names):
                given = [name for name, block in zip(names, block_fn.inputs, strict=True) if not block.stateful]
                raise InvalidInput(
                    "number_of_values",
                    str(block_fn.api_name or block_fn.name),
                    given=len(inputs),
                    wanted=len(names),
                    names=", ".join(given),
                )
            for name, block, value in zip(names, block_fn.inputs, inputs, strict=True):
                if isinstance(block, gr.UploadButton):
                    self._check_upload(block, name, value)
                elif not block.stateful:
                    check_value(name, value)

        def _check_upload(self, upload: gr.UploadButton, name: str, value: Any) -> None:
            """A path is nobody's to choose: it must be one that the upload of a file has returned."""
            path = value.get("path") if isinstance(value, dict) else None
            if not isinstance(path, str) or path not in self.upload_file_set:
                raise InvalidInput("not_an_upload", name, value=echo(path or value))
            if not path.lower().endswith(tuple(upload.file_types)):
                if Path(path).is_file() and (kind := document_kind(Path(path).read_bytes())):
                    raise InvalidInput("document", name, value=echo(Path(path).name), kind=kind)
                raise InvalidInput("upload_kind", name, value=echo(Path(path).name), kinds=", ".join(upload.file_types))


def _taking_any_file(component: dict[str, Any]) -> dict[str, Any]:
    """Let the config of an upload button name its kinds of files where Gradio's page does not look for them."""
    if component["type"] != "uploadbutton":
        return component
    return {
        **component,
        "props": {**component["props"], "file_types": None, "accept": component["props"]["file_types"]},
    }


def check_value(name: str, value: Any) -> None:
    """Refuse a JSON object, for no setting is one and Gradio might take it for a file to fetch, and half characters.

    A lone surrogate cannot be written as UTF-8: an answer that repeats it would break the visitor's connection.
    """
    unseen = [value]
    while unseen:  # not a recursion: lists may be nested as deep as JSON allows
        item = unseen.pop()
        if isinstance(item, dict):
            raise InvalidInput("not_a_value", name, value=echo(value))
        if isinstance(item, str) and (half := LONE_SURROGATE.search(item)):
            raise InvalidInput("bad_character", name, value=echo(half.group()))
        unseen += item if isinstance(item, list) else []


def names_of(function: BlockFunction) -> list[str]:
    """What messages call a function's inputs: an endpoint's arguments, or the components of the page."""
    if function.api_visibility == "public":
        return [name for name in inspect.signature(function.fn).parameters if name != "request"]
    return [name_of(block) for block in function.inputs]


def name_of(block: Component) -> str:
    """What a message calls a component of the page: by the setting that its label names, else by its id."""
    if isinstance(block, gr.UploadButton):
        return "upload"
    key = getattr(getattr(block, "label", None), "key", "")  # of its words in two languages
    setting = key.rpartition(".")[2]
    return setting if f"fields.{setting}" in words(FALLBACK) else str(block.elem_id or "value")


def elem_id_of(function: BlockFunction, field: str) -> str:
    """Find the component among a function's inputs that a refusal of `field` is about; "" if there is none.

    Its label names the field, else its own id ends in it: `own-text`, `more-epochs`.
    """
    shown = [block for block in function.inputs if not block.stateful]
    named = [block for block in shown if name_of(block) == field]
    ended = [block for block in shown if f"-{block.elem_id}".replace("-", "_").endswith(f"_{field}")]
    only = [block for block in shown if isinstance(block, gr.UploadButton)]
    return next((str(block.elem_id) for block in (*named, *ended, *only) if block.elem_id), "")
