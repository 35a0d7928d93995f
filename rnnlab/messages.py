"""List all error messages for visitors and programs, so that they can be read, tested and translated.

A template has the field, the error in the value, and what to do about it. Keys are stable: `rnnlab/ui/i18n` has their
translations, and a test compares the two sets. A setting in a template is written @name: programs read its name, and
visitors of the page its label.
"""

import re
from collections.abc import Callable

MESSAGES = {
    # numbers, switches, choices
    "not_a_number": "{field}: {value} is not a number; give a number from {low} to {high}.",
    "not_whole": "{field}: {value} is not a whole number; give a whole number from {low} to {high}.",
    "out_of_range": "{field}: {value} is out of range; give a number from {low} to {high}.",
    "not_a_switch": "{field}: {value} is neither true nor false.",
    "not_a_choice": "{field}: {value} is not on offer; choose one of {choices}.",
    # texts
    "not_text": "{field}: {value} is not text.",
    "empty": "{field}: it is empty; give at least {low} character(s).",
    "too_long": "{field}: at most {high} characters (this has {length}).",
    "paste_too_long": "{field}: at most {high} characters can be pasted (this has {length}); save it as a .txt file "
    "(UTF-8) and upload that.",
    "bad_character": "{field}: it holds a character that is not text ({value}); remove it.",
    "separator": "{field}: {separator} stands between entries, so {value} cannot be one; leave it out.",
    "too_many_items": "{field}: at most {high} entries (this has {length}).",
    # configurations
    "unknown_field": "{field}: there is no such setting; the settings are {choices}.",
    # links
    "link_key": "{field}: a link to {place} sets nothing of this name; rnnlab link --keys lists what it sets.",
    "link_key_near": "{field}: a link to {place} sets nothing of this name; perhaps {near} is meant.",
    "link_at": "{field}: {value} is no moment of a run; write it like `epoch:7`, with a whole number from 0 to {high}.",
    "link_hide": "{field}: {value} is neither a part of the page nor a field of this tab; the parts are {choices}.",
    "link_words": "{field}: {value} is neither a link nor a flag with a value; write --tab train --seed 3, or a link.",
    "link_too_long": "{field}: a link has at most {characters} characters and {keys} keys.",
    # what reaches the page
    "number_of_values": "{field}: {given} value(s) came where {wanted} are expected; give {names}.",
    "not_an_upload": "{field}: {value} is not a file that was uploaded here; upload it anew.",
    "upload_kind": "{field}: {value} is not a kind of file that is read here; upload one that ends in {kinds}.",
    "not_a_value": "{field}: {value} is not a value for it; give a number, text, true, false or a list of texts.",
    # room for uploads
    "uploads_full": "{field}: there is no room for {size} MB more: all visitors' uploads together may take {high} MB; "
    "try again in a few minutes.",
    # models
    "nonlinearity_of_gates": "{field}: {value} is for the plain RNN; a {model} has its own, so give tanh.",
    "needs_embedding": "{field}: {value} needs a learned embedding; choose embedding as @encoding, or leave it at its "
    "default.",
    "word_dropout_without_unknown": "{field}: {value} reads words as unknown, which needs @unknown_words; give 0, or "
    "true for that.",
    "no_forget_gate": "{field}: {value} is for an LSTM; a {model} has no forget gate, so leave it empty (none).",
    "tied_sizes": "{field}: embedding and output share a matrix only if @embedding_size is @hidden_size, twice that if "
    "@bidirectional; {value} is not {wanted}.",
    "momentum_of_adam": "{field}: {value} is for sgd and rmsprop; {optimizer} has running means of its own, so give 0.",
    "reset_before_in_torch": "{field}: torch.nn offers only true for a GRU; choose scratch as @implementation for "
    "false.",
    "one_bias_in_torch": "{field}: the layers of torch.nn learn two; choose scratch as @implementation for one.",
    "no_torch_layer": "{field}: torch.nn has no {model} layer; choose scratch.",
    "nothing_to_sing": "{field}: it holds no character or word; train on a text first.",
    "lengths": "{field}: {value} does not give the length of each sequence; give {count} whole numbers from 1 to "
    "{high}, with spaces between.",
    "line_band": "{field}: {value} is less than the shortest line, {low}; give at least that.",
    "no_line_end": "{field}: its text has neither line ends nor spaces, so no line can end; choose another model.",
    "acrostic_too_long": "{field}: {lines} lines of up to {length} tokens, each chosen from {beam}, are more than "
    "{high} in all; give fewer, or lower @max_line or @beam.",
    "nothing_held_out": "{field}: of its text no line was held out that it has not learned as well; set @held_out to "
    "0.1 and train again, or choose a shipped model.",
    "only_known_lines": "{field}: in {tokens} tokens it wrote fewer than {lines} lines that are not lines of its text; "
    "give a higher one, or take an earlier epoch.",
    # exercises
    "no_exercise_file": "{field}: the file is missing; give a path, as in rnnlab exercise {name} my.py, and --start to "
    "begin one there.",
    # export
    "not_in_a_script": "{field}: {value} is a cell that torch.nn lacks, so no script can be written; take its numbers, "
    "picture or model.",
    "not_in_torch_nn": "{field}: torch.nn has no such {value}, so its modules cannot take the weights; take the "
    "script, which has its equations.",
    "no_kaleido": "{field}: {value} needs Kaleido, which is not installed; run pip install 'rnnlab[pictures]', or take "
    "the picture from the page, which needs neither.",
    "no_chrome": "{field}: {value} needs Chrome or Chromium, and none was found; install one and put its path into "
    "BROWSER_PATH, or take the picture from the page.",
    # checkpoints
    "checkpoint_pickle": "{field}: this is a pickle, which could run code when opened, so it is not; give a "
    ".safetensors file saved by RNN Lab.",
    "checkpoint_not_one": "{field}: this is not a safetensors file; give one saved by RNN Lab.",
    "checkpoint_format": "{field}: this safetensors file is not an RNN Lab model; give one whose format is '{format}'.",
    "checkpoint_header": "{field}: its header is damaged; give another copy of the file.",
    "checkpoint_file": "{field}: the file {value} cannot be read; give the path of a .safetensors file of RNN Lab.",
    "checkpoint_names": "{field}: the tensor {value} does not belong to the model that its header describes; give "
    "another copy of the file.",
    "checkpoint_shape": "{field}: the tensor {value} has shape {shape} or a type that does not fit the model that its "
    "header describes; give another copy of the file.",
    "checkpoint_damaged": "{field}: its tensors cannot be read ({value}); give another copy of the file.",
    "checkpoint_not_finite": "{field}: the tensor {value} holds NaN or infinity; give a model that did not diverge.",
    "checkpoint_text": "{field}: this model learned another text; give that text to go on with it.",
    "checkpoint_config": "{field}: {value} differs from what the model was trained with; resume with the same value.",
    "recording_missing": "{field}: there is no recording; record a run with train --record.",
    "no_recording_file": "{field}: {value} is no recording; give a file of train --record.",
    "recording_damaged": "{field}: this part of a recording is damaged, or of another version; record the run again.",
    "replay_too_long": "{field}: to train epoch {value} anew would take longer than {high} seconds or too much memory; "
    "choose another one.",
    "other_cells_beginning": "{field}: it begins after epoch {value}, so how the run began is not known; "
    "train a new run.",
    "other_cells_too_large": "{field}: to train the other cells alike takes {needed} MB of memory, more than "
    "{high} MB; train a smaller network.",
    "other_cells_too_long": "{field}: one epoch of the other cells would take about {seconds} seconds, more than "
    "{high}; train each of them as a run of its own.",
    "other_cells_busy": "{field}: the other cells have trained for {high} seconds, because the server is busy; the "
    "epochs so far are recorded, go on later.",
    "other_cells_not_recorded": "{field}: the {value} could not be recorded, as when the disk is full. Make room, then "
    "train it again.",
    "other_cells_diverged": "{field}: with these settings the {value} diverged; the epochs before are recorded.",
    "epoch_not_recorded": "{field}: epoch {value} is not recorded, and no state is kept to train it anew from; choose "
    "another.",
    "checkpoint_weights_only": "{field}: this file holds a model that can only generate, without what training needs "
    "to go on; start a new run.",
    "text_not_kept": "{field}: this run learned a text of one's own ({value}), which is not in its file; use your copy "
    "of that text.",
    "checkpoint_needs_corpus": "{field}: this model learned a text of one's own ({value}), which is not in its file; "
    "give that text.",
    "no_states": "{field}: it reads in both directions, so its states at a token depend on what follows; choose "
    "another model.",
    "nothing_to_rank": "{field}: every token occurs once, and there is no line, space or bracket; give a longer text.",
    "learned_text_unknown": "{field}: the text that it learned is not on this server; choose a shipped "
    "model, or train one here.",
    # text and corpora
    "bad_vocabulary": "{field}: {value} cannot stand at place {place}: a vocabulary is a list of distinct texts, with "
    "<unk> first if it has one; give another copy of it.",
    "not_in_vocabulary": "{field}: the vocabulary lacks {characters}; use only what it holds.",
    "not_an_id": "{field}: no token has the number {value}; give numbers from 0 to {high}.",
    "file_kind": "{field}: {value} is not a kind of file that is read; give plain text (UTF-8) in a .txt file, or a "
    ".zip with .txt files inside.",
    "file_not_found": "{field}: there is no text at {value}; give the path of a .txt or .zip file, or of a folder with "
    ".txt files.",
    "folder_files": "{field}: {value} holds more than {high} texts; give a folder with fewer, or join them into one "
    ".txt file.",
    "document": "{field}: {value} is not plain text but {kind}; open it and save it as plain text (UTF-8), with a name "
    "that ends in .txt.",
    "file_unreadable": "{field}: the file {value} cannot be read; check its name and its permissions.",
    "too_many_bytes": "{field}: the text or its file is too large; give at most {high} bytes.",
    "not_decodable": "{field}: its encoding is not recognised; save it as UTF-8.",
    "not_decodable_file": "{field}: the encoding of {value} is not recognised; save it as UTF-8, or leave it out.",
    "not_as_marked": "{field}: its first bytes say {encoding}, and the rest is not; save it as UTF-8.",
    "damaged_utf8": "{field}: line {line} is not UTF-8, although the rest is; mend that line, and save it as UTF-8.",
    "binary": "{field}: it holds NUL characters, so it is not plain text; give a text saved as UTF-8.",
    "zip_damaged": "{field}: the zip file is damaged, or not a zip file; make it anew.",
    "zip_members": "{field}: the zip file holds {members} files, and {high} are allowed; zip only the texts.",
    "zip_encrypted": "{field}: {value} in the zip file is encrypted; make a zip file without a password.",
    "zip_link": "{field}: {value} in the zip file is a symbolic link; zip the text itself.",
    "zip_nested": "{field}: {value} in the zip file is an archive itself; zip the text itself.",
    "zip_without_text": "{field}: the zip file holds no .txt file; put one in, as plain text (UTF-8).",
    "zip_compression": "{field}: {value} is compressed in an unusual way; make an ordinary (deflated) zip file.",
    "min_freq_too_high": "{field}: nothing in the text occurs {value} times; give a smaller number.",
    "too_few_tokens": "{field}: {tokens} token(s) are too few to learn from; give at least {low}.",
    "nothing_to_evaluate": "{field}: the model knows {known} of its {tokens} token(s), and {low} are needed; give "
    "a longer text, in the writing that the model has learned.",
    "held_out_too_short": "{field}: {value} of {tokens} tokens leaves fewer than {low} on one side; give a longer "
    "text, another share, or 0.",
    "less_than_a_batch": "{field}: {tokens} tokens are fewer than one batch of {batch_size} × {num_steps} needs; "
    "give at least {low}, or lower @batch_size or @num_steps.",
    # tagged sentences
    "conllu_columns": "{field}: line {line} has {columns} column(s) where CoNLL-U has {wanted}, with tabs between; "
    "give a .conllu file.",
    "conllu_line": "{field}: line {line} is not CoNLL-U ({value}); it needs a number, a word, a lemma and a tag.",
    "conllu_no_tag": "{field}: line {line} has no tag in its fourth column (UPOS); give every word one.",
    "conllu_empty": "{field}: there is no sentence in it; give a .conllu file with words and tags.",
    "conllu_no_words": "{field}: its words were taken out, {value} stands in their place; give a file with words.",
    "conllu_skipped": "{field}: {count} line(s) hold no tagged word and were passed over, the first is line {line}.",
    "conllu_parted": "{field}: {count} sentence(s) of more than {high} words were read in parts, the first begins at "
    "line {line}.",
    "conllu_first_sentences": "{field}: the first {taken} of {total} sentences were taken; the rest was left out.",
    "conllu_first_bytes": "{field}: the first {taken} sentences, those in the first {high} MB, were taken; the rest "
    "was left out.",
    "conllu_tags": "{field}: it uses more than {high} different tags; give a file with part-of-speech tags.",
    "tagger_too_large": "{field}: a tagger with {parameters} numbers to learn is too large, at most {high} are "
    "allowed; lower @hidden_size, @num_layers, @embedding_size or @character_size, or give fewer different words.",
    "tag_nothing_trained": "{field}: nothing is trained here, so {flag} has no effect; leave it out, or add --train or "
    "--corpus.",
    "tag_no_effect": "{field}: {flag} has no effect beside {other}; leave out one of the two.",
    "tag_language": "{field}: it chooses among the taggers that ship, and here one is trained; leave it out, or give "
    "only --text.",
    "too_few_sentences": "{field}: {sentences} sentence(s) leave nothing to train on when some are held out; give "
    "at least {low}.",
    "not_tokens": "{field}: {value} is not a list of words; give the words of a sentence one by one.",
    "no_tokens": "{field}: there is no word to tag; give a sentence.",
    "too_many_tokens": "{field}: {length} words are too many for one sentence; give at most {high}.",
    # the server
    "data_dir_foreign": "{field}: {value} belongs to somebody else, or is no folder; give one of your own "
    "with --data-dir.",
    "data_dir_in_use": "{field}: another RNN Lab keeps its runs in {value} now; end it, or give another folder "
    "with --data-dir.",
    "data_dir_unusable": "{field}: {value} cannot be used ({reason}); give a folder in which you may write, "
    "with --data-dir.",
    "port_taken": "{field}: {value} is taken by another program on this machine; give another one, as --port {other}, "
    "or leave --port out for the first free one.",
    "ports_taken": "{field}: all from {low} to {high} are taken; give another one, as --port 8080.",
    "port_forbidden": "{field}: {value} may not be used here (those below 1024 are usually the system's own); give "
    "another one, as --port 7860.",
    "host_unusable": "{field}: {value} is no address of this machine; give --host 127.0.0.1 for this machine alone, or "
    "--host 0.0.0.0 to let others in.",
    # commands
    "no_effect_on_part": "{field}: it has no effect on the part {part}; leave it out, or choose another part.",
    "preset_and_resume": "{field}: a resumed run keeps its own preset; leave out --preset or --resume.",
    "corpus_and_text": "{field}: --corpus is the text that the model learned, --text another one; give one of them.",
    "others_of_recording": "{field}: the other cells are trained like a recorded run; give a file of train --record.",
    "epoch_of_recording": "{field}: this model has its last weights only; --epoch and --exact are for a file of "
    "train --record.",
    "bench_figure": "{field}: only the growth of costs is drawn, as a .png file; give --only growth --figure FILE.png.",
    "worker_lost": "{field}: a process that trained was ended from outside, perhaps for want of memory; what had been "
    "trained by then is printed; give a smaller number of processes, or one row at a time with --only.",
    "bench_needs_browser": "{field}: it drives a real browser ({value}); run pip install 'rnnlab[test]' and install "
    "Chromium.",
    # sine
    "sine_too_long": "{field}: {windows} windows of {points} points are too many for one run; give at most {most} "
    "windows in such a run, or lower @points, @bptt_windows or @free_run, or compare fewer memories.",
    "sine_diverged": "{field}: the network diverged in window {window} with the memory {memory}; lower it.",
    "sine_phase_hides_cosine": "{field}: with a phase of {value} the target hardly tells the cosine, so the model "
    "cannot run freely on its own output; move it away from ±π/2 and ±3π/2, or set @free_run to 0.",
    "phase_plane_of_reset": "{field}: a network that is reset begins each window at zero, so its states go round no "
    "loop; give carried, bptt or all.",
    # race
    "race_lanes": "{field}: a race has 2 to {high} lanes, and here are {given}; write them with commas between them, "
    "as in rnn, gru, lstm.",
    "race_word": "{field}: {value} names nothing in which a lane can differ; give {choices}, or a setting and its "
    "value, as in hidden_size=128.",
    "race_setting": "{field}: there is no setting {value}; give one of the training, as in hidden_size=128.",
    "race_shared": "{field}: {value} must be the same in all lanes, or they would not read the same minibatches for as "
    "long; set it for the whole race.",
    "race_twice": "{field}: {value} has the same settings as another lane; change one of them.",
    # the adding problem
    "adding_models": "{field}: one to {high} networks learn side by side, and here are {given}; write them with commas "
    "between them, as in rnn, gru, lstm.",
    "adding_twice": "{field}: {value} is named twice; leave one of them out.",
    "adding_too_long": "{field}: {value} minibatches may take minutes in such a run; give at most {most}, or lower "
    "@length, @hidden_size or @batch_size, or let fewer networks learn.",
    "adding_not_two": "{field}: two are asked for, and here are {given}; give two with a comma between them, or none.",
    "adding_same_place": "{field}: both marks are at {value}; give two different places.",
    # surgery
    "no_gates": "{field}: a {model} has no gate, so {value} cannot be held; switch a unit off, or zero a matrix.",
    "no_such_gate": "{field}: a {model} has no gate {value}; it has {choices}.",
    "operation_spelling": "{field}: {value} is no operation; write forget=0.5, unit=3 or weight_hh, with l1. before it "
    "for the second layer.",
    "held_value": "{field}: {value} is no value for a gate; give a number from 0 to 1, or mean.",
    # runs
    "run_failed": "{field}: it failed inside RNN Lab; please report what you did, and train with other settings.",
    "diverged": "{field}: the run diverged at epoch {epoch}, step {step}; lower it, or set @grad_clip. The weights of "
    "epoch {kept} are kept.",
    "nothing_to_detach": "{field}: {value} lets the gradient run back to the start of the epoch, which needs a state "
    "that is carried through it; set @sampling to sequential and @state to carried, or give true.",
    "gradient_limit": "{field}: the gradient ran back through all {minibatches} minibatches of the epoch so far, "
    "{steps} steps, and that is the limit; cut it off (true), or shorten the epoch with a larger @batch_size.",
    "queue_full": "{field}: {high} runs are waiting already; try again in a few minutes.",
    "own_queue_full": "{field}: {high} runs of yours are waiting already; let one of them end, or stop one, and try "
    "again.",
    "address_queue_full": "{field}: {high} runs of your address, yours and of others who share it, are waiting "
    "already; let one of them end, and try again.",
    "stored_run": "{field}: it lies among the saved runs but is none that this program has saved, so it is left alone; "
    "delete it, or move it away.",
    "stored_text": "{field}: the text that this run has learned is not beside it, or is another, so the run is left "
    "alone; bring back the .txt of the same name, or delete both.",
    # memory
    "model_too_large": "{field}: training it would take about {needed} of memory ({parameters} numbers to learn), and "
    "{high} are allowed; lower @hidden_size, @num_layers, @embedding_size, @batch_size or @num_steps, shrink the "
    "vocabulary with @min_freq, or cut the text shorter with @max_tokens.",
    "curve_too_large": "{field}: the {value} with these settings has {parameters} numbers to learn; such a network is "
    "made for its curve up to {high}.",
    # layers taken apart
    "layer_too_many_parameters": "{field}: this layer would hold {parameters} numbers, and {high} are allowed here; "
    "lower @hidden_size, @input_size or @num_layers.",
    "layer_too_large": "{field}: one run of this layer multiplies {products} numbers, and {high} are allowed here; "
    "make it smaller, or lower @batch_size or @num_steps.",
    # recurrent layers
    "wrong_shape": "{field}: a tensor of shape {shape} does not fit; give {expected}.",
    "vectors_for_an_embedding": "{field}: numbers of type {dtype} point at no row of an embedding; give whole numbers.",
    "wrong_type": "{field}: numbers of type {dtype} do not fit; give {expected}.",
    "no_projections": "{field}: {value} asks for projections, which these layers lack; give 0, or take torch.nn.",
    "wrong_state": "{field}: {count} tensor(s) do not make this state; give {expected}.",
    # the lesson hello
    "unequal_words": "{field}: it has {length} character(s) and {source} has {source_length}, but each character needs "
    "one answer; give two words of equal length.",
    "not_a_weight": "{field}: {value} is no weight of this network; give one of {choices}.",
    "epoch_without_why": "{field}: it says at which epoch --why explains a weight; give --why as well.",
}

SETTING = re.compile(r"@([a-z_]+)")


def name_settings(template: str, named: Callable[[str], str] = str) -> str:
    """Replace each @setting in `template` by `named(setting)`.

    >>> name_settings("lower @batch_size or @num_steps")
    'lower batch_size or num_steps'
    """
    return SETTING.sub(lambda found: named(found[1]), template)


def echo(value: object, limit: int = 40) -> str:
    """Return `value` as a short, printable part of an error message."""
    try:
        text = repr(value)
    except ValueError:  # Python does not convert numbers with thousands of digits to text
        text = f"a {type(value).__name__} of very many digits"
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return text.encode("utf-8", "backslashreplace").decode()


def short(bound: float) -> str:
    """Write a bound for a message: 0 and 1e+07, not 0.0 and 10000000.0."""
    return f"{bound:g}"
