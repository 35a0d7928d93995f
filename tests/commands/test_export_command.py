"""`rnnlab export`."""

import json

from rnnlab.commands import export as export_module
from rnnlab.export import KINDS

TINY = ["--hidden-size", "6", "--embedding-size", "3", "--batch-size", "4", "--num-steps", "5", "--epochs", "1"]


def test_json_says_what_was_written(call, tmp_path):
    for kind, least in {"script": 80, "notebook": 80, "csv": 50, "reader": 5}.items():
        path = tmp_path / f"a.{kind}"
        status, out, err = call("export", "lyrics-zh", "--as", kind, "--to", path, "--json")
        assert (status, err) == (0, "")
        written = json.loads(out)
        content = path.read_bytes()
        assert written == {"path": str(path), "kind": kind, "bytes": len(content), "lines": content.count(b"\n")}
        assert written["lines"] >= least


def test_a_file_that_was_trained_here_is_exported_under_a_name_with_model_and_epoch(call, song, tmp_path, monkeypatch):
    saved = tmp_path / "a.safetensors"
    assert call("train", "--corpus", song, *TINY, "--save", saved)[0] == 0
    monkeypatch.chdir(tmp_path)
    status, out, err = call("export", saved)
    assert (status, out) == (0, "")
    assert err.startswith("rnnlab-gru-6-epoch-1.py: script, ")
    script = (tmp_path / "rnnlab-gru-6-epoch-1.py").read_text("utf-8")
    assert "fish" not in script.split("# %% What the run got")[0].replace('"one"', "")  # the text is never in it
    assert call("export", saved, "--as", "reader")[0] == 0
    assert str(saved) in (tmp_path / "rnnlab-gru-6-epoch-1.reader.py").read_text("utf-8")


def test_what_cannot_be_written_is_refused(call, refused, tmp_path):
    refused(call("export", "lyrics-zh", "--as", "pdf"), "as", "script, notebook, csv, reader, svg, png")
    refused(call("export", "none.safetensors"), "none.safetensors")
    refused(call("export", "lyrics-zh", "--to", tmp_path / "no" / "x.py"), "not a folder")


def test_the_help_names_every_kind():
    assert export_module.KINDS.split("|") == list(KINDS)
