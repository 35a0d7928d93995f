"""The app as a process: its start, its requests to other machines (none), and its end."""

import ast
import json
import os
import re
import runpy
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest

import rnnlab
from rnnlab.__main__ import main as rnnlab_main
from rnnlab.ui.serve import FLAGS

ROOT = Path(__file__).resolve().parents[2]

# Python tells an audit hook of every connection, every name looked up and every file opened.
WATCHED_APP = """
import runpy, sys

def hook(event, arguments):
    if event == "socket.getaddrinfo" and arguments[0] not in (None, "127.0.0.1", "localhost"):
        print("LOOKED UP", arguments[0], flush=True)
    if event == "socket.connect" and isinstance(arguments[1], tuple) and arguments[1][0] not in ("127.0.0.1", "::1"):
        print("CONNECTED", arguments[1], flush=True)
    if event == "open" and str(arguments[0]).endswith(".pyi") and set(str(arguments[1])) & set("wa+"):
        print("WROTE", arguments[0], flush=True)

sys.addaudithook(hook)
sys.argv = ["app.py", "--port", sys.argv[1]]
runpy.run_path("app.py", run_name="__main__")
"""


FEW_FILES = ("sh", "-c", 'ulimit -n 256; exec "$0" "$@"')


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.timeout(240)
def test_the_app_starts_answers_and_ends_without_leaving_the_machine(tmp_path):
    """Gradio would report the start to its makers, and write type stubs into site-packages.

    It may have 256 files open and no more, and 300 connections come that say nothing (tests/load/open_files.py is this
    in earnest).
    """
    port, log, uploads = free_port(), tmp_path / "app.log", tmp_path / "kept" / "uploads"
    uploads.mkdir(parents=True)
    (uploads / "left.txt").write_text("by a server that was killed")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*FEW_FILES, sys.executable, "-c", WATCHED_APP, str(port)],
            cwd=ROOT, stdout=output, stderr=subprocess.STDOUT,
            env={
                **os.environ, "RNNLAB_DATA_DIR": str(tmp_path / "kept"), "RNNLAB_MAX_VISITORS": "30",
                "RNNLAB_DEVICE": "cuda", "CUDA_VISIBLE_DEVICES": "",
            },
        )  # fmt: skip
    try:
        while "open at" not in log.read_text():
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as response:
            assert "RNN Lab" in response.read().decode()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/lab/health", timeout=30) as response:
            health = json.load(response)
        with urllib.request.urlopen(upload_to(port), timeout=30) as response:
            (uploaded,) = json.load(response)
        assert [path for path in uploads.rglob("*") if path.is_file()] == [Path(uploaded)]
        assert Path(uploaded).read_text() == "la la"
        with ExitStack() as held:
            for _ in range(300):
                held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            time.sleep(1)  # a report would be sent by a thread of its own; and those that just came are left alone
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/lab/health", timeout=30) as response:
                assert response.status == 200, "who says nothing makes room"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.wait()
    no_gpu, started, few_files, opened, *full, ended = log.read_text().splitlines()
    assert "event=few_open_files open_files=256 max_visitors=30 so='beyond 160 connections" in few_files
    assert [line.partition(" ")[2] for line in full] == ["level=warning event=no_more_connections connections=160"]
    assert no_gpu.endswith("level=warning event=no_cuda_device so='training on the CPU'")
    assert opened == f"RNN Lab is open at http://127.0.0.1:{port}/ (Ctrl-C ends it)"
    nothing = "running=0 waiting=0 paused=0 ended=0 kept=0"
    assert re.fullmatch(rf"\S+Z level=info event=server_started version=\S+ device=.+ {nothing}", started)
    assert re.fullmatch(rf"\S+Z level=info event=server_ended {nothing}", ended)
    assert (tmp_path / "kept" / "runs").is_dir()
    assert health.pop("uptime_seconds") >= 0
    assert health.pop("device")
    assert health == {
        "status": "ok", "version": rnnlab.__version__, "visitors": 0, "max_visitors": 30,
        "runs": {"running": 0, "waiting": 0, "paused": 0, "ended": 0, "kept": 0},
    }  # fmt: skip


def upload_to(port):
    body = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nla la\r\n--b--\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    return urllib.request.Request(f"http://127.0.0.1:{port}/gradio_api/upload", body, kind)


@pytest.mark.skipif(os.name != "posix", reason="signals are sent otherwise elsewhere")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_while_it_imports_ends_it_at_once_and_quietly(tmp_path, number, status):
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "app.py", "--data-dir", str(tmp_path / "kept")],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    said = iter(process.stderr.readline, "")
    assert any("argparse" in line for line in said), "its own first lines come next"
    assert any("torch." in line for line in said)
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == status
    assert "Traceback" not in said
    assert not (tmp_path / "kept").exists()


def test_help_names_the_options():
    shown = subprocess.run([sys.executable, "app.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    for flag in FLAGS:
        assert f"--{flag} " in shown.stdout


def test_a_bad_flag_is_refused_in_one_line():
    command = [sys.executable, "app.py", "--max-runs", "0"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == "app.py: max_runs: 0 is out of range; give a number from 1 to 256.\n"


@pytest.mark.parametrize("program", ["app.py", "rnnlab app"])
def test_a_taken_port_is_refused_in_one_line(program, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("rnnlab.ui.serve.log_to_stderr", lambda: None)  # for this whole process
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        flags = ["--port", str(port), "--data-dir", str(tmp_path)]
        monkeypatch.setattr(sys, "argv", [*program.split(), *flags])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(ROOT / "app.py"), run_name="__main__") if program == "app.py" else rnnlab_main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith(f"{program.split()[0]}: port: {port} is taken by another program on this machine;")
    assert "--port" in said
    assert len(said.splitlines()) == 1


def test_app_py_is_short_and_knows_only_the_page():
    source = (ROOT / "app.py").read_text("utf-8")
    assert len(source.splitlines()) <= 30
    ours = [node.module for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    assert [name for name in ours if name.startswith("rnnlab") and not name.startswith("rnnlab.ui")] == []


def test_gradio_reports_nothing():
    import rnnlab.ui  # noqa: F401  (importing it is what is tested)

    assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"
