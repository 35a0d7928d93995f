"""Surgery on a text and the songs before and after it; the look at gates."""

import math

import numpy as np
import pytest
import torch

from rnnlab.experiments.language_model import Config
from rnnlab.experiments.language_model.inspected import inspect_text
from rnnlab.experiments.language_model.looks import look_at
from rnnlab.experiments.language_model.surgery_of_text import read_for_surgery, songs_of, surgery_of_text
from rnnlab.generation import Generation, generate
from rnnlab.generation.decoder import SwitchedDecoder
from rnnlab.generation.sampling import token_at
from rnnlab.inspection.surgery import MEAN, Operation, gate_means, operate
from rnnlab.models import LanguageModel
from rnnlab.text import Vocab
from rnnlab.validation import InvalidInput

TEXT = "a rose is a rose\nis a rose "
VOCAB = Vocab(TEXT, unknown=False)
CONFIG = Config(model="lstm", hidden_size=7, embedding_size=5, num_layers=2, init_scale=1.5)


@pytest.fixture(scope="module")
def model():
    return LanguageModel(CONFIG, len(VOCAB), generator=torch.Generator().manual_seed(3)).eval()


def perplexity_in_float64(model, ids):
    with torch.no_grad():
        logits = operate(model, []).double()(torch.tensor([ids]))[0][0]
    nats = -logits.log_softmax(-1)[:-1].gather(1, torch.tensor(ids[1:])[:, None])
    return math.exp(float(nats.mean()))


def test_before_and_after_are_the_perplexities_of_the_text(model):
    _, ids = read_for_surgery(VOCAB, TEXT)
    done = [Operation("gate", 1, "forget", value=MEAN), Operation("matrix", 0, matrix="weight_hh")]
    found = surgery_of_text(model, ids, done)
    assert found.before == pytest.approx(perplexity_in_float64(model, ids), rel=1e-5)
    operated = operate(model, done, gate_means(model, ids))
    assert found.after == pytest.approx(perplexity_in_float64(operated, ids), rel=1e-5)
    assert found.after != pytest.approx(found.before, rel=1e-3)
    assert found.to_dict()["perplexity"] == {"before": found.before, "after": found.after}
    assert (found.blind_guess, found.to_dict()["predicted"]) == (len(VOCAB), len(TEXT) - 1)


OPERATIONS = [Operation("gate", 0, "o", value=0.0), Operation("unit", 1, unit=3)]
HOW = Generation(prefix="a ro", length=40, seed=5)
UNIFORMS = torch.rand(40, generator=torch.Generator().manual_seed(5), dtype=torch.float64).tolist()


def double(model, operations=()):
    return operate(model, operations).double()


def sung_in_float64(model, operated, start):
    """The song, each token drawn from a distribution in float64; the step before the place `start` is operated."""
    prefix = VOCAB.encode(HOW.prefix)
    ids, state = list(prefix), None
    for k in range(len(prefix) + HOW.length - 1):  # step k reads token k, and predicts token k + 1
        place = k + 1 - len(prefix)
        with torch.no_grad():
            logits, state = (operated if place >= start else model)(torch.tensor([ids[k : k + 1]]), state)
        if place >= 0:
            ids.append(token_at(logits[0, -1].numpy().copy(), HOW, UNIFORMS[place]))
    return VOCAB.decode(ids[len(prefix) :])


@pytest.mark.parametrize("start", [0, 1, 13, 39])
def test_the_song_is_the_undamaged_one_up_to_the_place_and_the_operations_hold_from_there(model, start):
    found = songs_of(model, operate(model, OPERATIONS), VOCAB, HOW, start)
    assert list(found.before) == [token.text for token in generate(model, VOCAB, HOW, uniforms=UNIFORMS)]
    assert found.before[:start] == found.after[:start]
    assert list(found.after) == sung_in_float64(double(model), double(model, OPERATIONS), start)
    differing = [k for k in range(40) if found.before[k] != found.after[k]]
    assert found.departs == (differing[0] if differing else None)
    assert min(differing, default=start) >= start
    assert found.to_dict()["from_character"] == start


def test_the_operated_network_goes_on_from_the_undamaged_state(model):
    ids = VOCAB.encode(list(TEXT[:9]))
    switched = SwitchedDecoder(model, operate(model, OPERATIONS))
    with torch.no_grad():
        _, state = double(model)(torch.tensor([ids[:-1]]))
        expected, state = double(model, OPERATIONS)(torch.tensor([ids[-1:]]), state)
        assert np.allclose(switched.read(ids), expected[0, -1], rtol=0, atol=1e-5)
        expected, _ = double(model, OPERATIONS)(torch.tensor([[2]]), state)
        assert np.allclose(switched.read([2]), expected[0, -1], rtol=0, atol=1e-5)


def test_without_an_operation_the_songs_are_the_same(model):
    for start in (0, 20):
        found = songs_of(model, operate(model, []), VOCAB, HOW, start)
        assert (found.departs, found.before) == (None, found.after)


@pytest.mark.parametrize("start", [-1, 40, 1.5, True])
def test_a_place_that_the_song_does_not_have_is_refused(model, start):
    with pytest.raises(InvalidInput) as refused:
        songs_of(model, model, VOCAB, HOW, start)
    assert refused.value.field == "from_character"


def test_a_text_of_which_too_little_is_known_is_refused():
    for text in ("", "a", "xyz"):
        with pytest.raises(InvalidInput, match="text"):
            read_for_surgery(VOCAB, text)


def test_the_look_at_gates_has_means_shares_and_the_opened_cell(model):
    inspected = inspect_text(model, VOCAB, CONFIG, TEXT)
    found = look_at(inspected, "gates", {"place": "3", "layer": "1", "unit": "2", "number": "2"})
    assert [(gate["layer"], gate["gate"]) for gate in found["gates"]] == [(k, g) for k in (0, 1) for g in "ifo"]
    values = inspected.reading.activations["l1.f"]
    gate = found["gates"][4]
    assert np.allclose(gate["along"], values.mean(1), atol=1e-6)
    assert np.allclose(gate["high"], (values > 0.9).mean(0))
    lines = found["cell"]["lines"]
    assert [line["letter"] for line in lines] == list("ifgoch")
    assert lines[1]["value"] == pytest.approx(values[3, 2], abs=1e-5)
    assert {len(line["terms"]) for line in lines} == {1, 2}  # h is one product
    assert "cell" not in look_at(inspected, "gates", {})
    for query, field in (
        ({"place": "99"}, "place"),
        ({"place": "1", "unit": "7"}, "unit"),
        ({"measure": "x"}, "measure"),
    ):
        with pytest.raises(InvalidInput, match=field):
            look_at(inspected, "gates", query)
