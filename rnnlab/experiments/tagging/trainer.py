"""The training loop of the tagger. Every minibatch: forward, loss, backward, clip, step."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own abbreviation
from torch import nn

from rnnlab import limits
from rnnlab.checkpoints import TaggerCheckpoint
from rnnlab.devices import choose_device, describe_device
from rnnlab.experiments.divergence import EpochDiverged, NotFinite
from rnnlab.experiments.event import Event
from rnnlab.experiments.optimizers import OPTIMIZERS, Optimizer
from rnnlab.experiments.tagging.config import Config
from rnnlab.experiments.tagging.corpora import corpus_sentences
from rnnlab.experiments.tagging.data import check_size, check_words, choose_sample, split
from rnnlab.experiments.tagging.evaluation import baseline_accuracy, measure, same_length
from rnnlab.experiments.tagging.events import Epoch, Finished, Scores, Started, Step
from rnnlab.models import Tagger
from rnnlab.models.tagger import count_parameters
from rnnlab.text import Lexicon, TaggedSentence
from rnnlab.text.tagged_sentences import shown as shown_form

SHOWN_SENTENCES = 2  # whose scores are events before and after: the tutorial's two


class Trainer:
    """A run and its results so far: `latest`, a checkpoint of the last whole epoch.

    Many trainers may wait or stay after their end, so model and optimizer exist only while one trains, and its
    sentences until then. `sample` is a sentence to try the tagger on, or the beginning of one where all are long.
    """

    def __init__(
        self,
        config: Config,
        sentences: Sequence[TaggedSentence] | None = None,
        held_out: Sequence[TaggedSentence] | None = None,
        *,
        device: str = "cpu",
    ) -> None:
        """Prepare a run, which `events` then trains. Raises InvalidInput.

        sentences: needed when `config.corpus` is not a shipped one.
        held_out: sentences to measure on; None keeps the last share `config.held_out` of the sentences from training.
        """
        self.config, self.device = config, choose_device(device)
        sentences = corpus_sentences(config.corpus) if sentences is None else sentences
        self.train, self.held_out = (sentences, held_out) if held_out else split(sentences, config.held_out)
        self.lexicon = Lexicon.of(self.train, config.lowercase, config.unknown_words)
        check_size(config, self.lexicon)
        check_words(config, self.lexicon, self.held_out)
        self._words = sum(map(len, sentences))
        self._parameters = count_parameters(config, self.lexicon)
        self.measured_on = "held-out" if self.held_out else "training"
        self.sample = choose_sample(self.held_out, self.train)
        self._model: Tagger | None = None
        self._optimizer: Optimizer | None = None
        self.history: list[dict[str, Any]] = []
        self.epoch = 0
        self._latest: TaggerCheckpoint | None = None

    @property
    def model(self) -> Tagger:
        """Return the tagger, which exists only while the trainer trains."""
        assert self._model is not None, "the trainer does not train"
        return self._model

    @property
    def optimizer(self) -> Optimizer:
        """Return the optimizer, which exists only while the trainer trains."""
        assert self._optimizer is not None, "the trainer does not train"
        return self._optimizer

    @property
    def test(self) -> Sequence[TaggedSentence]:
        """Return the sentences that accuracies are measured on."""
        return self.held_out or self.train

    @property
    def latest(self) -> TaggerCheckpoint:
        """Return the last whole epoch; before the first, the untrained tagger, which each call makes anew."""
        return self._latest or self._checkpoint(self._new_model().state_dict())

    def events(self) -> Generator[Event, None, None]:
        """Train, one event at a time, to the last epoch or until the run diverges. A trainer trains once."""
        try:
            self._prepare()
            yield from self._run()
        finally:
            self.release()

    @property
    def nbytes(self) -> int:
        """Estimate the memory in bytes: sentences, lexicon, weights; in training also gradients and moments."""
        entries = len(self.lexicon.words.tokens) + len(self.lexicon.characters.tokens)
        copies = 5 if self._model is not None else int(self._latest is not None)
        return 100 * (entries + (self._words if self.train else 0)) + 4 * copies * self._parameters

    def release(self) -> None:
        """Keep only `latest`, and `sample` to try it on."""
        self._model = self._optimizer = None
        self.train = self.held_out = ()

    def _prepare(self) -> None:
        self._model = self._new_model()
        self._optimizer = OPTIMIZERS[self.config.optimizer](self.model.parameters(), lr=self.config.learning_rate)
        self.tag_ids = {tag: k for k, tag in enumerate(self.lexicon.tags)}
        self.baseline = baseline_accuracy(self.train, self.test)
        self.steps = len(same_length(self.train, self.config.batch_size))

    def _new_model(self) -> Tagger:
        generator = torch.Generator().manual_seed(self.config.seed)
        return Tagger(self.config, self.lexicon, generator=generator, device=self.device)

    def _run(self) -> Generator[Event, None, None]:
        """Yield all events of the run."""
        yield self._started()
        yield from self.scores("before")
        while self.epoch < self.config.epochs:
            try:
                epoch = yield from self._train_epoch()
            except NotFinite:
                yield EpochDiverged(self.epoch + 1, self._step, kept_epoch=self.epoch)
                return
            self.epoch += 1
            self.history.append(epoch.to_dict())
            self._latest = self._checkpoint(self.model.state_dict())
            yield epoch
        yield from self.scores("after")
        yield self._finished()

    def _checkpoint(self, weights: Mapping[str, torch.Tensor]) -> TaggerCheckpoint:
        return TaggerCheckpoint(
            config=self.config.to_strings(),
            lexicon=self.lexicon,
            weights={name: tensor.detach().to("cpu", copy=True) for name, tensor in weights.items()},
            epoch=self.epoch,
            history=tuple(self.history),
        )

    def _started(self) -> Started:
        return Started(
            sentences=len(self.train),
            words=sum(map(len, self.train)),
            held_out_sentences=len(self.held_out),
            held_out_words=sum(map(len, self.held_out)),
            vocab_size=len(self.lexicon.words),
            character_count=len(self.lexicon.characters),
            vocabulary=self.lexicon.words.tokens[: limits.MAX_SHOWN_INDICES],
            tags=self.lexicon.tags,
            parameters=self.model.count_parameters(),
            steps=self.steps,
            baseline=self.baseline,
            measured_on=self.measured_on,
            device=describe_device(self.device),
        )

    def scores(self, when: str) -> Generator[Scores, None, None]:
        """Yield log p(tag | sentence) of the first short sentences, as the tutorial prints them.

        Where all are long, of the beginnings of the shortest.
        """
        self.model.eval()
        shown = sorted(self.test, key=lambda sentence: max(len(sentence), limits.MAX_SHOWN_WORDS))[:SHOWN_SENTENCES]
        for number, sentence in enumerate(shown):
            with torch.inference_mode():
                log_probs = self.model(*self.model.encode([sentence.forms]))[0].log_softmax(-1)  # (T, K)
            forms, tags = sentence.forms[: limits.MAX_SHOWN_WORDS], sentence.tags[: limits.MAX_SHOWN_WORDS]
            numbers = log_probs[: limits.MAX_SHOWN_WORDS].cpu().double().numpy()
            yield Scores(when, number, tuple(map(shown_form, forms)), tags, self.lexicon.tags, numbers)

    def _train_epoch(self) -> Generator[Event, None, Epoch]:
        """Yield a Step per minibatch; return the Epoch. Raises NotFinite."""
        total_loss, right, words, seconds = 0.0, 0, 0, 0.0
        self.model.train()
        began = time.perf_counter()
        for step, batch in enumerate(self._batches(), start=1):
            self._step, steps = step, max(step, self.steps)  # in another order a minibatch more may be needed
            self._set_learning_rate(self.epoch + (step - 1) / steps)
            loss, correct = self._train_step(batch)
            seconds += time.perf_counter() - began
            count = len(batch) * len(batch[0])
            total_loss, right, words = total_loss + loss * count, right + correct, words + count
            yield Step(self.epoch + 1, step, steps, loss)
            began = time.perf_counter()
        if not all(parameter.isfinite().all() for parameter in self.model.parameters()):
            raise NotFinite  # because of the last update, which no loss has shown yet
        measured = measure(self.model, self.held_out) if self.held_out else None
        return Epoch(
            epoch=self.epoch + 1,
            loss=total_loss / words,
            accuracy=right / words,
            held_out_accuracy=None if measured is None else measured.accuracy,
            unknown_accuracy=None if measured is None else measured.unknown_accuracy,
            seconds=seconds,
        )

    def _batches(self) -> list[list[TaggedSentence]]:
        """Return the epoch's minibatches."""
        c, sentences = self.config, self.train
        if not c.shuffle:
            return same_length(sentences, c.batch_size)
        generator = self.model.generator
        order = torch.randperm(len(sentences), generator=generator).tolist()
        batches = same_length([sentences[i] for i in order], c.batch_size)
        return [batches[i] for i in torch.randperm(len(batches), generator=generator).tolist()]

    def _set_learning_rate(self, epochs: float) -> None:
        """Set η = η_0 (1 - epochs done / all epochs), which falls linearly to almost 0, if `decay` is set."""
        if self.config.decay:
            for group in self.optimizer.param_groups:
                group["lr"] = self.config.learning_rate * (1 - epochs / self.config.epochs)

    def _train_step(self, batch: Sequence[TaggedSentence]) -> tuple[float, int]:
        """Train on one minibatch; return its mean loss in nats and its number of right tags. Raises NotFinite."""
        words, characters = self.model.encode([sentence.forms for sentence in batch])
        gold = torch.tensor([[self.tag_ids[tag] for tag in s.tags] for s in batch], device=self.device)  # (B, T)
        logits = self.model(words, characters)  # (B, T, K)
        loss = F.cross_entropy(logits.flatten(0, 1), gold.flatten())
        self.optimizer.zero_grad()
        loss.backward()
        limit = self.config.grad_clip or float("inf")
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), limit, foreach=True)
        if not (loss.isfinite() and norm.isfinite()):
            raise NotFinite
        self.optimizer.step()
        return loss.item(), int((logits.argmax(-1) == gold).sum())

    def _finished(self) -> Finished:
        measured = measure(self.model, self.test)
        return Finished(
            epoch=self.epoch,
            accuracy=measured.accuracy,
            unknown_accuracy=measured.unknown_accuracy,
            baseline=self.baseline,
            measured_on=self.measured_on,
            tags=measured.tags,
            confusion=measured.confusion,
            mistakes=measured.mistakes,
            seconds=sum(row["seconds"] for row in self.history),
        )
