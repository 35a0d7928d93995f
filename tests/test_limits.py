"""The limits are in one place, named alike, and the documented table is made from them."""

import ast
from collections import Counter
from pathlib import Path

from rnnlab import limits

DOCUMENT = Path(limits.__file__).parent / "ui" / "server" / "README.md"


def names():
    """Name every constant that limits.py assigns, as often as it does."""
    tree = ast.parse(Path(limits.__file__).read_text("utf-8"))
    targets = [
        target for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]  # fmt: skip
    return [target.id for target in targets if isinstance(target, ast.Name)]  # not the tuple of units


def test_the_documented_table_is_the_one_that_limits_make():
    assert f"\n{limits.limits_table()}\n<!-- end of limits -->" in DOCUMENT.read_text("utf-8"), (
        "run `python -m rnnlab.limits` and commit the document"
    )


def test_every_limit_has_a_row_with_a_value_and_a_meaning():
    rows = [[cell.strip() for cell in row.split(" | ")] for row in limits.limits_table().splitlines()]
    named = {row[0].removeprefix("| ").strip("`"): row for row in rows if row[0].startswith("| `")}
    assert set(named) == set(names())
    for name, (_, value, about) in named.items():
        assert value, name
        assert about != "|", f"{name} has no comment"


def test_limits_begin_with_max_or_min_and_none_is_assigned_twice():
    assert [name for name in names() if not name.startswith(("MAX_", "MIN_"))] == []
    assert [name for name, count in Counter(names()).items() if count > 1] == []


def test_sizes_are_shown_in_their_unit():
    assert limits._shown(20 * 2**20, "20 * MIB") == "20 MiB"
    assert limits._shown(2**30, "GIB") == "1 GiB"
    assert limits._shown(10_000, "10_000") == "10,000"
    assert limits._shown((1, 2), "(1, 2)") == "`(1, 2)`"
