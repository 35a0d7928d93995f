"""Capture a minibatch of training as a CUDA graph and replay it.

On a GPU each of the small operations of a recurrent network takes a few microseconds, and launching it from Python
takes longer than that; our own layers launch some hundreds per minibatch. A *CUDA graph* captures once what a minibatch
launches and from then on launches all of it with one call.

A graph holds addresses, not names: every replay reads and writes the tensors that were there when it was captured. So
minibatch, state and learning rate are copied into tensors that stay in place, and so are the optimizer's tensors when
something has replaced them (a run that goes back to a checkpoint does). Nothing but that copying differs from training
without a graph. `tests/experiments/test_cuda_graph.py` compares the two on a GPU, and
`tests/experiments/test_train_step.py` without one: a capturer that captures nothing and does the work again must give
the same curve.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import Protocol

import torch
from torch import Tensor, nn

from rnnlab import limits
from rnnlab.experiments.language_model.train_step import TrainingStep
from rnnlab.experiments.language_model.undetached import UndetachedStep
from rnnlab.experiments.optimizers import Optimizer
from rnnlab.hosting import line
from rnnlab.models import LanguageModel
from rnnlab.recurrent import State, zero_state

logger = logging.getLogger(__name__)

WARMUP_STEPS = 3  # minibatches of a shape that are trained before the next one is captured

Launch = Callable[[], None]  # launches a minibatch's operations


def make_step(
    model: LanguageModel, optimizer: Optimizer, clip_by: str = "norm", *, detach: bool = True, trained: str = "all"
) -> TrainingStep:
    """Return the fastest step for `model`: a graph for our own layers on a GPU, else the plain step.

    `torch.nn` runs on a GPU as a few large kernels of cuDNN and needs no graph. Dropout draws new masks for each
    minibatch on the CPU, and a graph would repeat the masks that it has captured. A gradient that is not detached runs
    through more operations each time, and where only the output is trained, there is little to launch.
    """
    config = model.config
    drops = config.dropout > 0 or config.embedding_dropout > 0
    if not detach:
        return UndetachedStep(model, optimizer, clip_by=clip_by, trained=trained)
    own = model.output.weight.is_cuda and config.implementation == "scratch"
    if own and not drops and trained == "all":
        return CapturedStep(model, optimizer, clip_by=clip_by)
    return TrainingStep(model, optimizer, clip_by=clip_by, trained=trained)


class Capturer(Protocol):
    """Captures the operations that a function launches."""

    def warm_up(self, launch: Launch) -> None:
        """Call `launch` where it will be captured, so that everything that is set up on first use is there."""

    def capture(self, launch: Launch) -> Launch:
        """Capture the launches of `launch` without running them; return their replay. Raises RuntimeError."""


class CudaCapturer:
    """Captures CUDA graphs, on a stream of their own."""

    LOCK = threading.Lock()  # CUDA allows one capture at a time in a process, and a warm-up must not get into it

    def warm_up(self, launch: Launch) -> None:
        """Call `launch` on the stream of the captures."""
        current, own = torch.cuda.current_stream(), capture_stream()
        with self.LOCK:
            own.wait_stream(current)
            with torch.cuda.stream(own):
                launch()
            current.wait_stream(own)

    def capture(self, launch: Launch) -> Launch:
        """Capture a graph and return its replay. Raises RuntimeError on failure."""
        current, graph = torch.cuda.current_stream(), torch.cuda.CUDAGraph()
        with self.LOCK:
            try:  # "thread_local": other runs may allocate memory meanwhile
                with torch.cuda.graph(graph, stream=capture_stream(), capture_error_mode="thread_local"):
                    launch()
            finally:
                torch.cuda.set_stream(current)  # a capture that fails may not restore it
        return graph.replay


@cache
def capture_stream() -> torch.cuda.Stream:
    """Return the process's stream for captures; only one, as cuBLAS takes some ten megabytes for each."""
    return torch.cuda.Stream()


@dataclass(eq=False)
class Buffers:
    """The tensors that a graph reads and writes, and how often they have been used."""

    x: Tensor  # (B, T)
    y: Tensor  # (B, T)
    state: State  # before the minibatch; afterwards, after it
    numbers: Tensor  # (3,): what `TrainingStep.train` returns of the minibatch
    warm_ups: int = 0
    replay: Launch | None = None

    def load(self, x: Tensor, y: Tensor, state: State | None) -> None:
        """Copy a minibatch into the buffers. `state` may be their own, as it is when it is carried."""
        self.x.copy_(x)
        self.y.copy_(y)
        given = parts(state) if state is not None else (None,) * len(parts(self.state))
        for part, value in zip(parts(self.state), given, strict=True):
            if value is None:
                part.zero_()
            elif value is not part:
                part.copy_(value)


class CapturedStep(TrainingStep):
    """A TrainingStep that is captured for each shape of minibatch, then replayed with the same numbers.

    The first WARMUP_STEPS minibatches of a shape are trained as usual. The learning rate may change at any time. The
    next call overwrites the returned state: pass it back, or copy it.
    """

    def __init__(
        self, model: LanguageModel, optimizer: Optimizer, capturer: Capturer | None = None, *, clip_by: str = "norm"
    ) -> None:
        super().__init__(model, optimizer, clip_by=clip_by)
        self.capturer = capturer or CudaCapturer()
        self.buffers: dict[tuple[torch.Size, float], Buffers] = {}
        self._rate = model.output.weight.new_zeros(())
        self._moments: dict[nn.Parameter, dict[str, Tensor]] = {}  # the optimizer's tensors that graphs write

    def __call__(self, x: Tensor, y: Tensor, state: State | None, limit: float) -> tuple[float, float, bool, State]:
        """Train on one minibatch; see TrainingStep."""
        self._restore_moments()
        buffers = self._buffers(x, y, limit)
        if buffers is None:
            return super().__call__(x, y, state, limit)
        buffers.load(x, y, state)
        self._rate.fill_(self.optimizer.param_groups[0]["lr"])
        launch = partial(self._launch, buffers, limit)
        if buffers.warm_ups < WARMUP_STEPS:
            buffers.warm_ups += 1
            self.capturer.warm_up(launch)
        else:
            if buffers.replay is None:
                buffers.replay = self._capture(launch)
            buffers.replay()
        nll, norm, size = buffers.numbers.tolist()
        return nll, norm, size > limit, buffers.state

    def _buffers(self, x: Tensor, y: Tensor, limit: float) -> Buffers | None:
        """Return the buffers for this shape of minibatch; None when there are too many graphs already."""
        key = x.shape, limit
        if key not in self.buffers:
            if len(self.buffers) == limits.MAX_CUDA_GRAPHS:
                return None
            self.buffers[key] = Buffers(
                x=torch.empty(x.shape, dtype=x.dtype, device=x.device),
                y=torch.empty(y.shape, dtype=y.dtype, device=y.device),
                state=zero_state(self.model.recurrent, len(x)),
                numbers=self._rate.new_zeros(3),
            )
        return self.buffers[key]

    def _launch(self, buffers: Buffers, limit: float) -> None:
        """Train on the minibatch in `buffers`, and write the results there."""
        with self._rate_as_tensor():
            numbers, state = self.train(buffers.x, buffers.y, buffers.state, limit)
        buffers.numbers.copy_(numbers)
        for part, value in zip(parts(buffers.state), parts(state), strict=True):
            part.copy_(value)

    def _capture(self, launch: Launch) -> Launch:
        """Capture `launch`; if that fails, log it and return `launch` itself."""
        self._moments = self._moments or {p: dict(tensors) for p, tensors in self.optimizer.state.items()}
        try:
            return self.capturer.capture(launch)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError:
            logger.warning(line("not_captured", so="each operation is launched by itself"), exc_info=True)
            return launch

    def _restore_moments(self) -> None:
        """Put the captured tensors of the optimizer back in place, with the numbers of their replacements."""
        for parameter, captured in self._moments.items():
            current = self.optimizer.state.get(parameter, {})
            for key, tensor in captured.items():
                if key not in current:  # as before the first update
                    tensor.zero_()
                elif current[key] is not tensor:
                    tensor.copy_(current[key])
            self.optimizer.state[parameter] = dict(captured)

    @contextmanager
    def _rate_as_tensor(self) -> Iterator[None]:
        """Let the optimizer read its learning rate from a tensor: a graph would repeat a captured number."""
        group = self.optimizer.param_groups[0]
        rate, group["lr"] = group["lr"], self._rate
        try:
            yield
        finally:
            group["lr"] = rate


def parts(state: State) -> tuple[Tensor, ...]:
    """Return a state as a tuple: (h,), or the LSTM's (h, c)."""
    return (state,) if isinstance(state, Tensor) else state
