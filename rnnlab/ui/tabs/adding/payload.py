"""Payload of the Memory tab: its figure, each event as a row, and what trained networks answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rnnlab.experiments.adding import CONSTANT_ERROR, Asking, Config, ShortConfig, Step, Trainer
from rnnlab.experiments.event import Event, plain, row
from rnnlab.experiments.registry import lesson_called
from rnnlab.figures import AddingCurves, adding_figure
from rnnlab.runs import TRAINING, Row, Run
from rnnlab.ui.components.run_title import model_label
from rnnlab.ui.i18n.languages import Language
from rnnlab.ui.tabs.lesson import Lesson, View
from rnnlab.validation import Config as AnyConfig

IN_REACH = ("length", "models", "max_steps", "hidden_size", "learning_rate")
ADVANCED = ("forget_bias", "batch_size", "target_error", "grad_clip", "implementation", "seed")


class DefaultNetworks:
    """The networks of the default run, which every visitor may ask."""

    trainer: Trainer | None = None  # None until the default run is over


DEFAULT = DefaultNetworks()


@dataclass(frozen=True)
class AddingView(View):
    """The adding problem on the page: its networks are kept after a run, to be asked."""

    def lesson(self, config: AnyConfig) -> Lesson:
        """Return a run, not started yet."""
        assert isinstance(config, Config)
        return Lesson(self, config, Trainer(config))

    def first_events(self, config: AnyConfig) -> Iterator[Event]:
        """Yield the events of the default run, and keep its networks."""
        assert isinstance(config, Config)
        trainer = Trainer(config)
        yield from trainer.events()
        DEFAULT.trainer = trainer

    def texts(self, config: AnyConfig, language: Language) -> Mapping[str, str]:
        """Return the names of the networks."""
        assert isinstance(config, Config)
        return {f"figure.model.{model}": model_label(model, language) for model in config.model_names()}


def figures(config: Config, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return the figure without points; the panel fills it with those of one length."""
    models = config.model_names()
    names = [labels.get(f"model.{model}", model) for model in models]
    return {"errors": adding_figure(AddingCurves(models, names, {}, CONSTANT_ERROR, config.target_error), labels)}


def record(event: Event) -> Row | None:
    """Return an event's row, None for a minibatch: the page draws the errors of the tests."""
    return None if isinstance(event, Step) else row(event)


def answers(trainer: Any, asking: Asking) -> dict[str, Any] | None:
    """Return the row that is asked and each network's answer; None without networks. Raises InvalidInput."""
    if not isinstance(trainer, Trainer) or not trainer.networks:
        return None
    asked: dict[str, Any] = plain(row(trainer.ask(asking.question(trainer.length))))
    return asked


class AddingAnswers:
    """The payloads that `rnnlab.ui.server.adding_routes` asks for."""

    def of_run(self, run: Run, asking: Asking) -> dict[str, Any] | None:
        """Return `answers` of the networks of a run, also while it trains; None for another lesson's run."""
        return answers(run.experiment.trainer, asking) if isinstance(run.experiment, Lesson) else None

    def of_default(self, asking: Asking) -> dict[str, Any] | None:
        """Return `answers` of the networks of the default run."""
        return answers(DEFAULT.trainer, asking)


SPEC = lesson_called("adding")
VIEW = AddingView(
    SPEC.name,
    ShortConfig,
    SPEC.run,
    figures,
    record=record,
    in_reach=IN_REACH,
    advanced=ADVANCED,
    summary=SPEC.summary,
    pool=TRAINING,
)
