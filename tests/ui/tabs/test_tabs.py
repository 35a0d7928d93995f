"""The handlers of the tabs, called as plain functions."""

import html
import json
import re
import zipfile
from dataclasses import fields
from types import SimpleNamespace

import gradio as gr
import pytest

from rnnlab import checkpoints
from rnnlab.experiments.language_model import PRESETS, Config, Trainer, preset
from rnnlab.runs import Runner
from rnnlab.ui.components.settings_form import given_values, shown_values
from rnnlab.ui.i18n import words
from rnnlab.ui.server.static_files import FRONTEND
from rnnlab.ui.session.uploads import Uploads
from rnnlab.ui.tabs import own_text
from rnnlab.ui.tabs.generate import handlers as generate_handlers
from rnnlab.ui.tabs.hello.payload import VIEW
from rnnlab.ui.tabs.lesson import Lesson, start_lesson
from rnnlab.ui.tabs.train import handlers as train_handlers
from rnnlab.ui.tabs.train.handlers import SETTINGS
from rnnlab.validation import rule_of

TINY = {"hidden_size": 8, "embedding_size": 4, "max_tokens": 2000, "batch_size": 8, "num_steps": 10, "epochs": 2}


@pytest.fixture
def runner():
    runner = Runner()
    yield runner
    runner.close()


def values(**changes):
    return shown_values(preset("quick").config(**(TINY | changes)), SETTINGS)


def start(runner, saved=None, uploaded=None, corpus="lyrics-zh", pasted="", **changes):
    return train_handlers.on_train(runner, saved, uploaded, corpus, pasted, None, *values(**changes))


def trained(runner, **changes):
    _, run_id = start(runner, **changes)
    assert runner.get(run_id).wait(30)
    return run_id


def song(runner, saved, model, uploaded=None, **changes):
    """What the panel is told, one value after another; the seed is kept."""
    return [value for value, _ in sung(runner, saved, model, uploaded, **changes)]


def sung(runner, saved, model, uploaded=None, locked=True, **changes):
    how = {"prefix": "雨", "length": 12, "temperature": 0.8, "top_k": None, "top_p": None, "seed": 1} | changes
    return list(generate_handlers.on_generate(runner, saved, uploaded, model, locked, None, *how.values()))


def test_the_page_has_every_setting_once():
    own = {"corpus"}  # it has its own place
    assert sorted(SETTINGS) == sorted({item.name for item in fields(Config)} - own)


def test_a_setting_out_of_the_way_hangs_on_a_setting_that_the_page_tells():
    """The stylesheet hides fields by what others hold; the script says what they hold."""
    style = (FRONTEND / "styles" / "train.css").read_text("utf-8")
    rules = [line for line in style.splitlines() if line.startswith("body") and "[data-set-" in line]
    hidden = {name for line in rules for name in re.findall(r"#set-(\w+)", line)}
    choices = {choice for line in rules for choice in re.findall(r'\[data-set-(\w+)="([\w-]*)"\]', line)}
    told = re.search(r"const DECIDING = (\[.*?\])", (FRONTEND / "lib" / "form.js").read_text("utf-8"))
    assert hidden <= set(SETTINGS)
    assert {name for name, _ in choices} == set(json.loads(told[1]))
    for name, value in choices:
        rule = rule_of(Config.__dataclass_fields__[name])
        assert rule.optional if value == "" else value in rule.options


@pytest.mark.parametrize("name", PRESETS)
def test_a_recipe_goes_to_the_page_and_comes_back_whole(name):
    *shown, corpus = train_handlers.on_preset(name)
    assert Config(**given_values(Config, SETTINGS, shown), corpus=corpus) == preset(name).config()


def test_the_recipe_for_a_book_suits_the_length_of_the_visitors_text():
    upload = Uploads().keep(None, "text", "la " * 400_000)
    sized = preset("book").config_for

    def epochs(*arguments):
        return dict(zip((*SETTINGS, "corpus"), train_handlers.on_preset("book", *arguments), strict=True))["epochs"]

    assert epochs("own", "0", upload) == sized(1_200_000).epochs
    assert epochs("own", "150000", upload) == sized(150_000).epochs, "a pasted text goes before an uploaded one"
    assert epochs("own", "0", None) == epochs("lyrics-en", "0", upload) == preset("book").config().epochs
    assert sized(1_200_000).epochs < sized(150_000).epochs
    for nonsense in (None, -1, "x", "²", [], "9" * 100):
        assert epochs("own", nonsense, upload) >= 1


@pytest.mark.parametrize("name", PRESETS)
def test_what_the_tutorials_code_does_besides_is_shown_below_its_recipe(name):
    shown = train_handlers.on_recipe(name)
    breaks = preset(name).breaks
    assert shown["visible"] is bool(preset(name).slips or breaks)
    for slip in preset(name).slips:
        assert words("zh")[f"slips.{slip}"] in shown["value"]
    assert shown["value"].count("<p>") == len(preset(name).slips) + bool(breaks)
    if breaks:
        text = words("zh")[f"breaks.{breaks}"].format(minibatches=80, steps=2000)
        assert html.escape(text, quote=False) in shown["value"]


def test_train_starts_a_run_of_this_visitor(runner):
    reference, run_id = start(runner)
    assert reference == f"runs/{run_id}"
    assert runner.get(run_id).wait(30)
    assert [row["epoch"] for row in runner.get(run_id).since(0).rows if row["kind"] == "epoch"] == [1, 2]


def test_a_new_training_stops_the_earlier_run_with_a_message(runner, capsys):
    _, first = start(runner, epochs=100_000)
    while not runner.get(first).experiment.epoch:
        runner.get(first).wait(0.01)
    _, second = start(runner, first)
    assert runner.get(first).wait(10)
    assert runner.get(first).state == "stopped"
    assert second != first
    said = capsys.readouterr().out  # outside of a page, Gradio prints it
    assert "Your earlier run was stopped at epoch " in said
    assert f'<a href="lab/runs/{first}/model" download>' in said
    assert runner.get(second).wait(30)
    start(runner, second)
    assert capsys.readouterr().out == "", "it had ended by itself"


def test_a_refusal_stops_nothing_and_names_the_field(runner):
    _, run_id = start(runner, epochs=100_000)
    bad = [3.7 if name == "batch_size" else value for name, value in zip(SETTINGS, values(), strict=True)]
    with pytest.raises(gr.Error, match=r"Batch size: 3.7 is not a whole number"):
        train_handlers.on_train(runner, run_id, None, "lyrics-zh", "", None, *bad)
    assert runner.get(run_id).state in ("running", "queued")


def test_markup_in_a_refusal_is_text(runner):
    bad = ["<img src=x>" if name == "model" else value for name, value in zip(SETTINGS, values(), strict=True)]
    with pytest.raises(gr.Error, match="&lt;img"):
        train_handlers.on_train(runner, None, None, "lyrics-zh", "", None, *bad)


def test_a_pasted_text_comes_before_an_uploaded_one(runner):
    uploaded = Uploads().keep(None, "text", "abcd " * 500)
    _, run_id = start(runner, None, uploaded, "own", "xyz " * 500)
    assert set(runner.get(run_id).latest.vocab.tokens) == set("xyz ")
    _, run_id = start(runner, run_id, uploaded, "own", "")
    assert set(runner.get(run_id).latest.vocab.tokens) == set("abcd ")


def test_an_uploaded_text_stays_with_its_visitor(tmp_path):
    path = tmp_path / "song.txt"
    path.write_bytes("春天来了".encode("gb18030") * 50)
    mine, about, pasted = own_text.on_upload(Uploads(), None, str(path), None)
    assert mine.content == "春天来了" * 50
    assert "song.txt: GB18030, 200 characters, 4 distinct. It begins: 春天来了春天来了" in about
    assert pasted == ""


CASES = {
    "song-cp1252.txt": ("I don’t know, it’s a long road\n" * 40, "cp1252", "Windows-1252"),
    "uta-shiftjis.txt": ("春の風が窓をたたく\n君の声をまだ覚えている\n" * 40, "cp932", "Shift_JIS"),
    "norae-cp949.txt": ("봄바람이 창문을 두드리고\n너의 목소리를 아직 기억해\n" * 40, "cp949", "EUC-KR (cp949)"),
}


@pytest.mark.parametrize("name", CASES)
def test_an_upload_says_its_encoding_and_how_it_begins(tmp_path, name):
    text, encoding, known_as = CASES[name]
    (tmp_path / name).write_bytes(text.encode(encoding))
    mine, about, _ = own_text.on_upload(Uploads(), None, str(tmp_path / name), None)
    assert mine.content == text
    assert f"{name}: {known_as}, {len(text):,} characters" in about
    assert f"{name}：{known_as} 编码" in about
    assert text[:9] in about


def test_the_description_of_several_files_says_joined_and_escapes_markup(tmp_path):
    with zipfile.ZipFile(tmp_path / "songs.zip", "w") as archive:
        for number in (10, 9):
            archive.writestr(f"{number}.txt", f"<b>song</b> {number} la la la")
        archive.writestr("cover.jpg", b"")
    mine, about, _ = own_text.on_upload(Uploads(), None, str(tmp_path / "songs.zip"), None)
    assert mine.content == "<b>song</b> 9 la la la\n<b>song</b> 10 la la la"
    assert "2 files joined in the order of their names" in about
    assert "Passed over: 1 other file(s)" in about
    assert "<b>" not in about
    assert "&lt;b&gt;song" in about


def test_all_of_an_own_text_is_learned_unless_a_number_is_given(runner, capsys):
    assert train_handlers.on_another_corpus("own", "quick", None) == ""
    assert train_handlers.on_another_corpus("lyrics-en", "quick", None) == "10000"
    assert train_handlers.on_another_corpus("own", "gru-scratch", None) == "10000", "the recipe is about as many"
    for max_tokens, said in ((None, ""), (2000, "The first 2,000 of the 2,500 characters of your text are learned")):
        _, run_id = start(runner, corpus="own", pasted="abcd " * 500, max_tokens=max_tokens)
        assert runner.get(run_id).wait(30)
        row = next(row for row in runner.get(run_id).since(0).rows if row["kind"] == "start")
        assert (row["characters_taken"], row["characters_total"]) == (max_tokens or 2500, 2500)
        assert said in capsys.readouterr().out or not said


def test_too_short_a_text_is_refused_with_a_remedy(runner):
    with pytest.raises(gr.Error, match="3 tokens are fewer than one batch of 8 × 10 needs; give at least"):
        start(runner, corpus="own", pasted="abc", max_tokens=None)


def test_too_long_a_paste_is_refused_and_suggests_an_upload(runner):
    with pytest.raises(gr.Error, match=r"1,000,001\); save it as a .txt file \(UTF-8\) and upload that"):
        start(runner, corpus="own", pasted="a" * 1_000_001)


STEERING = (train_handlers.on_stop, train_handlers.on_pause, train_handlers.on_resume)
CHINESE = SimpleNamespace(headers={"accept-language": "zh"}, query_params={}, cookies={})


@pytest.mark.parametrize("saved", [None, "gone", 7, ["x"]])
def test_every_button_refuses_without_a_run(runner, saved):
    for handler in STEERING:
        with pytest.raises(gr.Error, match="There is no run here any more: press Train"):
            handler(runner, saved, None)
        with pytest.raises(gr.Error, match="请点“开始训练”"):
            handler(runner, saved, CHINESE)
    with pytest.raises(gr.Error, match="no run to change: press Train first"):
        train_handlers.on_apply(runner, saved, 0.1, None)
    with pytest.raises(gr.Error, match="no run to train further: press Train first"):
        train_handlers.on_more(runner, saved, 3, None)


def test_a_tab_does_not_control_another_tabs_run(runner):
    _, lesson = start_lesson(runner, None, Lesson(VIEW, VIEW.config(epochs=1)))
    with pytest.raises(gr.Error, match="no run here"):
        train_handlers.on_stop(runner, lesson, None)


def test_pause_and_stop_change_the_run(runner):
    _, run_id = start(runner, epochs=100_000)
    train_handlers.on_pause(runner, run_id, None)
    assert runner.get(run_id).state == "paused"
    train_handlers.on_resume(runner, run_id, None)
    assert runner.get(run_id).state in ("queued", "running")
    train_handlers.on_stop(runner, run_id, None)
    assert runner.get(run_id).wait(10)


def test_the_learning_rate_changes_while_it_trains(runner):
    _, run_id = start(runner, epochs=100_000)
    train_handlers.on_apply(runner, run_id, 0.25, None)
    run = runner.get(run_id)
    assert run.config.learning_rate == 0.25
    assert run.last("changed")["learning_rate"] == 0.25
    for bad in (float("nan"), None, True, -1, 1e308, "5"):
        with pytest.raises(gr.Error, match="Learning rate: "):
            train_handlers.on_apply(runner, run_id, bad, None)
    assert run.config.learning_rate == 0.25
    run.stop()
    assert run.wait(10)
    with pytest.raises(gr.Error, match="press Train first"):
        train_handlers.on_apply(runner, run_id, 0.1, None)


def test_a_run_can_be_extended_by_more_epochs(runner):
    run = runner.get(trained(runner))
    assert train_handlers.on_more(runner, run.id, 3, None).startswith(f"runs/{run.id}?")
    assert run.wait(30)
    assert [row["epoch"] for row in run.since(0).rows if row["kind"] == "epoch"] == [1, 2, 3, 4, 5]
    with pytest.raises(gr.Error, match="More epochs"):
        train_handlers.on_more(runner, run.id, 0, None)


def test_songs_grow_and_come_from_the_chosen_model(runner):
    grown = song(runner, trained(runner), "trained")
    assert grown[-1]["prefix"] == "雨"
    assert [len(value["choices"]) for value in grown] == sorted(len(value["choices"]) for value in grown)
    assert len(grown[-1]["choices"]) == 12
    for character, probability, rivals, token in grown[-1]["choices"]:
        assert len(character) == 1
        assert token == character
        assert 0 <= probability <= 1
        assert [p for _, p in rivals] == sorted((p for _, p in rivals), reverse=True)


def test_the_prefix_suits_the_model_unless_the_visitor_typed_it(runner):
    saved = trained(runner)
    assert generate_handlers.on_model(runner, saved, "lyrics-en", "不分开") == "The night "
    assert generate_handlers.on_model(runner, saved, "trained", "The night ") == "不分开"
    assert generate_handlers.on_model(runner, None, "lyrics-zh", "The night ") == "不分开"
    assert generate_handlers.on_suit(runner, None, "lyrics-zh", "The night ") == ["The night ", "不分开"]
    assert generate_handlers.on_suit(runner, None, "lyrics-zh", "rain") == ["rain", "rain"]


def test_the_prefix_suits_the_samples_of_the_run(runner):
    saved = trained(runner, sample_prefixes=("你是", "雨"))
    assert generate_handlers.on_model(runner, saved, "trained", "不分开") == "雨"
    assert generate_handlers.on_model(runner, saved, "lyrics-en", "雨") == "The night "
    unreadable = trained(runner, sample_prefixes=("€",))
    assert generate_handlers.on_model(runner, unreadable, "trained", "The night ") == "不分开"


@pytest.mark.parametrize(("model", "prefix"), [("lyrics-en", "雨"), ("lyrics-zh", "不分开"), ("uploaded", "不分开")])
def test_a_prefix_that_stays_is_not_sent_back(runner, model, prefix):
    """It would undo what was typed since it was asked for."""
    assert generate_handlers.on_model(runner, None, model, prefix) == gr.skip()


def test_a_run_is_offered_to_generate_once(runner):
    nothing = (gr.skip(), gr.skip())
    saved = trained(runner)
    assert generate_handlers.on_open(runner, saved, None) == (saved, "trained")
    assert generate_handlers.on_open(runner, saved, saved) == nothing
    for gone in (None, "guess", 7):
        assert generate_handlers.on_open(runner, gone, saved) == nothing
    _, lesson = start_lesson(runner, None, Lesson(VIEW, VIEW.config(epochs=1)))
    assert generate_handlers.on_open(runner, lesson, saved) == nothing


def test_another_visitor_has_no_model(runner):
    trained(runner)
    with pytest.raises(gr.Error, match="Nothing has been trained here yet"):
        song(runner, None, "trained")
    with pytest.raises(gr.Error, match="No model has been uploaded yet"):
        song(runner, None, "uploaded")
    with pytest.raises(gr.Error, match="is not on offer"):
        song(runner, None, "/etc/passwd")


def test_an_uploaded_model_generates_as_the_one_it_was_saved_from(runner, tmp_path):
    saved = trained(runner)
    checkpoints.save(runner.get(saved).experiment.checkpoint(), tmp_path / "m.safetensors")
    uploaded, chosen, about = generate_handlers.on_upload(Uploads(), None, str(tmp_path / "m.safetensors"), None)
    assert chosen == "uploaded"
    assert about.startswith('<span lang="en">m.safetensors: GRU, ')
    assert '<span lang="zh-CN">m.safetensors：GRU' in about
    one, other = song(runner, None, "uploaded", uploaded)[-1], song(runner, saved, "trained")[-1]
    assert {**one, "key": ""} == {**other, "key": ""}


def test_a_note_names_the_missing_characters_of_the_prefix():
    last = song(Runner(), None, "lyrics-zh", prefix="雨😀")[-1]
    assert last["notes"] == {"en": ["Not in its vocabulary, skipped: 😀"], "zh": ["词表里没有 😀，已略去。"]}


def test_the_kept_epoch_of_a_model_is_named_in_both_languages(runner, tmp_path):
    text = "one fish two fish red fish blue fish " * 4
    config = Config(
        corpus="own", hidden_size=6, embedding_size=3, batch_size=4, num_steps=5, held_out=0.2, epochs=12,
        learning_rate=0.15, sample_every=None, keep="best",
    )  # fmt: skip
    trainer = Trainer(config, text)
    list(trainer.events())
    kept, value = trainer.latest.kept_epoch, f"{trainer.latest.kept_perplexity:.4g}"
    checkpoints.save(trainer.latest.weights_only(), tmp_path / "m.safetensors")
    uploaded, _, about = generate_handlers.on_upload(Uploads(), None, str(tmp_path / "m.safetensors"), None)
    for shown in (f"epoch {kept} of 12, the best on held-out text ({value})", f"12 轮中的第 {kept} 轮"):
        assert shown in about
    *_, (song, _) = sung(runner, None, "uploaded", uploaded, prefix="fi", length=2)
    assert f"epoch {kept} of 12, the best on held-out text ({value})" in song["notes"]["en"][0]
    assert f"12 轮中的第 {kept} 轮" in song["notes"]["zh"][0]


def test_each_press_draws_a_new_seed_unless_it_is_locked():
    pressed = [sung(Runner(), None, "lyrics-zh", locked=locked)[-1] for locked in (False, None, "true", True, True)]
    assert len({value["key"] for value, _ in pressed}) == 5, "each song has a key of its own"
    drawn = [({**value, "key": ""}, seed) for value, seed in pressed]
    seeds = [seed for _, seed in drawn]
    assert seeds[3:] == [1, 1]
    assert drawn[3] == drawn[4]
    assert len(set(seeds[:3])) > 1, "three of 10,000 are hardly ever the same"
    again, seed = sung(Runner(), None, "lyrics-zh", seed=seeds[0])[-1]
    assert ({**again, "key": ""}, seed) == drawn[0], "the seed that is shown gives the song that is shown"
