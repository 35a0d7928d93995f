"""Error messages of the experiments with rules of their own; see `rnnlab.messages`."""

from __future__ import annotations

EXPERIMENTS = {
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
    # the lesson hello
    "unequal_words": "{field}: it has {length} character(s) and {source} has {source_length}, but each character needs "
    "one answer; give two words of equal length.",
    "not_a_weight": "{field}: {value} is no weight of this network; give one of {choices}.",
    "epoch_without_why": "{field}: it says at which epoch --why explains a weight; give --why as well.",
}
