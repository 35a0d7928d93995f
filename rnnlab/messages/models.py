"""Error messages of networks and their files: layers, surgery, export, checkpoints; see `rnnlab.messages`."""

from __future__ import annotations

MODELS = {
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
    # surgery
    "no_gates": "{field}: a {model} has no gate, so {value} cannot be held; switch a unit off, or zero a matrix.",
    "no_such_gate": "{field}: a {model} has no gate {value}; it has {choices}.",
    "operation_spelling": "{field}: {value} is no operation; write forget=0.5, unit=3 or weight_hh, with l1. before it "
    "for the second layer.",
    "held_value": "{field}: {value} is no value for a gate; give a number from 0 to 1, or mean.",
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
}
