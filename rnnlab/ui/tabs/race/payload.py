"""Payload of the Race tab: its figures with the lanes' names and colours, and each event as a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rnnlab.experiments.event import Event
from rnnlab.experiments.race import Config, Race, RaceRows, at_the_start
from rnnlab.experiments.registry import lesson_called
from rnnlab.figures import RaceCurves, difference_figure, race_figure
from rnnlab.figures.race import BASELINES
from rnnlab.runs import TRAINING, EventToRow, Row
from rnnlab.text.corpus import digest_of
from rnnlab.ui.components.run_title import lane_label
from rnnlab.ui.i18n.languages import Language
from rnnlab.ui.tabs.lesson import Lesson, View
from rnnlab.ui.tabs.own_text import corpus_field
from rnnlab.ui.tabs.race.stored import RaceLesson
from rnnlab.validation import Config as AnyConfig

# The settings on the page; a lane may name any other setting of a training.
IN_REACH = ("lanes", "corpus", "epochs", "target_perplexity")
ADVANCED = (
    "model", "implementation", "hidden_size", "embedding_size", "num_layers", "dropout", "optimizer", "learning_rate",
    "grad_clip", "distance", "max_tokens", "held_out", "batch_size", "num_steps", "sampling", "sample_length", "seed",
)  # fmt: skip


@dataclass(frozen=True)
class RaceView(View):
    """The race on the page. Before the first one it shows what the lanes must beat, and trains nothing."""

    def lesson(self, config: AnyConfig) -> Lesson:
        """Return a race, not started yet. Raises InvalidInput, also if its lanes take too much memory."""
        return self.lesson_on(config, None)

    def lesson_on(self, config: AnyConfig, text: str | None) -> Lesson:
        """Return a race on a text of the visitor's own, not started yet. Raises InvalidInput, as `lesson` does."""
        assert isinstance(config, Config)
        return RaceLesson(self, config, Race(config, text), digest="" if text is None else digest_of(text))

    def form_of(self, config: AnyConfig) -> AnyConfig:
        """Return the settings as the form shows them, where a text of one's own has no name."""
        assert isinstance(config, Config)
        return replace(config, corpus=corpus_field(config.corpus))

    def new_record(self) -> EventToRow:
        """Return what turns the events of one race into rows."""
        return RaceRows()

    def first_events(self, config: AnyConfig) -> Iterator[Event]:
        """Yield the constants of the default race."""
        assert isinstance(config, Config)
        yield from at_the_start(config)

    def figures_of(self, config: AnyConfig, labels: Mapping[str, str], rows: Sequence[Row]) -> Mapping[str, Any]:
        """Return the figures without points; the baselines come with the first row."""
        assert isinstance(config, Config)
        started = next((row for row in rows if row["kind"] == "started"), {})
        return figures(config, labels, {name: started.get(f"{name}_perplexity") for name in BASELINES})

    def texts(self, config: AnyConfig, language: Language) -> Mapping[str, str]:
        """Return the names of the lanes."""
        assert isinstance(config, Config)
        lanes = enumerate(config.lane_configs())
        return {f"figure.lane.{i}": lane_label(lane.named, language) for i, lane in lanes}


def figures(
    config: Config, labels: Mapping[str, str], baselines: Mapping[str, float | None] | None = None
) -> dict[str, Any]:
    """Return the figure of the race and that of the difference, both without points."""
    lanes = config.lane_configs()
    curves = RaceCurves(
        models=[lane.config.model for lane in lanes],
        names=[labels.get(f"lane.{i}", lane.name) for i, lane in enumerate(lanes)],
        baselines=baselines or {},
        target=config.target_perplexity,
    )
    difference = difference_figure((), labels).update_layout(margin={"t": 4, "b": 24}, hovermode="x")
    return {
        "race": race_figure(curves, labels).update_layout(showlegend=False),  # the lanes above it are its legend
        "difference": difference.update_xaxes(title=None),
    }


SPEC = lesson_called("race")
VIEW = RaceView(
    SPEC.name,
    SPEC.config,
    SPEC.run,
    figures,
    in_reach=IN_REACH,
    advanced=ADVANCED,
    summary=SPEC.summary,
    pool=TRAINING,
)
