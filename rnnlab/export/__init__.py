"""Take a run along: its script in plain PyTorch, notebook, numbers, picture, and a reader of its weights.

Each is a function of a `Checkpoint`, so a run of the page, a saved file and a shipped model give the same.

    exported = export(checkpoints.load("model.safetensors"), "script")
    Path(exported.name).write_bytes(exported.content)
"""

from __future__ import annotations

from dataclasses import dataclass

from rnnlab.checkpoints import Checkpoint
from rnnlab.export.curve_csv import make_csv
from rnnlab.export.notebook import make_notebook
from rnnlab.export.picture import FORMATS, curve_figure, make_picture
from rnnlab.export.script import Script, make_script
from rnnlab.export.weights_reader import weights_reader
from rnnlab.validation import Choice, InvalidInput

__all__ = [
    "KINDS", "TEXT_KINDS", "Exported", "Script", "curve_figure", "export", "file_name", "make_csv", "make_notebook",
    "make_picture", "make_script", "weights_reader",
]  # fmt: skip

SUFFIXES = {
    "script": ".py", "notebook": ".ipynb", "csv": ".csv", "reader": ".reader.py", "svg": ".svg", "png": ".png",
    "model": ".safetensors",
}  # fmt: skip
TEXT_KINDS = ("script", "notebook", "csv", "reader")
KINDS = (*TEXT_KINDS, *FORMATS)


@dataclass(frozen=True)
class Exported:
    """A file that a run has been written as."""

    name: str  # says model and epoch
    kind: str
    content: bytes

    @property
    def lines(self) -> int | None:
        """Return the number of lines; None for a picture in pixels."""
        return None if self.kind == "png" else len(self.content.splitlines())


def export(checkpoint: Checkpoint, kind: str, model_file: str = "") -> Exported:
    """Write the run of `checkpoint` as one of KINDS.

    model_file: what a reader opens; by default the name that the page gives the model's file.

    Raises InvalidInput for a cell that `torch.nn` lacks, and for a picture without Kaleido or Chrome.
    """
    kind = Choice(KINDS).check("as", kind)
    if kind in FORMATS:
        content = make_picture(checkpoint, kind, title_of(checkpoint))
    elif kind == "reader":
        reader = weights_reader(checkpoint, model_file or file_name(checkpoint, "model"))
        if reader is None:
            raise InvalidInput("not_in_torch_nn", "as", value=checkpoint.architecture.model)
        content = reader.encode()
    elif kind == "script":
        content = make_script(checkpoint).text.encode()
    else:
        content = (make_notebook(checkpoint) if kind == "notebook" else make_csv(checkpoint)).encode()
    return Exported(file_name(checkpoint, kind), kind, content)


def file_name(checkpoint: Checkpoint, kind: str) -> str:
    """Return a name that says model and epoch, in ASCII.

    A script or a curve is that of all epochs, a model that of the epoch that is kept.
    """
    architecture = checkpoint.architecture
    epoch = checkpoint.kept_epoch if kind in ("model", "reader") else checkpoint.epoch
    return f"rnnlab-{architecture.model}-{architecture.hidden_size}-epoch-{epoch}{SUFFIXES[kind]}"


def title_of(checkpoint: Checkpoint) -> str:
    """Return the title of a picture: model, corpus, epochs."""
    architecture, corpus = checkpoint.architecture, checkpoint.config.get("corpus", "")
    name = f"{architecture.model.upper()} {architecture.hidden_size}"
    shown = "".join(sign for sign in corpus if sign.isprintable() and sign not in "<>&")[:60]
    return f"{name} · {shown} · {checkpoint.epoch} epochs"
