"""One minibatch of training: predict, compare, differentiate, clip, update. Done anew each time, or replayed.

On a GPU each of the small operations of a recurrent network takes a few microseconds, and starting it from Python
takes longer than that; our own layers start some hundreds per minibatch. A *CUDA graph* records once what a minibatch
launches and from then on launches all of it with one call.

A graph holds addresses, not names: every replay reads and writes the very tensors that were there when it was
recorded. So the minibatch, the state and the learning rate are copied into tensors that stay where they are, and what
somebody has put in the place of the optimizer's tensors (a run that goes back to a checkpoint does) is copied into
the recorded ones. Nothing but that copying differs from training without a graph, and it is tested without a GPU: a
recorder that records nothing and does the work again must give the same curve.
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

from rnnlab.experiments.optimizers import Optimizer
from rnnlab.hosting import line
from rnnlab.models import LanguageModel
from rnnlab.recurrent import State, detach_state, zero_state

log = logging.getLogger(__name__)

REHEARSALS = 3  # minibatches of a shape that are trained before the next one is recorded
MOST_RECORDINGS = 4  # each holds memory on the device for all that a minibatch computes

Work = Callable[[], None]


def make_step(model: LanguageModel, optimizer: Optimizer) -> TrainingStep:
    """How `model` is best trained where it is.

    Our own layers on a GPU are replayed. `torch.nn` runs there as a few large kernels of cuDNN and needs no graph;
    dropout draws new masks for each minibatch on the CPU, and a graph would repeat the ones that it has recorded.
    """
    config = model.config
    replayed = model.output.weight.is_cuda and config.implementation == "scratch" and config.dropout == 0
    return CapturedStep(model, optimizer) if replayed else TrainingStep(model, optimizer)


class TrainingStep:
    """Trains on one minibatch when called.

    x, y: (B, T), on the model's device. state: before the first character; None is zeros. limit: the longest gradient
    that is not shortened. Returns the mean NLL in nats, the gradient's norm before clipping, and the state after.

    The weights are updated whatever these numbers are. Whoever finds one that is not finite goes back to weights that
    are: that way nothing waits for the device until all of the minibatch has been launched.
    """

    def __init__(self, model: LanguageModel, optimizer: Optimizer) -> None:
        self.model, self.optimizer = model, optimizer

    def __call__(self, x: Tensor, y: Tensor, state: State | None, limit: float) -> tuple[float, float, State]:
        told, state = self.train(x, y, state, limit)
        nll, norm = told.tolist()
        return nll, norm, state

    def train(self, x: Tensor, y: Tensor, state: State | None, limit: float) -> tuple[Tensor, State]:
        """The same without waiting: NLL and norm as a tensor (2,). No branch here may depend on a tensor's value."""
        loss, state = self.model.mean_nll(x, y, state)
        self.optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), limit, foreach=True)
        self.optimizer.step()
        return torch.stack((loss.detach(), norm)), detach_state(state)  # the state goes on, the gradient does not


class Recorder(Protocol):
    """What can record work."""

    def rehearse(self, work: Work) -> None:
        """Do `work` where it will be recorded, so that whatever is set up at its first time is there."""

    def record(self, work: Work) -> Work:
        """Record what `work` launches, without doing it; return what does it. Raises RuntimeError if that fails."""


class CudaRecorder:
    """Records CUDA graphs, on a stream that is there for nothing else."""

    ONE_AT_A_TIME = threading.Lock()  # as CUDA demands of a process; and a rehearsal must not get into a recording

    def rehearse(self, work: Work) -> None:
        here, there = torch.cuda.current_stream(), recording_stream()
        with self.ONE_AT_A_TIME:
            there.wait_stream(here)
            with torch.cuda.stream(there):
                work()
            here.wait_stream(there)

    def record(self, work: Work) -> Work:
        here, graph = torch.cuda.current_stream(), torch.cuda.CUDAGraph()
        with self.ONE_AT_A_TIME:
            try:  # "thread_local": other runs may allocate memory meanwhile
                with torch.cuda.graph(graph, stream=recording_stream(), capture_error_mode="thread_local"):
                    work()
            finally:
                torch.cuda.set_stream(here)  # a recording that fails may not come back by itself
        return graph.replay


@cache
def recording_stream() -> torch.cuda.Stream:
    """One for the process: cuBLAS keeps some ten megabytes for each stream that it has ever computed on."""
    return torch.cuda.Stream()


@dataclass(eq=False)
class Recording:
    """The tensors that a graph reads and writes, and how often they have served."""

    x: Tensor  # (B, T)
    y: Tensor  # (B, T)
    state: State  # before the minibatch; afterwards, after it
    told: Tensor  # (2,): NLL and norm of the minibatch
    rehearsed: int = 0
    replay: Work | None = None

    def load(self, x: Tensor, y: Tensor, state: State | None) -> None:
        """Copy a minibatch in. `state` may be the recording's own, as it is when it is carried on."""
        self.x.copy_(x)
        self.y.copy_(y)
        given = parts(state) if state is not None else (None,) * len(parts(self.state))
        for part, value in zip(parts(self.state), given, strict=True):
            if value is None:
                part.zero_()
            elif value is not part:
                part.copy_(value)


class CapturedStep(TrainingStep):
    """A TrainingStep that is recorded for each shape of minibatch and then replayed: the same numbers.

    The first REHEARSALS minibatches of a shape are trained as usual. The learning rate may change at any time. The
    state that is returned is overwritten by the next call; give it back, copy it, or forget it.
    """

    def __init__(self, model: LanguageModel, optimizer: Optimizer, recorder: Recorder | None = None) -> None:
        super().__init__(model, optimizer)
        self.recorder = recorder or CudaRecorder()
        self.recordings: dict[tuple[torch.Size, float], Recording] = {}
        self._rate = model.output.weight.new_zeros(())
        self._moments: dict[Tensor, dict[str, Tensor]] = {}  # the optimizer's tensors that graphs write to

    def __call__(self, x: Tensor, y: Tensor, state: State | None, limit: float) -> tuple[float, float, State]:
        self._adopt_moments()
        recording = self._recording(x, y, limit)
        if recording is None:
            return super().__call__(x, y, state, limit)
        recording.load(x, y, state)
        self._rate.fill_(self.optimizer.param_groups[0]["lr"])
        if recording.rehearsed < REHEARSALS:
            recording.rehearsed += 1
            self.recorder.rehearse(partial(self._work, recording, limit))
        else:
            if recording.replay is None:
                recording.replay = self._record(partial(self._work, recording, limit))
            recording.replay()
        nll, norm = recording.told.tolist()
        return nll, norm, recording.state

    def _recording(self, x: Tensor, y: Tensor, limit: float) -> Recording | None:
        """The recording for this shape of minibatch; None when there are too many already."""
        key = x.shape, limit
        if key not in self.recordings:
            if len(self.recordings) == MOST_RECORDINGS:
                return None
            self.recordings[key] = Recording(
                x=torch.empty(x.shape, dtype=x.dtype, device=x.device),
                y=torch.empty(y.shape, dtype=y.dtype, device=y.device),
                state=zero_state(self.model.recurrent, len(x)),
                told=self._rate.new_zeros(2),
            )
        return self.recordings[key]

    def _work(self, recording: Recording, limit: float) -> None:
        with self._rate_as_tensor():
            told, state = self.train(recording.x, recording.y, recording.state, limit)
        recording.told.copy_(told)
        for part, value in zip(parts(recording.state), parts(state), strict=True):
            part.copy_(value)

    def _record(self, work: Work) -> Work:
        """Record `work`; where that is refused, say so in the log and do it anew each time."""
        self._moments = self._moments or {p: dict(kept) for p, kept in self.optimizer.state.items()}
        try:
            return self.recorder.record(work)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError:
            log.warning(line("not_recorded", so="each operation is launched by itself"), exc_info=True)
            return work

    def _adopt_moments(self) -> None:
        """Put the recorded tensors of the optimizer back in their place, with the numbers of those that are there."""
        for parameter, recorded in self._moments.items():
            current = self.optimizer.state.get(parameter, {})
            for key, tensor in recorded.items():
                if key not in current:  # as before the first update
                    tensor.zero_()
                elif current[key] is not tensor:
                    tensor.copy_(current[key])
            self.optimizer.state[parameter] = dict(recorded)

    @contextmanager
    def _rate_as_tensor(self) -> Iterator[None]:
        """Have the optimizer read its learning rate from the device; a number would be recorded as it is."""
        group = self.optimizer.param_groups[0]
        rate, group["lr"] = group["lr"], self._rate
        try:
            yield
        finally:
            group["lr"] = rate


def parts(state: State) -> tuple[Tensor, ...]:
    """A state as a tuple: (h,), or the LSTM's (h, c)."""
    return (state,) if isinstance(state, Tensor) else state
