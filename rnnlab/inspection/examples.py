"""The examples of the five tutorials that a layer, a lookup, two products or minibatches show.

An example names its tutorial ("000" to "004") and the heading there, the part of the Layers tab that shows it, and the
settings of that part; the settings that it does not name have their defaults. The command, the API and the page read
this table.

    EXAMPLES["001-lstm-3-3"].config()     # LayersConfig(model="lstm", input_size=3, hidden_size=3, …)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from rnnlab.inspection.embedding_options import EmbeddingConfig
from rnnlab.inspection.minibatches import BatchesConfig
from rnnlab.inspection.packed import PackedConfig
from rnnlab.inspection.products import ProductsConfig
from rnnlab.validation import Config

# The parts, and the settings of each. The parts of a layer share its settings; only packed sequences have lengths.
PARTS: Mapping[str, type[Config]] = MappingProxyType(
    {
        "shapes": PackedConfig,
        "stepping": PackedConfig,
        "products": ProductsConfig,
        "lookup": EmbeddingConfig,
        "batches": BatchesConfig,
        "gradients": PackedConfig,
        "packed": PackedConfig,
        "dropout": PackedConfig,
    }
)


@dataclass(frozen=True)
class Example:
    """One example of a tutorial."""

    tutorial: str  # "000" to "004"
    section: str  # the heading there under which it stands
    part: str  # a key of PARTS
    settings: Mapping[str, Any] = field(default_factory=dict)

    def config(self) -> Config:
        """Return all settings of its part."""
        return PARTS[self.part](**self.settings)


def _layer(model: str, sizes: tuple[int, int, int, int, int], **more: Any) -> dict[str, Any]:
    """Return the settings of a layer of torch.nn; `sizes` are I, H, L, B and T."""
    names = ("input_size", "hidden_size", "num_layers", "batch_size", "num_steps")
    return {"model": model, **dict(zip(names, sizes, strict=True)), **more}


EXAMPLES: Mapping[str, Example] = MappingProxyType(
    {
        "000-products": Example("000", "1.2", "products", {"batch_size": 3, "input_size": 1, "hidden_size": 4}),
        "000-batches": Example(
            "000", "2.1.4", "batches", {"numbers": 35, "batch_size": 2, "num_steps": 5, "random_offset": True}
        ),
        "000-bidirectional": Example("000", "2.2.2", "shapes", _layer("rnn", (28, 256, 1, 5, 10), bidirectional=True)),
        "000-rnn": Example("000", "2.2.3", "shapes", _layer("rnn", (2576, 256, 1, 32, 35))),
        "001-rnn": Example("001", "一", "shapes", _layer("rnn", (10, 20, 2, 3, 5))),
        "001-packed": Example("001", "一", "packed", _layer("rnn", (10, 20, 2, 3, 5), lengths="5 3 2")),
        "001-dropout": Example("001", "一", "dropout", _layer("rnn", (10, 20, 2, 3, 5), dropout=0.5)),
        "001-lstm": Example("001", "二", "shapes", _layer("lstm", (10, 20, 2, 3, 5))),
        "001-embedding": Example("001", "三", "lookup", {"max_norm": 1.0}),
        "001-lstm-3-3": Example("001", "小案例", "stepping", _layer("lstm", (3, 3, 1, 1, 5), one_generator=True)),
        "002-products": Example(
            "002", "含隐藏状态的神经网络", "products", {"batch_size": 3, "input_size": 1, "hidden_size": 4}
        ),
        "002-batches": Example("002", "语言模型数据集", "batches", {"numbers": 30, "batch_size": 2, "num_steps": 6}),
        "002-rnn": Example("002", "循环神经网络的简洁实现", "shapes", _layer("rnn", (1027, 256, 1, 2, 35))),
        "002-lstm": Example("002", "循环神经网络的简洁实现", "shapes", _layer("lstm", (1027, 256, 1, 2, 35))),
        # It does not print the size of its vocabulary, so that of 000 stands for it; a prediction of 30 characters.
        "003-lstm": Example(
            "003", "基于LSTM训练一个简单的文字序列输出模型", "shapes", _layer("lstm", (2576, 256, 1, 1, 30))
        ),
        "004-cell": Example("004", "RNNCell", "stepping", _layer("rnn", (4, 2, 1, 1, 3))),
        "004-rnn": Example("004", "RNN numLayers", "shapes", _layer("rnn", (4, 2, 1, 1, 3))),
        "004-layers": Example("004", "RNN numLayers", "shapes", _layer("rnn", (4, 2, 3, 1, 3))),
    }
)
