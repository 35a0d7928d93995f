"""The table of the tutorials' sections: every tab, recipe, example, setting and command of it exists."""

import json
import re
import shlex
from html.parser import HTMLParser
from pathlib import Path

import gradio as gr
import pytest
from typer.main import get_command

import rnnlab.__main__ as command_line
from rnnlab.commands.tutorials import documents, with_tables
from rnnlab.inspection import EXAMPLES
from rnnlab.runs import Runner
from rnnlab.ui.app import create_app
from rnnlab.ui.i18n import words
from rnnlab.ui.tutorial_dialog import dialog_html, fields_of
from rnnlab.ui.tutorials import tutorials

SHARED = Path(command_line.__file__).parents[2] / "shared"  # beside the checkout; absent on most machines
LINES = [line for tutorial in tutorials() for line in tutorial.lines]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def app():
    runner = Runner()
    yield create_app(runner)
    runner.close()


@pytest.fixture(scope="module")
def fields(app):
    return {block.elem_id: block for block in app.blocks.values() if getattr(block, "elem_id", None)}


def test_the_five_tutorials_are_there_in_their_order():
    assert [tutorial.number for tutorial in tutorials()] == ["000", "001", "002", "003", "004"]
    assert all(tutorial.lines for tutorial in tutorials())


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.title("zh"))
def test_a_line_leads_to_fields_that_take_its_values(line, app, fields):
    assert line.tab in {tab.id for tab in app.blocks.values() if isinstance(tab, gr.Tab)}
    wanted = fields_of(line)
    assert wanted
    for elem_id, value in wanted.items():
        field = fields[elem_id]
        if choices := getattr(field, "choices", None):
            assert value in [choice for _, choice in choices], elem_id
        else:
            assert isinstance(field, gr.Number) == (isinstance(value, int | float) and not isinstance(value, bool))


def test_every_example_of_the_tutorials_has_a_line():
    named = {line.example for line in LINES if line.example}
    assert named <= set(EXAMPLES)
    assert {EXAMPLES[name].tutorial for name in named} == {tutorial.number for tutorial in tutorials()}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_line_says_where_it_leads(language):
    for line in LINES:
        tab, chosen = line.place(language)
        assert tab == words(language)[f"{line.tab}.tab"]
        assert chosen or line.tab == "generate"
        assert language == "zh" or not CHINESE.search(line.title(language) + tab + chosen)


@pytest.fixture(scope="module")
def cli():
    return get_command(command_line.command_line())


@pytest.mark.parametrize("command", sorted({line.command for line in LINES}))
def test_every_command_of_the_table_parses(cli, command):
    program, name, *rest = shlex.split(command)
    assert program == "rnnlab"
    assert cli.commands[name].make_context(name, rest, parent=cli.make_context("rnnlab", [name])).params


def test_commands_that_are_quick_run(monkeypatch, capsys):
    """The others train; here they only parse."""
    quick = sorted(
        {line.command for line in LINES if line.command.startswith(("rnnlab layers", "rnnlab text lyrics-zh"))}
    )
    assert len(quick) > 10
    for command in quick:
        monkeypatch.setattr("sys.argv", shlex.split(command))
        with pytest.raises(SystemExit) as end:
            command_line.main()
        assert not end.value.code, capsys.readouterr().err
        assert capsys.readouterr().out


def test_the_documents_have_the_table():
    assert {path.name for path in documents()} == {"tutorials.md", "tutorials.zh.md"}
    for path, language in documents().items():
        text = path.read_text("utf-8")
        assert text == with_tables(text, language), "run python -m rnnlab.commands.tutorials"


def test_the_command_lists_every_line(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["rnnlab", "tutorials", "--json"])
    with pytest.raises(SystemExit):
        command_line.main()
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert [row["command"] for row in rows] == [line.command for line in LINES]
    assert rows[0].keys() == {"tutorial", "title", "section", "tab", "recipe", "example", "settings", "command"}


def test_the_dialog_has_a_button_for_each_line():
    class Buttons(HTMLParser):
        found = ()

        def handle_starttag(self, tag, attributes):
            if tag == "button" and "data-fields" in (data := dict(attributes)):
                self.found += ((data["data-tab"], json.loads(data["data-fields"])),)

    parser = Buttons()
    parser.feed(dialog_html())
    assert list(parser.found) == [(line.tab, fields_of(line)) for line in LINES]


# --- against the tutorials themselves, where they lie beside the checkout ---


def test_titles_and_sections_are_those_of_the_tutorials():
    seeds = sorted((SHARED / "seeds").glob("*.txt"))
    if not seeds:
        pytest.skip("the tutorials are not here: they are not part of the project")
    for tutorial, path in zip(tutorials(), seeds, strict=True):
        text = path.read_text("utf-8")
        assert path.name.startswith(tutorial.number)
        assert tutorial.original in text
        assert tutorial.author in text
        sections = {line.section["zh"] for line in tutorial.lines}
        assert [section for section in sections if section not in text] == []
        headings = set(re.findall(r"^(\d\.\d\.\d .+)$", text, re.M)) | set(re.findall(r"^##+ (.+)$", text, re.M))
        above = {heading for heading in headings if heading in ("语言模型", "循环神经网络")}  # hold other headings only
        assert {heading.strip() for heading in headings} - above <= sections


def test_every_item_that_was_reviewed_has_a_line():
    review = SHARED / "research" / "tutorials.md"
    if not review.exists():
        pytest.skip("the review of the tutorials is not here")
    reviewed = set()
    for first, last in re.findall(r"^\| (\d\.\d+)(?:–(\d\.\d+))? \|", review.read_text("utf-8"), re.M):
        chapter, start = first.split(".")
        reviewed |= {f"{chapter}.{n}" for n in range(int(start), int((last or first).split(".")[1]) + 1)}
    assert len(reviewed) > 60
    assert sorted(reviewed - {item for line in LINES for item in line.items}) == []
