"""The notebooks in assets/notebooks: their shape, and what their cells compute with small settings."""

import ast
import importlib
import json
import re
from types import SimpleNamespace

import numpy as np
import plotly.io as pio
import pytest
import torch
from plotly.io.base_renderers import ExternalRenderer

from rnnlab import generate
from rnnlab.resources import PACKAGE

FOLDER = PACKAGE.parent / "assets" / "notebooks"
MAX_BYTES = 12_000
TRAINED = {"hidden_size": 16, "max_tokens": 2500, "epochs": 3}  # of the recipe `quick`

# Smaller values for the parameters of each notebook.
SMALL = {
    "adding_problem": {"models": "gru", "length": 6, "max_steps": 400},
    "cell_by_hand": {},
    "gates": TRAINED | {"characters": 60},
    "gradient_lens": TRAINED | {"characters": 120, "place": 60},
    "next_character": {"length": 20},
    "phase_plane": {"hidden_size": 64, "windows": 30},
    "surgery": TRAINED | {"characters": 60, "length": 10},
    "tagging": {},
    "units_and_alike": {"epochs": 12, "characters": 600},
}
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb"))


class Recorder(ExternalRenderer):
    """Keeps what is shown, instead of a browser."""

    def __init__(self):
        self.figures = []

    def render(self, fig_dict):
        self.figures.append(fig_dict)


@pytest.fixture
def run(capsys):
    """Run a notebook's code in one namespace, with other values for some parameters."""
    before, recorder = pio.renderers.default, Recorder()
    pio.renderers["recorder"] = recorder  # for good: plotly 6 cannot remove one
    pio.renderers.default = "recorder"

    def run_notebook(name, **parameters):
        namespace = {"__name__": "__main__"}
        for cell in code_cells(name):
            exec(compile(source_of(cell), f"{name}.ipynb, cell {cell['id']}", "exec"), namespace)
            if cell["metadata"].get("tags") == ["parameters"]:
                namespace |= SMALL[name] | parameters
        printed = capsys.readouterr().out
        assert printed.strip()
        return SimpleNamespace(**namespace, printed=printed, figures=recorder.figures)

    yield run_notebook
    pio.renderers.default = before


def read(name):
    return json.loads((FOLDER / f"{name}.ipynb").read_text("utf-8"))


def source_of(cell):
    return "".join(cell["source"])


def code_cells(name):
    return [cell for cell in read(name)["cells"] if cell["cell_type"] == "code"]


def assigned(code):
    """List the names that the lines of a cell assign."""
    return {target.id for line in ast.parse(code).body for target in getattr(line, "targets", ())}


def test_every_notebook_is_run():
    assert set(SMALL) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_has_the_fields_of_nbformat_4_5_and_no_outputs(name):
    content, cells = read(name), read(name)["cells"]
    assert (FOLDER / f"{name}.ipynb").stat().st_size <= MAX_BYTES
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    assert content["metadata"]["kernelspec"]["name"] == "python3"
    assert 6 <= len(cells) <= 12
    assert len({cell["id"] for cell in cells}) == len(cells)
    for cell in cells:
        assert re.fullmatch(r"[\w-]{1,64}", cell["id"])
        code = {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        assert set(cell) == {"id", "cell_type", "metadata", "source"} | code
        assert all(line.endswith("\n") for line in cell["source"][:-1])
        assert source_of(cell).strip()
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_has_headings_in_both_languages_an_installation_and_something_to_try(name):
    texts = [source_of(cell) for cell in read(name)["cells"] if cell["cell_type"] == "markdown"]
    for text in texts:
        assert re.match(r"##? .+ · .*[\u4e00-\u9fff]", text), text
    assert texts[0].startswith("# ")
    assert "`pip install .`" in texts[0]
    assert "`pip install jupyter`" in texts[0]
    assert "\n\nTry: " in texts[-1]
    assert "?" in texts[-1]


@pytest.mark.parametrize("name", NAMES)
def test_the_first_code_of_a_notebook_is_its_parameters(name):
    first, *others = code_cells(name)
    assert first["metadata"] == {"tags": ["parameters"]}
    assert all(cell["metadata"] == {} for cell in others)
    assert set(SMALL[name]) <= assigned(source_of(first))


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_imports_only_what_packages_export(name):
    nodes = [node for cell in code_cells(name) for node in ast.walk(ast.parse(source_of(cell)))]
    imported = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module.startswith("rnnlab")]
    assert imported
    for node in imported:
        exported = importlib.import_module(node.module).__all__
        assert {alias.name for alias in node.names} <= set(exported), node.module


def test_next_character_draws_from_the_powers_of_what_is_believed(run):
    seen = run("next_character")
    found = seen.found
    assert sum(row.believed for row in found.rows) + found.others_believed == pytest.approx(1)
    kept = [row for row in found.rows if row.rank <= seen.top_k]
    assert len(kept) == found.kept == seen.top_k
    powers = np.array([row.believed for row in kept]) ** (1 / seen.temperature)
    assert [row.drawn_from for row in kept] == pytest.approx(powers / powers.sum(), rel=1e-4)
    assert next(generate(seen.model, seen.vocab, seen.how)).token == found.drawn
    assert all(song[len(seen.prefix)] == token for token, song in seen.songs.items())
    assert {len(song) for song in seen.songs.values()} == {len(seen.prefix) + seen.length}
    likeliest = [rows[0].drawn_from for rows in seen.by_temperature.values()]
    assert likeliest == sorted(likeliest, reverse=True)


def test_the_best_unit_follows_the_depth_and_finds_nested_places(run):
    seen = run("units_and_alike")
    assert seen.best.score > max(0.8, 1.5 * seen.chance)
    assert np.corrcoef(seen.values, seen.depths)[0, 1] == pytest.approx(seen.best.r, abs=1e-6)
    assert seen.depths[-1] >= 0
    assert len(seen.matches) == 10
    assert np.mean(seen.found_depths) > np.mean(seen.depths) + 1


def test_the_opened_unit_of_a_gate_is_that_of_the_reading(run):
    seen = run("gates")
    assert [activity.gate for activity in seen.activities] == ["i", "f", "o"]
    for activity in seen.activities:
        values = seen.reading.activations[activity.key].astype(float)
        assert activity.along == pytest.approx(values.mean(axis=1))
        assert activity.low.mean() == pytest.approx((values < 0.1).mean())
    for line in seen.lines:
        assert sum(term.value for term in line.terms) + line.others[1] == pytest.approx(line.sum)
        noted = seen.reading.activations[f"l0.{line.letter}"][seen.place, seen.unit]
        assert line.value == pytest.approx(noted, abs=1e-5)
    assert seen.lines[1].value == pytest.approx(1 / (1 + np.exp(-seen.lines[1].sum)))


def test_gradients_vanish_before_training_and_begin_with_that_of_the_softmax(run):
    seen = run("gradient_lens")
    for cell in ("rnn", "gru", "lstm"):
        before = seen.curves[cell, "before"]
        assert before[20] < 1e-3 * before[0]
    (figure,) = seen.figures
    drawn = {trace["uid"]: trace["y"] for trace in figure["data"]}
    assert drawn["gru-after"][:5] == pytest.approx(seen.curves["gru", "after"][:5])
    weight = seen.trained.output.weight.detach().double()
    with torch.no_grad():
        error = seen.trained(seen.ids[None, : seen.place])[0][0, -1].double().softmax(-1)
    error[seen.ids[seen.place]] -= 1
    assert seen.norms[0] == pytest.approx((error @ weight).norm().item(), rel=1e-4)


def test_held_gates_are_measured_against_the_free_network(run):
    seen = run("surgery")
    ids = torch.tensor(seen.ids)
    for cell, model in seen.models.items():
        with torch.no_grad():
            logits = model(ids[None, :-1])[0][0].double()
        free = torch.nn.functional.cross_entropy(logits, ids[1:]).exp().item()
        for row in seen.tables[cell]:
            assert row.perplexity["free"] == pytest.approx(free, rel=1e-4)
    assert [row.gate for row in seen.tables["lstm"]] == ["i", "f", "o"]
    assert seen.costs["undamaged"] == seen.tables["lstm"][0].perplexity["free"]
    assert seen.costs["gate i at 0"] == pytest.approx(seen.tables["lstm"][0].perplexity["0"])
    assert seen.songs["undamaged"] == "".join(token.text for token in generate(seen.model, seen.vocab, seen.how))


def test_a_network_reaches_the_finish_line_of_the_adding_problem(run):
    seen = run("adding_problem")
    assert seen.measured == pytest.approx(1 / 6, abs=0.005)
    assert seen.outcomes["gru"].end == "finish"
    assert seen.errors["gru"][-1][1] <= seen.target_error < seen.errors["gru"][0][1]
    assert seen.asked.truth == pytest.approx(1.7)
    assert seen.asked.answers[0] == pytest.approx(1.7, abs=0.5)
    (figure,) = seen.figures
    assert {"error.gru", "constant", "finish"} <= {trace["uid"] for trace in figure["data"]}


def test_without_recurrence_a_word_has_the_same_scores_in_both_sentences(run):
    seen = run("tagging")
    assert seen.verdict.word == "Taipei"
    assert seen.accuracy == {"lstm": 1.0, "alone": pytest.approx(0.9)}
    assert seen.baseline == pytest.approx(0.9)
    assert np.allclose(*seen.rows["alone"], atol=1e-6)
    tags = [sentence.tags[row.argmax()] for sentence, row in zip(seen.scores["lstm"], seen.rows["lstm"], strict=True)]
    assert tuple(tags) == seen.verdict.gold


@pytest.mark.parametrize("module", ["GRUCell", "LSTMCell"])
def test_the_terms_of_a_weight_are_its_gradient_and_explain_its_step(run, module):
    seen = run("cell_by_hand", module=module)
    assert seen.looks[-1].predicted == "ohlol"
    assert len(seen.terms) == 5
    assert seen.gradient == pytest.approx(seen.difference, abs=1e-6)
    assert seen.gradient == pytest.approx(seen.update.gradient)
    after = seen.looks[seen.epoch].weight_hh[seen.row, seen.column]
    assert after - seen.look.weight_hh[seen.row, seen.column] == pytest.approx(seen.update.step, abs=1e-6)
    (figure,) = seen.figures
    assert len(figure["data"][0]["y"]) == seen.epochs + 1


def test_the_largest_eigenvalue_at_rest_leaves_the_unit_circle(run):
    seen = run("phase_plane")
    assert (seen.planes[0].verdict, seen.planes[-1].verdict) == ("in", "out")
    assert seen.planes[0].rest_radius < 1 < seen.planes[-1].rest_radius
    assert seen.radius == pytest.approx(seen.last.driven_radius)
    ways, eigenvalues = seen.figures
    assert len(ways["data"][0]["x"]) == len(seen.last.driven)
    assert eigenvalues["layout"]["shapes"][0]["type"] == "circle"
