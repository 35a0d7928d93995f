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

MAX_LAYER_PARAMETERS = 20_000_000  # parameters of an inspected layer: 80 MB, twice for the other implementation
MAX_LAYER_PRODUCTS = 1_500_000_000  # multiplications in one run of an inspected layer: about a second for all runs
MAX_COMPARED_PARAMETERS = 5_000_000  # parameters of a layer whose gradients are compared: 120 MB for three ways
MAX_BATCHES_TEXT = 300  # characters of a visitor's text that the Layers tab cuts into minibatches

# --- runs (rnnlab.runs) ---

# --- the server (rnnlab.ui, rnnlab.hosting) ---

# --- figures and pages (rnnlab.figures, rnnlab.ui.tabs) ---
