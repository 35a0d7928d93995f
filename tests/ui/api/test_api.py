"""The endpoints and routes, with a real server and real clients."""

import json
import re
import socket
import time
import urllib.request
from pathlib import Path

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from rnnlab.runs import Runner
from rnnlab.ui.api import evaluate
from rnnlab.ui.app import create_app
from rnnlab.ui.serve import serve
from rnnlab.ui.server.sse import SERVER_ID

TINY = {"hidden_size": 8, "embedding_size": 4, "max_tokens": 2000, "batch_size": 8, "num_steps": 10}


@pytest.fixture(scope="module")
def url():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    runner = Runner()
    app = create_app(runner)
    yield serve(app, runner, "127.0.0.1", port)
    runner.close()
    app.close(verbose=False)


@pytest.fixture
def client(url):
    return Client(url, verbose=False)


def test_every_action_is_a_named_endpoint_with_types(client):
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert set(endpoints) == {
        "/train",
        "/generate",
        "/copied",
        "/next",
        "/temperatures",
        "/acrostic",
        "/who",
        "/followers",
        "/evaluate",
        "/race",
        "/export",
        "/step",
        "/sine",
        "/phase",
        "/adding",
        "/tag",
        "/layers",
        "/text",
        "/surprise",
        "/inspect",
        "/surgery",
    }
    types = {p["parameter_name"]: p["python_type"]["type"] for p in endpoints["/generate"]["parameters"]}
    assert types["length"] == "int"
    assert types["temperature"] == "float"


def test_train_yields_a_row_per_epoch_and_generate_uses_the_model(client):
    rows = list(client.submit(preset="quick", epochs=3, sample_prefixes=["雨"], **TINY, api_name="/train"))
    assert [row["epoch"] for row in rows] == [0, 1, 2, 3, 3]
    assert rows[-1]["state"] == "finished"
    assert rows[0]["perplexity"] is None
    assert rows[1]["perplexity"] > rows[3]["perplexity"] > 1
    assert rows[0]["samples"][0].startswith("雨")
    assert rows[0]["samples"] != rows[3]["samples"]
    assert rows[3]["copied_share"] is not None
    assert "copied_runs" not in rows[3]  # lists within lists that become shorter break the client
    song = client.predict(model=rows[-1]["run"], prefix="雨", length=20, seed=3, api_name="/generate")
    assert len(song["text"]) == 21
    assert song == client.predict(model=rows[-1]["run"], prefix="雨", length=20, seed=3, api_name="/generate")
    assert all(0 <= choice["probability"] <= 1 for choice in song["choices"])


def readme_example(url, **changes):
    """The example of README, against the server under test; `changes` to the values that it sends."""
    readme = (Path(__file__).resolve().parents[3] / "README.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(from gradio_client .+?)```", readme, re.DOTALL)
    assert "http://127.0.0.1:7860" in example
    example = example.replace("http://127.0.0.1:7860", url)
    for name, value in changes.items():
        assert f"{name}=" in example
        example = re.sub(rf"\b{name}=[^,)]+", f"{name}={value!r}", example)
    return example


def test_the_readmes_example_works_as_written(url, capsys):
    exec(readme_example(url), {})
    said = capsys.readouterr().out
    assert re.search(r"^5 1\d*\.\d+ \[", said, re.MULTILINE), "the last epoch"
    assert said[said.rindex("]\n") + 2 :].startswith("雨"), "the song"


@pytest.mark.parametrize(("name", "value", "words"), [("epochs", -1, "Epochs"), ("preset", "fast", "Preset|Recipe")])
def test_the_readmes_example_shows_a_refusal(url, name, value, words):
    with pytest.raises(AppError, match=words):
        exec(readme_example(url, **{name: value}), {})


def test_train_takes_an_own_text_and_none_for_no_limit(client):
    text = "abcd " * 1000
    last = client.predict(
        corpus="own", text=text, epochs=2, **(TINY | {"max_tokens": "none"}), grad_clip="none", api_name="/train"
    )
    assert last["state"] == "finished"
    assert last["clipped"] == 0
    assert last["perplexity"] <= 5


def test_a_test_part_is_evaluated_at_the_end(client):
    rows = list(client.submit(preset="quick", epochs=1, test=0.2, sample_every="none", **TINY, api_name="/train"))
    assert [row["test_perplexity"] is None for row in rows] == [True] * (len(rows) - 1) + [False]
    assert rows[-1]["bits_per_token"] > 0


def test_a_song_is_looked_up_in_the_models_text(client):
    found = client.predict(model="lyrics-zh", length=40, temperature=0.5, api_name="/copied")
    assert 0 < found["held_out_copied_share"] < found["copied_share"] <= 1
    assert all(end - start >= found["min_length"] for start, end in found["runs"])
    run = client.predict(preset="quick", epochs=1, sample_every="none", **TINY, api_name="/train")["run"]
    own = client.predict(model=run, length=20, api_name="/copied")
    assert (len(own["text"]), own["ngram_counted"]) == (20, 1800)  # 2,000 characters, a tenth of them held out


def test_counting_writes_the_text_of_a_model_or_a_run(client):
    song = client.predict(model="5-gram", prefix="不分开", length=20, seed=3, api_name="/generate")
    assert len(song["text"]) == 23
    found = client.predict(model="5-gram", prefix="不分开", length=20, seed=3, api_name="/copied")
    assert song["text"] == found["text"] == found["ngram_text"]
    text = {"corpus": "own", "text": "abcd " * 400, "sample_every": "none"}
    run = client.predict(preset="quick", epochs=1, **TINY, **text, api_name="/train")["run"]
    own = client.predict(model="2-gram", corpus=run, temperature=0.0, prefix="a", length=4, api_name="/generate")
    assert own["text"] == "abcd "
    table = client.predict(context="cd ", corpus=run, api_name="/followers")
    assert [row["token"] for row in table["rows"]] == ["a"]


def test_what_followed_and_temperatures(client):
    table = client.predict(context="xab", text="abcabd", api_name="/followers")
    assert (table["missing"], table["used"], table["n"]) == (["x"], "ab", 3)
    assert [(row["token"], row["count"], row["share"]) for row in table["rows"]] == [("c", 1, 0.5), ("d", 1, 0.5)]
    found = client.predict(model="lyrics-zh", temperatures=[0, 1.5], length=20, seed=2, api_name="/temperatures")
    alone = client.predict(model="lyrics-zh", temperatures=[1.5], length=20, seed=2, api_name="/temperatures")
    assert [column["temperature"] for column in found["columns"]] == [0, 1.5]
    assert found["columns"][1]["text"] == alone["columns"][0]["text"]


def test_an_acrostic_with_the_price_of_each_head(client):
    found = client.predict(model="5-gram", heads="雨冬", seed=2, beam=2, max_line=6, api_name="/acrostic")
    assert found["min_line"] <= 6 == found["max_line"]
    rain, winter = found["lines"]
    assert (rain["text"][0], winter["text"][0], winter["rank"]) == ("雨", "冬", None)
    assert rain["rank"] >= 1
    assert 0 < rain["probability"] < 1
    assert winter["nearest"][0] == winter["tokens"][0] == "东"


def test_a_round_of_who_wrote_this(client):
    found = client.predict(model="5-gram", seed=2, temperature=1.0, api_name="/who")
    assert len(found["lines"]) == len(found["cut"]) == 4
    assert found == client.predict(model="5-gram", seed=2, temperature=1.0, api_name="/who")
    assert found["real"] in (1, 2, 3, 4)


def test_the_next_character_as_it_is_believed_and_drawn_from(client):
    found = client.predict(model="5-gram", prefix="不分", temperature=0.5, top_k=2, likeliest=3, api_name="/next")
    assert (found["prefix"], found["missing"], found["kept"]) == ("不分", [], 2)
    first, second, *rest = found["rows"]
    p, q = first["believed"] ** 2, second["believed"] ** 2  # temperature 1/2 squares
    assert first["drawn_from"] == pytest.approx(p / (p + q))
    assert all(row["drawn_from"] == 0 for row in rest)
    written = client.predict(model="5-gram", prefix="不分", length=1, temperature=0.5, top_k=2, api_name="/generate")
    assert found["drawn"] == written["choices"][0]["token"]


def test_a_run_is_taken_along_as_files(client):
    run = client.predict(preset="quick", epochs=1, sample_every="none", **TINY, api_name="/train")["run"]
    script = client.predict(model=run, kind="script", api_name="/export")
    assert script["lines"] == script["content"].count("\n") > 70
    assert script["name"].endswith("epoch-1.py")
    assert client.predict(model="lyrics-en", kind="csv", api_name="/export")["content"].startswith("# model: gru\n")
    with pytest.raises(AppError, match="kind: 'svg' is not on offer; choose one of script"):
        client.predict(model="lyrics-en", kind="svg", api_name="/export")


def test_a_model_is_evaluated_on_a_text(client, monkeypatch):
    result = client.predict(model="lyrics-en", corpus="own", text="The night is long, the road ¶", api_name="/evaluate")
    assert (result["predicted"], result["unknown"], result["unknown_tokens"]) == (27, 1, ["¶"])
    assert 1 < result["perplexity"] < 51
    monkeypatch.setattr(evaluate, "INTERVAL", 0.0)
    rows = list(client.submit(model="lyrics-en", corpus="own", text="The night is long, " * 50, api_name="/evaluate"))
    assert rows[0]["share"] < 1
    assert rows[-1]["predicted"] == 949


def test_shipped_models_generate(client):
    assert client.predict(model="lyrics-en", prefix="The night ", length=30, api_name="/generate")["missing"] == []


@pytest.mark.parametrize(
    ("endpoint", "arguments", "words"),
    [
        ("/train", {"epochs": 3.7}, r"Epochs \(epochs\): 3.7 is not a whole number; give a whole number from 1"),
        ("/train", {"epochs": "5"}, "Epochs .* is not a number"),
        ("/train", {"epochs": True}, "Epochs .* is not a number"),
        ("/train", {"epochs": -1}, "from 1 to"),
        ("/train", {"learning_rate": 1e308}, "Learning rate"),
        ("/train", {"model": "transformer"}, "choose one of rnn, gru, lstm"),
        ("/train", {"preset": "none such"}, "Preset"),
        ("/train", {"corpus": "own", "text": ""}, "Your text"),
        ("/train", {"corpus": "own", "text": "too short to learn from"}, "give at least 832"),
        ("/train", {"corpus": "/etc/passwd"}, "Corpus"),
        ("/train", {"implementation": "torch", "model": "gru", "reset_after": False}, "reset_after"),
        ("/generate", {"length": 10**9}, "from 1 to 2000"),
        ("/generate", {"temperature": -1}, "Temperature"),
        ("/generate", {"prefix": "x" * 201}, "at most 200"),
        ("/generate", {"prefix": "a\0b"}, "Begin with"),
        ("/generate", {"model": "../../etc/passwd"}, "Model"),
        ("/generate", {"model": None}, "Model"),
        ("/generate", {"model": "5-gram", "corpus": "none such"}, "Corpus"),
        ("/next", {"likeliest": 0}, "from 1 to 1000"),
        ("/next", {"top_k": 0}, "from 1 to 10000"),
        ("/temperatures", {"temperatures": [9]}, "from 0 to 5"),
        ("/temperatures", {"temperatures": []}, "Temperatures"),
        ("/acrostic", {"heads": ""}, r"Heads \(heads\): it is empty"),
        ("/acrostic", {"heads": "春" * 41}, "at most 40 entries"),
        ("/acrostic", {"heads": "春", "at": "middle"}, "choose one of start, end"),
        ("/acrostic", {"heads": "春", "min_line": 9, "max_line": 3}, "shortest line, 9"),
        ("/followers", {"context": ""}, "Three characters"),
        ("/followers", {"n": 6}, "from 1 to 5"),
        ("/followers", {"rows": 0}, "from 1 to 1000"),
        ("/followers", {"text": "abc"}, "at least 5"),
        ("/evaluate", {"model": "none such", "text": "fish"}, "Model"),
        ("/evaluate", {"corpus": "/etc/passwd"}, "Corpus"),
        ("/evaluate", {"text": "語"}, "at least 2"),
        ("/evaluate", {"model": "lyrics-en", "text": "語語"}, "the model knows 0 of its 2 token"),
    ],
)
def test_bad_input_is_refused_with_the_field_and_a_remedy(client, endpoint, arguments, words):
    with pytest.raises(AppError, match=words):
        client.predict(**arguments, api_name=endpoint)


def test_visitors_have_separate_runs(url):
    mine, yours = Client(url, verbose=False), Client(url, verbose=False)
    first = mine.submit(epochs=2, **TINY, seed=1, api_name="/train")
    second = yours.submit(epochs=2, **TINY, seed=2, model="lstm", api_name="/train")
    first, second = list(first), list(second)
    assert first[-1]["run"] != second[-1]["run"]
    assert first[-1]["perplexity"] != second[-1]["perplexity"]
    assert {row["run"] for row in first} == {first[-1]["run"]}
    with pytest.raises(AppError, match="Model"):
        yours.predict(model=first[-1]["run"][:-1], api_name="/generate")  # who does not know it whole knows nothing


def read_events(url, run, cursor, last_event_id=None):
    request = urllib.request.Request(f"{url}lab/runs/{run}/events?cursor={cursor}")
    if last_event_id is not None:
        request.add_header("Last-Event-ID", str(last_event_id))
    with urllib.request.urlopen(request, timeout=20) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        return [json.loads(line.removeprefix(b"data: ")) for line in response.read().splitlines() if b"data: " in line]


def test_the_stream_resumes_at_the_last_event_id(client, url):
    run = client.predict(epochs=3, **TINY, api_name="/train")["run"]
    whole = [row for message in read_events(url, run, 0) for row in message["rows"]]
    assert [row["epoch"] for row in whole if row["kind"] == "epoch"] == [1, 2, 3]
    for cut in (1, len(whole) - 1, len(whole)):
        assert [row for message in read_events(url, run, cut) for row in message["rows"]] == whole[cut:]
        for last_event_id in (cut, f"{SERVER_ID}-{cut}"):
            again = read_events(url, run, 0, last_event_id)
            assert [row for message in again for row in message["rows"]] == whole[cut:]
    for of_another_server in ("0ther-2", "-", f"{SERVER_ID}-x", "0ther-1-2"):
        everything = read_events(url, run, 0, of_another_server)
        assert [row for message in everything for row in message["rows"]] == whole


def state_of(url, run):
    with urllib.request.urlopen(f"{url}lab/runs/{run}", timeout=20) as response:
        return json.load(response)["state"]


def test_a_cancelled_call_stops_its_run_and_the_last_epoch_is_kept(client, url):
    call = client.submit(epochs=10_000, **TINY, api_name="/train")
    run = next(call)["run"]
    assert state_of(url, run) == "running"
    call.cancel()
    deadline = time.monotonic() + 60
    while state_of(url, run) == "running":
        assert time.monotonic() < deadline, "it trains on although nobody waits for it"
        time.sleep(0.1)
    assert state_of(url, run) == "stopped"
    assert client.predict(model=run, length=5, api_name="/generate")["text"]


@pytest.mark.parametrize("path", ["lab/runs/guess", "lab/runs/guess/events", "lab/runs/guess/model", "lab/curves/x"])
def test_unknown_paths_answer_404(url, path):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url + path, timeout=10)
    assert refused.value.code == 404


def test_a_trained_model_can_be_downloaded(client, url, tmp_path):
    from rnnlab import checkpoints

    run = client.predict(epochs=2, **TINY, api_name="/train")["run"]
    with urllib.request.urlopen(f"{url}lab/runs/{run}/model", timeout=20) as response:
        assert "rnnlab-gru-epoch-2.safetensors" in response.headers["content-disposition"]
        path = tmp_path / "model.safetensors"
        path.write_bytes(response.read())
    assert checkpoints.load(path).epoch == 2


def test_surgery_measures_and_writes_before_and_after(client):
    text, words = "The night train home is late", ["update=0.5", "unit=3"]
    found = client.predict(
        model="lyrics-en", text=text, operations=words, prefix="The ", length=20, api_name="/surgery"
    )
    assert found["operations"][0] == {"kind": "gate", "layer": 0, "gate": "z", "value": 0.5}
    assert found["perplexity"]["after"] > found["perplexity"]["before"] > 1
    song = found["song"]
    assert song["before"][: song["departs"]] == song["after"][: song["departs"]]
    assert song["before"][song["departs"]] != song["after"][song["departs"]]
    assert song["from_character"] == 0
    later = client.predict(
        model="lyrics-en", text=text, operations=words, from_character=9, prefix="The ", length=20, api_name="/surgery"
    )["song"]
    assert later["before"] == song["before"]
    assert later["after"][:9] == later["before"][:9]
    table = client.predict(model="lyrics-en", text=text, operations=[], api_name="/surgery")
    assert [row["gate"] for row in table["gates"]] == ["r", "z"]
    assert table["gates"][0]["perplexity"]["free"] == pytest.approx(found["perplexity"]["before"])
    with pytest.raises(AppError, match="gate: a gru has no gate forget"):
        client.predict(model="lyrics-en", text=text, operations=["forget=1"], api_name="/surgery")


def test_surprise_of_a_text_is_that_of_its_evaluation(client):
    text = "不分开 走到雨停 了也q不分开"
    found = client.predict(model="lyrics-zh", text=text, api_name="/surprise")
    assert "".join(place["text"] for place in found["places"]) == text
    bits = {place["text"]: place["bits"] for place in found["places"]}
    assert bits["q"] is None, "unknown to the model"
    assert found["places"][0]["bits"] is None
    assert all(len(place["likeliest"]) == 5 for place in found["places"] if place["bits"] is not None)
    rows = list(client.submit(model="lyrics-zh", corpus="own", text=text, api_name="/evaluate"))
    assert found["mean_bits"] == pytest.approx(rows[-1]["bits"], abs=1e-4)
    with pytest.raises(AppError, match="2000"):
        client.predict(model="lyrics-zh", text="a" * 2001, api_name="/surprise")
