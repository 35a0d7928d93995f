"""Adding a setting of the language model takes one declaration and a translation; this adds one to a copy."""

import json
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

import rnnlab
from rnnlab.experiments.language_model import Config
from rnnlab.ui.tabs.train.handlers import SETTINGS

PACKAGE = Path(rnnlab.__file__).parent
SETTING = '    warmth: float = setting(0.25, Real(0.0, 1.0), "how warm a run is", section="learning")\n'
BEFORE = "    sample_prefixes: "  # the line of config.py above which the setting is added

LOOK = """
import json
from rnnlab.experiments.language_model import Config, preset
from rnnlab.runs import Runner
from rnnlab.ui.app import create_app

app = create_app(Runner())
arguments = app.get_api_info()["named_endpoints"]["/train"]["parameters"]
(field,) = [block for block in app.blocks.values() if getattr(block, "elem_id", None) == "set-warmth"]
print(json.dumps({
    "argument": [item["parameter_name"] for item in arguments].count("warmth"),
    "value": field.value,
    "string": preset("lstm-torch").config(warmth=0.5).to_strings()["warmth"],
    "old": Config.from_strings({}).warmth,
}))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the package in which the language model has one more setting."""
    root = tmp_path_factory.mktemp("copy")
    shutil.copytree(PACKAGE, root / "rnnlab", ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("assets", "data"):
        if not (root / "rnnlab" / folder).exists():
            (root / folder).symlink_to(PACKAGE.parent / folder)
    config = root / "rnnlab/experiments/language_model/config.py"
    text = config.read_text("utf-8")
    assert text.count(BEFORE) == 1
    config.write_text(text.replace(BEFORE, SETTING + BEFORE), "utf-8")
    translate(root / "rnnlab/ui/i18n/en/common.json", fields="Warmth")
    translate(root / "rnnlab/ui/i18n/zh/common.json", fields="温度感", help="训练有多暖")
    return root


def translate(path, **words):
    """Add the words for the setting to a language's file."""
    texts = json.loads(path.read_text("utf-8"))
    for section, word in words.items():
        texts.setdefault(section, {})["warmth"] = word
    path.write_text(json.dumps(texts, ensure_ascii=False), "utf-8")


def python(root, *arguments):
    """Run Python in the copy."""
    return subprocess.run([sys.executable, *arguments], cwd=root, capture_output=True, text=True, timeout=120)


def test_a_new_setting_is_a_flag(copy):
    shown = python(copy, "-m", "rnnlab", "train", "--help")
    assert "--warmth" in shown.stdout, shown.stderr
    refused = python(copy, "-m", "rnnlab", "train", "--warmth", "2")
    assert refused.returncode != 0
    assert "warmth" in refused.stderr


def test_a_new_setting_is_an_argument_of_the_api_a_field_on_the_page_and_part_of_presets_and_checkpoints(copy):
    done = python(copy, "-c", LOOK)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {"argument": 1, "value": 0.25, "string": "0.5", "old": 0.25}


def test_every_setting_but_the_text_has_a_field_on_the_train_tab():
    assert {item.name for item in fields(Config)} - set(SETTINGS) == {"corpus"}
