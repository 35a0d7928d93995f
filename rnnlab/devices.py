"""Where to compute, and how the process is tuned for it.

The library itself never changes a process-wide switch; programs (the app, the command line) call
`tune_thread` once in each thread that trains.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from pathlib import Path

import torch

from rnnlab.validation import Choice

DEVICES = ("auto", "cpu", "cuda")
MATMUL_PRECISIONS = ("highest", "high", "medium")
NICE = 10  # of 19: how far a thread that trains stands behind


# What a GPU's trouble comes as. OutOfMemoryError and AcceleratorError are RuntimeErrors of PyTorch, as is what cuBLAS
# and cuDNN report; a build without CUDA asserts, lacks a name, or does not find a library; a Space that lends GPUs by
# the call ("Low-level CUDA init reached") has errors of its own.
DEVICE_ERRORS = (RuntimeError, AssertionError, AttributeError, ImportError, OSError)


def choose_device(name: str = "auto") -> torch.device:
    """`auto` is CUDA when it is available and the CPU otherwise; `cuda` without CUDA is the CPU, too."""
    return choose_and_tell(name)[0]


def choose_and_tell(name: str = "auto") -> tuple[torch.device, str]:
    """The same, and what is wrong (see `classify_device_error`) where not even asking for CUDA went well."""
    name, trouble = Choice(DEVICES).check("device", name), ""
    try:
        if name != "cpu" and torch.cuda.is_available():
            return torch.device("cuda"), ""
    except DEVICE_ERRORS as error:
        trouble = classify_device_error(error, torch.device("cuda"))
    return torch.device("cpu"), trouble


def classify_device_error(error: BaseException, device: torch.device | None = None) -> str:
    """What an error says of the GPU: "memory", it has too little; "lost", it does not compute; "" if neither.

    On a GPU `device` any of DEVICE_ERRORS is taken for its trouble: what is not would fail on the CPU as well, which
    tells. Elsewhere an error must speak of a GPU.

        >>> classify_device_error(torch.OutOfMemoryError("Tried to allocate 20.00 GiB"))
        'memory'
        >>> classify_device_error(RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"))
        'lost'
        >>> classify_device_error(AssertionError("Torch not compiled with CUDA enabled"))
        'lost'
        >>> classify_device_error(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
        ''
    """
    message = str(error)
    is_gpu = device is not None and device.type != "cpu"
    speaks_of_one = re.search("cuda|cudnn|cublas|cufft|nvidia|nvml|nvrtc|nccl", message, re.IGNORECASE)
    certain = isinstance(error, torch.OutOfMemoryError | torch.AcceleratorError)
    if not certain and not (isinstance(error, DEVICE_ERRORS) and (is_gpu or speaks_of_one)):
        return ""
    short = isinstance(error, torch.OutOfMemoryError) or "out of memory" in message or "ALLOC_FAILED" in message
    return "memory" if short else "lost"


def describe_device(device: torch.device) -> str:
    """The device in words, for a status line; a GPU that does not even tell its name is none."""
    if device.type == "cuda":
        try:
            return torch.cuda.get_device_name(device)
        except DEVICE_ERRORS:
            return describe_device(torch.device("cpu"))
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' if threads > 1 else ''}"


def describe_machine() -> str:
    """What a measurement was taken on: processor, cores, PyTorch, and the GPU if there is one."""
    device = choose_device()
    gpu = f", {describe_device(device)}" if device.type == "cuda" else ""
    processor = _processor() or platform.processor() or platform.machine()
    return f"{processor}, {os.cpu_count()} cores{gpu}, PyTorch {torch.__version__}, {platform.system()}"


def _processor() -> str:
    """The processor's name, where Linux tells it; "" elsewhere."""
    try:
        about = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return ""
    named = re.search(r"^model name\s*:\s*(.+)$", about, re.MULTILINE)
    return named[1].strip() if named else ""


def tune_thread(threads: int = 1) -> None:
    """Prepare the calling thread for training on the CPU.

    A saturated tanh has gradients near 1e-40. Such *denormal* numbers take a hundred times longer to multiply, and a
    run slowed to a tenth of its speed as it learned; they are flushed to zero here.

    `threads` is how many cores one product may use. Two threads wait for each other some hundred times per step, so
    a core that is busy otherwise (a browser, another run) holds both up. A GRU of 256 units took 2.7 s to a perplexity
    of 1.1 with two threads on two quiet cores against 4.1 s with one, but 40 to 90 s against 4.8 s beside one other
    busy process.
    """
    torch.set_flush_denormal(True)
    torch.set_num_threads(threads)


def lower_priority() -> None:
    """Let the system prefer other threads to the calling one, where each has a priority of its own: on Linux.

    So a page is answered before a minibatch is trained; a core that nobody else wants is the training's as before.
    """
    if sys.platform == "linux":
        os.nice(NICE)


def tune_process(matmul_precision: str = "highest") -> None:
    """Set the precision of float32 matrix products for the whole process.

    `medium` lets the CPU multiply in bfloat16 where it has the instructions and the GPU in TF32: faster,
    with three significant digits in a product. Programs choose it; tests of parity never do.
    """
    torch.set_float32_matmul_precision(Choice(MATMUL_PRECISIONS).check("matmul_precision", matmul_precision))
