"""Refusals of cells and layers, also of the classes that `torch.nn` raises for the same mistake.

Both are `InvalidInput` and so ValueErrors. Where torch.nn raises a RuntimeError (a tensor of another shape) or a
TypeError (a number that is not whole), ours is one as well.
"""

from __future__ import annotations

from typing import Any

from rnnlab.validation import Choice, Integer, InvalidInput, Real, Switch

NOT_A_TYPE = ("not_a_number", "not_whole", "not_a_switch")  # refusals for which torch.nn raises a TypeError


class InvalidTensor(InvalidInput, RuntimeError):
    """A tensor, state or `state_dict` that does not fit the layer."""


class InvalidType(InvalidInput, TypeError):
    """An argument of the constructor that is of another type."""


def check_argument(rule: Integer | Switch | Real | Choice, name: str, value: Any) -> Any:
    """Check an argument of a constructor; of another type it is refused as a TypeError, too."""
    try:
        return rule.check(name, value)
    except InvalidInput as refusal:
        if refusal.code not in NOT_A_TYPE or isinstance(rule, Real):  # torch.nn refuses each dropout as a ValueError
            raise
        raise InvalidType(refusal.code, refusal.field, **refusal.details) from None


def check_no_projection(proj_size: int) -> None:
    """Take torch.nn's default for `proj_size`, 0; refuse projections, which these layers do not have."""
    if check_argument(Integer(0, 2**31 - 1), "proj_size", proj_size) != 0:
        raise InvalidInput("no_projections", "proj_size", value=proj_size)
