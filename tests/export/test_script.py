"""The script of a run: trained without RNN Lab, it prints what the run printed."""

import ast
import json
import math
import re
import subprocess
import sys
from dataclasses import replace

import pytest

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.language_model import PRESETS, Config, Trainer, evaluation
from rnnlab.export import script as script_module
from rnnlab.export.notebook import make_notebook
from rnnlab.export.script import make_script
from rnnlab.text import Vocab
from rnnlab.validation import InvalidInput

# Runs each script in a fresh namespace of one process, in which no part of rnnlab can be imported.
RUN = """
import contextlib, io, json, os, runpy, sys
os.chdir(sys.argv[1])
sys.modules["rnnlab"] = None
printed = {}
for name, script, text in json.load(sys.stdin):
    sys.argv, out = [script, text], io.StringIO()
    with contextlib.redirect_stdout(out):
        runpy.run_path(script, run_name="__main__")
    printed[name] = out.getvalue()
json.dump(printed, sys.stdout)
"""
LINE = re.compile(r"epoch (\d+): perplexity (\S+?)(?:, held out (\S+))?$")
ROUNDED = 6e-4  # half of a fourth digit, and the rounding of sums within a few epochs


def run_scripts(folder, jobs):
    """Run scripts, (name, path, path of the text) each, in `folder`; return what each has printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN, str(folder)],
        input=json.dumps(jobs), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def printed(tmp_path_factory, configurations, checkpoint_of, write_text, changed):
    """What the script of each configuration prints, and that of a run whose learning rate was changed."""
    folder = tmp_path_factory.mktemp("scripts")
    jobs = []
    checkpoints = {name: checkpoint_of(name) for name in configurations} | {"changed": changed}
    for name, checkpoint in checkpoints.items():
        script = folder / f"script_{name}.py"
        script.write_text(make_script(checkpoint).text, "utf-8")
        jobs.append((name, str(script), str(write_text("quick" if name == "changed" else name, folder))))
    cells = json.loads(make_notebook(checkpoints["quick"]))["cells"]
    code = "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "code")
    (folder / "notebook.py").write_text(code, "utf-8")
    (folder / "lyrics.txt").write_bytes((folder / "quick.txt").read_bytes())
    jobs.append(("notebook", str(folder / "notebook.py"), "an argument that a notebook does not read"))
    return run_scripts(folder, jobs), checkpoints


@pytest.fixture(scope="module")
def changed(configurations):
    """A run whose learning rate was changed after its first epoch."""
    trainer = Trainer(Config(**configurations["quick"]), device="cpu")
    for event in trainer.events():
        if type(event).__name__ == "Epoch" and event.epoch == 1:
            trainer.change(0.005)
    return trainer.checkpoint()


def compare(output, history):
    """Compare the lines of a script with the rows of a run."""
    lines = output.splitlines()
    rows = [match for line in lines if (match := LINE.match(line))]
    assert [int(row[1]) for row in rows] == [row["epoch"] for row in history]
    for found, row in zip(rows, history, strict=True):
        assert math.isclose(float(found[2]), row["perplexity"], rel_tol=ROUNDED), found[0]
        assert (found[3] is None) == (row["held_out_perplexity"] is None)
        if found[3] is not None:
            assert math.isclose(float(found[3]), row["held_out_perplexity"], rel_tol=ROUNDED), found[0]
    songs = [line.removeprefix("    ") for line in lines if line.startswith("    ")]
    assert songs == [song.replace("\n", " / ") for row in history for song in row["samples"]]


def test_a_script_prints_the_run_s_perplexities_and_songs(printed, name):
    outputs, checkpoints = printed
    compare(outputs[name], checkpoints[name].history)
    assert "not the text" not in outputs[name]


def test_a_notebook_prints_what_the_script_prints(printed):
    assert printed[0]["notebook"] == printed[0]["quick"]


def test_a_learning_rate_that_was_changed_between_two_epochs_is_repeated(printed):
    outputs, checkpoints = printed
    assert len({row["learning_rate"] for row in checkpoints["changed"].history}) == 2
    compare(outputs["changed"], checkpoints["changed"].history)


def test_a_script_s_perplexity_on_the_test_text_is_that_of_the_kept_model(printed, trained):
    for name in ("book", "cleaned"):
        trainer = trained(name)
        found = re.search(r"test text: perplexity (\S+)", printed[0][name])
        expected = evaluation.drained(evaluation.tested(trainer.latest, trainer.corpus.test_ids, trainer.config))
        assert math.isclose(float(found[1]), expected, rel_tol=ROUNDED)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_script_of_a_preset_is_python_of_at_most_130_lines(preset):
    config = PRESETS[preset].config()
    rows = [
        {
            "epoch": epoch, "perplexity": 2.5, "held_out_perplexity": 9.0 if config.held_out else None,
            "samples": ["分开以后", "不分开"],
        }
        for epoch in range(1, 9)
    ]  # fmt: skip
    vocab = Vocab("分开以后不 \n", unknown=False)
    for checkpoint in (
        Checkpoint(config.to_strings(), vocab, {}, 0, text_digest="0" * 64),
        Checkpoint(config.to_strings(), vocab, {}, 8, tuple(rows), "0" * 64),
    ):
        script = make_script(checkpoint).text
        nodes = list(ast.walk(ast.parse(script)))
        imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        imported |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
        assert {name.split(".")[0] for name in imported} <= {*sys.stdlib_module_names, "torch"}
        assert script.count("\n") <= 130
        assert max(map(len, script.splitlines())) <= 120


def test_scripts_are_formatted_as_ruff_formats(tmp_path, configurations, checkpoint_of):
    for name in configurations:
        (tmp_path / f"{name}.py").write_text(make_script(checkpoint_of(name)).text, "utf-8")
    command = [sys.executable, "-m", "ruff"]
    options = ["--isolated", "--line-length", "120", str(tmp_path)]
    for check in (["format", "--diff"], ["check", "--no-cache", "--select", "E,F,W"]):
        done = subprocess.run([*command, *check, *options], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_last_lines_say_what_the_run_got(checkpoint_of):
    checkpoint = checkpoint_of("quick")
    script, last = make_script(checkpoint).text, checkpoint.history[-1]
    line = f"# epoch 3: perplexity {last['perplexity']:.4g}, held out {last['held_out_perplexity']:.4g}"
    assert line in script.splitlines()
    assert script.splitlines()[-1] == ("#     " + last["samples"][-1].replace("\n", " / ")).rstrip()


def test_the_head_says_where_a_script_differs(configurations, checkpoint_of, changed):
    plain = make_script(checkpoint_of("quick")).head
    assert not any("changed" in line or "dictionary" in line for line in plain)
    assert any("changed while the run trained" in line for line in make_script(changed).head)
    config = Config(**configurations["quick"] | {"tokenizer": "words"})
    of_words = Checkpoint(config.to_strings(), Vocab(["a"], reserved_tokens=["<eos>"], spacing="written"), {}, 0)
    assert any("dictionary" in line for line in make_script(of_words).head)


def test_names_and_songs_of_a_stranger_s_file_stay_inside_their_lines(configurations):
    """A corpus, a prefix or a song cannot end a comment or a string of the script."""
    evil = 'x"""\'\n\r\x0c\u2028import os  # \\'
    settings = configurations["quick"] | {"corpus": evil, "sample_prefixes": (evil,)}
    rows = ({"epoch": 1, "perplexity": 2.0, "held_out_perplexity": None, "samples": [evil * 2]},)
    checkpoint = Checkpoint(Config(**settings).to_strings(), Vocab(evil, unknown=False), {}, 1, rows, "0" * 64)
    harmless = replace(
        checkpoint, config=Config(**settings | {"corpus": "x", "sample_prefixes": ("x",)}).to_strings(), history=()
    )
    dumps = [ast.dump(ast.parse(make_script(each).text)) for each in (checkpoint, harmless)]
    assert dumps[0].replace(repr(evil), "'x'").replace(repr(evil.replace("\r", "")), "'x'") == dumps[1]


def test_a_cell_that_torch_lacks_is_refused(monkeypatch, checkpoint_of):
    spec = script_module.cell_spec("gru")
    monkeypatch.setattr(script_module, "cell_spec", lambda name: replace(spec, torch_class=None))
    with pytest.raises(InvalidInput, match="model: gru"):
        make_script(checkpoint_of("quick"))
