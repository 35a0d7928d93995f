"""RNN, GRU and LSTM trained alike: the same text, settings, seed and minibatches; only the cell differs."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnlab.experiments.divergence import NotFinite
from rnnlab.experiments.language_model import Config, Trainer, other_cells
from rnnlab.experiments.language_model.gradient_curves import CELLS, alike, untrained_model
from rnnlab.experiments.language_model.other_cells import (
    OtherCell,
    other_curves,
    plan_other_cells,
    train_other_cells,
)
from rnnlab.experiments.language_model.recording import Recorder, Recording
from rnnlab.inspection.gradient_lens import places_of_curve
from rnnlab.validation import InvalidInput

TEXT = "la li lu la le lo\nli la lo lu le la\n" * 12
TINY = Config(
    corpus="own", model="gru", hidden_size=6, embedding_size=3, batch_size=4, num_steps=5, epochs=4, sample_every=None
)
DRAWN = {"sampling": "random"}, {"random_offset": True, "dropout": 0.3}, {"shuffle_text": True, "model": "lstm"}


def recorded_run(folder, config=TINY, change=None):
    """Train and record; return the recording and the trainer. change: a learning rate from epoch 3 on."""
    recording = Recording(folder / "run")
    recorder = Recorder(recording)
    trainer = Trainer(config, TEXT, device="cpu", recorder=recorder)
    for event in trainer.events():
        if event.kind == "recorded" and trainer.epoch == 2 and change:
            trainer.change(change)
    recorder.wait()
    return recording, trainer


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of a GRU, and the other two trained like it."""
    recording, trainer = recorded_run(tmp_path_factory.mktemp("other"))
    shares = []
    train_other_cells(recording, plan_other_cells(recording, 4), TEXT, tick=shares.append)
    return recording, trainer, shares


@pytest.mark.parametrize("settings", DRAWN)
def test_the_same_cell_trained_alike_is_the_run_itself_to_the_last_bit(settings):
    own = replace(TINY, **settings)
    run, again = Trainer(own, TEXT, device="cpu"), OtherCell(own, own, TEXT, device="cpu")
    assert len(list(run.events())) == len(list(again.events()))
    assert all(torch.equal(again.latest.weights[name], tensor) for name, tensor in run.latest.weights.items())


@pytest.mark.parametrize("settings", DRAWN[:1] + DRAWN[2:])
@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_another_cell_has_the_minibatches_of_the_run(settings, cell):
    own = replace(TINY, **({"model": "lstm"} | settings))

    def minibatches(trainer):
        seen, learn = [], trainer.learn
        trainer.learn = lambda x, y, *rest: (seen.append(x.tolist()), learn(x, y, *rest))[1]
        assert list(trainer.events())
        return seen

    of_run = minibatches(Trainer(own, TEXT, device="cpu"))
    assert minibatches(OtherCell(own, alike(own, cell), TEXT, device="cpu")) == of_run
    assert minibatches(Trainer(alike(own, cell), TEXT, device="cpu")) != of_run, "the test could not fail"


def test_the_other_two_are_recorded_beside_the_run_from_before_training_on(trained):
    recording, _, shares = trained
    assert [len(recording.beside(cell).weighted) for cell in CELLS] == [5, 0, 5]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    for cell in ("rnn", "lstm"):
        other, config = recording.beside(cell), alike(TINY, cell)
        start = untrained_model(config, len(recording.index.vocab)).state_dict()
        assert all(torch.equal(start[name].half(), tensor.half()) for name, tensor in other.weights(0).items())
        expected = OtherCell(TINY, config, TEXT, device="cpu")
        assert list(expected.events())
        state = other.state(4)  # in full precision
        assert state.weights.keys() == expected.latest.weights.keys()
        assert all(torch.equal(state.weights[name], tensor) for name, tensor in expected.latest.weights.items())
    plan = plan_other_cells(recording, 4)
    assert (plan.cells, plan.trained, plan.epochs, plan.seconds) == (("rnn", "lstm"), (4, 4), 4, 0.0)
    assert plan.is_done


def test_a_change_while_the_run_trained_changes_at_the_same_minibatch(tmp_path):
    recording, _ = recorded_run(tmp_path, change=0.001)
    train_other_cells(recording, plan_other_cells(recording, 4), TEXT)
    other = OtherCell(TINY, alike(TINY, "lstm"), TEXT, device="cpu")
    for event in other.events():
        if event.kind == "epoch" and other.epoch == 2:
            other.change(0.001)
    state = recording.beside("lstm").state(4)
    assert all(torch.equal(state.weights[name], tensor) for name, tensor in other.latest.weights.items())


def test_what_was_stopped_or_extended_goes_on_and_what_belongs_to_a_lost_run_goes(trained, tmp_path):
    recording, _ = recorded_run(tmp_path)
    plan = plan_other_cells(recording, 4)

    class Stopped(Exception):
        pass

    def stop(share):
        if share > 2.5 / 4 / 2.8:  # within the third epoch of the RNN
            raise Stopped

    with pytest.raises(Stopped):
        train_other_cells(recording, plan, TEXT, tick=stop)
    assert plan_other_cells(recording, 4).trained == (2, -1)
    assert 0 < plan_other_cells(recording, 4).seconds < plan.seconds
    again = Recording(tmp_path / "run")  # by another process
    train_other_cells(again, plan_other_cells(again, 4), TEXT)
    for cell in ("rnn", "lstm"):
        one, other = (found.beside(cell).state(4).weights for found in (again, trained[0]))
        assert all(torch.equal(one[name], other[name]) for name in other)
    alone = sum(again._sizes.values())
    assert again.nbytes == alone + again.beside("rnn").nbytes + again.beside("lstm").nbytes > alone
    assert Recording(tmp_path / "run").nbytes == again.nbytes
    again.rewind(2)
    assert again.beside("rnn").weighted == [0, 1, 2]
    again.remove()
    assert (again.nbytes, list(tmp_path.iterdir())) == (0, [])


def exact_curve(model, config, ids):
    """The median norms to h by lag, character by character with torch.nn in float64."""
    vectors = model.embedding.weight.double().detach()[list(ids)]
    layer = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[config.model](3, 6).double()
    layer.load_state_dict({name: value.double() for name, value in model.recurrent.state_dict().items()})
    weight, bias = model.output.weight.double().detach(), model.output.bias.double().detach()
    places, lags = places_of_curve(len(ids))
    found = []
    for place in places:
        state, states = None, []
        for vector in vectors[:place]:
            _, state = layer(vector[None], state)
            hidden = state[0] if config.model == "lstm" else state
            states.append(hidden)
        loss = torch.nn.functional.cross_entropy((hidden @ weight.T + bias)[0], torch.tensor(ids[place]))
        gradients = torch.autograd.grad(loss, states[::-1])
        found.append([float(gradient.norm()) for gradient in gradients[:lags]])
    return np.median(found, axis=0)


@pytest.mark.parametrize("epoch", [0, 1, 4])
def test_the_curves_are_those_of_autograd_in_float64_at_that_epoch(trained, epoch):
    recording, trainer, _ = trained
    ids = trainer.corpus.train_ids[:44].tolist()
    curves = other_curves(recording, ids, epoch)
    assert [(curve.model, curve.epoch) for curve in curves] == [("rnn", epoch), ("lstm", epoch)]
    for curve in curves:
        config = alike(TINY, curve.model)
        model = untrained_model(config, len(trainer.vocab))
        if epoch:
            other = OtherCell(TINY, replace(config, epochs=epoch), TEXT, device="cpu")
            assert list(other.events())
            model = other.model
        expected = exact_curve(model, config, ids)  # its weights are kept in half precision
        np.testing.assert_allclose(curve.h, expected, rtol=0.02)


def test_the_bound_on_seconds_shortens_the_plan_or_says_why_there_is_none(tmp_path, monkeypatch):
    recording, _ = recorded_run(tmp_path)
    monkeypatch.setattr(other_cells, "_seconds_of_epoch", lambda _: 10.0)
    plan = plan_other_cells(recording, 4, 35.0)
    each = 10 * (1.0 + 1.8) / 1.9
    assert (plan.epochs, plan.last, plan.seconds) == (2, 4, pytest.approx(2 * each))
    with pytest.raises(InvalidInput) as refused:
        plan_other_cells(recording, 4, 10.0)
    assert refused.value.code == "other_cells_too_long"
    monkeypatch.setattr(other_cells, "MAX_OTHER_CELLS_BYTES", 1000)
    with pytest.raises(InvalidInput) as refused:
        plan_other_cells(recording, 4)
    assert refused.value.code == "other_cells_too_large"


def test_a_cell_that_diverges_says_so_and_the_other_one_is_trained(trained, tmp_path, monkeypatch):
    recording, _ = recorded_run(tmp_path)
    real = OtherCell._train_step

    def explode(self, x, y, limit):
        if self.config.model == "rnn" and self.epoch == 1:
            raise NotFinite
        return real(self, x, y, limit)

    monkeypatch.setattr(OtherCell, "_train_step", explode)
    with pytest.raises(InvalidInput, match="RNN"):
        train_other_cells(recording, plan_other_cells(recording, 4), TEXT)
    assert plan_other_cells(recording, 4).trained == (1, 4)
    with pytest.raises(InvalidInput, match="another text"):
        train_other_cells(recording, plan_other_cells(recording, 4), TEXT + TEXT)


def test_a_disk_that_takes_no_more_ends_the_training_and_says_so(tmp_path, monkeypatch):
    recording, _ = recorded_run(tmp_path)
    add = Recording.add

    def full(self, recorded, weights):
        if recorded.epoch == 2 and self is not recording:
            raise OSError(28, "No space left on device")
        add(self, recorded, weights)

    monkeypatch.setattr(Recording, "add", full)
    with pytest.raises(InvalidInput, match="RNN could not be recorded") as refused:
        train_other_cells(recording, plan_other_cells(recording, 4), TEXT)
    assert refused.value.code == "other_cells_not_recorded"
    assert recording.epochs == [0, 1, 2, 3, 4], "the run's own recording stays"
    monkeypatch.undo()
    train_other_cells(recording, plan_other_cells(recording, 4), TEXT)
    assert all(recording.beside(cell).weighted[-1] == 4 for cell in ("rnn", "lstm"))
