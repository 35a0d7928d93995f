"""`rnnlab bench`: its output and its errors. The measurements have their own tests."""

import json

import rnnlab.bench
from rnnlab.validation import InvalidInput


def test_a_result_has_its_date_and_machine(call, monkeypatch):
    monkeypatch.setitem(rnnlab.bench.MEASUREMENTS, "cuda", lambda repeats: {"repeats": repeats})
    status, out, _ = call("bench", "--only", "cuda", "--repeats", 2, "--json")
    result = json.loads(out)
    assert (status, result["measurement"], result["repeats"]) == (0, "cuda", 2)
    assert len(result["date"]) == len("2026-01-01")
    assert "PyTorch" in result["machine"]


def test_only_the_requested_measurements_are_made(call, monkeypatch):
    made = {name: lambda _: {} for name in ("watching", "cuda", "growth")}
    monkeypatch.setattr(rnnlab.bench, "MEASUREMENTS", made)
    _, out, _ = call("bench", "--only", "growth", "--only", "watching", "--only", "growth", "--json")
    assert [json.loads(line)["measurement"] for line in out.splitlines()] == ["growth", "watching"]


def test_a_figure_is_drawn(call, monkeypatch, tmp_path):
    drawn = []
    monkeypatch.setitem(rnnlab.bench.MEASUREMENTS, "growth", lambda _: {"sweeps": {}, "model": "gru"})
    monkeypatch.setattr(
        "rnnlab.bench.browser.save_picture", lambda figure, path: drawn.append((len(figure.data), path))
    )
    assert call("bench", "--only", "growth", "--figure", tmp_path / "growth.png")[0] == 0
    assert drawn == [(6, tmp_path / "growth.png")]


def test_a_figure_of_other_measurements_is_refused(call, refused, tmp_path):
    refused(call("bench", "--figure", tmp_path / "growth.png"), "figure", "--only growth")
    refused(call("bench", "--only", "growth", "--figure", tmp_path / "growth.svg"), "figure", ".png")
    refused(call("bench", "--only", "nonsense"), "only", "growth")
    refused(call("bench", "--only", "growth", "--only", "cuda", "--figure", tmp_path / "growth.png"), "figure")


def test_without_a_browser_the_other_measurements_are_made(call, refused, monkeypatch):
    def needs_one(_):
        raise InvalidInput("bench_needs_browser", "bench", value="none")

    monkeypatch.setattr(rnnlab.bench, "MEASUREMENTS", {"watching": needs_one, "cuda": lambda _: {"fast": True}})
    status, out, _ = call("bench", "--json")
    watching, cuda = map(json.loads, out.splitlines())
    assert status == 0
    assert "Chromium" in watching["skipped"]
    assert cuda["fast"]
    asked = call("bench", "--only", "watching", "--only", "cuda", "--json")
    assert asked[1] == out
    refused(asked, "Chromium")
    refused(call("bench", "--only", "watching"), "Chromium")
