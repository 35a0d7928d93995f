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
MAX_FILE_BYTES = 20 * MIB  # of one uploaded file
MAX_REQUEST_BYTES = 24 * MIB  # of one request: a file and what is around it, or a text of 10 MB and its escapes
MAX_REQUEST_WEIGHT = 96 * MIB  # bytes of memory that one parsed request may take
MAX_BODIES_WEIGHT = 256 * MIB  # bytes of memory for all request bodies that arrive or wait; half of it for one client
MAX_STORED_BYTES = 512 * MIB  # of uploads on the disk within five minutes; a quarter of it for one client
MAX_UPLOADED_BYTES = GIB  # of uploads in memory, of all visitors together
MAX_EVENTS = 200  # calls in progress; a browser has a quarter of them, an address half
MAX_WAITING_EVENTS = 10_000  # calls that wait
MAX_WAITING_EVENTS_OF_CLIENT = 2_000  # of them, of one browser or address
MAX_PAGES_OF_BROWSER = 32  # open pages that are counted for one browser
MAX_STREAMS_OF_BROWSER = 2  # streams of a run's events that one browser keeps open
MAX_OPEN_FILES = 65_536  # that the process asks the system for
MIN_CONNECTIONS = 16  # that the server takes however few files it may open
MAX_CONNECTIONS_OF_VISITOR = 16  # a browser opens six to a host
MAX_OTHER_CONNECTIONS = 500  # beside those of the visitors
MAX_SERVERS_OF_USER = 16  # that find a data folder of their own without being given one

# --- figures and pages (rnnlab.figures, rnnlab.ui.tabs) ---
