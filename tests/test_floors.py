"""Layers of the package: imports go down only, read from the source."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import rnnlab

PACKAGE = Path(rnnlab.__file__).parent
CHECKOUT = PACKAGE.parent

LAYERS = {
    # below all others
    "limits": -3,
    "messages": -2,
    "validation": -1,
    # the lowest layer of models and texts
    "devices": 0,
    "perplexity": 0,
    "recurrent": 0,
    "text": 0,
    "resources": 1,
    "models": 1,
    "hosting": 1,
    "checkpoints": 2,
    "generation": 2,
    "inspection": 2,
    "tagging": 2,
    "experiments": 3,
    "figures": 3,
    "exercises": 3,
    "export": 4,
    "runs": 4,
    "ui": 5,
    "bench": 6,
    "flags": 6,
    "reproduce": 6,
    "commands": 7,
    "__main__": 8,
    "app": 8,
}

# The parts that may import a library; no other part does. A path is a single file of a part.
LIBRARIES = {
    "gradio": {"ui"},
    "starlette": {"ui"},
    "uvicorn": {"ui/server/web_server.py", "ui/server/connections.py"},
    "orjson": {"ui"},
    "plotly": {"figures", "ui/server/static_files.py"},
    "safetensors": {"checkpoints"},
    "typer": {"__main__", "commands", "flags"},
    "rich": {"commands"},
    "pandas": set(),
    "playwright": {"bench"},
    "conllu": {"text/treebank.py"},
    "jinja2": {"export/script.py"},
    "kaleido": {"export/picture.py"},
    "rjieba": {"text/segmentation.py"},
    "torch": {
        "bench", "checkpoints", "devices", "exercises", "experiments", "generation", "inspection", "models",
        "perplexity", "recurrent", "tagging", "text",
    },
}  # fmt: skip


# The parts of rnnlab.ui, and which of the others each may import; the server knows no tab and no component.
UI_LAYERS = {
    "__init__": set(),
    "latest": set(),
    "hidden_parts": set(),
    "theme": set(),
    "i18n": set(),
    "tutorials": {"i18n"},
    "tutorial_dialog": {"i18n", "components", "tutorials"},
    "guides": {"i18n", "server"},
    "guide_dialog": {"i18n", "guides"},
    "header": {"i18n", "guide_dialog", "tutorial_dialog"},
    "components": {"i18n"},
    "session": {"i18n"},
    "server": {"i18n", "latest", "session", "hidden_parts"},
    "tabs": {"i18n", "latest", "session", "components"},
    "api": {"i18n", "session", "components", "tabs"},
    "links": {"i18n", "components", "tabs", "hidden_parts"},
    "app": {"i18n", "session", "components", "tabs", "api", "server", "guides", "header", "tutorial_dialog", "links"},
    "serve": {"guides", "i18n", "session", "tabs", "server", "app", "theme", "links"},
}


def part_of(path):
    """Name the part of the package that a file belongs to; app.py is a part of its own."""
    inside = path.relative_to(PACKAGE) if path.is_relative_to(PACKAGE) else Path(path.name)
    return inside.parts[0].removesuffix(".py")


@cache
def tree_of(path):
    return ast.parse(path.read_text("utf-8"))


def imports_of(path):
    """Every absolute module name that a file imports, inside functions as well, as (line, name)."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import; write the whole name"
            for alias in node.names:  # `from rnnlab import checkpoints` names a part, too
                yield node.lineno, f"{node.module}.{alias.name}" if node.module == "rnnlab" else node.module


FILES = [path for path in (*sorted(PACKAGE.rglob("*.py")), CHECKOUT / "app.py") if path != PACKAGE / "__init__.py"]


def test_every_part_of_the_package_has_a_layer():
    assert {part_of(path) for path in FILES} == set(LAYERS)


def wrong_imports(path):
    """Say what a file imports and may not."""
    part = part_of(path)
    for line, name in imports_of(path):
        top, *rest = name.split(".")
        if top == "rnnlab" and rest:
            other = rest[0]
            if not (other == part or LAYERS[other] < LAYERS[part]):
                yield f"{path}:{line}: {part} may not import {other}"
        elif top in LIBRARIES:
            known = {part, path.relative_to(CHECKOUT).as_posix().removeprefix("rnnlab/")}
            if not known & LIBRARIES[top]:
                yield f"{path}:{line}: {part} may not import {top}"


def test_imports_go_down_only():
    assert [wrong for path in FILES for wrong in wrong_imports(path)] == []


UI_FILES = sorted((PACKAGE / "ui").rglob("*.py"))


def ui_part_of(path):
    """Name the part of rnnlab.ui that a file belongs to."""
    return path.relative_to(PACKAGE / "ui").parts[0].removesuffix(".py")


def test_every_part_of_the_page_has_a_layer():
    assert {ui_part_of(path) for path in UI_FILES} == set(UI_LAYERS)


def wrong_imports_inside_the_page(path):
    part = ui_part_of(path)
    for line, name in imports_of(path):
        if name.startswith("rnnlab.ui."):
            other = name.split(".")[2]
            if not (other == part or other in UI_LAYERS[part]):
                yield f"{path}:{line}: {part} may not import {other}"


def test_inside_the_page_imports_go_down_only():
    assert [wrong for path in UI_FILES for wrong in wrong_imports_inside_the_page(path)] == []


def test_the_layers_of_the_page_have_no_cycle():
    for part, others in UI_LAYERS.items():
        assert not any(part in UI_LAYERS[other] for other in others), part


def test_imports_of_a_file_are_found(tmp_path):
    source = tmp_path / "x.py"
    source.write_text("from rnnlab import runs\ndef f():\n    import rnnlab.ui.app\n", "utf-8")
    assert [name for _, name in imports_of(source)] == ["rnnlab.runs", "rnnlab.ui.app"]


MODULES = {
    ".".join(path.relative_to(CHECKOUT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


def modules_imported_by(tree):
    """Yield every module of the package that a syntax tree imports, inside functions and TYPE_CHECKING as well.

    `from rnnlab.runs import Run` imports what the folder's `__init__` re-exports, so it counts as that `__init__`;
    `from rnnlab.runs import eviction` counts as the submodule. That a submodule's import also runs the `__init__` files
    above it is left out: otherwise every `__init__` that re-exports a submodule would be a cycle with it.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                name = submodule if submodule in MODULES else node.module
                if name in MODULES:
                    yield name


def cycles(graph):
    """Return the modules that reach themselves along `graph`, {module: the modules that it imports}."""
    reached = {name: set(imported) for name, imported in graph.items()}
    for middle in graph:
        for name in graph:
            if middle in reached[name]:
                reached[name] |= reached[middle]
    return sorted(name for name in graph if name in reached[name])


def test_no_modules_import_each_other_in_a_circle():
    graph = {
        name: {other for other in modules_imported_by(tree_of(path)) if other != name} for name, path in MODULES.items()
    }
    assert cycles(graph) == []


def test_a_circle_would_be_found():
    tree = ast.parse(
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from rnnlab.runs.runner import Runner\n"
        "def f():\n    from rnnlab.runs import eviction, Run\n"
    )
    assert set(modules_imported_by(tree)) == {"rnnlab.runs.runner", "rnnlab.runs.eviction", "rnnlab.runs"}
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == ["a", "b", "c"]


def test_app_py_stays_short():
    assert len((CHECKOUT / "app.py").read_text("utf-8").splitlines()) <= 30


def modules_after(code):
    """Run `code` in a fresh Python and list the top-level modules that it has loaded."""
    code += "\nimport sys; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=CHECKOUT, check=True, timeout=60
    )
    return set(done.stdout.split())


def test_importing_the_package_loads_no_page_and_no_figures():
    assert not modules_after("import rnnlab") & {"gradio", "plotly", "pandas"}


def test_every_exported_name_exists():
    assert all(getattr(rnnlab, name) is not None for name in rnnlab.__all__)
    exported = {name for name, value in vars(rnnlab).items() if getattr(value, "__module__", "").startswith("rnnlab.")}
    assert exported <= set(rnnlab.__all__)
