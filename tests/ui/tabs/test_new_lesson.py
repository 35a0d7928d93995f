"""A new lesson: a line in the registry, a package with a view, and its texts. All else follows."""

import json
import shutil
import socket
import sys
import urllib.request
from dataclasses import dataclass, replace
from typing import ClassVar

import gradio as gr
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

import rnnlab.ui.tabs
from rnnlab.__main__ import main
from rnnlab.experiments.event import Event
from rnnlab.experiments.registry import LESSONS, LessonSpec
from rnnlab.runs import Runner
from rnnlab.ui.app import create_app
from rnnlab.ui.i18n import forget_words, translations
from rnnlab.ui.i18n.languages import LANGUAGES
from rnnlab.ui.serve import serve
from rnnlab.ui.tabs import views
from rnnlab.ui.tabs.lesson_tab import LessonHandlers
from rnnlab.validation import Config, Integer, setting


@dataclass(frozen=True)
class Ticks(Config):
    lesson: ClassVar[str] = "dummy"
    ticks: int = setting(3, Integer(1, 1000), "how far to count")


@dataclass(frozen=True)
class Tick(Event):
    number: int


def count(config):
    yield from map(Tick, range(config.ticks))


PACKAGE = """
from rnnlab.experiments.registry import lesson_called
from rnnlab.ui.tabs.lesson import view_of

VIEW = view_of(lesson_called("dummy"))
"""
TEXTS = {
    "en": {"dummy": {"tab": "Counting", "start": "Count"}, "fields": {"ticks": "Ticks"}},
    "zh": {"dummy": {"tab": "数数"}},
}


@pytest.fixture(scope="module")
def dummy(tmp_path_factory):
    """Register the lesson as a developer would: one line, one package, and its texts in each language's folder."""
    folder = tmp_path_factory.mktemp("lesson")
    (folder / "dummy").mkdir()
    (folder / "dummy" / "__init__.py").write_text(PACKAGE, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for language, texts in TEXTS.items():
            texts_folder = shutil.copytree(LANGUAGES[language].folder, folder / language)
            (texts_folder / "dummy.json").write_text(json.dumps(texts), "utf-8")
            patch.setitem(LANGUAGES, language, replace(LANGUAGES[language], folder=texts_folder))
        patch.setattr(rnnlab.ui.tabs, "__path__", [*rnnlab.ui.tabs.__path__, str(folder)])
        LESSONS.append(LessonSpec("dummy", Ticks, count, "Count from nought."))
        forget_words()
        try:
            yield
        finally:
            LESSONS.pop()
            sys.modules.pop("rnnlab.ui.tabs.dummy", None)
    forget_words()


@pytest.fixture(scope="module")
def runner(dummy):
    runner = Runner()
    yield runner
    runner.close()


@pytest.fixture(scope="module")
def app(runner):
    app = create_app(runner)
    yield app
    app.close(verbose=False)


@pytest.fixture(scope="module")
def url(app, runner):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return serve(app, runner, "127.0.0.1", port)


def component(app, elem_id):
    """The component with that id in the page's configuration."""
    (found,) = [c for c in app.get_config_file()["components"] if c["props"].get("elem_id") == elem_id]
    return found


def test_its_tab_is_on_the_page_after_the_other_lessons(app):
    tabs = [c["props"]["id"] for c in app.get_config_file()["components"] if c["type"] == "tabitem"]
    assert [name for name in tabs if name not in ("sentence", "train")][-3:] == ["race", "dummy", "inside"]


def test_its_tab_has_its_settings_its_buttons_and_its_panel(app):
    assert component(app, "dummy-ticks")["props"]["value"] == 3
    assert str(component(app, "dummy-start")["props"]["value"]) == str(gr.I18n()("dummy.start"))
    assert str(component(app, "dummy-stop")["props"]["value"]) == str(gr.I18n()("lesson.stop"))
    assert component(app, "dummy")["props"]["value"] == "lessons/dummy"


def test_its_texts_are_in_every_language_and_english_where_one_is_missing(app):
    texts = translations().translations_dict
    assert (texts["en"]["dummy.tab"], texts["zh"]["dummy.tab"]) == ("Counting", "数数")
    assert texts["zh"]["dummy.start"] == "Count"
    assert texts["zh"]["help.dummy.ticks"] == texts["en"]["help.dummy.ticks"] == "how far to count"


def test_start_runs_it_and_a_refusal_names_its_setting(runner):
    handlers = LessonHandlers(views()[-1], runner)
    reference, run_id = handlers.on_start(None, None, 2)
    assert reference.startswith(f"runs/{run_id}?")
    assert runner.get(run_id).wait(10)
    assert [row["number"] for row in runner.get(run_id).since(0).rows] == [0, 1]
    with pytest.raises(gr.Error, match="Ticks: 0 is out of range"):
        handlers.on_start(None, None, 0)


@pytest.mark.parametrize(("language", "tab"), [("en", "Counting"), ("zh-CN", "数数")])
def test_its_panel_begins_with_the_default_run(url, language, tab):
    with urllib.request.urlopen(f"{url}lab/lessons/dummy?lang={language}", timeout=20) as response:
        picture = json.load(response)
    assert picture["state"] == "recorded"
    assert picture["words"]["tab"] == tab
    assert [row["number"] for row in picture["rows"]] == [0, 1, 2]


def test_it_is_an_endpoint_with_typed_arguments(url):
    client = Client(url, verbose=False)
    endpoint = client.view_api(return_format="dict", print_info=False)["named_endpoints"]["/dummy"]
    (argument,) = endpoint["parameters"]
    assert (argument["parameter_name"], argument["python_type"]["type"]) == ("ticks", "int")
    result = client.predict(ticks=2, api_name="/dummy")
    assert result == {"state": "finished", "rows": [{"kind": "tick", "number": 0}, {"kind": "tick", "number": 1}]}
    with pytest.raises(AppError, match=r"Ticks \(ticks\): 0 is out of range"):
        client.predict(ticks=0, api_name="/dummy")


def command(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["rnnlab", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    return capsys.readouterr().out


def test_it_is_a_command(dummy, monkeypatch, capsys):
    shown = command(monkeypatch, capsys, "dummy", "--help")
    assert "Count from nought." in shown
    assert "--ticks" in shown
    assert command(monkeypatch, capsys, "dummy", "--ticks", "2").splitlines() == [
        "kind tick  number 0",
        "kind tick  number 1",
    ]
