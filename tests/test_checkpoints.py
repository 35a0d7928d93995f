"""Checkpoints of language models: atomic writing, and checks of damaged and hostile files."""

import json
import os
import pickle
import struct
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnlab import checkpoints
from rnnlab.checkpoints import FORMAT, files, language_model, load, save
from rnnlab.experiments.language_model import Config, Epoch, Step, Trainer
from rnnlab.limits import MAX_HEADER_BYTES
from rnnlab.text import Vocab
from rnnlab.validation import InvalidInput

TEXT = "la li lu la le lo " * 8
SMALL = {
    "corpus": "own", "model": "lstm", "hidden_size": 3, "embedding_size": 2, "batch_size": 2, "num_steps": 4,
    "held_out": 0.0, "state": "carried-across-epochs", "epochs": 2, "sample_prefixes": ("la",), "sample_length": 2,
}  # fmt: skip


@pytest.fixture(scope="module")
def trained():
    trainer = Trainer(Config(**SMALL), TEXT)
    assert sum(isinstance(event, Epoch) for event in trainer.events()) == 2
    return trainer.latest


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.safetensors"


@pytest.fixture
def saved(trained, path):
    save(trained, path)
    return path


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


# writing


def test_round_trip(trained, saved):
    loaded = load(saved)
    assert loaded.config == trained.config
    assert loaded.vocab == trained.vocab
    assert loaded.epoch == 2
    assert loaded.history == trained.history
    assert loaded.text_digest == trained.text_digest
    assert same(loaded.weights, trained.weights)
    assert same(loaded.training, trained.training)
    assert {"generator", "carried.0", "carried.1", "optimizer.output.bias.step"} <= loaded.training.keys()


def test_a_header_whose_length_begins_like_a_pickle_is_no_pickle(trained, path):
    for padding in range(0, 256, 8):  # somewhere among these the length's first byte is 0x80
        config = {**trained.config, "corpus": "x" * (1 + padding)}
        save(replace(trained, config=config), path)
        if path.read_bytes()[0] == 0x80:
            assert load(path).epoch == 2
            return
    raise AssertionError("no header had the length that this test is about")


def test_a_checkpoint_without_training_state_round_trips(trained, path):
    save(replace(trained, training=None), path)
    assert load(path).training is None
    assert same(load(path).weights, trained.weights)


@pytest.fixture(scope="module")
def interrupted():
    """A run within its third epoch, which keeps its first or second."""
    trainer = Trainer(Config(**SMALL | {"held_out": 0.2, "epochs": 3, "keep": "best", "progress_every": 40}), TEXT)
    for event in (events := trainer.events()):
        if isinstance(event, Step) and (event.epoch, event.step) == (3, 6):
            break
    events.close()
    return replace(trainer.checkpoint(), best={name: t + 1 for name, t in trainer.latest.weights.items()})


def test_an_epoch_in_progress_and_the_kept_weights_round_trip(interrupted, path):
    save(interrupted, path)
    loaded = load(path)
    assert (loaded.epoch, loaded.best_epoch, len(loaded.partial)) == (2, interrupted.best_epoch, 6)
    assert same(loaded.best, interrupted.best)
    assert same(loaded.partial.tensors(), interrupted.partial.tensors())
    assert loaded.partial.header() == interrupted.partial.header()
    assert loaded.partial.progress[0].keys() == {"step", "held_out_perplexity", "samples"}
    assert same(loaded.training, interrupted.training)


PARTIAL = {"seconds": 1.0, "clipped": 0, "progress": []}


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"partial": None}, "checkpoint_header"),
        ({"partial": []}, "checkpoint_header"),
        ({"partial": {}}, "checkpoint_header"),
        ({"partial": PARTIAL | {"seconds": "1"}}, "checkpoint_header"),
        ({"partial": PARTIAL | {"seconds": -1.0}}, "checkpoint_header"),
        ({"partial": PARTIAL | {"clipped": 0.5}}, "checkpoint_header"),
        ({"partial": PARTIAL | {"progress": [{"step": 1}]}}, "checkpoint_header"),
        (
            {"partial": PARTIAL | {"progress": [{"step": 1, "held_out_perplexity": "x", "samples": []}]}},
            "checkpoint_header",
        ),
        (
            {"partial": PARTIAL | {"progress": [{"step": 1, "held_out_perplexity": 2.0, "samples": [1]}]}},
            "checkpoint_header",
        ),
        ({"best_epoch": None}, "checkpoint_header"),
        ({"best_epoch": 3}, "checkpoint_header"),
        ({"best_epoch": -1}, "checkpoint_header"),
        ({"best_epoch": "2"}, "checkpoint_header"),
    ],
)
def test_a_false_header_of_an_epoch_in_progress_is_refused(interrupted, path, header, code):
    extra = {name: json.dumps(value) for name, value in header.items()}
    path.write_bytes(checkpoints.to_bytes(interrupted, extra))
    with pytest.raises(InvalidInput) as refused:
        load(path)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"nlls": torch.full((6,), -1.0)}, "checkpoint_damaged"),
        ({"nlls": torch.full((6,), 1e9)}, "checkpoint_damaged"),
        ({"nlls": torch.full((6,), torch.inf)}, "checkpoint_not_finite"),
        ({"norms": torch.ones(5)}, "checkpoint_damaged"),
        ({"norms": torch.ones(6, 1)}, "checkpoint_shape"),
        ({"weights": {"output.bias": torch.ones(2)}}, "checkpoint_names"),
        ({"training": {}}, "checkpoint_names"),
        ({"training": {"generator": torch.ones(3)}}, "checkpoint_shape"),
    ],
)
def test_false_tensors_of_an_epoch_in_progress_are_refused(interrupted, path, changes, code):
    save(replace(interrupted, partial=replace(interrupted.partial, **changes)), path)
    with pytest.raises(InvalidInput) as refused:
        load(path)
    assert refused.value.code == code


def test_kept_weights_of_another_shape_are_refused(interrupted, path):
    save(replace(interrupted, best={name: t[:1] for name, t in interrupted.best.items()}), path)
    with pytest.raises(InvalidInput) as refused:
        load(path)
    assert refused.value.code == "checkpoint_shape"


def test_before_the_first_whole_epoch_the_model_is_that_of_the_epoch_in_progress(interrupted):
    first = replace(interrupted, epoch=0, history=(), best_epoch=None, best=None)
    assert same(first.build_model().state_dict(), interrupted.partial.weights)
    assert same(first.weights_only().weights, interrupted.partial.weights)


def test_a_built_model_has_its_own_weights_in_evaluation_mode(trained):
    model = trained.build_model()
    assert not model.training
    with torch.no_grad():
        model.output.weight.zero_()
    assert trained.weights["output.weight"].any()
    logits, _ = model(torch.tensor([[0, 1]]))
    logits.sum().backward()  # it can be trained further


@pytest.mark.parametrize("implementation", ["scratch", "torch"])
@pytest.mark.parametrize(
    "changes",
    [
        {"model": "rnn", "encoding": "one-hot", "nonlinearity": "relu"},
        {"model": "gru", "num_layers": 2, "dropout": 0.3},
        {"model": "lstm", "bidirectional": True, "num_layers": 2},
        {"tokenizer": "cleaned"},
    ],
)
def test_every_kind_of_model_round_trips(path, implementation, changes):
    trainer = Trainer(Config(**SMALL | changes, implementation=implementation), TEXT)
    save(trainer.latest, path)
    model, ids = load(path).build_model(), torch.tensor([[1, 2, 0, 3]])
    assert torch.equal(model(ids)[0], trainer.model.eval()(ids)[0])


def test_characters_of_all_kinds_survive(trained, path):
    odd = Vocab.from_list(['"', "\\", "\n", "分", "🎵", "\x7f", "|"], unknown=False)
    assert len(odd) == len(trained.vocab)
    save(replace(trained, vocab=odd), path)
    assert load(path).vocab == odd


@pytest.mark.parametrize("where", ["write", "fsync", "replace"])
def test_a_failing_write_leaves_the_old_file_and_nothing_else(trained, saved, monkeypatch, where):
    before = saved.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    if where == "write":
        monkeypatch.setattr(checkpoints.safetensors.torch, "save", fail)
    else:
        monkeypatch.setattr(os, where, fail)
    with pytest.raises(OSError, match="No space left"):
        save(replace(trained, epoch=1), saved)
    assert saved.read_bytes() == before
    assert os.listdir(saved.parent) == [saved.name]


@pytest.fixture
def half_written(path):
    """Return a function that starts a save to `path` and returns its temporary file, which stays locked."""
    held = []

    def begin(name=None):
        temporary = path.with_name(f".{name or path.name}.{len(held):016x}.tmp")
        held.append(temporary.open("xb"))
        files._lock(held[-1])
        held[-1].write(b"half")
        held[-1].flush()
        return temporary, held[-1]

    yield begin
    for file in held:
        file.close()


@pytest.mark.skipif(os.name != "posix", reason="other systems do not remove open files")
def test_temporary_files_of_killed_saves_are_removed_and_files_being_written_stay(trained, path, half_written):
    (stale, dead), (going, _), (other, of_another) = half_written(), half_written(), half_written("another.safetensors")
    just_made = path.with_name(f".{path.name}.{'f' * 16}.tmp")
    just_made.touch()
    dead.close()
    of_another.close()
    save(trained, path)
    assert [file.exists() for file in (stale, going, other, just_made)] == [False, True, True, True]
    assert load(path).epoch == trained.epoch


def test_files_with_similar_names_are_not_removed(trained, path):
    link, folder = (path.with_name(f".{path.name}.{kind * 16}.tmp") for kind in "ab")
    target = path.with_name("mine.txt")
    target.write_text("mine")
    link.symlink_to(target)
    folder.mkdir()
    notes = path.with_name(f".{path.name}.notes.tmp")
    notes.write_text("mine, too")
    save(trained, path)
    assert (link.is_symlink(), target.read_text(), folder.is_dir(), notes.read_text()) == (
        True, "mine", True, "mine, too",
    )  # fmt: skip


def test_a_file_name_of_maximum_length_is_saved(trained, tmp_path):
    path = tmp_path / f"{'歌' * 80}.safetensors"  # 252 bytes
    save(trained, path)
    save(trained, path)
    assert os.listdir(tmp_path) == [path.name]


def test_a_disk_without_locks_is_written_to(trained, path, monkeypatch):
    def unsupported(*_):
        raise OSError(95, "Operation not supported")

    stale = path.with_name(f".{path.name}.{'0' * 16}.tmp")
    stale.write_bytes(b"half")
    monkeypatch.setattr(files, "_lock", unsupported)
    save(trained, path)
    assert load(path).epoch == trained.epoch
    assert stale.exists(), "it may be in use"


def test_a_full_disk_is_an_os_error(trained):
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full on this system")
    with pytest.raises(OSError, match="not a file"):
        save(trained, "/dev/full")
    assert not os.path.isfile("/dev/full")  # a device is not replaced by a file


def test_a_folder_or_a_missing_folder_is_an_os_error(trained, tmp_path):
    with pytest.raises(OSError, match="give the path of a file"):
        save(trained, tmp_path)
    with pytest.raises(OSError, match="none"):
        save(trained, tmp_path / "none" / "a.safetensors")


def test_a_link_stays_a_link(trained, saved, tmp_path):
    link = tmp_path / "link.safetensors"
    link.symlink_to(saved)
    save(replace(trained, epoch=1), link)
    assert link.is_symlink()
    assert load(saved).epoch == 1


@pytest.mark.skipif(os.name != "posix", reason="other systems have other permissions")
def test_the_file_may_be_read_as_any_other(trained, path):
    old = os.umask(0o022)
    try:
        save(trained, path)
    finally:
        os.umask(old)
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_long_run_still_fits(trained, path):
    row = {**trained.history[-1], "perplexity": 1.0123456789012345, "samples": []}
    long = replace(trained, epoch=100_000, history=tuple({**row, "epoch": n} for n in range(1, 100_001)))
    save(long, path)
    assert len(load(path).history) == 100_000


# reading


def parts(path):
    """Return the header of a safetensors file as a dict, and the bytes of its tensors."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def write(path, header, data=b""):
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + data)


def refuse(path, code=None):
    with pytest.raises(InvalidInput) as refusal:
        load(path)
    message = str(refusal.value)
    message.encode("utf-8")
    assert len(message) < 400
    assert code is None or refusal.value.code == code, message


class Wicked:
    def __reduce__(self):
        return (os.mkdir, ("wicked",))


def test_a_pickle_is_refused_unopened(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        path.write_bytes(pickle.dumps(Wicked(), protocol=protocol))
        refuse(path, "checkpoint_pickle")
    path.write_bytes(pickle.dumps(Wicked(), protocol=0))
    refuse(path, "checkpoint_not_one")
    torch.save({"a": torch.ones(2)}, path)
    refuse(path, "checkpoint_pickle")
    torch.save({"a": torch.ones(2)}, path, _use_new_zipfile_serialization=False)
    refuse(path, "checkpoint_pickle")
    assert not (tmp_path / "wicked").exists()


@pytest.mark.parametrize("name", ["none.safetensors", "", "\0", "x" * 5000, "."])
def test_missing_files_folders_and_devices_are_refused(tmp_path, name):
    refuse(f"{tmp_path}/{name}", "checkpoint_file")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names on this system")
def test_a_pipe_is_refused_without_reading(path):
    os.mkfifo(path)
    refuse(path, "checkpoint_file")


def test_the_field_can_be_named(path):
    with pytest.raises(InvalidInput, match=r"^resume: "):
        load(path, "resume")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x02",
        b"{}",
        struct.pack("<Q", 0),
        struct.pack("<Q", 2) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 4) + b"null",
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", MAX_HEADER_BYTES + 1) + b"{}",
        struct.pack("<Q", 100) + b"{}",  # it states more than the file has
        struct.pack("<Q", 3) + b"\xff\xfe\xfd",
        struct.pack("<Q", 200_000) + b"[" * 200_000,
        struct.pack("<Q", 12) + b'{"a":1,"a":2',
        struct.pack("<Q", 20) + b'{"__metadata__": []} ',
    ],
)
def test_other_files_are_refused(path, content):
    path.write_bytes(content)
    refuse(path)


def test_a_header_that_states_gigabytes_takes_no_memory(path):
    path.write_bytes(struct.pack("<Q", MAX_HEADER_BYTES) + b"{")
    tracemalloc.start()
    try:
        refuse(path, "checkpoint_not_one")
        write(path, b'{"a":[' + b"1," * (MAX_HEADER_BYTES // 2 - 8) + b"1]}")
        tracemalloc.reset_peak()
        refuse(path, "checkpoint_header")
        assert tracemalloc.get_traced_memory()[1] < 3 * MAX_HEADER_BYTES
    finally:
        tracemalloc.stop()


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a file that is open cannot be replaced")
def test_a_file_replaced_during_reading_is_read_in_its_old_version(trained, saved, monkeypatch):
    """If a run saves while its model is read: curve, weights and moments are of the same epoch."""
    read_header = language_model.read_header

    def meanwhile(*arguments):
        header = read_header(*arguments)
        later = {name: weight + 1 for name, weight in trained.weights.items()}
        save(replace(trained, epoch=3, weights=later), saved)
        return header

    monkeypatch.setattr(language_model, "read_header", meanwhile)
    loaded = load(saved)
    assert loaded.epoch == 2
    assert same(loaded.weights, trained.weights)
    monkeypatch.undo()
    assert load(saved).epoch == 3
    assert not same(load(saved).weights, trained.weights)


def test_another_model_that_is_written_over_a_file_while_it_is_read_is_refused(trained, saved, monkeypatch):
    """`cp` and programs that synchronise folders write into the open file, after the checked header."""
    read_header = language_model.read_header
    other = replace(trained, history=trained.history[:1], training=None)  # a shorter header, and fewer tensors

    def meanwhile(*arguments):
        header = read_header(*arguments)
        saved.write_bytes(checkpoints.to_bytes(other))
        return header

    monkeypatch.setattr(language_model, "read_header", meanwhile)
    with pytest.raises(InvalidInput):
        load(saved)


def test_a_truncated_file_is_refused_wherever_it_is_cut(saved):
    content = saved.read_bytes()
    for length in range(0, len(content), len(content) // 60):
        saved.write_bytes(content[:length])
        refuse(saved)
    saved.write_bytes(content[:-1])
    refuse(saved, "checkpoint_damaged")
    saved.write_bytes(content + b"\0")
    refuse(saved, "checkpoint_damaged")


def test_duplicate_keys_are_refused(saved):
    header, data = parts(saved)
    raw = json.dumps(header)
    name = next(name for name in header if name.startswith("model."))
    doubled = raw[:-1] + f', "{name}": {json.dumps(header[name])}}}'
    write(saved, doubled.encode(), data)
    refuse(saved, "checkpoint_not_one")


def test_a_hundred_thousand_empty_tensors_are_refused(saved):
    header, data = parts(saved)
    for n in range(100_000):
        header[f"optimizer.{n}"] = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
    write(saved, header, data)
    refuse(saved, "checkpoint_names")


@pytest.mark.parametrize(
    "extra", ["foo", "optimizer.output.bias.more", "optimizer.x.step", "carried.2", "model.x", "carried"]
)
def test_a_tensor_too_many_is_refused(saved, extra):
    header, data = parts(saved)
    header[extra] = {"dtype": "F32", "shape": [], "data_offsets": [len(data), len(data) + 4]}
    write(saved, header, data + b"\0\0\0\0")
    refuse(saved, "checkpoint_names")


@pytest.mark.parametrize("missing", ["model.output.bias", "optimizer.output.bias.exp_avg", "generator"])
def test_a_tensor_too_few_is_refused(trained, path, missing):
    kept = dict(trained.training)
    kept.pop(missing, None)
    weights = {name: t for name, t in trained.weights.items() if f"model.{name}" != missing}
    save(replace(trained, weights=weights, training=kept), path)
    refuse(path, "checkpoint_names")


def changed(trained, name, tensor):
    """Save the checkpoint with one tensor of the file replaced."""
    if name.startswith("model."):
        return replace(trained, weights={**trained.weights, name.removeprefix("model."): tensor})
    return replace(trained, training={**trained.training, name: tensor})


@pytest.mark.parametrize(
    ("name", "tensor"),
    [
        ("model.output.bias", torch.zeros(999)),
        ("model.output.bias", torch.zeros(1, 7)),
        ("model.output.bias", torch.zeros(())),
        ("model.output.bias", torch.zeros(7, dtype=torch.float64)),
        ("model.output.bias", torch.zeros(7, dtype=torch.float16)),
        ("model.output.bias", torch.zeros(7, dtype=torch.int32)),
        ("optimizer.output.bias.exp_avg", torch.zeros(2)),
        ("optimizer.output.bias.step", torch.zeros(1)),
        ("optimizer.output.bias.step", torch.zeros((), dtype=torch.int64)),
        ("carried.0", torch.zeros(1, 2, 4)),
        ("carried.0", torch.zeros(2, 2, 3)),
        ("carried.0", torch.zeros(2, 3)),
        ("generator", torch.zeros(5, dtype=torch.uint8)),
        ("generator", torch.zeros(5056)),
    ],
)
def test_wrong_shapes_and_types_are_refused(trained, path, name, tensor):
    save(changed(trained, name, tensor), path)
    refuse(path, "checkpoint_shape")


@pytest.mark.parametrize("entry", [5, None, "F32", [], {}, {"dtype": "F32"}, {"dtype": "F32", "shape": [7.0]}])
def test_a_table_of_nonsense_is_refused(saved, entry):
    header, data = parts(saved)
    header["model.output.bias"] = entry
    write(saved, header, data)
    refuse(saved, "checkpoint_shape")


@pytest.mark.parametrize("offsets", [[0, 1], [-4, 28], [10**12, 10**12 + 32], None, [0], "x"])
def test_offsets_of_nonsense_are_refused(saved, offsets):
    header, data = parts(saved)
    header["model.output.bias"]["data_offsets"] = offsets
    write(saved, header, data)
    refuse(saved, "checkpoint_damaged")


@pytest.mark.parametrize("name", ["model.output.bias", "optimizer.output.bias.exp_avg", "carried.1"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused(trained, path, name, value):
    tensor = {f"model.{k}": v for k, v in trained.weights.items()} | trained.training
    save(changed(trained, name, torch.full_like(tensor[name], value)), path)
    refuse(path, "checkpoint_not_finite")


@pytest.mark.parametrize(
    ("name", "value"),
    [("optimizer.output.bias.step", -1.0), ("optimizer.output.bias.exp_avg_sq", -1.0), ("generator", 255)],
)
def test_an_impossible_optimizer_state_is_refused(trained, path, name, value):
    save(changed(trained, name, torch.full_like(trained.training[name], value)), path)
    refuse(path, "checkpoint_damaged")


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "another"},
        {"format": 5},
        {"epoch": "-1"},
        {"epoch": "true"},
        {"epoch": "1.5"},
        {"epoch": "NaN"},
        {"epoch": "9" * 5000},
        {"epoch": '"1"'},
        {"epoch": 1},
        {"history": "5"},
        {"history": "[5]"},
        {"history": "[{}]"},
        {"history": '[{"epoch": 1, "perplexity": NaN}]'},
        {"history": '[{"epoch": 1, "perplexity": 1e999}]'},
        {"history": '[{"epoch": 1, "perplexity": 1%s}]' % ("0" * 400)},  # beyond a float
        {"history": '[{"epoch": 1, "perplexity": {"a": 1}}]'},
        {"history": '[{"epoch": "1"}]'},
        {"history": '[{"epoch": 1, "samples": [5]}]'},
        {"history": "[" * 100_000},
        {"vocabulary": "[]"},
        {"vocabulary": "5"},
        {"vocabulary": '["a", "a"]'},
        {"vocabulary": '["a", 5]'},
        {"vocabulary": '["\\ud800"]'},
        {"vocabulary": '{"a": 1}'},
        {"unknown": "1"},
        {"unknown": "true"},  # the vocabulary has no <unk>
        {"text_digest": "5"},
        {"config": "[]"},
        {"config": '{"hidden_size": 3}'},
        {"config": '{"hidden_size": null}'},
        {"config": "{"},
        {"config": None},
        {"vocabulary": None},
    ],
    ids=lambda changes: "-".join(f"{name}-{str(text)[:30]}" for name, text in changes.items()),
)
def test_a_header_of_nonsense_is_refused(saved, changes):
    header, data = parts(saved)
    metadata = header["__metadata__"] | changes
    header["__metadata__"] = {name: text for name, text in metadata.items() if text is not None}
    write(saved, header, data)
    refuse(saved, "checkpoint_format" if "format" in changes else "checkpoint_header")


@pytest.mark.parametrize(
    "setting",
    [
        {"hidden_size": "0"},
        {"hidden_size": "nan"},
        {"hidden_size": "99999999999999"},
        {"num_layers": "1000000"},
        {"model": "transformer"},
        {"bidirectional": "maybe"},
        {"dropout": "-1"},
        {"nonlinearity": "relu"},  # an LSTM has none to choose
        {"hidden_size": "4"},  # not these weights
        {"num_layers": "2"},
        {"encoding": "one-hot"},
    ],
)
def test_a_config_that_does_not_fit_is_refused(trained, path, setting):
    save(replace(trained, config={**trained.config, **setting}), path)
    refuse(path)


@pytest.mark.parametrize("tokens", [["a"], [f"{n}" for n in range(500)], ["a", "b", "c", "d", "e", "f"]])
def test_another_vocabulary_is_refused(trained, path, tokens):
    save(replace(trained, vocab=Vocab.from_list(tokens, unknown=False)), path)
    refuse(path)


def test_settings_of_training_are_not_checked_by_load(trained, path):
    save(replace(trained, config={**trained.config, "learning_rate": "nan", "flavour": "odd"}), path)
    assert load(path).build_model()
    with pytest.raises(InvalidInput, match="flavour"):
        Config.from_strings(load(path).config)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused(path, content):
    path.write_bytes(content)
    refuse(path)
    path.write_bytes(struct.pack("<Q", len(content)) + content)
    refuse(path)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.data())
def test_a_damaged_byte_is_refused_or_harmless(saved, data):
    content = bytearray(saved.read_bytes())
    start = struct.unpack("<Q", content[:8])[0] + 8
    place = data.draw(st.integers(0, start - 1) | st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    saved.with_name("damaged").write_bytes(content)
    try:
        loaded = load(saved.with_name("damaged"))
    except InvalidInput:
        return
    assert loaded.build_model()(torch.tensor([[0, 1]]))[0].shape == (1, 2, len(loaded.vocab))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.sampled_from(["config", "vocabulary", "unknown", "epoch", "history", "text_digest", "table"]), JSON)
def test_any_json_in_a_header_is_refused_or_harmless(saved, name, value):
    header, data = parts(saved)
    if name == "table":
        header["model.output.bias"] = value
    else:
        header["__metadata__"][name] = json.dumps(value)
    odd = saved.with_name("odd")
    write(odd, {**header, "__metadata__": {**header["__metadata__"], "format": FORMAT}}, data)
    try:
        loaded = load(odd)
    except InvalidInput as refusal:
        str(refusal).encode("utf-8")
        return
    assert loaded.build_model()
