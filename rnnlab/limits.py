"""Every limit on input, memory and connections, in one place. Units are in the comments; sizes are in bytes.

`limits_table()` makes the table in `rnnlab/ui/server/README.md` from this module; a test compares the two.
A limit on a single setting (its range) is the setting's own rule, in its configuration.
"""

from __future__ import annotations

KIB, MIB, GIB = 2**10, 2**20, 2**30

# --- texts and files that visitors bring (rnnlab.text) ---

MAX_TEXT_CHARACTERS = 20 * MIB  # characters of one text, pasted or from files
MIN_TEXT_TOKENS = 2  # tokens of one text: an input and its target
MAX_FILE_BYTES = 20 * MIB  # bytes of a .txt or .zip file, and of the texts of a folder together
MAX_FOLDER_FILES = 2000  # texts in one folder
MAX_ZIP_MEMBERS = 2000  # files and folders in one zip archive
MAX_INFLATED_BYTES = 20 * MIB  # bytes of all texts of a zip archive together, counted while they are inflated

# --- tagged sentences (rnnlab.text.treebank, rnnlab.text.tagged_sentences, rnnlab.tagging) ---

MAX_CONLLU_BYTES = 20 * MIB  # bytes of a CoNLL-U file that are read
MAX_CONLLU_SENTENCES = 20_000  # sentences of a CoNLL-U file that are read
MAX_CONLLU_LINES = 300_000  # lines with a word of a CoNLL-U file that are read: one or two seconds
MAX_CONLLU_TAGS = 100  # different tags in a CoNLL-U file; more are not parts of speech
MAX_SENTENCE_WORDS = 500  # words in a sentence; a longer one is read in parts
MAX_WORD_CHARACTERS = 5000  # characters of a word in a sentence to tag
MAX_LEXICON_CHARACTERS = 200  # characters of a word that a lexicon keeps: half from each end

# --- checkpoints (rnnlab.checkpoints) ---

MAX_HEADER_BYTES = 32 * MIB  # bytes of a header: every Unicode character, and a history of 100,000 epochs
MAX_HEADER_VALUES = 2_000_000  # values in a header: in memory a small value takes 20 times its bytes in the file
MAX_HEADER_NUMBER = 1e300  # absolute value of a number in a header
MAX_HEADER_COUNT = 10**9  # an epoch, or a size of a tensor, in a header

# --- models and training (rnnlab.models, rnnlab.inspection, rnnlab.experiments) ---

# --- runs (rnnlab.runs) ---

# --- the server (rnnlab.ui, rnnlab.hosting) ---

# --- figures and pages (rnnlab.figures, rnnlab.ui.tabs) ---

MAX_LINE_POINTS = 2000  # points of one line in a figure; more are indistinguishable on a screen
