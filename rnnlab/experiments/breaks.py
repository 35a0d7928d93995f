"""Recipes that fail on purpose: why each fails, and what to look at.

`Preset.breaks` is a key of BREAKS. The page shows the text below the recipe, and `rnnlab train --preset` prints it
before it trains; the Chinese texts are in `rnnlab/ui/i18n/zh/train.json`. `{minibatches}` and `{steps}` are the limit
of a gradient that is not detached.
"""

from __future__ import annotations

from collections.abc import Mapping

BREAKS: Mapping[str, str] = {
    "rate": "This fails on purpose: the learning rate is ten times that of Quick. Each update overshoots, and the "
    "next gradient belongs to a place that is already left. Look at the perplexity, which goes far above "
    "the uniform guess; then set 0.015 and press Apply.",
    "clip": "This fails on purpose: nothing is clipped. SGD takes a step as long as its gradient, and at a rate "
    "of 3 a few long ones throw the weights away. Look at the first epochs, beyond the scale; then set "
    "the gradient clip to 1 (Advanced): the same run reaches 1.1.",
    "relu": "This fails on purpose: ReLU without clipping. Unlike tanh, ReLU has no upper bound, so a state that "
    "grows at each step grows without end, and its gradient with it. Look at the gradient norm, and at "
    "the minibatch where the run diverges; then clip at 1, or choose tanh: either trains.",
    "state": "This fails on purpose: the state is set to zero at each minibatch, and a minibatch has 5 steps. What "
    "was opened before them is forgotten. Look at the distance to the lowest possible perplexity, which "
    "stays; then let the state be carried through an epoch (Advanced).",
    "detach": "This fails on purpose: the gradient is never cut off. It runs back through all earlier minibatches "
    "of the epoch, so each takes longer and more memory than the one before, and the run ends at a limit "
    "of {steps} steps: after {minibatches} minibatches. Look at the speed, which falls all the time, "
    "while the perplexity falls no faster than with a gradient that is cut off.",
    "shuffle": "This fails on purpose: the characters are shuffled, anew each epoch. Their order says nothing any "
    "more, and only their frequency is left to learn. Look at the training curve: it comes down to the "
    "unigram line and stays there.",
    "output": "This fails on purpose, and less than one would think: only the output layer is trained, and the "
    "embedding and the recurrent weights stay random. Look at how far it gets all the same: so much of "
    "the memory was never learned. Then train all weights (Advanced) and compare.",
}  # fmt: skip
