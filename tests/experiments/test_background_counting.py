"""The n-grams of a long text are counted beside its training."""

import gc
import subprocess
import sys
import threading
import weakref

import pytest

from rnnlab import limits
from rnnlab.experiments.language_model import Baselines, Config, Finished, Started, Trainer, background_counting
from rnnlab.experiments.language_model.background_counting import BackgroundCounter, known_baselines
from rnnlab.experiments.language_model.baselines import baselines, ngram_baselines
from rnnlab.text import make_corpus

SONG = "one fish two fish red fish blue fish " * 20
SMALL = Config(corpus="fish", hidden_size=4, embedding_size=4, batch_size=2, num_steps=5, epochs=2, sample_every=None)


@pytest.fixture
def counter(monkeypatch):
    """Count every text in the background, with a counter of the test's own."""
    monkeypatch.setattr(limits, "MAX_TOKENS_COUNTED_FIRST", 0)
    counter = BackgroundCounter()
    monkeypatch.setattr(background_counting, "COUNTER", counter)
    return counter


@pytest.fixture
def gate(monkeypatch):
    """Let no counting go on before the gate is open; `begun` says that one waits there."""
    gate, begun = threading.Event(), threading.Event()

    def count(corpus):
        begun.set()
        assert gate.wait(10)
        return ngram_baselines(corpus)

    monkeypatch.setattr(background_counting, "ngram_baselines", count)
    gate.begun = begun
    yield gate
    gate.set()


def corpus_of(text):
    return make_corpus(text, held_out=0.1)


def wait_until_counted(counter, corpus):
    with counter.counting(corpus):
        for thread in threading.enumerate():
            if thread.name == "ngram-counting":
                thread.join(10)
    return counter.known(corpus)


def untimed(events):
    """Return the events without the seconds that they took."""
    return [
        {name: value for name, value in event.to_dict().items() if "second" not in name} | {"kind": event.kind}
        for event in events
    ]


def test_a_short_text_is_counted_before_the_first_step():
    events = list(Trainer(SMALL, SONG).events())
    assert events[0].counted_tokens == events[0].train_tokens
    assert not any(isinstance(event, Baselines) for event in events)


def test_a_long_text_is_counted_while_it_trains(counter, gate):
    plain = untimed(Trainer(SMALL, SONG).events())
    trainer = Trainer(SMALL, SONG)
    events = trainer.events()
    seen = [next(events), next(events)]  # training has begun, though nothing is counted
    assert (seen[0].counted_tokens, seen[0].ngram5_perplexity) == (0, None)
    assert seen[0].unigram_perplexity == baselines(trainer.corpus)["unigram_perplexity"]
    gate.set()
    wait_until_counted(counter, trainer.corpus)
    seen += events
    (counted,) = (event for event in seen if isinstance(event, Baselines))
    assert seen[2] is counted
    assert counted.to_dict() == ngram_baselines(trainer.corpus)
    others = untimed(event for event in seen if event is not counted)
    assert others == plain, "the other events are the same as without any counting"


def test_nothing_waits_for_the_counting(counter, gate):
    events = list(Trainer(SMALL, SONG).events())
    assert isinstance(events[-1], Finished)
    assert not any(isinstance(event, Baselines) for event in events)


def test_the_next_run_of_the_same_text_has_the_counts_from_the_beginning(counter):
    wait_until_counted(counter, Trainer(SMALL, SONG).corpus)
    events = list(Trainer(SMALL, SONG).events())
    assert events[0].ngram7_held_out_perplexity > 1
    assert not any(isinstance(event, Baselines) for event in events)
    assert known_baselines(corpus_of(SONG + "a"))["counted_tokens"] == 0


def test_a_text_is_counted_once_for_several_runs(counter, gate):
    corpora = [corpus_of(SONG), corpus_of(SONG)]
    with counter.counting(corpora[0]) as job, counter.counting(corpora[1]) as same:
        assert job is same
    gate.set()


def test_one_text_is_counted_at_a_time_and_one_that_no_run_wants_is_dropped(counter, gate):
    first, second = corpus_of(SONG), corpus_of(SONG * 2)
    with counter.counting(first) as job:
        assert gate.begun.wait(10)
        with counter.counting(second) as waiting:
            assert waiting.corpus is second
        gone, second = weakref.ref(second), None
        gc.collect()
        assert gone() is None, "nothing keeps the text of a run that was stopped"
        gate.set()
        assert wait_until_counted(counter, first) == job.result
    assert not waiting.done
    assert counter.known(corpus_of(SONG * 2)) is None


def test_a_failure_is_logged_and_the_run_goes_on(counter, monkeypatch, caplog):
    def fail(corpus):
        raise MemoryError

    monkeypatch.setattr(background_counting, "ngram_baselines", fail)
    events = Trainer(SMALL, SONG).events()
    assert isinstance(next(events), Started)
    next(events)
    for thread in threading.enumerate():
        if thread.name == "ngram-counting":
            thread.join(10)
    seen = list(events)
    assert isinstance(seen[-1], Finished)
    assert not any(isinstance(event, Baselines) for event in seen)
    assert "event=ngrams_not_counted" in caplog.text


def test_the_latest_results_are_kept(counter, monkeypatch):
    monkeypatch.setattr(limits, "MAX_REMEMBERED_COUNTS", 1)
    first, second = corpus_of(SONG), corpus_of(SONG * 2)
    assert wait_until_counted(counter, first)
    assert wait_until_counted(counter, second)
    assert counter.known(first) is None


def test_a_counting_does_not_keep_the_process_alive():
    program = (
        "import threading\n"
        "from rnnlab.experiments.language_model import background_counting as b\n"
        "from rnnlab.text import make_corpus\n"
        "begun = threading.Event()\n"
        "b.ngram_baselines = lambda corpus: (begun.set(), threading.Event().wait())\n"
        "with b.COUNTER.counting(make_corpus('la li')):\n"
        "    begun.wait()\n"
        "print('ended')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "ended\n")
