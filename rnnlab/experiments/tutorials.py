"""The tutorials whose experiments are presets here, and what their code does that they do not say.

`Preset.tutorial` is a key of TUTORIALS, `Preset.slips` are keys of SLIPS. The page shows a recipe's slips below it, and
`rnnlab train --preset` prints them before it trains; the Chinese texts are in `rnnlab/ui/i18n/zh/train.json`.
"""

from __future__ import annotations

from collections.abc import Mapping

TUTORIALS: Mapping[str, str] = {  # number: title
    "000": "经典循环神经网络(一)RNN及其在歌词数据集上的应用",
    "001": "PyTorch之—循环层,RNN,LSTM",
    "002": "循环神经网络",
    "003": "大模型基础补全计划(四)---LSTM的实例与测试(RNN的改进)",
    "004": "循环神经网络RNN基础《PyTorch深度学习实践》",
}

SLIPS: Mapping[str, str] = {
    "one-minibatch": "In the tutorial's train_epoch the return stands inside the loop: each of its epochs ends after "
    "the first minibatch. Here an epoch takes all minibatches of the text, so this curve is not the tutorial's.",
    "lstm-left-over": "The tutorial trains this network in its section on nn.RNN, but the variable rnn_layer has been "
    "given an nn.LSTM just before, to show its state: the published figures are an LSTM's.",
    "nothing-clipped": "The tutorial passes a clip of 0.01, and nothing is clipped: model.parameters() is a generator, "
    "the loop that adds up the norm uses it up, and the loop that would clip finds no parameter. This recipe does not "
    "clip either.",
}  # fmt: skip
