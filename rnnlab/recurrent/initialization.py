"""Create and draw the weights of cells and layers; and dropout, the other use of random numbers.

With a `torch.Generator` given, torch's global random numbers are neither read nor changed: two runs in one process
cannot disturb each other, and a seed gives the same numbers whatever else the process does.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from rnnlab.validation import Integer

SIZE = Integer(1, 2**31 - 1)  # of any dimension
CELL_SIZE = Integer(0, 2**31 - 1)  # of a cell: torch.nn allows 0 there


def add_parameters(
    module: nn.Module,
    suffix: str,
    gates: int,
    input_size: int,
    hidden_size: int,
    bias: bool,
    device: torch.device | str | None,
    dtype: torch.dtype | None,
    biases: str = "two",
) -> None:
    """Register torch.nn's four parameters under its names.

    weight_ih (G, I), weight_hh (G, H), bias_ih and bias_hh (G,).
    Their values are uninitialised. Without bias the two names exist and are None. With one of `biases`, bias_hh is a
    buffer of zeros under the same name: it is added and saved like the parameter, and nothing learns it.
    """
    rows = gates * hidden_size
    shapes = {"weight_ih": (rows, input_size), "weight_hh": (rows, hidden_size), "bias_ih": (rows,), "bias_hh": (rows,)}
    for name, shape in shapes.items():
        absent = name.startswith("bias") and not bias
        if name == "bias_hh" and bias and biases == "one":
            module.register_buffer(name + suffix, torch.zeros(shape, device=device, dtype=dtype))
            continue
        value = None if absent else nn.Parameter(torch.empty(shape, device=device, dtype=dtype))
        module.register_parameter(name + suffix, value)


def blank_embedding(rows: int, size: int) -> nn.Embedding:
    """Return an embedding on `meta`; its constructor's draw would import PyTorch's compiler."""
    return nn.Embedding.from_pretrained(torch.empty(rows, size, device="meta"), freeze=False)


def materialize(module: nn.Module, device: torch.device | str) -> nn.Module:
    """Allocate on `device` every parameter of a module made on `meta`; return the module.

    The values are uninitialised, those of buffers (a bias that is not learned) zeros. `Module.to_empty` would
    do for the former, but its first call imports PyTorch's compiler, which takes most of a second.
    """
    for part in module.modules():
        for name, parameter in list(part.named_parameters(recurse=False)):
            setattr(part, name, nn.Parameter(torch.empty(parameter.shape, dtype=parameter.dtype, device=device)))
        for name, buffer in list(part.named_buffers(recurse=False)):
            setattr(part, name, torch.zeros(buffer.shape, dtype=buffer.dtype, device=device))
        if isinstance(part, nn.RNNBase):
            part.flatten_parameters()  # contiguous on a GPU, as cuDNN wants them
    return module


@torch.no_grad()
def init_uniform(module: nn.Module, hidden_size: int, generator: torch.Generator | None) -> None:
    """Fill every parameter of `module` from uniform(-1/√H, 1/√H), in their order, as torch.nn does.

    Buffers, which are biases that are not learned, become zeros. The numbers are drawn on the generator's device, so
    that a seed gives the same weights on every device.
    """
    bound = 1 / math.sqrt(hidden_size) if hidden_size else 0.0
    for parameter in module.parameters():
        if parameter.is_meta:
            continue  # it holds a shape and no numbers
        device = parameter.device if generator is None else generator.device
        values = torch.empty(parameter.shape, dtype=parameter.dtype, device=device)
        parameter.copy_(values.uniform_(-bound, bound, generator=generator))
    for buffer in module.buffers():
        buffer.zero_()


@torch.no_grad()
def set_gate_bias(layer: nn.Module, gate: int, hidden_size: int, value: float) -> None:
    """Set a gate's bias to `value` in every layer and direction: `bias_ih` to it, and `bias_hh` to 0.

    gate: which block of H rows of the weights, from 0.
    """
    rows = slice(gate * hidden_size, (gate + 1) * hidden_size)
    for name, parameter in layer.named_parameters():
        if "bias_" in name:
            parameter[rows] = value if "bias_ih" in name else 0.0


def dropout(x: Tensor, p: float, generator: torch.Generator | None = None) -> Tensor:
    """Zero each unit of `x` with probability `p` and scale the others by 1/(1-p), which keeps the mean.

    Srivastava et al. 2014. `p` 0 returns `x` itself. Drawn on the generator's device, as in `init_uniform`.
    """
    if p == 0:
        return x
    device = x.device if generator is None else generator.device
    keep = torch.empty(x.shape, dtype=x.dtype, device=device).bernoulli_(1 - p, generator=generator)
    return x * (keep / max(1 - p, 1e-9)).to(x.device)  # p = 1 keeps nothing, and 0/0 is NaN
