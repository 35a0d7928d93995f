"""The page's JavaScript: eslint, the TypeScript compiler on its JSDoc, and its own unit tests.

The tools are installed by `npm ci` into a temporary folder, as `package-lock.json` pins them. Without node, or where
the packages cannot be installed, only these tests are skipped.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import rnnlab

UI = Path(rnnlab.__file__).parent / "ui"
CHECKED = ("*.js", "*.d.ts", "package*.json", "tsconfig.json")
MIN_NODE = 20  # eslint and the globs of `node --test`


def run(command: list[str], folder: Path, seconds: int = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=seconds)


def node_version() -> int:
    """Return the major version of node, and 0 where there is none."""
    if not (shutil.which("node") and shutil.which("npm")):
        return 0
    answer = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
    return int(answer.strip().removeprefix("v").split(".")[0] or 0)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the page's JavaScript, so that the tools and their packages stay out of the checkout."""
    if node_version() < MIN_NODE:
        pytest.skip(f"node {MIN_NODE} or later, with npm, is not installed")
    folder = tmp_path_factory.mktemp("javascript")
    for pattern in CHECKED:
        for part in ("frontend", "tabs"):
            for path in (UI / part).rglob(pattern):
                if "node_modules" in path.parts:
                    continue
                target = folder / path.relative_to(UI)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
    return folder


@pytest.fixture(scope="module")
def tools(sources: Path) -> Path:
    """Install eslint and TypeScript; skip where the registry cannot be reached."""
    command = ["npm", "ci", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"]
    try:
        done = run(command, sources / "frontend", 180)
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not answer within three minutes")
    if done.returncode:
        if "package-lock.json" in done.stderr and "in sync" in done.stderr:
            pytest.fail(f"package.json and package-lock.json differ:\n{done.stderr}")
        pytest.skip(f"npm could not install the tools: {done.stderr.strip().splitlines()[0]}")
    return sources / "frontend" / "node_modules" / ".bin"


def test_eslint_finds_nothing(sources: Path, tools: Path) -> None:
    command = [
        str(tools / "eslint"),
        "--config",
        "frontend/eslint.config.js",
        "--max-warnings",
        "0",
        "frontend",
        "tabs",
    ]
    done = run(command, sources)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_types_hold(sources: Path, tools: Path) -> None:
    done = run([str(tools / "tsc"), "--project", "frontend/tsconfig.json"], sources)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_unit_tests_pass(sources: Path) -> None:
    names = [str(path.relative_to(sources)) for path in sources.rglob("*.test.js") if "node_modules" not in path.parts]
    assert len(names) >= 11
    done = run(["node", "--test", *sorted(names)], sources)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_module_is_type_checked() -> None:
    """`// @ts-check` is for editors; the compiler reads `tsconfig.json`."""
    for path in [*UI.glob("frontend/*.js"), *UI.glob("frontend/lib/*.js"), *UI.glob("tabs/**/*.js")]:
        if not path.name.endswith((".test.js", ".config.js")):
            assert path.read_text("utf-8").startswith("// @ts-check\n"), path
