"""Every limit on input, memory and connections, in one place. Units are in the comments; sizes are in bytes.

`limits_table()` makes the table in `rnnlab/ui/server/README.md` from this module; a test compares the two.
A limit on a single setting (its range) is the setting's own rule, in its configuration.
"""

from __future__ import annotations

KIB, MIB, GIB = 2**10, 2**20, 2**30

# --- texts and files that visitors bring (rnnlab.text) ---

MAX_TEXT_CHARACTERS = 20 * MIB  # characters of one text, pasted or from files
MIN_TEXT_TOKENS = 2  # tokens of one text: an input and its target
MAX_FILE_BYTES = 20 * MIB  # bytes of an uploaded file, of a .txt or .zip file, and of the texts of a folder together
MAX_FOLDER_FILES = 2000  # texts in one folder
MAX_ZIP_MEMBERS = 2000  # files and folders in one zip archive
MAX_INFLATED_BYTES = 20 * MIB  # bytes of all texts of a zip archive together, counted while they are inflated

# --- links (rnnlab.ui.links) ---

MAX_LINK_CHARACTERS = 8000  # of a link's query
MAX_LINK_KEYS = 200  # of a link

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
MAX_RUN_GIGABYTES = 2.0  # memory of one run; RNNLAB_MOST_MEMORY_GB sets another limit. Two runs leave room on 8 GB
MAX_LAYER_PARAMETERS = 20_000_000  # parameters of an inspected layer: 80 MB, twice for the other implementation
MAX_LAYER_PRODUCTS = 1_500_000_000  # multiplications in one run of an inspected layer: about a second for all runs
MAX_COMPARED_PARAMETERS = 5_000_000  # parameters of a layer whose gradients are compared: 120 MB for three ways
MAX_ANSWERED_NUMBERS = 100_000  # of the sequences of an inspected layer that the endpoint /layers sends
MAX_BATCHES_TEXT = 300  # characters of a visitor's text that the Layers tab cuts into minibatches
MAX_SAMPLED_EPOCHS = 100  # epochs whose samples stay in a training's history; a page shows the last ones
MAX_COUNTED_TOKENS = 15_000_000  # of a text, counted by the n-gram baselines: 2 GB meanwhile, one text at a time
MAX_TOKENS_COUNTED_FIRST = 100_000  # of a text that is counted before the first minibatch, in 0.1 s; else beside it
MAX_REMEMBERED_COUNTS = 100  # texts whose baselines a process keeps, some hundred bytes each
MAX_NGRAM_WRITER_TOKENS = 300_000  # of a text, counted by an n-gram model that writes: a second
MAX_SEARCHED_CHARACTERS = 4000  # of held-out text, looked up in the training text to see what is copied
MAX_LEARNED_TEXTS = 4  # training texts that are kept to look songs up in: each up to 300 MB with its n-grams
MAX_KEPT_SONGS = 200  # songs that go on from a place where a visitor picks a character; the oldest are forgotten
MAX_KEPT_SONGS_OF_VISITOR = 4  # of them
MAX_KEPT_SONGS_BYTES = 128 * MIB  # of the weights of their models; the shipped models count nothing
MAX_KEPT_ROUNDS = 1000  # of "who wrote this?" that wait for a guess; the oldest are forgotten
MAX_KEPT_ROUNDS_OF_VISITOR = 8  # of them
MAX_PICKED_TOKENS = 100  # that one answer writes on from a pick; the page asks for the rest
MAX_SONG_REQUEST_BYTES = 256 * KIB  # of such a question: the tokens of the song so far
MAX_LEARNED_TEXTS_BYTES = 600 * MIB  # in memory, of these texts together; the newest one stays in any case
MAX_RECORDING_BYTES = 128 * MIB  # on disk, of what a run records of itself: shares of it for the parts below
MAX_RECORDED_WEIGHTS = 40  # epochs whose weights are kept in half precision, at distances that grow with the epoch
MAX_RECORDED_WEIGHTS_SHARE = 0.25  # of MAX_RECORDING_BYTES for these weights
MAX_RECORDED_STATES_SHARE = 0.65  # of MAX_RECORDING_BYTES for whole states, from which other epochs are trained anew
MAX_RECORDED_CHARACTERS = 200_000  # of the training text whose surprise is recorded; of the held-out text a quarter
MAX_SURPRISE_TOKENS = 20_000  # of the training text whose surprise is shown; of the held-out text a quarter
MAX_SURPRISE_CHARACTERS = 2000  # of a text of one's own that the endpoint /surprise reads: a quarter of a second
MAX_ACROSTIC_TOKENS = 20_000  # that one acrostic may draw: lines × beam × the longest line; some seconds
MAX_OPERATIONS = 64  # on one network at once, of surgery
MAX_KEPT_SURPRISES = 64  # windows of a run's text, each after an epoch, whose surprise stays in memory, 100 kB each
MAX_SURPRISE_TEXTS = 8  # runs whose text stays in memory to show its surprise, some megabytes each
MAX_INSPECTED_CHARACTERS = 2000  # of a text that a network is opened with
MAX_LOGITS_AT_ONCE = 2**22  # numbers over the vocabulary, of a text that is looked at: 16 MB, and copies of it
MAX_UNTRAINED_BYTES = 256 * MIB  # of a network that is made for its curve before training, 12 for each number in it
MAX_INSPECTED_BYTES = 64 * MIB  # of the states and gates at its characters; of a longer text the beginning is read
MAX_ALIKE_TOKENS = 20_000  # of a training text, searched for places at which the same units are on: half a second
MAX_ALIKE_BYTES = 32 * MIB  # of the states at these tokens; of a network with wide layers fewer are searched
MAX_SURPRISE_TEXTS_BYTES = 64 * MIB  # in memory, of these texts together; the newest one stays in any case
MAX_REPLAY_SECONDS = 20  # of training, of an epoch that the page trains anew; of others the nearest kept one is shown
MAX_REPLAY_BYTES = 512 * MIB  # of memory while it trains, besides the text
MAX_REPLAYED_EPOCHS = 16  # epochs trained anew whose weights stay in memory
MAX_REPLAYED_EPOCHS_BYTES = 256 * MIB  # in memory, of these together; the newest one stays in any case
MAX_OTHER_CELLS_SECONDS = 120  # of training, of the two other cells that the page trains like a visitor's run
MAX_OTHER_CELLS_BYTES = 512 * MIB  # of memory while one of them trains, besides the text
MAX_UNUSED_SECONDS = 600  # that a text or surprise of a run stays in memory after it was asked for last
MAX_RECORDING_SHARE = 0.1  # of a run's time, of the thread that records beside it: of shorter epochs some are left out
MAX_WAITING_EPOCHS = 4  # of a run, that are not recorded yet: further ones are left out on the page
MAX_PROBE_TOKENS = 60  # of the training text, at which states, gates and expected characters are recorded at each epoch
MAX_MINIBATCH_POINTS = 2000  # per run: more cannot be told apart on a screen
MAX_INTERIM_EVALUATIONS = 200  # per epoch
MAX_INTERIM_TOKENS = 10_000  # of the held-out text, for an interim evaluation: a fiftieth of the time of training
MAX_INTERIM_SEARCHED_CHARACTERS = 1_000_000  # of a text in which interim samples are looked up: in 0.1 s
MAX_PARTIAL_STEPS = 1_000_000  # minibatches of an epoch up to which it can be resumed within: 8 MB of losses and norms
MAX_UNDETACHED_STEPS = 2000  # through which a gradient that is not detached runs; each minibatch takes longer
MAX_CUDA_GRAPHS = 4  # per training; each holds device memory for all that a minibatch computes
MAX_RACE_LANES = 4  # trainings side by side; more curves cannot be told apart
MAX_ADDING_LENGTH = 200  # numbers in a row of the adding problem
MAX_ADDING_COST = 2_000_000  # steps that a run of the adding problem may train on: two and a half minutes of one core
MAX_SINE_COST = 130_000  # steps that a run of the sine experiment may train on; see `sine.Config.max_windows`
MAX_PHASE_PLANES = 40  # windows of a run of sine after which its phase plane is measured; fewer of a large network
MAX_TAGGER_PARAMETERS = 4_000_000  # 16 MB; with gradients, Adam's two moments and two copies, 96 MB
MAX_TAGGER_BATCH_WORDS = 2000  # words in a minibatch, unless a single sentence is longer: bounds the memory
MAX_SHOWN_MISTAKES = 8  # sentences that a tagger got wrong, in a result
MAX_SHOWN_WORDS = 30  # words of a sentence in a result
MAX_SAMPLE_CHARACTERS = 500  # characters of the sentence that is offered to try a tagger on

# --- exercises (rnnlab.exercises) ---

MAX_EXERCISE_SECONDS = 10  # that a student's file may run, on all cases together
MAX_EXERCISE_START_SECONDS = 120  # until the process that runs it has imported PyTorch
MAX_EXERCISE_PRINTED = 2000  # bytes of what a student's file prints that are shown
MAX_EXERCISE_FILE_BYTES = 64 * MIB  # of any file that the process writes, what it prints included

# --- runs (rnnlab.runs) ---

MAX_RUNNING_LESSONS = 4  # lessons that compute at once; trainings: as many as the machine has cores
MAX_PREPARED_RUNS = 2  # runs whose texts are read at once: a long text takes seconds, and many times its size meanwhile
MAX_WAITING_RUNS = 100  # runs in the queue
MAX_WAITING_RUNS_PER_OWNER = 10  # runs of one visitor in the queue
MAX_WAITING_RUNS_PER_ADDRESS = 40  # runs of one network address in the queue, where no more is known of the visitor
MAX_ENDED_RUNS = 1000  # runs of each pool that have ended and stay readable
MAX_PAUSED_RUNS = 400  # runs
MAX_IDLE_RUNS_BYTES = 1024 * MIB  # in memory, of all runs that no thread drives
MAX_STORED_RUNS_BYTES = 2 * GIB  # on disk, of the files of all saved runs together

# --- the server (rnnlab.ui, rnnlab.hosting) ---
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
MAX_WATCHERS = 100  # others who watch one run by its link at once
MAX_WAITING_TURNS_OF_VISITOR = 4  # kinds of long work that one visitor may wait for, beside the one that is done
MAX_OPEN_FILES = 65_536  # that the process asks the system for
MIN_CONNECTIONS = 16  # that the server takes however few files it may open
MAX_CONNECTIONS_OF_VISITOR = 16  # a browser opens six to a host
MAX_OTHER_CONNECTIONS = 500  # beside those of the visitors
MAX_SERVERS_OF_USER = 16  # that find a data folder of their own without being given one

# --- figures and pages (rnnlab.figures, rnnlab.ui.tabs) ---

MAX_LINE_POINTS = 2000  # points of one line in a figure; more are indistinguishable on a screen
MAX_OPENED_TEXTS = 64  # that stay open in the tab Inside, with the network and what it did at each character
MAX_OPENED_TEXTS_OF_VISITOR = 4  # of one browser
MAX_OPENED_BYTES = 512 * MIB  # of all of them together
MAX_SHOWN_UNIT_VALUES = 1_000_000  # values of units over a text that the tab Inside draws at once
MAX_KEPT_ALIKE = 32  # networks whose states at their training text stay in memory
MAX_KEPT_ALIKE_BYTES = 256 * MIB  # of all of them together
MAX_PASTED_CHARACTERS = 1_000_000  # of a text in a field; a longer one comes as a file
MAX_SHOWN_VOCABULARY = 5_000  # entries of a text's vocabulary on the page or in an answer
MAX_SHOWN_INDICES = 1_000  # words of a tagger's vocabulary, with their index, on the page or in an answer
MAX_SENTENCE_CHARACTERS = 5_000  # of a sentence to tag
MAX_TREEBANKS_READ_AT_ONCE = 4  # uploads of tagged sentences; a large one takes a second or two
MAX_CACHED_LOOKS = 256  # of the endpoint /step, some kilobytes each
MAX_WALKED_EPOCHS = 120  # of a run of the hello lesson, those whose every number the panel gets; evenly spaced
MAX_WALKED_NUMBERS = 1_000_000  # of a run of the hello lesson in all; a large network has fewer of those epochs
MAX_HELLO_HIDDEN_SIZE = 8  # units of the hello lesson with a linear output: every number of them is on the screen
MAX_STEP_ROWS = 20  # per epoch, of the minibatches of a tagger

# --- the table of the documentation ---


def limits_table() -> str:
    """Write the limits of this module as Markdown: a row for each constant, with its value and its comment.

    A section becomes a row of its own. A constant without a comment on its line has the comment above it.
    """
    import re  # only the table needs these two, and every part of the package imports this module
    from pathlib import Path

    rows, above = ["| limit | value | what it bounds |", "|---|---|---|"], ""
    for line in Path(__file__).read_text("utf-8").split("\n# --- the table of the documentation")[0].splitlines():
        if section := re.fullmatch(r"# --- (.+?)(?: \(([^()]*)\))? ---", line):
            modules = ", ".join(f"`{name}`" for name in re.findall(r"[\w.]+", section[2] or ""))
            rows.append(f"| **{section[1]}** | | {modules} |")
        elif limit := re.match(r"([A-Z][A-Z0-9_]*)(?:: [^=]+)? = (.*?)(?:  # (.*))?$", line):
            about = (limit[3] or above).replace("|", r"\|")
            rows.append(f"| `{limit[1]}` | {_shown(globals()[limit[1]], limit[2])} | {about} |")
        above = f"{above} {line.removeprefix('# ')}".strip() if line.startswith("# ") else ""
    return "\n".join(rows) + "\n"


def _shown(value: object, source: str) -> str:
    """Show a number with the unit of bytes that its source names, as in 20 MiB; else with thousands separated."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"`{value!r}`"
    for unit, size in (("GiB", GIB), ("MiB", MIB), ("KiB", KIB)):
        if unit.upper() in source:
            return f"{value / size:,g} {unit}"
    return f"{value:,}"


def write_table() -> None:
    """Replace the table in `rnnlab/ui/server/README.md`, between its two marks."""
    from pathlib import Path

    path = Path(__file__).parent / "ui" / "server" / "README.md"
    start, end = "<!-- limits: made by `python -m rnnlab.limits` -->\n", "\n<!-- end of limits -->"
    before, found, rest = path.read_text("utf-8").partition(start)
    if not found or end not in rest:
        raise SystemExit(f"{path} lacks the marks around the table")
    path.write_text(f"{before}{start}\n{limits_table()}{end}{rest.partition(end)[2]}", "utf-8")


if __name__ == "__main__":
    write_table()
