"""Exercises: a student writes a function, which is run beside ours; the first difference is named.

`exercise.py` says what an exercise is; `counting.py`, `cells.py`, … have them by topic; `grading.py` runs a file.
Two belong to each guide of the page (`rnnlab/ui/guides`). Their texts are in `rnnlab/ui/i18n`, `exercises.json`.
"""

from __future__ import annotations

from rnnlab.exercises.cells import GRU_STEP, LSTM_STEP, RNN_STEP
from rnnlab.exercises.copying import COPIED_SHARE, RUN_COPIED
from rnnlab.exercises.counting import BIGRAM_COUNTS, SMOOTHED_PROBABILITIES
from rnnlab.exercises.exercise import Exercise
from rnnlab.exercises.gradients import BPTT_STEP, TRUNCATED_GRADIENT
from rnnlab.exercises.grading import Grade, grade_file, grade_outputs
from rnnlab.exercises.sampling import TEMPERATURE_PROBABILITIES, TOP_P_PROBABILITIES
from rnnlab.exercises.sequences import REVERSE_PADDED, TAG_ACCURACY
from rnnlab.exercises.training import ADAM_STEP, CLIP_GRADIENTS, CROSS_ENTROPY, PERPLEXITY, SURPRISE

EXERCISES = {
    exercise.name: exercise
    for exercise in (
        BIGRAM_COUNTS,
        SMOOTHED_PROBABILITIES,
        RNN_STEP,
        CROSS_ENTROPY,
        PERPLEXITY,
        CLIP_GRADIENTS,
        SURPRISE,
        ADAM_STEP,
        BPTT_STEP,
        TRUNCATED_GRADIENT,
        GRU_STEP,
        LSTM_STEP,
        TEMPERATURE_PROBABILITIES,
        TOP_P_PROBABILITIES,
        RUN_COPIED,
        COPIED_SHARE,
        TAG_ACCURACY,
        REVERSE_PADDED,
    )
}

__all__ = ["EXERCISES", "Exercise", "Grade", "grade_file", "grade_outputs"]
