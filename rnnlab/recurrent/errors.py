"""Errors of cells and layers, each also of the class that `torch.nn` raises for the same mistake.

Both classes are `InvalidInput` and so ValueErrors. Where torch.nn raises a RuntimeError (a tensor of another shape) or
a TypeError (a number that is not whole), ours is one as well.
"""

from __future__ import annotations

from typing import Any

from rnnlab.validation import Choice, Integer, InvalidInput, Real, Switch

TYPE_CODES = ("not_a_number", "not_whole", "not_a_switch")  # codes for which torch.nn raises a TypeError


class InvalidTensor(InvalidInput, RuntimeError):
    """Raised for a tensor, state or `state_dict` that does not fit the layer."""


class InvalidType(InvalidInput, TypeError):
    """Raised for a constructor argument of another type."""


def check_argument(rule: Integer | Switch | Real | Choice, name: str, value: Any) -> Any:
    """Check a constructor argument. Raises InvalidInput; InvalidType for a value of another type."""
    try:
        return rule.check(name, value)
    except InvalidInput as error:
        if error.code not in TYPE_CODES or isinstance(rule, Real):  # torch.nn raises a ValueError for every dropout
            raise
        raise InvalidType(error.code, error.field, **error.details) from None


def check_no_projection(proj_size: int) -> None:
    """Accept torch.nn's default for `proj_size`, 0. Raises InvalidInput: these layers have no projections."""
    if check_argument(Integer(0, 2**31 - 1), "proj_size", proj_size) != 0:
        raise InvalidInput("no_projections", "proj_size", value=proj_size)
