"""Inspect a recurrent layer: every shape, and its output one element at a time.

    seen = inspect_layers(LayersConfig(model="lstm", input_size=10, hidden_size=20, num_layers=2))
    for tensor in (*seen.tensors, *seen.parameters):
        print(tensor.name, tensor.letters, tensor.shape)
    print(seen.stepping.difference)

Shapes: B batch, T time, I input, H hidden, L layers, D directions (1 or 2), G gates (RNN 1, GRU 3, LSTM 4).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from rnnlab.inspection.parameter_counts import CountTerm, LayersConfig, count_terms
from rnnlab.recurrent import IMPLEMENTATIONS, RecurrentLayer, State, cell_spec, make_layer


@dataclass(frozen=True)
class TensorShape:
    """A tensor with its name, the meaning (`letters`) and sizes (`shape`) of its dimensions, and its role."""

    name: str
    letters: str  # "(T, B, I)"
    shape: tuple[int, ...]
    role: str  # "given" to the layer, "returned" by it, or a "parameter" of it
    layer: int | None = None  # of a parameter
    reverse: bool = False  # of a parameter: whether it belongs to the backward direction

    @property
    def values(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)


@dataclass(frozen=True, eq=False)
class Stepping:
    """The output for the whole sequence at once, and for one element at a time with the state passed on."""

    whole: np.ndarray  # (T, B, D·H), or (B, T, D·H) with batch_first
    stepped: np.ndarray  # the same shape
    difference: float  # the largest, over every output and the last state
    last: dict[str, np.ndarray]  # h_n, and c_n where there is one, after the last single element: (L·D, B, H)
    steppable: bool  # False for two directions: the backward one starts at the end of the sequence


@dataclass(frozen=True, eq=False)
class LayersInspection:
    """The result of `inspect_layers`."""

    tensors: tuple[TensorShape, ...]  # input, h_0, c_0, output, h_n, c_n
    parameters: tuple[TensorShape, ...]
    total: int  # elements of all parameters, counted on the module
    terms: tuple[CountTerm, ...]  # the same, by the formula
    lines: tuple[str, str]  # of Python: the layer, and its call
    stepping: Stepping
    other_difference: float | None  # the largest between `scratch` and `torch`; None if torch.nn has no such layer


def inspect_layers(config: LayersConfig) -> LayersInspection:
    """Make the layer, run it on random numbers, and describe its inputs, outputs and parameters."""
    layer, (x, state) = build_layer(config), draw_input(config)
    with torch.no_grad():
        output, end = layer(x, state)
        stepped = step_through(layer, x, state, time_axis(config))
        other_difference = None
        if cell_spec(config.model).torch_class is not None:
            other = next(name for name in IMPLEMENTATIONS if name != config.implementation)
            other_output, _ = build_layer(replace(config, implementation=other))(x, state)
            other_difference = largest_difference((output,), (other_output,))
    difference = largest_difference((output, *parts(end)), (stepped[0], *parts(stepped[1])))
    return LayersInspection(
        tensors=_tensors(config, x, state, output, end),
        parameters=_parameters(layer),
        total=sum(parameter.numel() for parameter in layer.parameters()),
        terms=count_terms(config),
        lines=python_lines(config),
        stepping=Stepping(
            output.numpy(), stepped[0].numpy(), difference, named_state(stepped[1], "n"), not config.bidirectional
        ),
        other_difference=other_difference,
    )


def build_layer(
    config: LayersConfig,
    gradient: str = "by_hand",
    dtype: torch.dtype = torch.float32,
    generator: torch.Generator | None = None,
    dropout: float = 0.0,
) -> RecurrentLayer:
    """Make the module, with weights drawn from the seed: the same ones in both implementations.

    generator: from which to draw them; None is a new one with the configuration's seed.
    dropout: its rate, 0 unless `inspect_dropout` shows it, so that outputs are those of evaluation.
    """
    layer = make_layer(
        config.model,
        config.implementation,
        config.input_size,
        config.hidden_size,
        num_layers=config.num_layers,
        bidirectional=config.bidirectional,
        bias=config.bias,
        nonlinearity=config.nonlinearity,
        dropout=dropout,
        gradient=gradient,
        dtype=dtype,
        generator=generator or torch.Generator().manual_seed(config.seed),
    )
    layer.batch_first = config.batch_first  # make_layer's are batch first; both kinds read the attribute at each call
    return layer


def draw_input(config: LayersConfig, dtype: torch.dtype = torch.float32) -> tuple[Tensor, State]:
    """Draw an input and a first state, (L·D, B, H) or a pair; `batch_first` does not change the numbers.

    With `one_generator` the numbers are those of a script that calls torch.manual_seed(seed), makes the layer of
    torch.nn, draws the elements of the sequence one by one, each (B, I), and then h_0 and c_0.
    """
    shape = (config.num_layers * config.num_directions, config.batch_size, config.hidden_size)
    if config.one_generator:
        generator = torch.Generator().manual_seed(config.seed)
        build_layer(config, dtype=dtype, generator=generator)  # draws the weights, which come first
        element = (config.batch_size, config.input_size)
        elements = [torch.randn(element, generator=generator, dtype=dtype) for _ in range(config.num_steps)]
        x = torch.stack(elements, dim=1)
    else:
        generator = torch.Generator().manual_seed(config.seed + 1)  # other numbers than the weights'
        sizes = (config.batch_size, config.num_steps, config.input_size)  # B, T, I
        x = torch.randn(sizes, generator=generator, dtype=dtype)
    h_0, c_0 = (torch.randn(shape, generator=generator, dtype=dtype) for _ in range(2))
    return x if config.batch_first else x.transpose(0, 1), (h_0, c_0) if has_cell_state(config) else h_0


def has_cell_state(config: LayersConfig) -> bool:
    """Return whether the state is a pair (h, c), as the LSTM's."""
    return cell_spec(config.model).state_size == 2


def time_axis(config: LayersConfig) -> int:
    """Return the dimension of time in input and output."""
    return 1 if config.batch_first else 0


def step_through(layer: nn.Module, x: Tensor, state: State, axis: int) -> tuple[Tensor, State]:
    """Run `layer` on `x` one element at a time, each call with the state that the one before returned."""
    outputs = []
    for element in x.split(1, dim=axis):  # each (1, B, I), or (B, 1, I) with batch_first
        output, state = layer(element, state)
        outputs.append(output)
    return torch.cat(outputs, dim=axis), state


def parts(state: State) -> tuple[Tensor, ...]:
    """Return the tensors of a state: (h,), or the LSTM's (h, c)."""
    return (state,) if isinstance(state, Tensor) else state


def named_state(state: State, when: str) -> dict[str, np.ndarray]:
    """Return the tensors of a state by name: h_n, and c_n where there is one, if `when` is "n"."""
    return {f"{name}_{when}": part.numpy() for name, part in zip("hc", parts(state), strict=False)}


def largest_difference(these: tuple[Tensor, ...], those: tuple[Tensor, ...]) -> float:
    """Return the largest absolute difference between tensors of equal shapes."""
    return max(float((a - b).abs().max()) for a, b in zip(these, those, strict=True))


# --- shapes ---


def _tensors(config: LayersConfig, x: Tensor, state: State, output: Tensor, end: State) -> tuple[TensorShape, ...]:
    """Describe what the layer takes and returns."""
    order = "B, T" if config.batch_first else "T, B"
    states = [(name, "(L·D, B, H)", part, "given") for name, part in zip(("h_0", "c_0"), parts(state), strict=False)]
    ends = [(name, "(L·D, B, H)", part, "returned") for name, part in zip(("h_n", "c_n"), parts(end), strict=False)]
    rows = [
        ("input", f"({order}, I)", x, "given"),
        *states,
        ("output", f"({order}, D·H)", output, "returned"),
        *ends,
    ]
    return tuple(TensorShape(name, letters, tuple(tensor.shape), role) for name, letters, tensor, role in rows)


def _parameters(layer: nn.Module) -> tuple[TensorShape, ...]:
    """Describe every parameter in the module's order; its name, `weight_ih_l1_reverse`, has its layer."""
    rows = []
    for name, parameter in layer.named_parameters():
        kind, _, place = name.partition("_l")
        number, _, reverse = place.partition("_")
        below = "I" if number == "0" else "D·H"
        letters = {"weight_ih": f"(G·H, {below})", "weight_hh": "(G·H, H)"}.get(kind, "(G·H,)")
        rows.append(TensorShape(name, letters, tuple(parameter.shape), "parameter", int(number), bool(reverse)))
    return tuple(rows)


# --- Python code ---


def python_lines(config: LayersConfig) -> tuple[str, str]:
    """Return the two lines of Python that make this layer and call it, defaults left out."""
    name, spec = config.model, cell_spec(config.model)
    words = [f"input_size={config.input_size}", f"hidden_size={config.hidden_size}"]
    if config.num_layers > 1:
        words.append(f"num_layers={config.num_layers}")
    if config.nonlinearity != "tanh" and spec.torch_class is not None:
        words.append(f'nonlinearity="{config.nonlinearity}"')
    if not config.bias:
        words.append("bias=False")
    if config.batch_first:
        words.append("batch_first=True")
    if config.dropout and config.num_layers > 1:
        words.append(f"dropout={config.dropout:g}")
    if config.bidirectional:
        words.append("bidirectional=True")
    kind = f"nn.{name.upper()}" if config.implementation == "torch" else f"recurrent.{name.upper()}"
    if spec.layer_class is None and config.implementation == "scratch":
        kind, words = "recurrent.Layer", [f'recurrent.cell_equations("{name}")', *words]
    states = ("(h_0, c_0)", "(h_n, c_n)") if has_cell_state(config) else ("h_0", "h_n")
    return f"{name} = {kind}({', '.join(words)})", f"output, {states[1]} = {name}(input, {states[0]})"
