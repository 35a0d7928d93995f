"""What is installed works away from the checkout, and every place that names a version names the same one."""

import os
import re
import socket
import subprocess
import sys
import tomllib
import urllib.request
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import rnnlab
from rnnlab.resources import SHIPPED_CORPORA, SHIPPED_MODELS, SHIPPED_RECORDINGS

CHECKOUT = Path(rnnlab.__file__).parents[1]

README = (CHECKOUT / "README.md").read_text("utf-8")


def pins():
    """The versions in requirements.txt."""
    lines = (CHECKOUT / "requirements.txt").read_text("utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def version_of(text):
    return tuple(map(int, text.split(".")))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel without a network, with the build tools that are installed here."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", str(CHECKOUT), "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*command, "-w", str(folder)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target", str(folder), str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return folder


def checks_javascript(path):
    """Tell whether a file only checks the page's JavaScript, which the wheel leaves out."""
    frontend = path.parent.name == "frontend"
    return path.name.endswith((".test.js", ".d.ts", ".config.js")) or (frontend and path.suffix == ".json")


def test_the_wheel_holds_everything_that_the_package_opens(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = (*SHIPPED_CORPORA.values(), *SHIPPED_MODELS.values(), *SHIPPED_RECORDINGS.values())
    notebooks = [f"assets/notebooks/{path.name}" for path in (CHECKOUT / "assets" / "notebooks").glob("*.ipynb")]
    assert notebooks
    for resource in (*shipped, *notebooks, "data/README.md"):
        assert f"rnnlab/{resource}" in names
    package = CHECKOUT / "rnnlab"
    for path in package.rglob("*"):
        if path.is_file() and not {"__pycache__", "node_modules"} & set(path.parts):
            assert (f"rnnlab/{path.relative_to(package).as_posix()}" in names) != checks_javascript(path), path
    assert not any(name.startswith(("tests/", "rnnlab/tests/", "app.py", "data/")) for name in names)


def project():
    return tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]


def ranges():
    """The versions that the library installs beside, by package."""
    requirements = map(Requirement, project()["dependencies"])
    return {requirement.name: requirement.specifier for requirement in requirements}


def test_the_wheel_needs_the_ranges_of_the_project(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        (scripts,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        needed = re.findall(r"^Requires-Dist: ([^;\n]+)$", archive.read(metadata).decode(), re.MULTILINE)
        assert "rnnlab = rnnlab.__main__:main" in archive.read(scripts).decode()
    assert {Requirement(line).name: Requirement(line).specifier for line in needed} == ranges()


def test_every_pin_of_the_app_is_within_its_range():
    assert set(pins()) == set(ranges())
    for name, version in pins().items():
        assert ranges()[name].contains(version), name


def test_every_range_is_bounded_and_documented():
    """The lowest and the newest version that was tried, as rnnlab/README.md lists them."""
    document = (CHECKOUT / "rnnlab" / "README.md").read_text("utf-8")
    tried = dict(re.findall(r"^\| `(\w+)` \| ([\d.]+) \| [\d.]+ \|$", document, re.MULTILINE))
    newest = dict(re.findall(r"^\| `(\w+)` \| [\d.]+ \| ([\d.]+) \|$", document, re.MULTILINE))
    for name, specifier in ranges().items():
        bounds = {bound.operator: bound.version for bound in specifier}
        assert set(bounds) == {">=", "<"}, name
        assert bounds[">="] == tried.pop(name), name
        assert specifier.contains(newest[name]), name
    assert not tried


def test_an_installed_model_sings_away_from_the_checkout(installed, tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"PYTHONPATH": str(installed), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "rnnlab", "generate", "lyrics-zh", "--prefix", "分开", "--length", "10"]
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", cwd=tmp_path, env=environment, timeout=120
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.rstrip("\n")) in (10, 11, 12)  # as many characters of the prefix as its text has
    where = [sys.executable, "-c", "import rnnlab; print(rnnlab.__file__)"]
    found = subprocess.run(where, capture_output=True, text=True, cwd=tmp_path, env=environment, check=True).stdout
    assert Path(found.strip()).is_relative_to(installed)


def front_matter():
    """The settings for Hugging Face Spaces at the top of README.md."""
    found = re.match(r"---\n(.*?)\n---\n", README, re.DOTALL)
    assert found, "README.md does not begin with Spaces' front matter"
    return dict(line.split(":", 1) for line in found[1].splitlines() if ":" in line)


def test_the_front_matter_agrees_with_the_pins():
    settings = {name.strip(): value.strip().strip("\"'") for name, value in front_matter().items()}
    assert settings["sdk"] == "gradio"
    assert settings["sdk_version"] == pins()["gradio"]
    assert (CHECKOUT / settings["app_file"]).is_file()
    lowest = re.search(r">=\s*([\d.]+)", project()["requires-python"])[1]
    assert version_of(settings["python_version"]) >= version_of(lowest)
    assert settings["license"] == project()["license"].lower()


def test_pins_are_exact():
    lines = (CHECKOUT / "requirements.txt").read_text("utf-8").splitlines()
    for line in lines:
        assert not line or line.startswith("#") or re.fullmatch(r"[\w-]+==[\w.]+", line), line
    assert pins()["torch"] == "2.13.0"
    assert version_of(pins()["gradio"]) >= (6, 31)


def test_the_app_command_serves_from_an_installation(installed, tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "rnnlab", "app", "--port", str(port)]
    environment = os.environ | {"PYTHONPATH": str(installed)}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as app:
        try:
            assert app.stdout.readline() == f"RNN Lab is open at http://127.0.0.1:{port}/ (Ctrl-C ends it)\n"
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/lab/curves/lyrics-en", timeout=20) as response:
                assert response.status == 200
        finally:
            app.terminate()
        assert app.wait(timeout=20) == 0
