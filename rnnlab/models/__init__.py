"""Models made of recurrent layers.

Shapes: B batch, T time, E embedding, H hidden, V vocabulary, D directions, L layers.
"""

from rnnlab.models.followers import Followers, followers
from rnnlab.models.language_model import LanguageModel, mean_nll
from rnnlab.models.language_model_config import ENCODINGS, INITIALIZATIONS, LanguageModelConfig
from rnnlab.models.memory_estimate import check_memory
from rnnlab.models.ngram import NGrams
from rnnlab.models.ngram_counting import ngram_perplexities
from rnnlab.models.regressor import SequenceRegressor
from rnnlab.models.tagger import Tagger
from rnnlab.models.tagger_config import NO_RECURRENCE, TAGGER_MODELS, TaggerConfig

__all__ = [
    "ENCODINGS",
    "INITIALIZATIONS",
    "NO_RECURRENCE",
    "TAGGER_MODELS",
    "Followers",
    "LanguageModel",
    "LanguageModelConfig",
    "NGrams",
    "SequenceRegressor",
    "Tagger",
    "TaggerConfig",
    "check_memory",
    "followers",
    "mean_nll",
    "ngram_perplexities",
]
