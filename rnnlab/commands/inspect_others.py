"""The other two cells trained like a recorded run, for `rnnlab inspect --what gradient --others`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rnnlab.commands.console import notes, source_of
from rnnlab.commands.language import say
from rnnlab.commands.subjects import is_model
from rnnlab.experiments.language_model.gradient_curves import LensCurve
from rnnlab.experiments.language_model.other_cells import other_curves, plan_other_cells, train_other_cells
from rnnlab.experiments.language_model.recording import Recording
from rnnlab.validation import InvalidInput


def curves_of_others(name: str, ids: Sequence[int], epoch: int, corpus: str | None, *, quiet: bool) -> list[LensCurve]:
    """Train the other cells like the recorded run in the file `name`; return their curves on `ids` (T,) at `epoch`.

    That file stays as it is: they are recorded in a folder of their own, which goes at the end. Raises InvalidInput.
    """
    if is_model(name):
        raise InvalidInput("others_of_recording", "others")
    with TemporaryDirectory() as folder:
        copy = _copy(Recording.open(Path(name)), Path(folder) / "run")
        plan = plan_other_cells(copy, max(copy.epochs, default=0))
        if not quiet:
            cells = ", ".join(cell.upper() for cell in plan.cells)
            notes().print(say("inspect_others", cells=cells, epochs=plan.epochs, seconds=plan.seconds))
        train_other_cells(copy, plan, None if corpus is None else source_of(corpus).text)
        return other_curves(copy, ids, epoch)


def _copy(recording: Recording, folder: Path) -> Recording:
    copy = Recording(folder)
    for name in recording.files.sizes():
        copy.files.write(name, recording.files.read(name))
    return Recording(folder)
