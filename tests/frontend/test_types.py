"""`types.d.ts` says what Python sends: the same fields, and values of the same kinds.

Each interface is compared with the dataclass of its event, whose annotations say which kinds there are, or with a value
that Python really makes.
"""

from __future__ import annotations

import math
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnlab
from rnnlab import checkpoints, limits
from rnnlab.experiments import adding, divergence, hello, language_model, race, sine, tagging
from rnnlab.experiments.adding import events as adding_events
from rnnlab.experiments.event import plain
from rnnlab.experiments.language_model import events as language_model_events
from rnnlab.experiments.language_model.curve import CurveRows
from rnnlab.experiments.race import events as race_events
from rnnlab.experiments.sine import events as sine_events
from rnnlab.experiments.tagging import comparison
from rnnlab.experiments.tagging import events as tagging_events
from rnnlab.figures.bounds import Bounds, Line
from rnnlab.figures.end_labels import end_of
from rnnlab.generation import Acrostic, FittedPrefix, Generation, SampledToken, next_tokens
from rnnlab.inspection import (
    BatchesConfig,
    EmbeddingConfig,
    LayersConfig,
    PackedConfig,
    ProductsConfig,
    batches_of_text,
    compare_gradients,
    inspect_dropout,
    inspect_layers,
    inspect_packed,
)
from rnnlab.resources import shipped_model
from rnnlab.runs import Run, Runner, Snapshot, training_run
from rnnlab.tagging import TaggedToken, tag_sentence
from rnnlab.text import make_corpus
from rnnlab.ui.links.payload import read_payload
from rnnlab.ui.server.exports import about
from rnnlab.ui.server.page_head import languages_table
from rnnlab.ui.tabs import lesson
from rnnlab.ui.tabs.adding import payload as adding_payload
from rnnlab.ui.tabs.generate.acrostic import acrostic_value, line_value
from rnnlab.ui.tabs.generate.copied import compared_value, copied_value
from rnnlab.ui.tabs.generate.followers import followers_value
from rnnlab.ui.tabs.generate.kept_songs import KeptSong
from rnnlab.ui.tabs.generate.next_characters import bars_value, ending_value
from rnnlab.ui.tabs.generate.payload import song_value
from rnnlab.ui.tabs.generate.temperatures import column_value, columns_value
from rnnlab.ui.tabs.generate.who import on_deal, on_guess
from rnnlab.ui.tabs.hello import payload as hello_payload
from rnnlab.ui.tabs.inside.handlers import on_open
from rnnlab.ui.tabs.inside.sections import section_value
from rnnlab.ui.tabs.layers import payload as layers
from rnnlab.ui.tabs.layers import sequences_payload as sequences
from rnnlab.ui.tabs.lesson import Lesson
from rnnlab.ui.tabs.race import payload as race_payload
from rnnlab.ui.tabs.sine import payload as sine_payload
from rnnlab.ui.tabs.tag.sentence.payload import loaded, tokens_value
from rnnlab.ui.tabs.tag.training import payload as tag_payload
from rnnlab.ui.tabs.train import earlier, surprise, text_facts
from rnnlab.ui.tabs.train import payload as train_payload

TYPES = Path(rnnlab.__file__).parent / "ui" / "frontend" / "types.d.ts"
INTERFACE = re.compile(r"^export interface (\w+)(?:<[^>]*>)?(?: extends (\w+)(?:<[^>]*>)?)? \{\n(.*?)^\}", re.S | re.M)
FIELD = re.compile(r"^  (\w+)(\??): (.+);$", re.M)
ARRAY = re.compile(r"\[\]$|^\[.*\]$")


@cache
def interfaces() -> dict[str, dict[str, str]]:
    """Return the fields of each interface with their types; an optional field ends in "?"."""
    found: dict[str, dict[str, str]] = {}
    for name, base, body in INTERFACE.findall(TYPES.read_text("utf-8")):
        own = {field + optional: kind for field, optional, kind in FIELD.findall(body)}
        found[name] = {**found.get(base, {}), **own}
    return found


def declared(name: str) -> dict[str, set[str]]:
    """Return the kinds that an interface allows for each field: those of `kinds_of_value`."""
    return {field: kinds_of_type(kind) for field, kind in interfaces()[name].items()}


def kinds_of_type(text: str) -> set[str]:
    """Return the kinds of a type of TypeScript.

    >>> sorted(kinds_of_type('number | null')), kinds_of_type('(number | null)[][]'), kinds_of_type('"epoch" | "step"')
    (['null', 'number'], {'array'}, {'string'})
    """
    if ARRAY.search(text):
        return {"array"}
    kinds = set()
    for part in text.split(" | "):
        if part in ("number", "string", "boolean", "null"):
            kinds.add(part)
        else:
            kinds.add("string" if part.startswith('"') else "object")
    return kinds


def kinds_of_annotation(annotation: Any) -> set[str]:
    """Return the kinds that a dataclass's field has as JSON: a float may be null, for it may be infinite."""
    if isinstance(annotation, types.UnionType):
        return set().union(*map(kinds_of_annotation, annotation.__args__))
    origin = typing.get_origin(annotation) or annotation
    if origin is bool:
        return {"boolean"}
    if origin is float:
        return {"number", "null"}
    plain_kinds = {int: "number", str: "string", type(None): "null", tuple: "array", np.ndarray: "array"}
    return {plain_kinds.get(origin, "object")}


def kind_of_value(value: Any) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    return "object" if isinstance(value, Mapping) else "array"


# The events by the interface of their row; some fields do not reach the page, and some are added.
EVENTS: dict[str, tuple[type, set[str], set[str]]] = {
    "UntrainedRow": (language_model_events.Untrained, set(), set()),
    "ProgressRow": (language_model_events.Progress, set(), set()),
    "EpochRow": (language_model_events.Epoch, set(), set()),
    "TrainDivergedRow": (divergence.EpochDiverged, set(), set()),
    "HelloStartedRow": (hello.Started, set(), {"lines", "equations"}),
    "LookRow": (hello.NetworkState, set(), {"m", "v", "steps"}),
    "SineStartedRow": (sine_events.Started, set(), set()),
    "WindowRow": (sine_events.Window, {"t", "target"}, set()),
    "FreeRunRow": (sine_events.FreeRun, {"t", "target"}, set()),
    "PhasePlaneRow": (sine_events.PhasePlane, set(), set()),
    "SineDivergedRow": (sine_events.WindowDiverged, set(), set()),
    "SineFinishedRow": (sine_events.Finished, set(), set()),
    "RaceStartedRow": (race_events.Started, set(), set()),
    "RaceLaneFacts": (race_events.LaneFacts, set(), {"kind"}),
    "RaceLineRow": (race_events.Line, set(), set()),
    "RaceStepRow": (race_events.Step, set(), set()),
    "RaceDifferenceRow": (race_events.Difference, set(), set()),
    "RaceEpochRow": (race_events.Epoch, set(), set()),
    "RaceSplitRow": (race_events.Split, set(), set()),
    "RaceRetiredRow": (race_events.Retired, set(), set()),
    "RaceResult": (race_events.Result, set(), {"kind"}),
    "RaceFinishedRow": (race_events.Finished, set(), set()),
    "AddingStartedRow": (adding_events.Started, set(), set()),
    "AddingLengthRow": (adding_events.LengthBegan, set(), set()),
    "AddingMeasuredRow": (adding_events.Measured, set(), set()),
    "AddingOutcome": (adding_events.Outcome, set(), {"kind"}),
    "AddingOutcomeRow": (adding_events.Outcome, set(), set()),
    "AskedRow": (adding_events.Asked, set(), set()),
    "AddingFinishedRow": (adding_events.Finished, set(), set()),
    "TagStartedRow": (tagging_events.Started, set(), set()),
    "ScoresRow": (tagging_events.Scores, set(), set()),
    "TagStepRow": (tagging_events.Step, set(), set()),
    "TagEpochRow": (tagging_events.Epoch, set(), set()),
    "Mistake": (tagging_events.Mistake, set(), {"kind"}),
    "TagFinishedRow": (tagging_events.Finished, {"confusion"}, {"cells"}),
    "TagDivergedRow": (divergence.EpochDiverged, set(), set()),
    "VerdictRow": (comparison.Verdict, set(), set()),
    "TaggedToken": (TaggedToken, set(), {"kind"}),
}


@pytest.mark.parametrize("name", EVENTS)
def test_a_row_has_the_fields_of_its_event(name: str) -> None:
    event, without, added = EVENTS[name]
    hints = typing.get_type_hints(event)
    expected = {item.name: kinds_of_annotation(hints[item.name]) for item in fields(event) if item.name not in without}
    found = declared(name)
    assert set(found) - {"kind"} == set(expected) | (added - {"kind"})
    for field, kinds in expected.items():
        always_finite = name == "TaggedToken"
        assert found[field] == (kinds - {"null"} if always_finite else kinds), field


def check(name: str, value: Mapping[str, Any]) -> None:
    """Fail unless a value has the fields of an interface, of the kinds that it allows."""
    allowed = declared(name)
    required = {field for field in allowed if not field.endswith("?")}
    assert required <= set(value) <= {field.removesuffix("?") for field in allowed}, name
    for field, item in value.items():
        kinds = allowed.get(field) or allowed[f"{field}?"]
        assert kind_of_value(item) in kinds, (name, field, item)


def rows_of(view: lesson.View, config: Any) -> list[dict[str, Any]]:
    return [plain(row) for row in map(view.new_record(), view.run(config)) if row is not None]


TINY_TRAINING = language_model.Config(hidden_size=4, epochs=1, max_tokens=200, batch_size=2, num_steps=5, held_out=0.2)


def training_rows() -> list[dict[str, Any]]:
    rows = CurveRows(1)
    return [plain(row) for row in map(rows, language_model.run(TINY_TRAINING)) if row is not None]


LESSONS: dict[str, tuple[lesson.View, Any, dict[str, str]]] = {
    "hello": (
        hello_payload.VIEW,
        hello.Config(epochs=2),
        {"started": "HelloStartedRow", "epoch": "LookRow", "finished": "LookRow"},
    ),
    "sine": (
        sine_payload.VIEW,
        sine.ComparisonConfig(windows=3, free_run=2, hidden_size=4),
        {
            "started": "SineStartedRow",
            "window": "WindowRow",
            "phaseplane": "PhasePlaneRow",
            "freerun": "FreeRunRow",
            "finished": "SineFinishedRow",
        },
    ),
    "race": (
        race_payload.VIEW,
        race.Config(lanes="scratch, torch", epochs=1, max_tokens=200, hidden_size=4, batch_size=2, num_steps=5),
        {
            "started": "RaceStartedRow",
            "line": "RaceLineRow",
            "step": "RaceStepRow",
            "difference": "RaceDifferenceRow",
            "epoch": "RaceEpochRow",
            "finished": "RaceFinishedRow",
        },
    ),
    "adding": (
        adding_payload.VIEW,
        adding.ShortConfig(length=4, max_steps=2, hidden_size=2, batch_size=2),
        {
            "started": "AddingStartedRow",
            "length": "AddingLengthRow",
            "measured": "AddingMeasuredRow",
            "outcome": "AddingOutcomeRow",
            "asked": "AskedRow",
            "finished": "AddingFinishedRow",
        },
    ),
    "tag": (
        tag_payload.VIEW,
        tagging.Config(epochs=2),
        {
            "started": "TagStartedRow",
            "scores": "ScoresRow",
            "step": "TagStepRow",
            "epoch": "TagEpochRow",
            "finished": "TagFinishedRow",
        },
    ),
}


@pytest.mark.parametrize("name", LESSONS)
def test_rows_of_a_lesson_are_as_declared(name: str) -> None:
    view, config, by_kind = LESSONS[name]
    rows = rows_of(view, config)
    assert {row["kind"] for row in rows} >= set(by_kind) - {"step"}
    for row in rows:
        check(by_kind[row["kind"]], row)


def test_parts_of_rows_are_as_declared() -> None:
    look = next(row for row in rows_of(hello_payload.VIEW, hello.Config(epochs=1)) if "steps" in row)
    for step in look["steps"]:
        check("CellStep", step)
    started = rows_of(hello_payload.VIEW, hello.Config(module="LSTMCell", output="linear", epochs=1))[0]
    for equation in started["equations"]:
        check("CellEquation", equation)


def test_points_of_hello_without_a_walk_are_as_declared() -> None:
    rows = rows_of(hello_payload.VIEW, hello.Config(epochs=2 * limits.MAX_WALKED_EPOCHS))
    without = [row for row in rows if row["kind"] == "epoch" and "steps" not in row]
    assert without
    check("HelloPointRow", without[0])


def test_rows_of_a_training_are_as_declared() -> None:
    rows = training_rows()
    by_kind = {"untrained": "UntrainedRow", "step": "StepRow", "epoch": "EpochRow"}
    assert {row["kind"] for row in rows} >= set(by_kind)
    for row in rows:
        if row["kind"] in by_kind:
            check(by_kind[row["kind"]], row)


@pytest.fixture
def finished() -> Callable[[Any, Any], tuple[Run, Any]]:
    """Run something to its end; return the run and all that a viewer learns."""

    def run_it(experiment: Any, record: Any) -> tuple[Run, Any]:
        runner = Runner(1)
        try:
            run = runner.start(Run(experiment, record))
            assert run.wait(60)
            return run, runner.follow(run)
        finally:
            runner.close()

    return run_it


def test_payloads_of_a_lesson_are_as_declared(finished: Callable[[Any, Any], tuple[Run, Any]]) -> None:
    view = hello_payload.VIEW
    run, snapshot = finished(Lesson(view, hello.Config(epochs=1)), view.record)
    check("RunNews", lesson.news(run, snapshot, "en"))
    check("LessonPayload", lesson.picture_of_run(run, snapshot, "en"))


def test_the_summary_of_a_training_is_as_declared() -> None:
    config = language_model.Config(corpus="own", hidden_size=4, epochs=1, batch_size=2, num_steps=5, held_out=0.2)
    run = training_run(config, "la li lu la le lo " * 8)
    run.drive()
    check("RunSummary", earlier.summary(run, language_model.Config(), "en"))


def test_payloads_of_a_training_are_as_declared() -> None:
    recorded = train_payload.recorded_picture("lyrics-en", "en")
    optional = {
        "why",
        "not_saved",
        "recording_dropped",
        "recording_ended",
        "problem",
        "position",
        "diverged",
        "test_perplexity",
    }
    allowed = declared("TrainPayload")
    assert set(allowed) - set(recorded) == optional
    for field, item in recorded.items():
        assert kind_of_value(item) in allowed[field], field


def test_news_of_a_training_are_as_declared() -> None:
    run = types.SimpleNamespace(
        config=TINY_TRAINING, why="", not_saved="", error=None, experiment=None, last=lambda kind: None
    )
    check("TrainNews", train_payload.news(run, Snapshot((), 0, "running", 0, False), "en"))


# --- values of panels that show no run ---

CONFIG = LayersConfig(batch_size=2, num_steps=3, input_size=2, hidden_size=3)


def test_values_of_the_layers_panels_are_as_declared() -> None:
    seen = inspect_layers(CONFIG)
    value = layers.layers_value(CONFIG, seen)
    check("LayersValue", value)
    for row in (*value["tensors"], *value["parameters"]):
        check("TensorRow", row)
    check("SteppingValue", layers.stepping_value(CONFIG, seen))
    gradients = layers.gradients_value(compare_gradients(CONFIG))
    check("GradientsValue", gradients)
    for row in gradients["rows"]:
        check("GradientRow", row)
    check("ProductsValue", layers.products_value(ProductsConfig()))
    lookup = layers.lookup_value(EmbeddingConfig())
    check("LookupValue", lookup)
    check("PaddingValue", lookup["padding"])
    config = BatchesConfig()
    check("OptionsValue", layers.options_value(EmbeddingConfig(max_norm=1)))
    lengths = PackedConfig(batch_size=2, num_steps=3, input_size=2, hidden_size=3)
    packed = sequences.packed_value(lengths, inspect_packed(lengths))
    check("PackedValue", packed)
    check("PackedRunValue", packed["runs"][0])
    check("DropoutValue", sequences.dropout_value(lengths, inspect_dropout(lengths)))
    check("BatchesValue", layers.batches_value(config, batches_of_text(config)))


def test_the_surprise_over_a_text_is_as_declared() -> None:
    subject = surprise.subject_of_curve("lyrics-zh")
    value = surprise.surprise_value(subject, None, {})
    check("SurpriseValue", value)
    check("SurpriseWindow", value["parts"]["training"])
    check("ExpectedValue", surprise.expected_value(subject, None, "held_out", 3))


def test_what_the_tab_inside_gets_is_as_declared() -> None:
    runner = Runner(1)
    try:
        opened = on_open(runner, None, None, None, "lyrics-zh", "不分开\n伞骨断了一根\n", None, "", None)[0]
    finally:
        runner.close()
    check("OpenedValue", opened)
    check("UnitsValue", section_value(opened["key"], "units", {}) or {})
    found = section_value(opened["key"], "alike", {"last": "2"}) or {}
    check("AlikeValue", found)
    check("AlikePlace", found["places"][0])
    gates = section_value(opened["key"], "gates", {}) or {}
    check("GatesValue", gates)
    check("GateLine", gates["gates"][0])
    check("GateUnits", gates["chosen"])
    check("CellLine", (section_value(opened["key"], "gates", {"place": "1"}) or {})["lines"][0])
    operated = section_value(opened["key"], "surgery", {"operations": "l0.z=0.5"}) or {}
    check("SurgeryValue", operated)
    check("SurgerySongs", operated["song"])
    answer = section_value(opened["key"], "gradient", {"place": "5", "view": "training"}) or {}
    check("GradientAnswer", answer)
    check("GradientPicture", answer["picture"])
    check("OtherCellsValue", answer["picture"]["others"])


def test_a_round_of_who_wrote_this_is_as_declared() -> None:
    runner = Runner(1)
    try:
        dealt = on_deal(runner, None, None, "5-gram:lyrics-zh", "", 1.0, None)
    finally:
        runner.close()
    check("WhoRound", dealt)
    check("WhoRound", on_guess(f"{dealt['key']} 2", None))


def test_the_facts_of_a_text_are_as_declared() -> None:
    check("TextFactsValue", text_facts.facts_of_preset("quick", "lyrics-en"))
    check("TextMessage", text_facts.on_text_facts(None, "own", "", "lines", 1, "", 0.1, 32, 25, "sequential", False))


def test_what_a_run_can_be_taken_along_as_is_as_declared() -> None:
    own = {"corpus": "mine", "model": "gru", "implementation": "scratch", "reset_after": "false"}
    checkpoint = checkpoints.load(shipped_model("lyrics-zh"))
    for each in (checkpoint, replace(checkpoint, config={**checkpoint.config, **own})):
        check("TakeAlong", about(each))


def test_the_table_of_languages_is_as_declared() -> None:
    for row in languages_table():
        check("LanguageRow", row)


def test_what_a_link_means_is_as_declared() -> None:
    check("LinkPayload", read_payload("tab=layers&part=lookup&at=epoch:7&press=start&hide=dim"))
    check("LinkPayload", read_payload("tab=train&at=epoch:7&press=start&hide=seed"))


def test_a_song_is_as_declared() -> None:
    fitted = FittedPrefix("a", (), (), ("a",))
    check("Song", plain(song_value(fitted, [SampledToken("b", " b", 0.5, (("b", 0.5),))])))


def test_what_a_song_copies_is_as_declared() -> None:
    learned = language_model.LearnedText(make_corpus("la la li lu la le lo " * 5, held_out=0.2))
    tracker = learned.tracker()
    tracker.add("la la li lu")
    check("Copied", copied_value(tracker) or {})
    check("Copied", plain(compared_value(learned, "la la li lu", 0, Generation(length=5))))


def test_the_next_character_is_as_declared() -> None:
    learned = language_model.text_to_count("la la li lu la le lo " * 5)
    writer, how = language_model.counting_writer("2-gram", learned), Generation(prefix="la", length=9)
    found = next_tokens(writer.decoder(), writer.vocab, how, ["l"])
    check("NextBars", plain(bars_value(found, 1, how)))
    for picked in ([], ["u"]):
        value = plain(ending_value(KeptSong(how, lambda: writer, 0), writer, ["l"], picked))
        check("EndingValue", value)
        check("Copied", value["copied"])


def test_temperatures_side_by_side_are_as_declared() -> None:
    learned = language_model.text_to_count("la la li lu la le lo " * 5)
    writer, how = language_model.counting_writer("2-gram", learned), Generation(prefix="la", length=9)
    columns = [
        column_value(column, writer, how) for column in language_model.temperature_columns(writer, how, (0.0, 2.0))
    ]
    check("TemperatureColumns", plain(columns_value(columns, writer, how, 2)))
    for column in columns:
        check("TemperatureColumn", plain(column))
        check("Copied", plain(column["copied"]))


def test_an_acrostic_is_as_declared() -> None:
    writer = language_model.counting_writer("2-gram", language_model.text_to_count("la la\nli lu\nla le lo\n" * 5))
    for how in (Acrostic(heads="lé🙂", beam=2), Acrostic(heads="u", at="end", beam=2)):
        written = language_model.write_acrostic(writer, how)
        rows = [line_value(line) for line in written.lines]
        check("Acrostic", plain(acrostic_value(rows, written.how, writer, "lyrics-en")))
        for row in rows:
            check("AcrosticLine", plain(row))


def test_what_followed_is_as_declared() -> None:
    learned = language_model.text_to_count("la la li lu la le lo " * 5)
    table = plain(followers_value(language_model.what_followed("la ", learned)))
    check("FollowersTable", table)
    check("FollowerRow", table["rows"][0])
    for level in table["levels"]:
        check("LevelRow", level)


def test_a_tagged_sentence_is_as_declared() -> None:
    tagger = loaded("en")
    value = tokens_value(tag_sentence(tagger, ["the", "light"]), tagger, "en", "everyday-en")
    check("TaggedSentence", value)
    for token in value["tokens"]:
        check("TaggedToken", token)


def test_bounds_are_as_declared() -> None:
    check("BoundsMeta", Bounds(1.0).meta([Line("loss", "loss", "red")], "beyond"))
    check("LineEnd", asdict(end_of([(1.0, 2.0)])))


def test_no_interface_is_left_out() -> None:
    """Each one that says "From" is compared above."""
    text = TYPES.read_text("utf-8")
    said: Sequence[str] = re.findall(r"/\*\* From [^*]*\*/\nexport interface (\w+)", text)
    source = Path(__file__).read_text("utf-8")
    assert [name for name in said if f'"{name}"' not in source] == []
