"""`rnnlab layers`: take a recurrent layer apart, and show how texts and ids reach it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Annotated, Any

import typer

from rnnlab.commands.console import AsJson, notes, print_json, printable
from rnnlab.commands.language import refusal, say, say_if_known
from rnnlab.devices import tune_thread
from rnnlab.flags import given, with_flags
from rnnlab.inspection import EXAMPLES, PARTS, BatchesConfig, EmbeddingConfig, PackedConfig, plain_part
from rnnlab.validation import Choice, Config, InvalidInput

LAYER_FLAGS = frozenset(item.name for item in fields(PackedConfig))
EMBEDDING_FLAGS = frozenset(item.name for item in fields(EmbeddingConfig))
SMALL = 8  # rows and columns of a matrix that are printed


@with_flags(BatchesConfig, but=LAYER_FLAGS | EMBEDDING_FLAGS)
@with_flags(EmbeddingConfig, but=LAYER_FLAGS)
@with_flags(PackedConfig)
def layers_command(
    example: Annotated[
        str | None, typer.Option(help="An example of a tutorial (--list names them); flags change it.", metavar="NAME")
    ] = None,
    part: Annotated[str | None, typer.Option(help="Only this part.", metavar="|".join(PARTS))] = None,
    list_examples: Annotated[bool, typer.Option("--list", help="List the examples.")] = False,
    as_json: AsJson = False,
    **flags: str | None,
) -> None:
    """Take a recurrent layer apart: shapes, one element at a time, gradients, unequal lengths, dropout.

    Beside it stand two products as one, the lookup of ids, and a text's minibatches. Sizes are the layer's; with --part
    or --example they are those of that part.
    """
    tune_thread(1)
    if list_examples:
        _print_examples(as_json)
        return
    chosen = None if example is None else EXAMPLES[Choice(tuple(EXAMPLES)).check("example", example)]
    if part is not None:
        Choice(tuple(PARTS)).check("part", part)
    own = {} if chosen is None else chosen.config().to_strings()
    wanted = (part,) if part else (chosen.part,) if chosen else tuple(PARTS)
    for name in wanted:
        config = _config(name, own if chosen and PARTS[name] is PARTS[chosen.part] else {}, given(flags), len(wanted))
        try:
            found = plain_part(name, config)
        except InvalidInput as error:
            if len(wanted) == 1:
                raise
            notes().print(printable(f"{name}: {refusal(error)}"), markup=False, soft_wrap=True)
            continue
        if as_json:
            print_json({"part": name, "settings": config.to_strings(), **found})
        else:
            print(f"--- {name} ---", *_LINES[name](found), sep="\n", flush=True)


def _config(name: str, own: Mapping[str, str], flags: Mapping[str, str], parts: int) -> Config:
    """Return the settings of a part: an example's, changed by the flags that it has.

    Without a chosen part the sizes among the flags are the layer's; other parts then keep theirs.
    """
    kind = PARTS[name]
    known = {item.name for item in fields(kind)}
    theirs = known if parts == 1 or kind is PackedConfig else known - LAYER_FLAGS
    if parts == 1 and (strange := set(flags) - known):
        raise InvalidInput("no_effect_on_part", min(strange), part=name)
    config = kind.from_strings({**own, **{flag: text for flag, text in flags.items() if flag in theirs}})
    if name == "gradients" and isinstance(config, PackedConfig):
        config = replace(config, implementation="scratch")  # which every cell has; all are compared
    return config


def _print_examples(as_json: bool) -> None:
    """Print every example with its tutorial, section, part and settings."""
    for name, example in EXAMPLES.items():
        if as_json:
            row = {"name": name, "tutorial": example.tutorial, "section": example.section, "part": example.part}
            print_json({**row, "settings": dict(example.settings)})
        else:
            settings = "  ".join(f"{key}={value}" for key, value in example.settings.items())
            print(f"{name:18} {example.tutorial} {example.section}  {example.part}  {settings}")


# --- a part as lines of text ---


def _shapes(found: Mapping[str, Any]) -> Iterator[str]:
    yield from found["lines"]
    for row in (*found["tensors"], *found["parameters"]):
        yield f"{row['name']:22} {row['letters']:12} {tuple(row['shape'])!s:18} {row['values']:>11,} " + say(
            "layers_numbers"
        )
    yield say("layers_parameters", count=found["parameter_count"], formula=found["formula"])
    counts = say("comma").join(f"{model} {count:,}" for model, count in found["counts"].items())
    yield say("layers_same_sizes", counts=counts)


def _stepping(found: Mapping[str, Any]) -> Iterator[str]:
    yield _difference(say("layers_steps_and_all"), found["difference"])
    if not found["steppable"]:
        yield say("layers_two_directions")
    if found["implementation_difference"] is not None:
        yield _difference(say("layers_scratch_and_torch"), found["implementation_difference"])
    for name, state in found["last"].items():
        yield say("layers_last_state", name=name, numbers=_numbers(state[-1][0]))


def _products(found: Mapping[str, Any]) -> Iterator[str]:
    for name in ("x", "w_xh", "h", "w_hh", "total", "side_by_side", "stacked", "product"):
        yield from _matrix(name, found[name])
    yield _difference(say("layers_total_and_product"), found["difference"])


def _lookup(found: Mapping[str, Any]) -> Iterator[str]:
    options = found["options"]
    yield f"ids {found['ids']}"
    yield from _matrix("W", found["weight"], rows=10)
    yield _difference(say("layers_lookup"), found["difference"])
    yield say("layers_padding", numbers=_numbers(found["padding"]["gradient"][0]))
    yield say("layers_norms_before", numbers=_numbers(options["norms_before"]))
    yield say("layers_norms_after", numbers=_numbers(options["norms_after"]))
    yield from _matrix(say("layers_gradient"), options["gradient"], rows=10)


def _batches(found: Mapping[str, Any]) -> Iterator[str]:
    yield say("layers_tokens", tokens=len(found["tokens"]), distinct=len(found["vocab"]))
    for sampling, batches in found["inputs"].items():
        for number, (inputs, targets) in enumerate(zip(batches, found["targets"][sampling], strict=True)):
            ids = [[[found["ids"][place] for place in row] for row in side] for side in (inputs, targets)]
            yield f"{say_if_known(f'word.{sampling}', sampling)} {number}  X {ids[0]}  Y {ids[1]}"


def _gradients(found: Mapping[str, Any]) -> Iterator[str]:
    for way, milliseconds in found["milliseconds"].items():
        yield f"{way:10} " + say("layers_milliseconds", milliseconds=milliseconds)
    for pair, tensors in found["differences"].items():
        yield _difference(pair, max(tensors.values()))


def _packed(found: Mapping[str, Any]) -> Iterator[str]:
    yield say("layers_packed", lengths=found["lengths"], order=found["order"], batch_sizes=found["batch_sizes"])
    yield say("layers_elements", packed=len(found["data"]), padded=len(found["padded"]) * len(found["lengths"]))
    for run in found["runs"]:
        yield f"{run['implementation']:8} " + _difference(say("layers_packed_and_alone"), run["difference"])
        for row, end in enumerate(run["ends"]["h_n"][-1]):
            yield "  " + say("layers_end", row=row, numbers=_numbers(end))
    if found["difference"] is not None:
        yield _difference(say("layers_scratch_and_torch"), found["difference"])
    yield say("layers_unpacked", difference=found["unpacked_difference"])


def _dropout(found: Mapping[str, Any]) -> Iterator[str]:
    if not found["masks"]:
        yield say("layers_one")
        return
    for number, (below, mask, above) in enumerate(zip(found["between"], found["masks"], found["above"], strict=True)):
        yield say("layers_between", below=number, above=number + 1)
        for name, tensor in (("output", below), ("mask", mask), ("input", above)):
            yield from _matrix(say_if_known(f"word.{name}", name), [step[0] for step in tensor])
    yield say("layers_zeroed", share=found["zeroed"])
    yield _difference(say("layers_module_and_masks"), found["difference"])


_LINES = {
    "shapes": _shapes,
    "stepping": _stepping,
    "products": _products,
    "lookup": _lookup,
    "batches": _batches,
    "gradients": _gradients,
    "packed": _packed,
    "dropout": _dropout,
}


def _difference(compared: str, value: float) -> str:
    """Return the line of a comparison."""
    return say("layers_difference", compared=compared, value=value)


def _matrix(name: str, values: list[list[float]], rows: int = SMALL) -> Iterator[str]:
    """Yield a matrix, or its first rows and columns, as lines."""
    yield f"{name} ({len(values)}, {len(values[0])})"
    for row in values[:rows]:
        yield f"  {_numbers(row)}"
    if len(values) > rows:
        yield "  …"


def _numbers(values: list[float]) -> str:
    more = " …" if len(values) > SMALL + 2 else ""
    return " ".join(f"{value:8.4f}" for value in values[: SMALL + 2]) + more
