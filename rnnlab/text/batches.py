"""Sample minibatches from one long sequence of ids, at random or sequentially, as in the tutorials.

A batch is a pair (X, Y), each of shape (B, T); Y is X shifted by one token, the target of every time step.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from rnnlab.validation import Choice, Integer, InvalidInput

SAMPLINGS = ("random", "sequential")

Batch = tuple[torch.Tensor, torch.Tensor]


def random_batches(
    ids: torch.Tensor, batch_size: int, num_steps: int, generator: torch.Generator, random_offset: bool = False
) -> Iterator[Batch]:
    """Cut `ids` (N,) into pieces of `num_steps` tokens; yield `batch_size` at a time in random order.

    Rows of neighbouring batches are unrelated, so a state is never carried from one to the next. Pieces that do not
    fill a batch are dropped. With `random_offset` the first piece starts at a random place among the first `num_steps`
    tokens, so that each epoch cuts elsewhere.

        >>> for X, Y in random_batches(torch.arange(9), 2, 2, torch.Generator().manual_seed(1)):
        ...     print(X.tolist(), Y.tolist())
        [[2, 3], [6, 7]] [[3, 4], [7, 8]]
        [[4, 5], [0, 1]] [[5, 6], [1, 2]]
    """
    _check(ids, batch_size, num_steps, "random", random_offset)
    offset = _draw(num_steps, generator) if random_offset else 0
    pieces = (len(ids) - offset - 1) // num_steps  # minus 1: the last input needs a target
    used = pieces * num_steps
    inputs = ids[offset : offset + used].view(pieces, num_steps)
    targets = ids[offset + 1 : offset + 1 + used].view(pieces, num_steps)
    order = torch.randperm(pieces, generator=generator, device=generator.device).to(ids.device)
    full_batches = order[: pieces // batch_size * batch_size].view(-1, batch_size)
    return ((inputs[rows], targets[rows]) for rows in full_batches)


def sequential_batches(
    ids: torch.Tensor,
    batch_size: int,
    num_steps: int,
    generator: torch.Generator | None = None,
    random_offset: bool = False,
) -> Iterator[Batch]:
    """Lay `ids` (N,) out in `batch_size` long rows and yield `num_steps` columns of them at a time.

    Row i of a batch continues row i of the batch before, so that a state can be carried. With `random_offset` the
    layout starts at a random place among the first `num_steps + 1` tokens. The tutorials' layouts differ in one more
    point, kept here: with an offset the last target of a row may be the next row's first token; without an offset every
    row has targets of its own. X and Y are views of `ids`, so callers must not write into them.

        >>> for X, Y in sequential_batches(torch.arange(10), 2, 2):
        ...     print(X.tolist(), Y.tolist())
        [[0, 1], [5, 6]] [[1, 2], [6, 7]]
        [[2, 3], [7, 8]] [[3, 4], [8, 9]]
    """
    _check(ids, batch_size, num_steps, "sequential", random_offset)
    if random_offset:
        if generator is None:
            raise ValueError("random_offset=True draws a number: give a generator")
        offset = _draw(num_steps + 1, generator)
        used = (len(ids) - offset - 1) // batch_size * batch_size
        inputs = ids[offset : offset + used].view(batch_size, -1)
        targets = ids[offset + 1 : offset + 1 + used].view(batch_size, -1)
    else:
        rows = ids[: len(ids) // batch_size * batch_size].view(batch_size, -1)
        inputs, targets = rows[:, :-1], rows[:, 1:]
    steps = range(0, inputs.shape[1] // num_steps * num_steps, num_steps)
    return ((inputs[:, t : t + num_steps], targets[:, t : t + num_steps]) for t in steps)


def tokens_needed(batch_size: int, num_steps: int, sampling: str, random_offset: bool = False) -> int:
    """Return the smallest number of tokens that fills one batch at every random offset."""
    if Choice(SAMPLINGS).check("sampling", sampling) == "random":
        return batch_size * num_steps + (num_steps if random_offset else 1)
    return batch_size * num_steps + (num_steps + 1 if random_offset else batch_size)


def number_of_batches(
    tokens: int, batch_size: int, num_steps: int, sampling: str, random_offset: bool = False, field: str = "corpus"
) -> int:
    """Count the batches of an epoch over `tokens` tokens; with a random offset, the minimum of all.

    Raises InvalidInput, with the number of tokens that one batch needs, if there are fewer.

        >>> number_of_batches(30, batch_size=2, num_steps=6, sampling="sequential")
        2
        >>> number_of_batches(30, batch_size=32, num_steps=35, sampling="random")
        Traceback (most recent call last):
        ...
        rnnlab.validation.InvalidInput: corpus: 30 tokens are fewer than one batch of 32 × 35 needs; give at least \
1121, or lower batch_size or num_steps.
    """
    batch_size = Integer(1, 2**31 - 1).require("batch_size", batch_size)
    num_steps = Integer(1, 2**31 - 1).require("num_steps", num_steps)
    needed = tokens_needed(batch_size, num_steps, sampling, random_offset)
    if tokens < needed:
        raise InvalidInput(
            "less_than_a_batch", field, tokens=tokens, batch_size=batch_size, num_steps=num_steps, low=needed
        )
    if sampling == "random":
        last_offset = num_steps - 1 if random_offset else 0
        return (tokens - last_offset - 1) // num_steps // batch_size
    row = (tokens - num_steps - 1) // batch_size if random_offset else tokens // batch_size - 1
    return row // num_steps


def _check(ids: torch.Tensor, batch_size: int, num_steps: int, sampling: str, random_offset: bool) -> None:
    if ids.dim() != 1:
        raise ValueError(f"ids must be one sequence of shape (N,), not {tuple(ids.shape)}")
    number_of_batches(len(ids), batch_size, num_steps, sampling, random_offset)


def _draw(choices: int, generator: torch.Generator) -> int:
    """Draw a whole number in [0, choices), from `generator` alone."""
    return int(torch.randint(choices, (), generator=generator, device=generator.device))
