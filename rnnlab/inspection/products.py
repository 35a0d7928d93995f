"""The settings of the part that shows two products as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rnnlab.validation import Config, Integer, setting


@dataclass(frozen=True)
class ProductsConfig(Config):
    """Settings: the sizes of the matrices, which stand beside each other on a page. The defaults are a tutorial's."""

    lesson: ClassVar[str] = "layers"

    batch_size: int = setting(3, Integer(1, 4), "B: rows of X and H")
    input_size: int = setting(1, Integer(1, 2), "I: columns of X")
    hidden_size: int = setting(4, Integer(1, 4), "H: columns of H")
    seed: int = setting(1, Integer(0, 2**31 - 1), "of everything that is drawn at random")
