"""Guides: every tab, element, setting, exercise and notebook named exists, and every text in each language."""

import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from rnnlab.exercises import EXERCISES
from rnnlab.resources import resource
from rnnlab.runs import Runner
from rnnlab.ui.app import create_app
from rnnlab.ui.guide_dialog import guides_html
from rnnlab.ui.guides import ACTIONS, HERE, NAMES, field_values, guides
from rnnlab.ui.guides.routes import guide_routes
from rnnlab.ui.i18n import own_words
from rnnlab.ui.i18n.languages import LANGUAGES
from rnnlab.ui.server.static_files import UI

STEPS = [(name, step) for name, guide in guides().items() for step in guide.steps]
PARTS = ("text", "ask", "seen", "notes")


def label(step):
    return step if isinstance(step, str) else step.name


@pytest.fixture(scope="module")
def app():
    runner = Runner()
    yield create_app(runner)
    runner.close()


@pytest.fixture(scope="module")
def components(app):
    return {block.elem_id: block for block in app.blocks.values() if block.elem_id}


@pytest.fixture(scope="module")
def sources():
    """Return all HTML and scripts of the page: where an element is named that Gradio does not make."""
    return "\n".join(path.read_text("utf-8") for path in UI.rglob("*") if path.suffix in (".html", ".js", ".py"))


def test_there_is_a_file_for_each_guide_and_a_guide_for_each_file():
    assert {path.stem for path in HERE.glob("*.json")} == set(NAMES)
    assert len(NAMES) >= 8


def test_the_lecture_has_sixty_minutes():
    assert sum(guide.minutes for guide in guides().values()) == 60
    assert [guide.to_dict()["begins"] for guide in guides().values()][:3] == [0, 8, 17]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_step_says_everything_in_each_language(name, language):
    expected = {f"guide_{name}.{key}" for key in ("title", "about")}
    expected |= {f"guide_{name}.{step.name}.{part}" for step in guides()[name].steps for part in PARTS}
    assert {key for key in own_words(language) if key.startswith(f"guide_{name}.")} == expected


@pytest.mark.parametrize("name", NAMES)
def test_its_notebook_and_its_two_exercises_exist(name):
    guide = guides()[name]
    assert guide.notebook is None or resource(f"assets/notebooks/{guide.notebook}").is_file()
    assert len(set(guide.exercises) & set(EXERCISES)) == len(guide.exercises) == 2


def test_every_guide_has_a_notebook():
    assert [name for name, guide in guides().items() if guide.notebook is None] == []


def test_every_exercise_belongs_to_one_guide():
    assert sorted(name for guide in guides().values() for name in guide.exercises) == sorted(EXERCISES)


@pytest.mark.parametrize(("name", "step"), STEPS, ids=label)
def test_its_actions_are_known_and_its_tab_is_opened_first(name, step, app):
    assert all(len(action.keys() & set(ACTIONS)) == 1 for action in step.do)
    tabs = {block.id for block in app.blocks.values() if type(block).__name__ == "Tab"}
    first = step.do[0]
    assert first["open"] in tabs, first
    assert first.get("part", "train") in tabs
    assert set(step.wait) <= {"change", "selector"}


@pytest.mark.parametrize(("name", "step"), STEPS, ids=label)
def test_every_element_that_it_names_is_in_the_page(name, step, components, sources):
    selectors = [step.point, *step.wait.values()]
    kinds = ("press", "turn_on", "expand", "focus")
    selectors += [action[kind] for action in step.do for kind in kinds if kind in action]
    for selector in selectors:
        for elem_id in re.findall(r"#([\w-]+)", selector):
            section = elem_id.removeprefix("inside-tab-")
            assert elem_id in components or (section != elem_id and f'"{section}": ' in sources), elem_id
        for attribute, value in re.findall(r"\[data-(role|move|section)=([\w-]+)\]", selector):
            named = f'"{value}": ' if attribute == "section" else f'data-{attribute}="{value}"'
            assert named in sources, selector
        for name_of_class in re.findall(r"(?<=[ \w\]])\.([a-z][\w-]+)", re.sub(r"\[[^]]*\]", "", selector)):
            assert re.search(rf'class="[^"]*\b{name_of_class}\b', sources) or name_of_class == "js-plotly-plot", (
                selector
            )


@pytest.mark.parametrize(("elem_id", "value"), list(field_values()), ids=str)
def test_every_field_that_is_set_exists_and_takes_the_value(elem_id, value, components):
    field = components[elem_id]
    values = list(value.values()) if isinstance(value, dict) else [value]
    assert not isinstance(value, dict) or set(value) == set(LANGUAGES)
    if hasattr(field, "choices"):
        assert set(values) <= {choice for _, choice in field.choices}, values


def test_every_preset_of_a_run_is_set_in_its_own_tab():
    for name, step in STEPS:
        if any("recipe" in action.get("set", {}) for action in step.do):
            assert step.do[0] == {"open": "train"}, name


def test_the_dialog_has_a_button_for_each_and_for_the_lecture():
    assert re.findall(r'data-guide="(\w+)"', guides_html()) == ["lecture", *NAMES]


@pytest.fixture(scope="module")
def client():
    with TestClient(Starlette(routes=guide_routes())) as client:
        yield client


def test_a_guide_its_notebook_and_the_lecturers_page_are_sent(client):
    assert client.get("/lab/guides/cell").json() == guides()["cell"].to_dict() | {
        "exercises": list(guides()["cell"].exercises), "steps": client.get("/lab/guides/cell").json()["steps"],
    }  # fmt: skip
    assert client.get("/lab/guides/nonsense").status_code == 404
    notebook = client.get(f"/lab/notebooks/{guides()['cell'].notebook}")
    assert notebook.json()["nbformat"] == 4
    for path in ("..%2F..%2Fpyproject.toml", "nonsense.ipynb"):
        assert client.get(f"/lab/notebooks/{path}").status_code == 404
    page = client.get("/lab/notes", headers={"accept-language": "zh-CN"}).text
    assert '<html lang="zh-CN">' in page
    assert Path("frontend/notes.js").name in page
