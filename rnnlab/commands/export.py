"""`rnnlab export`: take a run along as a script, a notebook, numbers or a picture."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rnnlab import checkpoints
from rnnlab.checkpoints.files import write_file
from rnnlab.commands.console import AsJson, print_json
from rnnlab.commands.language import say
from rnnlab.resources import SHIPPED_MODELS, shipped_model

KINDS = "script|notebook|csv|reader|svg|png"  # rnnlab.export.KINDS, which no other command waits for


def export_command(
    checkpoint: Annotated[str, typer.Argument(help="A file from `train --save`, or a shipped model: lyrics-zh, …")],
    kind: Annotated[str, typer.Option("--as", help="What to write.", metavar=KINDS)] = "script",
    to: Annotated[
        Path | None,
        typer.Option(help="Where to write it; else here, under a name with model and epoch.", metavar="FILE"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take a run along: as a PyTorch script or notebook that prints the same numbers, as numbers, or as a picture."""
    from rnnlab.export import export  # it loads Plotly and Jinja

    path = shipped_model(checkpoint) if checkpoint in SHIPPED_MODELS else Path(checkpoint)
    exported = export(checkpoints.load(path), kind, model_file=str(path))
    target = Path(exported.name) if to is None else to
    write_file(target, exported.content)
    size = len(exported.content)
    if as_json:
        print_json({"path": str(target), "kind": exported.kind, "bytes": size, "lines": exported.lines})
    else:
        facts = {"path": target, "kind": exported.kind, "bytes": f"{size:,}", "lines": exported.lines}
        is_text = exported.lines is not None
        print(say("exported_lines", **facts) if is_text else say("exported_bytes", **facts), file=sys.stderr)
