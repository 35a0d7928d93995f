"""Checkpoints of taggers: round trips, and checks of damaged and hostile files."""

import json
import struct
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnlab import checkpoints
from rnnlab.checkpoints import TAGGER_FORMAT, load, load_tagger, save, to_bytes
from rnnlab.experiments.tagging import Config, Trainer, preset
from rnnlab.limits import MAX_HEADER_BYTES
from rnnlab.resources import SHIPPED_TAGGERS, shipped_tagger
from rnnlab.tagging import tag_sentence
from rnnlab.text import Lexicon, TaggedSentence, Vocab
from rnnlab.validation import InvalidInput

SMALL = {
    "corpus": "own", "hidden_size": 3, "embedding_size": 2, "characters": "lstm", "character_embedding_size": 2,
    "character_size": 2, "epochs": 2,
}  # fmt: skip
SENTENCES = [TaggedSentence.of('La li "\\', "X Y Z"), TaggedSentence.of("lu 分🎵", "X Y")]


@pytest.fixture(scope="module")
def trained():
    trainer = Trainer(Config(**SMALL), SENTENCES)
    list(trainer.events())
    return trainer.latest


@pytest.fixture
def saved(trained, tmp_path):
    save(trained, tmp_path / "tagger.safetensors")
    return tmp_path / "tagger.safetensors"


def parts(path):
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def write(path, header, data=b""):
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + data)


def refuse(path, code):
    with pytest.raises(InvalidInput) as refusal:
        load_tagger(path)
    assert refusal.value.code == code, str(refusal.value)
    str(refusal.value).encode("utf-8")


def test_a_tagger_without_a_row_for_unknown_words_is_read_as_such(tmp_path):
    latest = Trainer(Config(**SMALL, unknown_words=False), SENTENCES).latest
    save(latest, tmp_path / "closed.safetensors")
    read = load_tagger(tmp_path / "closed.safetensors")
    assert read.lexicon == latest.lexicon
    assert read.lexicon.words.tokens[0] == "La"
    assert [token.tag for token in tag_sentence(read.build_model(), ["li"])] == [
        token.tag for token in tag_sentence(latest.build_model(), ["li"])
    ]


def test_round_trip(trained, saved):
    loaded = load_tagger(saved)
    assert (loaded.config, loaded.lexicon, loaded.epoch) == (trained.config, trained.lexicon, 2)
    assert loaded.history == trained.history
    assert loaded.weights.keys() == trained.weights.keys()
    assert all(torch.equal(loaded.weights[name], t) for name, t in trained.weights.items())
    tokens = ["La", "lu", "new"]
    assert tag_sentence(loaded.build_model(), tokens) == tag_sentence(trained.build_model(), tokens)
    assert len(saved.read_bytes()) == len(to_bytes(trained))  # the order of a header's entries may differ
    assert Config.from_strings(loaded.config) == Config(**SMALL)


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "none", "characters": "none"},
        {"model": "gru", "implementation": "scratch", "characters": "cnn"},
        {"model": "rnn", "bidirectional": True, "num_layers": 2, "dropout": 0.3, "lowercase": True},
    ],
)
def test_every_kind_round_trips(tmp_path, changes):
    latest = Trainer(Config(**SMALL | changes), SENTENCES).latest
    save(latest, tmp_path / "t")
    tokens = ["La", "lu", "new"]
    assert tag_sentence(load_tagger(tmp_path / "t").build_model(), tokens) == tag_sentence(latest.build_model(), tokens)


def test_a_built_tagger_has_its_own_weights(trained):
    tagger = trained.build_model()
    assert not tagger.training
    with torch.no_grad():
        tagger.output.weight.zero_()
    assert trained.weights["output.weight"].any()


def test_a_failing_write_leaves_the_old_file(trained, saved, monkeypatch):
    before = saved.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoints.files.os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        save(replace(trained, epoch=1), saved)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


@pytest.mark.parametrize("language", SHIPPED_TAGGERS)
def test_the_shipped_taggers_are_small_and_good(language):
    path = shipped_tagger(language)
    assert path.stat().st_size < 2 * 10**6
    loaded = load_tagger(path)
    assert Config.from_strings(loaded.config) == preset(f"everyday-{language}").config()  # as assets/README.md says
    assert loaded.history[-1]["held_out_accuracy"] > 0.85
    assert len(loaded.lexicon.tags) == 17


def test_the_other_kind_of_model_is_refused(saved):
    with pytest.raises(InvalidInput, match="language model"):
        load(saved)


@pytest.mark.parametrize("content", [b"", b"{}", struct.pack("<Q", 2) + b"{}", struct.pack("<Q", 2) + b"[]"])
def test_other_files_are_refused(saved, content):
    saved.write_bytes(content)
    with pytest.raises(InvalidInput):
        load_tagger(saved)


def test_a_pickle_is_refused_unopened(saved):
    torch.save({"a": torch.ones(2)}, saved)
    refuse(saved, "checkpoint_pickle")


def test_a_huge_header_is_refused(saved):
    saved.write_bytes(struct.pack("<Q", MAX_HEADER_BYTES + 1) + b"{}")
    refuse(saved, "checkpoint_not_one")
    saved.write_bytes(struct.pack("<Q", MAX_HEADER_BYTES) + b"{")
    refuse(saved, "checkpoint_not_one")
    write(saved, b'{"a":[' + b"1," * 2_000_001 + b"1]}")
    refuse(saved, "checkpoint_header")


def test_duplicate_keys_are_refused(saved):
    header, data = parts(saved)
    raw = json.dumps(header)
    name = next(name for name in header if name.startswith("model."))
    write(saved, f'{raw[:-1]}, "{name}": {json.dumps(header[name])}}}'.encode(), data)
    refuse(saved, "checkpoint_not_one")


def test_a_tensor_too_many_or_too_few_is_refused(trained, saved):
    header, data = parts(saved)
    extra = {"dtype": "F32", "shape": [], "data_offsets": [len(data), len(data) + 4]}
    for name in ("generator", "optimizer.output.bias.step", "model.x"):
        write(saved, {**header, name: extra}, data + b"\0\0\0\0")
        refuse(saved, "checkpoint_names")
    save(replace(trained, weights={n: t for n, t in trained.weights.items() if n != "output.bias"}), saved)
    refuse(saved, "checkpoint_names")


@pytest.mark.parametrize(
    ("name", "tensor"),
    [
        ("output.bias", torch.zeros(4)),
        ("output.bias", torch.zeros(1, 3)),
        ("output.bias", torch.zeros(3, dtype=torch.float64)),
        ("embedding.weight", torch.zeros(1, 2)),
        ("spelling.embedding.weight", torch.zeros(999, 2)),
        ("recurrent.weight_hh_l0", torch.zeros(12, 4)),
    ],
)
def test_wrong_shapes_and_types_are_refused(trained, saved, name, tensor):
    save(replace(trained, weights={**trained.weights, name: tensor}), saved)
    refuse(saved, "checkpoint_shape")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused(trained, saved, value):
    save(replace(trained, weights={**trained.weights, "output.bias": torch.full((3,), value)}), saved)
    refuse(saved, "checkpoint_not_finite")


@pytest.mark.parametrize(
    "changes",
    [
        {"words": "5"},
        {"words": "[]"},
        {"words": '["a", "b"]'},  # without <unk> first
        {"words": '["<unk>", "a", "a"]'},
        {"words": '["<unk>", "\\ud800"]'},
        {"words": None},
        {"characters": '{"a": 1}'},
        {"characters": '["a"]'},
        {"tags": "[]"},
        {"tags": '["X", "X", "Z"]'},
        {"tags": '["X", 5, "Z"]'},
        {"tags": "[" * 100_000},
        {"epoch": "-1"},
        {"history": '[{"epoch": 1, "loss": NaN}]'},
        {"config": '{"hidden_size": 3}'},
    ],
    ids=lambda changes: "-".join(f"{name}-{str(text)[:30]}" for name, text in changes.items()),
)
def test_a_header_of_nonsense_is_refused(saved, changes):
    header, data = parts(saved)
    metadata = header["__metadata__"] | changes
    header["__metadata__"] = {name: text for name, text in metadata.items() if text is not None}
    write(saved, header, data)
    refuse(saved, "checkpoint_header")


@pytest.mark.parametrize(
    "setting",
    [
        {"hidden_size": "99999999999999"},
        {"num_layers": "1000000"},
        {"model": "transformer"},
        {"hidden_size": "4"},
        {"model": "none"},
        {"characters": "cnn"},
        {"bidirectional": "true"},
    ],
)
def test_a_config_that_does_not_fit_is_refused(trained, saved, setting):
    save(replace(trained, config={**trained.config, **setting}), saved)
    with pytest.raises(InvalidInput):
        load_tagger(saved)


def test_another_lexicon_is_refused(trained, saved):
    longer = Vocab(["a", "b", "c", "d", "e", "f", "g"])
    for changes in ({"words": longer}, {"characters": longer}, {"tags": ("X",)}):
        save(replace(trained, lexicon=Lexicon(**{**vars(trained.lexicon), **changes})), saved)
        refuse(saved, "checkpoint_shape")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(st.sampled_from(["config", "words", "characters", "tags", "epoch", "history", "table"]), JSON)
def test_any_json_in_a_header_is_refused_or_harmless(saved, name, value):
    header, data = parts(saved)
    if name == "table":
        header["model.output.bias"] = value
    else:
        header["__metadata__"][name] = json.dumps(value)
    odd = saved.with_name("odd")
    write(odd, {**header, "__metadata__": {**header["__metadata__"], "format": TAGGER_FORMAT}}, data)
    try:
        loaded = load_tagger(odd)
    except InvalidInput as refusal:
        str(refusal).encode("utf-8")
        return
    assert tag_sentence(loaded.build_model(), ["La", "new"])
