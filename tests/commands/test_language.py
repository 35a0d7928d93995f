"""The command line in other languages: which one it speaks, and that everything that it says is translated."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

import rnnlab.__main__ as command_line
from rnnlab.commands.language import choose_language, language, message_of_typer, refusal, say, use_language
from rnnlab.commands.lesson import lesson_command
from rnnlab.experiments.registry import lesson_called
from rnnlab.ui.i18n import forget_words, own_words, words
from rnnlab.ui.i18n.languages import LANGUAGES
from rnnlab.validation import Integer, InvalidInput

CHINESE = re.compile(r"[\u4e00-\u9fff]")
CODE = Path(command_line.__file__).parent
TINY = ["--hidden-size", "6", "--embedding-size", "3", "--batch-size", "4", "--num-steps", "5", "--held-out", "0.2"]


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ([], {}, "en"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LANG": "zh"}, "zh"),
        ([], {"LANG": "fr_FR.UTF-8"}, "en"),
        ([], {"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW@radical"}, "zh"),
        ([], {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ([], {"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
        ([], {"LANG": "zh_CN.UTF-8", "RNNLAB_LANG": "en"}, "en"),
        (["--lang", "zh", "train"], {"RNNLAB_LANG": "en"}, "zh"),
        (["train", "--lang=zh-Hans"], {}, "zh"),
        (["--lang", "en", "train", "--lang", "zh"], {}, "zh"),
        (["tag", "--language", "zh"], {}, "en"),
        (["train", "--", "--lang", "zh"], {}, "en"),
    ],
)
def test_the_option_comes_before_the_environment_and_the_locale(arguments, environment, expected):
    others = choose_language(arguments, environment)
    assert language() == expected
    assert [word for word in others if word.startswith("--lang=")] == []
    assert others[:1] == [word for word in arguments if word in ("train", "tag")][:1]


def test_a_language_that_there_is_not_is_refused(call, refused, monkeypatch):
    refused(call("train", "--lang", "xx"), "lang", "'xx'", "en, zh")
    refused(call("train", "--lang"), "--lang")
    monkeypatch.setenv("RNNLAB_LANG", "xx")
    refused(call("train"), "RNNLAB_LANG", "'xx'")


def chinese_program():
    use_language("zh")
    return get_command(command_line.command_line())


def test_every_command_and_option_has_a_chinese_help():
    program = chinese_program()
    untranslated = [name for name, command in program.commands.items() if not CHINESE.search(command.help)]
    for name, command in program.commands.items():
        options = command.get_params(command.make_context(name, [], resilient_parsing=True))
        untranslated += [f"{name} {option.name}" for option in options if not CHINESE.search(option.help)]
    assert untranslated == []


def test_no_help_in_chinese_is_of_an_option_that_there_is_not():
    program = chinese_program()
    known = {"option.setting", "option.empty", "command.rnnlab", *(f"command.{name}" for name in program.commands)}
    for name, command in program.commands.items():
        known |= {f"option.{part}" for option in command.params for part in (option.name, f"{name}.{option.name}")}
    assert {key for key in own_words("zh") if key.startswith(("command.", "option."))} <= known


def test_a_page_of_help_is_chinese_and_cut_off_nowhere(call):
    status, out, _ = call("generate", "--lang", "zh", "--help")
    assert status == 0
    assert re.findall(r"Usage|Options|Arguments|Show|default|required|…", out) == []
    assert set(re.findall(r"用法|参数|选项", out)) == {"用法", "参数", "选项"}
    assert "Usage" in call("generate", "--help")[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ["trian"],
        ["sing"],
        ["train", "--epohcs", "3"],
        ["train", "--no-such"],
        ["train", "--json=3"],
        ["train", "--threads"],
        ["train", "--threads", "x"],
        ["train", "--threads", "0"],
        ["train", "--threads", "1000"],
        ["train", "--epochs", "0"],
        ["train", "--corpus", "none.txt"],
        ["generate"],
        ["generate", "a", "b"],
        ["generate", "none.safetensors"],
    ],
)
def test_every_refusal_is_chinese(call, refused, arguments):
    result = call("--lang", "zh", *arguments)
    refused(result)
    left = re.sub(r"'[^']*'|--\S+|\S*\.\w+|RNN|zip|[a-z]+：", "", result[2].removeprefix("rnnlab: "))
    assert CHINESE.search(left)
    assert re.findall(r"[A-Za-z]{4,}", left) == []


def test_english_templates_are_those_of_typer(call):
    """The messages are translated by matching Typer's own; this fails when Typer's change."""
    for arguments in (["sing"], ["train", "--no-such"], ["evaluate"], ["generate", "a", "b"], ["train", "--json=3"]):
        said = call(*arguments)[2].removeprefix("rnnlab: ").strip()
        use_language("zh")
        assert CHINESE.search(message_of_typer(said)), said
        use_language("en")


def test_training_speaks_chinese_but_json_does_not(call, song, tmp_path):
    song.write_bytes("分开 不分开 雨下整夜 我的爱 ".encode("gb18030") * 20)
    arguments = ["train", "--corpus", song, *TINY, "--epochs", 2, "--sample-every", "none", "--max-tokens", 300]
    status, out, err = call("--lang", "zh", *arguments)
    assert status == 0
    numbers = r"困惑度 [\d.]+（[\d.]+ 比特）  验证集 [\d.]+（[\d.]+ 比特）  [\d,]+ 词元/秒  梯度范数 [\d.e+-]+"
    assert re.fullmatch(rf"(第 [12] 轮  {numbers}\n){{2}}", out)
    assert "song.txt：GB18030，320 个字符" in err
    assert "取前 300 个字符，共 320 个" in err
    english, chinese = (_rows(call(*lang, *arguments, "--json")) for lang in ([], ["--lang", "zh"]))
    assert english == chinese
    assert len(english) == 2


def _rows(result):
    """Read the rows of JSON, without what differs from run to run."""
    rows = [json.loads(line) for line in result[1].splitlines()]
    return [{key: value for key, value in row.items() if "second" not in key} for row in rows]


def test_lessons_and_tagging_speak_chinese(call):
    assert "训练完成  损失" in call("hello", "--lang", "zh", "--epochs", 2)[1]
    assert "第 20 窗  carried 损失" in call("sine", "--lang", "zh", "--memory", "carried", "--windows", 20)[1]
    out = call("tag", "--lang", "zh", "--epochs", 1)[1]
    assert re.search(r"训练 \d+ 句.*\n词与索引：.*\n训练前 ", out)
    assert re.search(r"训练集的准确率 [\d.]+；只取每个词最常见的标签", out)


ENGLISH = re.compile(r"(?<![\w=.])[a-z]{4,}(?![\w=(])")  # words, and no names as hidden_size or h_n
IDENTIFIERS = {"input", "output", "scratch", "torch", "total", "product", "lstm", "autograd"}


def test_a_layer_taken_apart_speaks_chinese(call):
    out = call("layers", "--lang", "zh", "--batch-size", 2, "--dropout", 0.5)[1]
    text = "\n".join(line for line in out.splitlines() if CHINESE.search(line))
    assert set(ENGLISH.findall(text)) <= IDENTIFIERS
    for said in ("参数 ", "最大相差 ", "随机采样 0  X ", "前向加反向 ", "个元素", "掩码 (", "置零"):
        assert said in text


def test_bench_and_a_lesson_without_a_command_of_its_own_speak_chinese(call, monkeypatch, capsys):
    def refusing(_):
        raise InvalidInput("bench_needs_browser", "bench", value="none")

    made = {"cuda": lambda _: {"ratio": 2.0, "stages": {"serving_seconds": 1.5}, "own": "x"}, "start": refusing}
    monkeypatch.setattr("rnnlab.bench.MEASUREMENTS", made)
    out = call("bench", "--lang", "zh")[1]
    assert "测量：cuda\n" in out
    assert "比值：2.0\n各阶段：{'到开始服务的秒数': 1.5}\nown：x\n" in out
    assert CHINESE.search(out[out.index("略过：") + 3 :])
    assert "ratio: 2.0\n" in call("bench")[1]
    skipped = [json.loads(line).get("skipped") for line in call("bench", "--lang", "zh", "--json")[1].splitlines()]
    assert "Chromium" in skipped[1]
    assert not CHINESE.search(skipped[1])
    use_language("zh")
    lesson_command(lesson_called("hello"))(epochs="1")
    assert "轮 1  " in capsys.readouterr().out


def test_every_printed_text_is_used_and_every_used_one_exists():
    files = [CODE / "__main__.py", *(CODE / "commands").rglob("*.py")]
    sources = "".join(path.read_text("utf-8") for path in files)
    used = set(re.findall(r"""\bsay\(\s*"([\w.-]+)\"""", sources))
    keys = {key.removeprefix("printed.") for key in words("en") if key.startswith("printed.")}
    assert used <= keys
    composed = (
        "gpu_",
        "characters_taken",
        "words_taken",
        "training_facts",
        "scores_",
        "column_",
        "word.",
        "measured_on.",
        "fact.",
        "race_end.",
        "surprise_from.",
        "phase.",
        "measure.",
        "surgery_kind.",
        "acrostic_",
        "link.",
        "E",
    )  # an f-string, or the name of an error
    assert {key for key in keys - used if not key.startswith(composed)} == set()


def test_a_refusal_names_a_setting_by_its_own_name():
    with pytest.raises(InvalidInput) as refused:
        Integer(1, 9).check("hidden_size", 10)
    use_language("zh")
    assert refusal(refused.value) == "hidden_size：10 超出范围；请给出 1 到 9 之间的数。"
    use_language("en")
    assert refusal(refused.value) == str(refused.value)


def test_a_new_language_is_a_row_and_a_folder(pseudo_language, tmp_path, call):
    pseudo_language.write_texts(tmp_path)
    texts = json.loads((tmp_path / "all.json").read_text("utf-8"))
    texts["command"], texts["option"] = {"hello": "⟦Ťéáçh⟧"}, {"as_json": "⟦Ƥříńť⟧"}
    (tmp_path / "all.json").write_text(json.dumps(texts), "utf-8")
    pseudo_language.add_row(tmp_path)
    try:
        forget_words()
        assert "⟦" in call("--lang", pseudo_language.TAG, "hello", "--epochs", 1)[1]
        out = call("hello", "--lang", pseudo_language.TAG, "--help")[1]
        assert "⟦Ťéáçh⟧" in out
        assert "⟦Ƥříńť⟧" in out
        assert "⟦" in call("--lang", pseudo_language.TAG, "hello", "--epochs", 0)[2]
    finally:
        del LANGUAGES[pseudo_language.TAG]
        forget_words()


def test_a_chinese_help_needs_neither_gradio_nor_plotly():
    code = (
        "import sys; sys.argv = ['rnnlab', 'train', '--lang', 'zh', '--help']\n"
        "from rnnlab.__main__ import main\n"
        "try: main()\nexcept SystemExit: print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=CODE.parent, check=True)
    assert "用法" in done.stdout
    assert not {"gradio", "plotly", "pandas", "starlette"} & set(done.stderr.split())


def test_every_option_has_an_english_help():
    for name, command in get_command(command_line.command_line()).commands.items():
        assert command.help, name
        assert all(option.help for option in command.params), name


def test_facts_are_filled_in():
    use_language("zh")
    assert say("sine_window", window=3) == "第 3 窗"
