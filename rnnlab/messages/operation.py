"""Error messages of the server, its runs, and the commands; see `rnnlab.messages`."""

from __future__ import annotations

OPERATION = {
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
    # exercises
    "no_exercise_file": "{field}: the file is missing; give a path, as in rnnlab exercise {name} my.py, and --start to "
    "begin one there.",
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
}
