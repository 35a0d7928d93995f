"""Blocks: Gradio's Blocks with our queue, and with our checks and refusals of the inputs of events.

Gradio's own checks of a value speak English, name no field, or fail silently; here they are left out. A handler gets
the values that were sent, and its configuration (`rnnlab.validation`) checks them. Checked here is what no handler
could: the number of values, that none is a file's description, and that a file is one that was uploaded.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.blocks import Block, BlockFunction

from rnnlab.text import document_kind
from rnnlab.text.segmentation import LONE_SURROGATE
from rnnlab.ui import without_stubs
from rnnlab.ui.i18n import words
from rnnlab.ui.i18n.errors import Refusal, refusals_shown
from rnnlab.ui.i18n.languages import FALLBACK
from rnnlab.ui.server.queue import FairQueue
from rnnlab.ui.session.cleanup import Sessions
from rnnlab.ui.session.uploads import Uploads
from rnnlab.validation import InvalidInput, echo

with without_stubs():

    class Lab(gr.Blocks):
        """Gradio's Blocks with our refusals. Calls past the queue, which bounds how many run at once, are closed."""

        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.api_open = False
            self.uploads = Uploads(make_room=self._forget_idle_uploads)

        def _forget_idle_uploads(self) -> None:
            if isinstance(self.state_holder, Sessions):  # as soon as it is launched
                self.state_holder.forget_idle()

        def queue(self, *arguments: Any, **options: Any) -> Lab:
            """Make Gradio's queue, but a fair one."""
            super().queue(*arguments, **options)
            FairQueue.adopt(self._queue)
            return self

        def take_values_raw(self) -> None:
            """Pass values to the handlers unchecked, except files; to be called when all events are defined."""
            for function in self.fns.values():
                function.preprocess = any(isinstance(block, gr.UploadButton) for block in function.inputs)

        def get_config_file(self) -> Any:
            """Return the config without sizes and kinds of files, by which the page would refuse them in English.

            The browser's dialog still offers the right kinds first: `frontend/lib/fields.js` sets `accept`.
            """
            config: dict[str, Any] = {**super().get_config_file(), "max_file_size": None}
            for component in config["components"]:
                if component["type"] == "uploadbutton":
                    props = component["props"]
                    component["props"] = {**props, "file_types": None, "accept": props["file_types"]}
            return config

        async def process_api(self, block_fn: BlockFunction | int, *arguments: Any, **options: Any) -> dict[str, Any]:
            """Run an event as Gradio does; a refusal from anywhere within is in the visitor's language."""
            function = self.fns[block_fn] if isinstance(block_fn, int) else block_fn
            is_program = function.api_visibility == "public"
            try:
                with refusals_shown(options.get("request"), program=is_program):
                    return await super().process_api(function, *arguments, **options)
            except Refusal as refusal:
                if not is_program and (elem_id := elem_id_of(function, refusal.field)):
                    refusal.mark(elem_id)
                raise
            finally:
                if state := options.get("state"):  # Gradio's copy of all components for deep links: 0.5 MB a page
                    state.config_values.clear()

        def validate_inputs(self, block_fn: BlockFunction, inputs: list[Any]) -> None:
            """Raise InvalidInput for too few or too many values, and for what no setting can be."""
            names = names_of(block_fn)
            if len(inputs) != len(names):
                raise InvalidInput(
                    "number_of_values",
                    str(block_fn.api_name or block_fn.name),
                    given=len(inputs),
                    wanted=len(names),
                    names=", ".join(n for n, block in zip(names, block_fn.inputs, strict=True) if not block.stateful),
                )
            for name, block, value in zip(names, block_fn.inputs, inputs, strict=True):
                if isinstance(block, gr.UploadButton):
                    self._check_upload(tuple(block.file_types or ()), name, value)
                elif not block.stateful:
                    check_value(name, value)

        def _check_upload(self, kinds: tuple[str, ...], name: str, value: Any) -> None:
            """Raise InvalidInput unless the value is a path that the upload of a file has returned."""
            path = value.get("path") if isinstance(value, dict) else None
            if not isinstance(path, str) or path not in self.upload_file_set:
                raise InvalidInput("not_an_upload", name, value=echo(path or value))
            if not path.lower().endswith(kinds):
                if Path(path).is_file() and (kind := document_kind(Path(path).read_bytes())):
                    raise InvalidInput("document", name, value=echo(Path(path).name), kind=kind)
                raise InvalidInput("upload_kind", name, value=echo(Path(path).name), kinds=", ".join(kinds))


def check_value(name: str, value: Any) -> None:
    """Raise InvalidInput for a JSON object, which Gradio might take for a file to fetch, and for lone surrogates.

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
    """Return the names of a function's inputs in messages: an endpoint's arguments, or the page's fields."""
    if function.api_visibility == "public" and function.fn is not None:
        return [name for name in inspect.signature(function.fn).parameters if name != "request"]
    return [name_of(block) for block in function.inputs]


def name_of(block: Block) -> str:
    """Return the name of a component in messages: the setting that its label is about, or else its id."""
    if isinstance(block, gr.UploadButton):
        return "upload"
    key = getattr(getattr(block, "label", None), "key", "")  # of its words in each language
    setting = key.rpartition(".")[2]
    return setting if f"fields.{setting}" in words(FALLBACK) else str(block.elem_id or "value")


def elem_id_of(function: BlockFunction, field: str) -> str:
    """Return the id of the component among a function's inputs that a refusal of `field` is about, or "".

    Its label names the field, or its own id ends in it: `own-text`, `more-epochs`.
    """
    shown = [block for block in function.inputs if not block.stateful]
    named = [block for block in shown if name_of(block) == field]
    ending = [block for block in shown if f"-{block.elem_id}".replace("-", "_").endswith(f"_{field}")]
    uploads = [block for block in shown if isinstance(block, gr.UploadButton)]
    return next((str(block.elem_id) for block in (*named, *ending, *uploads) if block.elem_id), "")
