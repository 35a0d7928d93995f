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
