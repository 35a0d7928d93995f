"""The files that a visitor takes along from a run: names, kinds, and whose text leaves the server."""

import csv
import json

import pytest
import safetensors.torch
from starlette.applications import Starlette
from starlette.testclient import TestClient

from rnnlab.experiments.language_model import Config
from rnnlab.resources import corpus_text, resource
from rnnlab.runs import Runner, training_run
from rnnlab.ui.server.exports import export_routes

TINY = {"hidden_size": 4, "embedding_size": 2, "batch_size": 2, "num_steps": 4, "epochs": 2, "sample_length": 5}
TEXT = "la li lu la le lo " * 8


@pytest.fixture(scope="module")
def runner():
    runner = Runner()
    yield runner
    runner.close()


@pytest.fixture(scope="module")
def client(runner):
    return TestClient(Starlette(routes=export_routes(runner)))


def ended(runner, config, text=None):
    run = runner.start(training_run(config, text))
    assert run.wait(60)
    return run


@pytest.fixture(scope="module")
def own(runner):
    return ended(runner, Config(corpus="own", **TINY), TEXT)


def test_each_file_has_a_name_with_model_and_epoch(client, own):
    names = {"script": ".py", "notebook": ".ipynb", "csv": ".csv", "model": ".safetensors"}
    for place, stem in {
        f"runs/{own.id}": "rnnlab-gru-4-epoch-2",
        "curves/lyrics-zh": "rnnlab-gru-192-epoch-20",
    }.items():
        for kind, suffix in names.items():
            answer = client.get(f"/lab/{place}/export/{kind}")
            assert answer.status_code == 200
            assert answer.headers["content-disposition"] == f'attachment; filename="{stem}{suffix}"'
            assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_files_are_those_of_the_run(client, own):
    at = f"/lab/runs/{own.id}/export"
    rows = [row for row in own.since(0).rows if row["kind"] == "epoch"]
    lines = [line for line in client.get(f"{at}/csv").text.splitlines() if not line.startswith("#")]
    assert [float(row["perplexity"]) for row in csv.DictReader(lines)] == [row["perplexity"] for row in rows]
    assert f"# epoch 2: perplexity {rows[-1]['perplexity']:.4g}" in client.get(f"{at}/script").text
    assert json.loads(client.get(f"{at}/notebook").text)["nbformat"] == 4
    assert "model.output.weight" in safetensors.torch.load(client.get(f"{at}/model").content)


def test_a_text_that_ships_is_offered_and_a_visitor_s_own_is_not(client, own):
    assert client.get("/lab/curves/lyrics-zh/export/text").content == resource("data/lyrics.txt").read_bytes()
    assert client.get(f"/lab/runs/{own.id}/export/text").status_code == 404
    assert client.get("/lab/curves/lyrics-zh/export").json()["text"] == "lyrics.txt"
    assert client.get(f"/lab/runs/{own.id}/export").json()["text"] is None


def test_a_generated_text_is_offered_as_the_run_has_read_it(client, runner):
    run = ended(runner, Config(corpus="distance", distance=4, max_tokens=400, **TINY))
    assert client.get(f"/lab/runs/{run.id}/export").json()["text"] == "distance-4.txt"
    answer = client.get(f"/lab/runs/{run.id}/export/text")
    assert answer.text == corpus_text("distance", 4)
    assert answer.headers["content-disposition"] == 'attachment; filename="distance-4.txt"'
    assert "distance-4.txt" in client.get(f"/lab/runs/{run.id}/export/notebook").text


def test_the_reader_opens_the_file_that_the_link_beside_it_saves(client, own):
    assert 'load_file("rnnlab-gru-4-epoch-2.safetensors")' in client.get(f"/lab/runs/{own.id}/export").json()["reader"]


def test_where_torch_nn_has_no_such_cell_there_is_no_reader_but_a_script(runner, client):
    before = Config(corpus="own", implementation="scratch", reset_after=False, **TINY)
    at = f"/lab/runs/{ended(runner, before, TEXT).id}/export"
    assert client.get(at).json()["reader"] is None
    assert client.get(f"{at}/reader").status_code == 404
    assert "class GRU" in client.get(f"{at}/script").text


@pytest.mark.parametrize(
    "path", ["runs/none/export", "runs/none/export/script", "curves/x/export/csv", "curves/lyrics-zh/export/pdf"]
)
def test_what_there_is_not_is_not_found(client, path):
    assert client.get(f"/lab/{path}").status_code == 404


def test_the_recorded_run_of_a_recipe_gives_all_but_its_weights(client):
    place = "/lab/curves/rnn-scratch/export"
    assert client.get(place).json() == {"model": False, "reader": None, "text": "lyrics.txt"}
    assert [client.get(f"{place}/{kind}").status_code for kind in ("model", "reader")] == [404, 404]
    rows = [line for line in client.get(f"{place}/csv").text.splitlines() if not line.startswith("#")]
    assert len(rows) == 1 + 250
    script = client.get(f"{place}/script").text
    compile(script, "rnn-scratch.py", "exec")
    assert "# epoch 250: perplexity 1.34" in script
