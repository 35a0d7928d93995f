"""Choose the device, classify its errors, and tune threads and the process for training.

The library never changes a process-wide setting; programs (the app, the command line) call `tune_thread` once in each
thread that trains.
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
NICE = 10  # of 19: the lower priority of a thread that trains


# The errors of a GPU. OutOfMemoryError, AcceleratorError and the errors of cuBLAS and cuDNN are RuntimeErrors of
# PyTorch; a build without CUDA raises AssertionError, AttributeError, ImportError or OSError; a Space with GPUs by the
# call has errors of its own ("Low-level CUDA init reached").
DEVICE_ERRORS = (RuntimeError, AssertionError, AttributeError, ImportError, OSError)


def choose_device(name: str = "auto") -> torch.device:
    """Return the device: for "auto" and "cuda", CUDA if it is available and the CPU otherwise."""
    return choose_device_with_error(name)[0]


def choose_device_with_error(name: str = "auto") -> tuple[torch.device, str]:
    """Return the device as `choose_device`, and the class of the error if checking for CUDA failed."""
    name, trouble = Choice(DEVICES).check("device", name), ""
    try:
        if name != "cpu" and torch.cuda.is_available():
            return torch.device("cuda"), ""
    except DEVICE_ERRORS as error:
        trouble = classify_device_error(error, torch.device("cuda"))
    return torch.device("cpu"), trouble


def classify_device_error(error: BaseException, device: torch.device | None = None) -> str:
    """Classify an error: "memory" if the GPU has too little, "lost" if it does not compute, else "".

    With a GPU as `device` all DEVICE_ERRORS are taken for errors of the GPU; another error occurs again when the caller
    repeats the computation on the CPU. Without one, the message must name a GPU or its libraries.

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
    names_gpu = re.search("cuda|cudnn|cublas|cufft|nvidia|nvml|nvrtc|nccl", message, re.IGNORECASE)
    certain = isinstance(error, torch.OutOfMemoryError | torch.AcceleratorError)
    if not certain and not (isinstance(error, DEVICE_ERRORS) and (is_gpu or names_gpu)):
        return ""
    short = isinstance(error, torch.OutOfMemoryError) or "out of memory" in message or "ALLOC_FAILED" in message
    return "memory" if short else "lost"


def describe_device(device: torch.device) -> str:
    """Describe the device for a status line; a GPU that fails to return its name is described as the CPU."""
    if device.type == "cuda":
        try:
            return torch.cuda.get_device_name(device)
        except DEVICE_ERRORS:
            return describe_device(torch.device("cpu"))
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' if threads > 1 else ''}"


def describe_machine() -> str:
    """Describe the machine of a measurement: processor, cores, the GPU if there is one, PyTorch, system."""
    device = choose_device()
    gpu = f", {describe_device(device)}" if device.type == "cuda" else ""
    processor = _processor() or platform.processor() or platform.machine()
    return f"{processor}, {os.cpu_count()} cores{gpu}, PyTorch {torch.__version__}, {platform.system()}"


def _processor() -> str:
    """Return the processor's name on Linux; "" elsewhere."""
    try:
        about = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return ""
    named = re.search(r"^model name\s*:\s*(.+)$", about, re.MULTILINE)
    return named[1].strip() if named else ""


def tune_thread(threads: int = 1) -> None:
    """Prepare the calling thread for training on the CPU.

    threads: the number of cores that one product may use.

    A saturated tanh has gradients near 1e-40. Such denormal numbers take a hundred times longer to multiply, which
    slowed a run to a tenth of its speed; so they are flushed to zero.

    Two threads wait for each other about a hundred times per step, so another program on one of the cores (a browser,
    another run) delays both. A GRU of 256 units took 2.7 s to a perplexity of 1.1 with two threads on two idle cores
    and 4.1 s with one, but 40 to 90 s and 4.8 s beside one other busy process.
    """
    torch.set_flush_denormal(True)
    torch.set_num_threads(threads)


def lower_priority() -> None:
    """Lower the priority of the calling thread on Linux, where each thread has its own.

    Requests for pages are then answered before a minibatch is trained; training is as fast as before on an idle core.
    """
    if sys.platform == "linux":
        os.nice(NICE)


def tune_process(matmul_precision: str = "highest") -> None:
    """Set the precision of float32 matrix products for the whole process.

    "medium" lets the CPU multiply in bfloat16 if it has the instructions, and the GPU in TF32: faster, with three
    significant digits in a product. Programs may choose it; tests of parity must not.
    """
    torch.set_float32_matmul_precision(Choice(MATMUL_PRECISIONS).check("matmul_precision", matmul_precision))
