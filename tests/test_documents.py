"""What the documents say is there: links, paths, commands, and the two commands of both READMEs."""

import json
import re
import shlex
import subprocess
from argparse import ArgumentParser
from functools import cache
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

import rnnlab
from rnnlab.__main__ import command_line
from rnnlab.resources import SHIPPED_CORPORA, SHIPPED_MODELS
from rnnlab.ui.serve import FLAGS

CHECKOUT = Path(rnnlab.__file__).parents[1]
READMES = ("README.md", "README.zh.md")
MAX_README_BYTES = 9_000
MAX_ANIMATION_BYTES = 1_500_000
FOLDERS = ("rnnlab", "tests", "data", "assets", ".github")
DOCUMENTS = sorted(
    path.relative_to(CHECKOUT).as_posix()
    for path in (*CHECKOUT.glob("*.md"), *(path for folder in FOLDERS for path in (CHECKOUT / folder).rglob("*.md")))
)
SOURCES = {path.name for folder in FOLDERS for path in (CHECKOUT / folder).rglob("*")}
EXAMPLES = {"model.safetensors", "play.safetensors", "vi.safetensors", "songs.txt"}  # files of a reader, not ours


def text_of(document):
    return (CHECKOUT / document).read_text("utf-8")


def prose_of(document):
    """Read a document without its blocks of code."""
    return re.sub(r"^```.*?^```", "", text_of(document), flags=re.DOTALL | re.MULTILINE)


def code_of(document, *languages):
    """List a document's blocks of code in one of these languages; "" is for blocks without one."""
    blocks = re.findall(r"^```([^\n]*)\n(.*?)^```$", text_of(document), re.DOTALL | re.MULTILINE)
    return [block for language, block in blocks if language in languages]


def anchor_of(heading):
    """Make a heading's anchor as GitHub does: lower case, hyphens for spaces, no punctuation."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def command_lines(document):
    """Yield each command line of a document: in blocks of code, and between backticks."""
    for block in code_of(document, "", "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            yield from re.split(r" && ", line)
    yield from re.findall(r"`([^`\n]+)`", prose_of(document))


def arguments_of(line, *programs):
    """Split a command line into its arguments; None if it calls none of the programs."""
    for program in programs:
        if line.startswith(f"{program} "):
            return shlex.split(line.removeprefix(program), comments=True)
    return None


ALL_LINES = [(document, line) for document in DOCUMENTS for line in dict.fromkeys(command_lines(document))]
RNNLAB = [
    pytest.param(arguments, id=f"{document}: {' '.join(arguments)[:60]}")
    for document, line in ALL_LINES
    if (arguments := arguments_of(line, "rnnlab", "python -m rnnlab", ".venv/bin/python -m rnnlab"))
    and "<name>" not in arguments  # of a lesson that is yet to be written
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_somewhere(document):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose_of(document)):
        if target.startswith(("https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        there = (CHECKOUT / document).parent / path if path else CHECKOUT / document
        assert there.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", there.read_text("utf-8"), re.MULTILINE)
            assert anchor in map(anchor_of, headings), target


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_in_backticks_exists(document):
    folder = (CHECKOUT / document).parent
    for name in re.findall(r"`([\w.@-]+(?:/[\w.@-]+)*/?)`", prose_of(document)):
        if name.split("/")[0] in FOLDERS and "/" in name:
            assert (CHECKOUT / name).exists() or (folder / name).exists(), name
        elif re.fullmatch(r"[\w/.-]+\.(py|md|js|css|html|png|gif|json|toml|safetensors|txt)", name):
            there = (CHECKOUT / name).exists() or (folder / name).exists() or Path(name).name in SOURCES
            assert there or name in EXAMPLES, name


def test_the_file_trees_of_both_readmes_are_complete():
    folders = {f"rnnlab/{path.name}/" for path in (CHECKOUT / "rnnlab").iterdir() if (path / "__init__.py").exists()}
    for readme in READMES:
        (tree,) = (block for block in code_of(readme, "") if block.startswith("rnnlab/recurrent/"))
        named = [line.split()[0] for line in tree.splitlines()]
        assert all((CHECKOUT / name).is_dir() for name in named)
        assert folders <= set(named)


@cache
def whole_program():
    return get_command(command_line())


@pytest.mark.parametrize("arguments", RNNLAB)
def test_every_rnnlab_command_parses(arguments):
    """Parse with the command line's own parser, which runs nothing."""
    program = whole_program()
    name, *rest = arguments
    command = program.commands[name]  # a KeyError is a command that there is not
    if "--help" not in rest:
        context = command.make_context(name, list(rest), parent=program.make_context("rnnlab", [name]))
        assert context.params


def test_a_flag_that_there_is_not_would_be_seen():
    command = get_command(command_line()).commands["train"]
    with pytest.raises(Exception, match="no-such-flag"):
        command.make_context("train", ["--no-such-flag"])


def test_every_app_command_has_flags_that_the_app_has():
    parser = ArgumentParser()
    for flag in FLAGS:
        parser.add_argument(f"--{flag}")
    lines = [arguments for _, line in ALL_LINES if (arguments := arguments_of(line, "python app.py"))]
    assert lines
    for arguments in lines:
        parser.parse_args(arguments)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_python_script_and_tested_folder_exists(document):
    for line in command_lines(document):
        found = re.match(r"(?:\.venv/bin/)?python (?:-m pytest )?(.*)", line)
        for word in found[1].split() if found else ():
            assert not word.startswith("tests/") or (CHECKOUT / word).exists(), line


def test_shipped_models_and_corpora_that_documents_name_exist():
    for name in {word for _, line in ALL_LINES for word in re.findall(r"\blyrics-\w\w\b", line)}:
        assert name in {*SHIPPED_CORPORA, *SHIPPED_MODELS}


@pytest.mark.parametrize("readme", READMES)
def test_readmes_are_short_and_complete(readme):
    text = text_of(readme)
    assert len(text.encode()) <= MAX_README_BYTES
    assert not re.search(r"@[A-Z]+@", text), "a figure was never filled in"
    animations = re.findall(r"\]\((assets/[\w.-]+\.gif)\)", text)
    assert animations
    assert all((CHECKOUT / animation).stat().st_size <= MAX_ANIMATION_BYTES for animation in animations)


def test_the_two_commands_are_the_first_lines_of_code_in_both_languages():
    """`.ci/run` runs these lines of README.md."""
    commands = [re.findall(r"```sh\n(.*)\n```", text_of(readme))[:2] for readme in READMES]
    assert commands[0] == commands[1]
    run, test = commands[0]
    assert run.endswith(".venv/bin/python app.py")
    assert test.endswith(".venv/bin/python -m pytest")


def test_both_readmes_have_the_same_code():
    english, chinese = (code_of(readme, "python") for readme in READMES)
    assert english == chinese
    trees = [code_of(readme, "")[0].splitlines() for readme in READMES]
    first_words = [[line.split("#")[0].split()[:2] for line in tree] for tree in trees]
    assert first_words[0] == first_words[1]


def test_events_that_the_server_document_names_are_logged():
    text = text_of("rnnlab/ui/server/README.md")
    named = re.findall(r"`(\w+)`", text[text.index("Among the events are") : text.index("For an error inside RNN Lab")])
    source = "".join(path.read_text("utf-8") for path in (CHECKOUT / "rnnlab").rglob("*.py"))
    assert len(named) > 20
    assert [name for name in named if f'"{name}"' not in source] == []


def test_the_citation_has_what_the_format_requires():
    citation = yaml.safe_load(text_of("CITATION.cff"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == rnnlab.__version__
    assert citation["authors"]
    assert {"message", "title", "type", "license"} <= set(citation)


def test_the_changelog_has_the_current_version():
    assert f"## [{rnnlab.__version__}]" in text_of("CHANGELOG.md")


def test_forms_and_workflow_are_yaml_with_what_github_requires():
    folder = CHECKOUT / ".github"
    forms = [path for path in (folder / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml"]
    assert len(forms) >= 2
    for path in forms:
        form = yaml.safe_load(path.read_text("utf-8"))
        assert {"name", "description", "body"} <= set(form)
        ids = [part["id"] for part in form["body"]]
        assert len(ids) == len(set(ids))
        assert all(part["attributes"]["label"] for part in form["body"])
    workflow = yaml.safe_load((folder / "workflows" / "ci.yml").read_text("utf-8"))
    job = workflow["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert any(step.get("run") == "bash .ci/run" for step in job["steps"])


def test_no_document_names_a_path_of_one_machine():
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=CHECKOUT, capture_output=True, text=True)
    for document in listed.stdout.split() or DOCUMENTS:
        assert not re.search(r"(?<![\w.])/(?:work|home|root)/", text_of(document)), document


def test_json_examples_are_json():
    for document in DOCUMENTS:
        for block in code_of(document, "json"):
            json.loads(block)
