"""Every limit on input, memory and connections, in one place. Units are in the comments; sizes are in bytes.

`limits_table()` makes the table in `rnnlab/ui/server/README.md` from this module; a test compares the two.
A limit on a single setting (its range) is the setting's own rule, in its configuration.
"""

from __future__ import annotations

KIB, MIB, GIB = 2**10, 2**20, 2**30

# --- texts and files that visitors bring (rnnlab.text) ---

# --- tagged sentences (rnnlab.text.treebank, rnnlab.text.tagged_sentences) ---

# --- checkpoints (rnnlab.checkpoints) ---

# --- models and training (rnnlab.models, rnnlab.inspection, rnnlab.experiments) ---

# --- runs (rnnlab.runs) ---

# --- the server (rnnlab.ui, rnnlab.hosting) ---

# --- figures and pages (rnnlab.figures, rnnlab.ui.tabs) ---

# --- the table of the documentation ---


def limits_table() -> str:
    """Write the limits of this module as Markdown: a row for each constant, with its value and its comment.

    A section becomes a row of its own. A constant without a comment on its line has the comment above it.
    """
    import re  # only the table needs these two, and every part of the package imports this module
    from pathlib import Path

    rows, above = ["| limit | value | what it bounds |", "|---|---|---|"], ""
    for line in Path(__file__).read_text("utf-8").split("\n# --- the table of the documentation")[0].splitlines():
        if section := re.fullmatch(r"# --- (.+?)(?: \(([^()]*)\))? ---", line):
            modules = ", ".join(f"`{name}`" for name in re.findall(r"[\w.]+", section[2] or ""))
            rows.append(f"| **{section[1]}** | | {modules} |")
        elif limit := re.match(r"([A-Z][A-Z0-9_]*)(?:: [^=]+)? = (.*?)(?:  # (.*))?$", line):
            about = (limit[3] or above).replace("|", r"\|")
            rows.append(f"| `{limit[1]}` | {_shown(globals()[limit[1]], limit[2])} | {about} |")
        above = f"{above} {line.removeprefix('# ')}".strip() if line.startswith("# ") else ""
    return "\n".join(rows) + "\n"


def _shown(value: object, source: str) -> str:
    """Show a number with the unit of bytes that its source names, as in 20 MiB; else with thousands separated."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"`{value!r}`"
    for unit, size in (("GiB", GIB), ("MiB", MIB), ("KiB", KIB)):
        if unit.upper() in source:
            return f"{value / size:,g} {unit}"
    return f"{value:,}"


def write_table() -> None:
    """Replace the table in `rnnlab/ui/server/README.md`, between its two marks."""
    from pathlib import Path

    path = Path(__file__).parent / "ui" / "server" / "README.md"
    start, end = "<!-- limits: made by `python -m rnnlab.limits` -->\n", "\n<!-- end of limits -->"
    before, found, rest = path.read_text("utf-8").partition(start)
    if not found or end not in rest:
        raise SystemExit(f"{path} lacks the marks around the table")
    path.write_text(f"{before}{start}\n{limits_table()}{end}{rest.partition(end)[2]}", "utf-8")


if __name__ == "__main__":
    write_table()
