"""`rnnlab tutorials`: say which tab, which recipe and which command shows a section of the tutorials.

`python -m rnnlab.commands.tutorials` rewrites the tables of the two documents in `rnnlab/reproduce`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.cells import cell_len

from rnnlab.commands.console import AsJson, print_json
from rnnlab.commands.language import language
from rnnlab.ui.i18n import words
from rnnlab.ui.i18n.languages import FALLBACK, LANGUAGES, Language
from rnnlab.ui.tutorials import Line, Tutorial, tutorials
from rnnlab.validation import Choice

COLUMNS = ("section", "tab", "recipe", "command")
DOCUMENTS = Path(__file__).parents[1] / "reproduce"


def tutorials_command(
    only: Annotated[
        str | None, typer.Option(help="This tutorial only, by its number from 000 to 004.", metavar="NUMBER")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown tables.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the tutorials' sections: the tab that shows each, its recipe or example, and its command."""
    if only is not None:
        Choice(tuple(tutorial.number for tutorial in tutorials())).check("only", only)
    for tutorial in tutorials():
        if only not in (None, tutorial.number):
            continue
        if as_json:
            for line in tutorial.lines:
                print_json(_row(tutorial, line))
        else:
            print("\n".join(markdown_of(tutorial, language()) if markdown else _text_of(tutorial, language())), "\n")


def _row(tutorial: Tutorial, line: Line) -> dict[str, Any]:
    """Return a line as JSON, with the titles of the tutorials themselves."""
    return {
        "tutorial": tutorial.number,
        "title": tutorial.original,
        "section": next(iter(line.section.values())),
        "tab": line.tab,
        "recipe": line.recipe or None,
        "example": line.example or None,
        "settings": dict(line.settings),
        "command": line.command,
    }


def _cells(line: Line, language: Language) -> tuple[str, str, str, str]:
    return (line.title(language), *line.place(language), line.command)


def _text_of(tutorial: Tutorial, language: Language) -> Iterator[str]:
    """Yield the title of a tutorial and its lines, in columns; a Chinese character is two wide."""
    yield f"{tutorial.number}  {tutorial.title(language)}"
    rows = [_cells(line, language) for line in tutorial.lines]
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    for row in rows:
        padded = (text + " " * (width - cell_len(text)) for text, width in zip(row, widths, strict=True))
        yield ("  " + "  ".join(padded)).rstrip()


def markdown_of(tutorial: Tutorial, language: Language) -> Iterator[str]:
    """Yield the heading and the table of a tutorial in Markdown."""
    titles = dict.fromkeys((tutorial.title(language), tutorial.original))
    yield f"## {tutorial.number} {' · '.join(titles)}"
    yield ""
    yield "| " + " | ".join(words(language)[f"tutorials.column_{column}"] for column in COLUMNS) + " |"
    yield "|" + "---|" * len(COLUMNS)
    for line in tutorial.lines:
        *texts, command = (cell.replace("|", "\\|") for cell in _cells(line, language))
        yield "| " + " | ".join((*texts, f"`{command}`")) + " |"


def documents() -> dict[Path, Language]:
    """Return the documents that there are, and the language of each: `tutorials.md`, `tutorials.zh.md`."""
    named = {DOCUMENTS / f"tutorials.{language}.md": language for language in LANGUAGES}
    named[DOCUMENTS / "tutorials.md"] = FALLBACK
    return {path: language for path, language in named.items() if path.exists()}


def with_tables(text: str, language: Language) -> str:
    """Return a document with the tables of all tutorials, from the first heading of one to its end."""
    tables = ("\n".join(markdown_of(tutorial, language)) for tutorial in tutorials())
    return text[: text.index(f"## {tutorials()[0].number} ")] + "\n\n".join(tables) + "\n"


if __name__ == "__main__":
    for path, language_of_document in documents().items():
        path.write_text(with_tables(path.read_text("utf-8"), language_of_document), "utf-8")
