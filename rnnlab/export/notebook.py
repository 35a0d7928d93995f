"""Write a run's script as a Jupyter notebook: a cell for each of its parts, with a heading.

The format is nbformat 4.5, which is JSON of a few fields (https://nbformat.readthedocs.io); the package `nbformat`
would bring a JSON schema validator and five packages more for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rnnlab.checkpoints import Checkpoint
from rnnlab.export.script import CELL, RESULT, make_script


def make_notebook(checkpoint: Checkpoint) -> str:
    """Return the notebook of the run of `checkpoint`, as JSON. Raises InvalidInput, as `make_script` does."""
    script = make_script(checkpoint, in_notebook=True)
    title, *rest = script.head
    rest = [line for line in rest if not line.startswith("Usage:")]
    cells = [_markdown(f"# {title}\n\n{' '.join(rest)}")]
    for heading, code in _parts(script.code):
        cells += [_markdown(f"## {heading}")] if heading else []
        cells.append({"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": code})
    cells.append(_markdown(f"## {RESULT}\n\n{_indented(script.result)}"))
    content = {
        "cells": [{"id": f"cell-{number}", **cell} for number, cell in enumerate(cells, start=1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _parts(code: str) -> Iterator[tuple[str, str]]:
    """Cut a script at its headings; yield (heading, code). The part before the first heading has none."""
    heading, lines = "", list[str]()
    for line in code.splitlines():
        if line.startswith(CELL):
            yield heading, "\n".join(lines).strip("\n")
            heading, lines = line.removeprefix(CELL), []
        else:
            lines.append(line)
    yield heading, "\n".join(lines).strip("\n")


def _markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def _indented(lines: Sequence[str]) -> str:
    """Return lines as a block that Markdown shows as they are."""
    return "\n".join(f"    {line}" for line in lines)
