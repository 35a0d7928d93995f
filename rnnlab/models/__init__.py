"""Models made of recurrent layers.

Shapes: B batch, T time, E embedding, H hidden, V vocabulary, D directions, L layers.
"""

from rnnlab.models.language_model import ENCODINGS, INITIALIZATIONS, LanguageModel, LanguageModelConfig, mean_nll

__all__ = ["ENCODINGS", "INITIALIZATIONS", "LanguageModel", "LanguageModelConfig", "mean_nll"]
