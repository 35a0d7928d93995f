"""Every limit on input, memory and connections, in one place. Units are in the comments; sizes are in bytes.

`limits_table()` makes the table in `rnnlab/ui/server/README.md` from this module; a test compares the two.
A limit on a single setting (its range) is the setting's own rule, in its configuration.
"""

from __future__ import annotations

KIB, MIB, GIB = 2**10, 2**20, 2**30

# --- texts and files that visitors bring (rnnlab.text) ---

# --- tagged sentences (rnnlab.text.treebank, rnnlab.text.tagged_sentences) ---

# --- checkpoints (rnnlab.checkpoints) ---

# --- models and training (rnnlab.models, rnnlab.inspection, rnnlab.experiments) ---

# --- runs (rnnlab.runs) ---

# --- the server (rnnlab.ui, rnnlab.hosting) ---

# --- figures and pages (rnnlab.figures, rnnlab.ui.tabs) ---

MAX_PASTED_CHARACTERS = 1_000_000  # of a text in a field; a longer one comes as a file
MAX_SENTENCE_CHARACTERS = 5_000  # of a sentence to tag
MAX_TREEBANKS_READ_AT_ONCE = 4  # uploads of tagged sentences; a large one takes a second or two
MAX_CACHED_LOOKS = 256  # of the endpoint /step, some kilobytes each
MAX_WALKED_EPOCHS = 120  # of a run of the hello lesson, those whose every number the panel gets; evenly spaced
MAX_STEP_ROWS = 20  # per epoch, of the minibatches of a tagger
