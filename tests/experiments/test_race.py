"""A race: its lanes train as they would alone, in turn, on the same minibatches."""

import time
from dataclasses import replace

import pytest
import torch

from rnnlab.experiments import language_model
from rnnlab.experiments.language_model.data import prepare
from rnnlab.experiments.race import (
    Config,
    Difference,
    Epoch,
    Finished,
    Line,
    Race,
    RaceRows,
    Retired,
    Split,
    Started,
    Step,
    at_the_start,
    preset,
    run,
)
from rnnlab.experiments.race import lane as lane_module
from rnnlab.experiments.race import race as race_module
from rnnlab.resources import generated_source
from rnnlab.runs import FINISHED, PAUSED, Run, Runner
from rnnlab.validation import InvalidInput

TINY = {
    "hidden_size": 12, "embedding_size": 6, "max_tokens": 700, "batch_size": 8, "num_steps": 10, "epochs": 3,
    "sample_length": 4,
}  # fmt: skip


def config(**changes):
    return Config(**{**TINY, **changes})


def events_of(kind, events):
    return [event for event in events if isinstance(event, kind)]


@pytest.fixture(scope="module")
def models():
    return list(run(config(target_perplexity=None)))


def test_lanes_take_turns_a_minibatch_each(models):
    steps = events_of(Step, models)
    assert [step.lane for step in steps] == ["rnn", "gru", "lstm"] * (len(steps) // 3)
    for together in zip(steps[::3], steps[1::3], steps[2::3], strict=True):
        assert len({(step.epoch, step.step, step.characters) for step in together}) == 1
    assert len(steps) == 3 * 3 * steps[0].steps


def test_a_lane_trains_exactly_as_it_would_alone(models):
    for lane in config(target_perplexity=None).lane_configs():
        alone = list(language_model.run(lane.config))
        own = [event.perplexity for event in events_of(Step, models) if event.lane == lane.name]
        assert own == [event.perplexity for event in events_of(language_model.Step, alone)]
        epochs = [
            (e.perplexity, e.held_out_perplexity, e.sample) for e in events_of(Epoch, models) if e.lane == lane.name
        ]
        alone_epochs = events_of(language_model.Epoch, alone)
        assert epochs == [(e.perplexity, e.held_out_perplexity, e.samples[0]) for e in alone_epochs]


def test_the_first_event_has_the_lanes_and_what_they_must_beat(models):
    started, *others = models
    assert isinstance(started, Started)
    assert [lane.name for lane in started.lanes] == ["rnn", "gru", "lstm"]
    assert started.parameters == started.lanes[2].parameters == max(lane.parameters for lane in started.lanes)
    assert (started.same_weights, started.is_parity, started.target_perplexity) == (False, False, None)
    assert 1 < started.ngram5_perplexity < started.unigram_perplexity < started.uniform_perplexity
    assert [line.lane for line in events_of(Line, others)] == ["rnn", "gru", "lstm"]
    assert next(iter(at_the_start(config(target_perplexity=None)))) == started


def test_scratch_and_torch_begin_alike_and_stay_within_rounding():
    found = list(run(config(lanes="scratch, torch", model="gru", hidden_size=32, epochs=4)))
    assert found[0].same_weights
    assert found[0].is_parity
    differences = events_of(Difference, found)
    steps = events_of(Step, found)
    assert [d.difference for d in differences] == [
        other.perplexity / one.perplexity - 1 for one, other in zip(steps[::2], steps[1::2], strict=True)
    ]
    assert max(abs(d.difference) for d in differences) < 1e-4
    assert [d.seconds for d in differences] == [max(pair) for pair in zip(
        [s.seconds for s in steps[::2]], [s.seconds for s in steps[1::2]], strict=True
    )]  # fmt: skip


@pytest.mark.parametrize("model", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("changes", [{}, {"initialization": "normal"}, {"num_layers": 2, "dropout": 0.3}])
def test_the_same_seed_gives_scratch_and_torch_the_same_weights(model, changes):
    (started,) = at_the_start(config(lanes="scratch, torch", model=model, **changes))
    assert started.same_weights


def test_a_text_of_ones_own_is_prepared_once_for_all_lanes_and_its_memory_counts(monkeypatch):
    prepared = []
    monkeypatch.setattr(race_module, "prepare", lambda *given: prepared.append(prepare(*given)) or prepared[-1])
    text = "".join(chr(97 + number * number % 23) for number in range(5000))
    race = Race(config(corpus="own", max_tokens=None, lanes="rnn, gru, lstm"), text)
    assert race.nbytes == 2 * len(text), "before it begins it holds the text alone"
    events = race.events()
    next(events)
    corpora = {id(lane.trainer.corpus) for lane in race._running}
    assert corpora == {id(prepared[-1].corpus)}
    assert len(prepared) == 2, "once to check it, once to train"
    assert race.nbytes > 2 * len(text) + 8 * len(prepared[-1].corpus.train_ids)
    events.close()
    race.release()
    assert (race.nbytes, race.text) == (0, None)


def test_random_minibatches_are_the_same_in_lanes_of_other_shapes(monkeypatch):
    lanes = [
        lane_module.LaneTrainer(lane.config, lane_module.SharedText(prepare(lane.config)), device="cpu")
        for lane in config(sampling="random", random_offset=True).lane_configs()
    ]
    drawn = [[x for _ in range(2) for x, _ in lane._batches()] for lane in lanes]
    assert len(drawn[0]) > 10
    for other in drawn[1:]:
        assert all(torch.equal(x, y) for x, y in zip(drawn[0], other, strict=True))


def test_a_lane_ends_at_the_finish_line_and_the_others_run_on():
    found = list(run(config(lanes="gru, gru learning_rate=1e-6", epochs=3, target_perplexity=150, learning_rate=0.1)))
    fast, slow = ([e for e in events_of(Epoch, found) if e.lane == name] for name in ("gru", "gru learning_rate=1e-6"))
    assert len(fast) < 3 == len(slow)
    assert fast[-1].perplexity <= 150 < min([e.perplexity for e in fast[:-1]], default=151)
    finish = [split for split in events_of(Split, found) if split.mark == 150]
    assert [(s.lane, s.place, s.epoch, s.seconds, s.characters) for s in finish] == [
        ("gru", 1, len(fast), fast[-1].seconds, fast[-1].characters)
    ]
    first, second = found[-1].results
    assert isinstance(found[-1], Finished)
    assert (first.lane, first.place, first.end, first.epoch) == ("gru", 1, "finish", len(fast))
    assert (second.place, second.end, second.epoch, second.perplexity) == (2, "epochs", 3, slow[-1].perplexity)


def test_lanes_that_cross_in_the_same_epoch_share_a_place():
    found = list(run(config(lanes="scratch, torch", epochs=2, target_perplexity=1000)))
    assert [(s.lane, s.place, s.epoch) for s in events_of(Split, found) if s.mark == 1000] == [
        ("scratch", 1, 1), ("torch", 1, 1),
    ]  # fmt: skip
    assert [result.place for result in found[-1].results] == [1, 1]


def test_rounding_decides_no_place():
    found = list(run(config(lanes="scratch, torch", hidden_size=32, target_perplexity=None)))
    one, other = found[-1].results
    assert (one.place, other.place) == (1, 1)
    assert one.perplexity == pytest.approx(other.perplexity, rel=1e-4)


def test_a_lane_that_diverges_is_out_and_last():
    found = list(run(config(lanes="sgd learning_rate=1e7, adam", grad_clip=None, epochs=2)))
    (out,) = events_of(Retired, found)
    assert out.lane == "sgd learning_rate=1e7"
    assert [(r.lane, r.place, r.end) for r in found[-1].results] == [
        ("adam", 1, "epochs"), ("sgd learning_rate=1e7", 2, "retired"),
    ]  # fmt: skip


def test_seconds_are_the_processors_in_the_lanes_own_minibatches():
    """Neither a consumer that sleeps nor one that computes adds to them; a larger lane takes more than a smaller."""
    race = run(config(lanes="gru, gru hidden_size=256", epochs=2, sample_every=None, held_out=0.0))
    began, computed = time.thread_time(), 0.0
    for event in race:
        if isinstance(event, Step):
            own = time.thread_time()
            while time.thread_time() - own < 0.005:
                pass
            computed += time.thread_time() - own
            time.sleep(0.002)
    small, large = sorted(event.results, key=lambda result: result.seconds)
    assert (small.lane, large.lane) == ("gru", "gru hidden_size=256")
    assert 0 < small.seconds + large.seconds <= time.thread_time() - began - computed


def test_pausing_a_race_holds_all_lanes_and_a_stop_ends_it():
    runner = Runner(max_running=1)
    try:
        run_of_race = runner.start(Run(Race(config(epochs=200, target_perplexity=None)), RaceRows()))
        until = time.monotonic() + 20
        while not run_of_race.last("step") and time.monotonic() < until:
            time.sleep(0.01)
        runner.pause(run_of_race)
        assert run_of_race.wait_until_still(10)
        held = run_of_race.since(0).rows
        counts = [
            sum(row.get("lane") == lane and row["kind"] == "step" for row in held) for lane in ("rnn", "gru", "lstm")
        ]
        assert max(counts) - min(counts) <= 1
        time.sleep(0.1)
        assert run_of_race.state == PAUSED
        assert len(run_of_race.since(0).rows) == len(held)
        assert run_of_race.nbytes > 3 * 4 * 3 * 5000, "three models wait"
        runner.resume(run_of_race)
        until = time.monotonic() + 20
        while len(run_of_race.since(0).rows) == len(held) and time.monotonic() < until:
            time.sleep(0.01)
        assert len(run_of_race.since(0).rows) > len(held)
        runner.stop(run_of_race)
        assert run_of_race.wait(10)
    finally:
        runner.close()


def test_a_paused_race_goes_on_as_if_nothing_had_happened():
    changes = {"lanes": "rnn, lstm", "epochs": 2, "target_perplexity": None}
    whole = [event.perplexity for event in events_of(Step, run(config(**changes)))]
    runner = Runner(max_running=1)
    try:
        rows = RaceRows()
        paused = Run(Race(config(**changes)), rows)
        runner.start(paused)
        for _ in range(3):
            runner.pause(paused)
            assert paused.wait_until_still(10)
            runner.resume(paused)
        assert paused.wait(30)
        assert paused.state == FINISHED
        assert [row["perplexity"] for row in paused.since(0).rows if row["kind"] == "step"] == pytest.approx(
            whole, rel=1e-9
        )
    finally:
        runner.close()


# --- settings ---


@pytest.mark.parametrize(
    ("lanes", "words"),
    [
        ("rnn", "a race has 2 to 4 lanes, and here are 1"),
        (" , ,", "here are 0"),
        ("rnn, gru, lstm, rnn hidden_size=3, gru hidden_size=3", "here are 5"),
        ("rnn, transformer", "'transformer' names nothing"),
        ("rnn, gru batch_size=3", "'batch_size' must be the same"),
        ("rnn, gru units=3", "no setting 'units'"),
        ("rnn, gru hidden_size=0", "hidden_size: 0 is out of range"),
        ("rnn, rnn", "'rnn' has the same settings"),
        ("gru, gru forget_bias=1", "forget_bias: 1.0 is for an LSTM"),
    ],
)
def test_lanes_that_are_none_are_refused(lanes, words):
    with pytest.raises(InvalidInput, match=words):
        config(lanes=lanes)


def test_a_lane_is_named_by_what_differs():
    lanes = config(lanes="lstm  hidden-size=20，scratch").lane_configs()
    assert [lane.name for lane in lanes] == ["lstm hidden_size=20", "scratch"]
    assert lanes[0].config == language_model.Config(
        **TINY | {"model": "lstm", "hidden_size": 20, "target_perplexity": 1.1}
    )
    assert lanes[1].config.implementation == "scratch"


def test_the_memory_of_all_lanes_counts(monkeypatch):
    monkeypatch.setenv("RNNLAB_MOST_MEMORY_GB", "0.01")
    Race(config(lanes="rnn, gru", hidden_size=32))
    with pytest.raises(InvalidInput, match="lanes: training it would take") as refused:
        Race(config(lanes="rnn, gru, lstm, lstm forget_bias=1", hidden_size=64))
    assert refused.value.details["high"] == "0.01 GB"
    language_model.Trainer(config(hidden_size=64).lane_configs()[2].config, device="cpu")  # one of them alone may


@pytest.mark.parametrize("name", ["implementations", "gradients", "optimizers"])
def test_every_preset_begins(name):
    (started,) = at_the_start(preset(name).config(**TINY))
    assert started.same_weights, "they differ in how they train alone"


# --- rows ---


def test_a_long_race_has_a_bounded_number_of_rows(monkeypatch):
    monkeypatch.setattr("rnnlab.limits.MAX_MINIBATCH_POINTS", 10)
    found = list(run(config(lanes="scratch, torch", epochs=4)))
    rows = [row for event, make in zip(found, [RaceRows()] * len(found), strict=True) if (row := make(event))]
    steps = [row for row in rows if row["kind"] == "step" and row["lane"] == "torch"]
    assert 4 <= len(steps) <= 12
    all_steps = [event for event in events_of(Step, found) if event.lane == "torch"]
    size = -(-all_steps[0].steps * 4 // 10)
    group = torch.tensor([event.perplexity for event in all_steps[:size]], dtype=torch.float64)
    assert steps[0]["perplexity"] == pytest.approx(group.log().mean().exp().item())
    assert (steps[0]["step"], steps[0]["seconds"]) == (size, all_steps[size - 1].seconds)
    largest = max(events_of(Difference, found)[:size], key=lambda event: abs(event.difference))
    assert next(row for row in rows if row["kind"] == "difference")["difference"] == largest.difference


def test_a_text_of_ones_own_can_be_raced_on():
    own = replace(config(lanes="rnn, gru", epochs=1), corpus="own", max_tokens=None)
    with pytest.raises(InvalidInput, match="corpus"):
        Race(own)
    found = list(run(own, "la la li lu la le lo " * 30))
    assert found[0].vocab_size == 7
    assert isinstance(found[-1], Finished)


def test_a_race_on_a_text_of_known_entropy_says_what_is_possible():
    first = next(iter(at_the_start(config(corpus="distance", distance=4, max_tokens=3000, batch_size=4))))
    assert first.entropy_perplexity == pytest.approx(2 ** generated_source("distance", 4).entropy_bits)
    assert next(iter(at_the_start(config()))).entropy_perplexity is None


@pytest.mark.parametrize("word", ["distance=3", "shuffle_text=yes"])
def test_lanes_do_not_differ_in_what_decides_on_the_text(word):
    with pytest.raises(InvalidInput, match=word.split("=")[0]):
        config(lanes=f"rnn, rnn {word}")
