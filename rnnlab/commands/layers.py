"""`rnnlab layers`: take a recurrent layer apart, and show how texts and ids reach it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Annotated, Any

import typer

from rnnlab.commands.console import AsJson, notes, print_json, printable
from rnnlab.commands.language import refusal
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
        yield f"{row['name']:22} {row['letters']:12} {tuple(row['shape'])!s:18} {row['values']:>11,} numbers"
    yield f"parameters {found['parameter_count']:,} = {found['formula']}"
    yield "the same sizes as " + ", ".join(f"{model} {count:,}" for model, count in found["counts"].items())


def _stepping(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"one element at a time and all at once: largest difference {found['difference']:.2g}"
    if not found["steppable"]:
        yield "two directions cannot be stepped: the backward one starts at the end"
    if found["implementation_difference"] is not None:
        yield f"scratch and torch: largest difference {found['implementation_difference']:.2g}"
    for name, state in found["last"].items():
        yield f"{name} of the last layer, first sequence: {_numbers(state[-1][0])}"


def _products(found: Mapping[str, Any]) -> Iterator[str]:
    for name in ("x", "w_xh", "h", "w_hh", "total", "side_by_side", "stacked", "product"):
        yield from _matrix(name, found[name])
    yield f"largest difference between total and product {found['difference']:.2g}"


def _lookup(found: Mapping[str, Any]) -> Iterator[str]:
    options = found["options"]
    yield f"ids {found['ids']}"
    yield from _matrix("W", found["weight"], rows=10)
    yield f"lookup and one-hot × W: largest difference {found['difference']:.2g}"
    yield f"gradient of row 0 with padding_idx=0 {_numbers(found['padding']['gradient'][0])}"
    yield f"norms of the rows before the lookup {_numbers(options['norms_before'])}"
    yield f"norms of the rows after it          {_numbers(options['norms_after'])}"
    yield from _matrix("gradient", options["gradient"], rows=10)


def _batches(found: Mapping[str, Any]) -> Iterator[str]:
    yield printable(f"{len(found['tokens'])} tokens, {len(found['vocab'])} of them distinct")
    for sampling, batches in found["inputs"].items():
        for number, (inputs, targets) in enumerate(zip(batches, found["targets"][sampling], strict=True)):
            ids = [[[found["ids"][place] for place in row] for row in side] for side in (inputs, targets)]
            yield f"{sampling} {number}  X {ids[0]}  Y {ids[1]}"


def _gradients(found: Mapping[str, Any]) -> Iterator[str]:
    for way, milliseconds in found["milliseconds"].items():
        yield f"{way:10} {milliseconds:.3g} ms forward and backward"
    for pair, tensors in found["differences"].items():
        yield f"{pair}: largest difference {max(tensors.values()):.2g}"


def _packed(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"lengths {found['lengths']}, packed in the order {found['order']}, batch_sizes {found['batch_sizes']}"
    yield f"{len(found['data'])} elements packed, {len(found['padded']) * len(found['lengths'])} padded"
    for run in found["runs"]:
        yield f"{run['implementation']:8} packed and each sequence alone: largest difference {run['difference']:.2g}"
        for row, end in enumerate(run["ends"]["h_n"][-1]):
            yield f"  h_n of sequence {row}: {_numbers(end)}"
    if found["difference"] is not None:
        yield f"scratch and torch: largest difference {found['difference']:.2g}"
    yield f"h_n without packing is wrong by up to {found['unpacked_difference']:.2g}"


def _dropout(found: Mapping[str, Any]) -> Iterator[str]:
    if not found["masks"]:
        yield "one layer: there is nothing between layers"
        return
    for number, (below, mask, above) in enumerate(zip(found["between"], found["masks"], found["above"], strict=True)):
        yield f"between layer {number} and {number + 1}, first sequence:"
        for name, tensor in (("output", below), ("mask", mask), ("input", above)):
            yield from _matrix(name, [step[0] for step in tensor])
    yield f"zeroed {found['zeroed']:.3f} of the numbers between layers"
    yield f"module in training and layers with masks by hand: largest difference {found['difference']:.2g}"


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
