"""Use autograd's gradient where one written by hand cannot be used.

A `torch.autograd.Function` hides its operations: `torch.func`, forward-mode differentiation, tracers and compilers
cannot see inside it, and its `backward`, which computes in place, has no derivative. In those cases autograd records
the equations operation by operation, which is slower and right. Tests: `tests/recurrent/test_autograd_fallback.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import torch
from torch import Tensor
from torch.autograd import forward_ad

Function = Callable[..., Tensor | tuple[Tensor, ...]]


def is_transformed() -> bool:
    """Return whether torch.func, forward-mode autograd, a tracer or a compiler follows the operations."""
    return (
        torch.compiler.is_compiling()
        or torch.compiler.is_exporting()
        or torch.jit.is_tracing()
        or forward_ad._current_level >= 0
        or torch._C._are_functorch_transforms_active()
    )


def is_autocast() -> bool:
    """Return whether autocast chooses the type of each operation, on any device."""
    return torch._C._is_any_autocast_enabled()


def differentiable_again(function: Callable[[Any], Function]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a `backward` written by hand: autograd replaces it where it cannot be used.

    It cannot be used for second derivatives (`create_graph=True`) and batched gradients (`is_grads_batched=True`).
    `ctx` keeps the inputs first among its saved tensors, `ctx.inputs` of them, and `function(ctx)` computes from them
    the same as `forward`, in operations that autograd records.
    """

    def decorate(backward: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(backward)
        def either(ctx: Any, *d_outputs: Tensor) -> Any:
            batched = any(map(torch._C._functorch.is_legacy_batchedtensor, d_outputs))
            if not (torch.is_grad_enabled() or batched or is_transformed()):
                return backward(ctx, *d_outputs)
            inputs = ctx.saved_tensors[: ctx.inputs]
            gradients = gradients_by_autograd(function(ctx), inputs, d_outputs, ctx.needs_input_grad)
            return *gradients, *[None] * (len(ctx.needs_input_grad) - len(inputs))

        return either

    return decorate


def gradients_by_autograd(
    function: Function, inputs: Sequence[Tensor | None], d_outputs: Sequence[Tensor], needed: Sequence[bool]
) -> list[Tensor | None]:
    """Differentiate `function(*inputs)`; with gradients enabled, the result can be differentiated again."""
    again = torch.is_grad_enabled()
    with torch.enable_grad():
        # A view of each, so that a gradient ends there even if one input was computed from another.
        views = [x if x is None else x.view_as(x) if again else x.detach() for x in inputs]
        wanted = [x for x, need in zip(views, needed, strict=False) if need and x is not None]
        if not again:
            wanted = [x.requires_grad_() for x in wanted]
        outputs = function(*views)
        found = iter(torch.autograd.grad(outputs, wanted, d_outputs, create_graph=again, allow_unused=True))
    return [next(found) if need else None for need in needed[: len(inputs)]]
