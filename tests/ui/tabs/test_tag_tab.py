"""The handlers of the Tagging tab, called as plain functions."""

from dataclasses import fields

import gradio as gr
import numpy as np
import pytest

from rnnlab.experiments.tagging import (
    PRESETS,
    ComparisonTrainer,
    Config,
    Epoch,
    Finished,
    Started,
    Step,
    Trainer,
    WithoutRecurrence,
    preset,
)
from rnnlab.runs import LESSON, TRAINING, Run, Runner
from rnnlab.text import UPOS, TaggedSentence
from rnnlab.ui.components.settings_form import given_values, shown_values
from rnnlab.ui.i18n import section
from rnnlab.ui.i18n.languages import LANGUAGES
from rnnlab.ui.session.state import build_visitor
from rnnlab.ui.session.uploads import Uploads
from rnnlab.ui.tabs.lesson import Lesson, lesson_of
from rnnlab.ui.tabs.tag import VIEW
from rnnlab.ui.tabs.tag.handlers import on_use
from rnnlab.ui.tabs.tag.sentence import handlers as sentence
from rnnlab.ui.tabs.tag.sentence.handlers import examples
from rnnlab.ui.tabs.tag.sentence.payload import HUES, hues, language_meant
from rnnlab.ui.tabs.tag.training import handlers as training
from rnnlab.ui.tabs.tag.training import layout as training_layout
from rnnlab.ui.tabs.tag.training.payload import (
    DECIMALS,
    SCORINGS,
    SETTINGS,
    SO_FAR,
    ScoredTrainer,
    default_run,
    new_trainer,
    pool_of,
    record,
)
from rnnlab.validation import InvalidInput

SOON = 60.0
CONLLU = "1\tSie\t_\tPRON\t_\t_\t_\t_\t_\t_\n2\tliest\t_\tVERB\t_\t_\t_\t_\t_\t_\n\n"


@pytest.fixture
def runner():
    runner = Runner()
    yield runner
    runner.close()


def tagged(runner, text, tagger="auto", saved=None):
    """The words as they were cut, and [(word, tag), …]."""
    cut, value = sentence.on_tag(runner, saved, text, tagger, None)
    return cut, [(token["form"], token["tag"]) for token in value["tokens"]]


def train(runner, recipe="toy-en", uploaded=None, beside=False, saved=None, **changes):
    values = shown_values(preset(recipe).config(**changes), SETTINGS)
    return training.on_train(runner, saved, uploaded, recipe, beside, None, *values)[1]


def trained(runner, *arguments, **changes):
    saved = train(runner, *arguments, **changes)
    assert lesson_of(VIEW, runner, saved).wait(SOON)
    return saved


def rows(runner, saved, kind):
    return [row for row in lesson_of(VIEW, runner, saved).since(0).rows if row["kind"] == kind]


# --- tag a sentence ---


def test_a_sentence_is_cut_and_tagged_in_its_own_language(runner):
    cut, tokens = tagged(runner, "She reads a book.")
    assert cut == "She reads a book ."
    assert tokens == [("She", "PRON"), ("reads", "VERB"), ("a", "DET"), ("book", "NOUN"), (".", "PUNCT")]
    cut, tokens = tagged(runner, "我们喜欢音乐。")
    assert cut == "我们 喜欢 音乐 。"
    assert tokens == [("我们", "PRON"), ("喜欢", "VERB"), ("音乐", "NOUN"), ("。", "PUNCT")]


def test_the_payload_of_a_tagged_sentence(runner):
    _, value = sentence.on_tag(runner, None, "The blick sleeps.", "auto", None)
    assert (value["model"], value["corpus"]) == ("en", "everyday-en")
    assert [token["known"] for token in value["tokens"]][:2] == [True, False]
    assert set(value["hues"]) <= set(UPOS)
    for token in value["tokens"]:
        probabilities = [p for _, p in token["probabilities"]]
        assert token["tag"] == token["probabilities"][0][0]
        assert token["probability"] == probabilities[0] == max(probabilities)
        assert sum(probabilities) == pytest.approx(1, abs=2e-3)
        assert len(probabilities) == len(value["hues"])


@pytest.mark.parametrize(
    ("text", "seen"),
    [("They read.", "words"), ("glorb blimpf", "letters"), ("مرحبا بالعالم", "nothing"), ("\U0001f600", "nothing")],
)
def test_a_sentence_without_known_words_is_marked(runner, text, seen):
    assert sentence.on_tag(runner, None, text, "en", None)[1]["seen"] == seen


def test_a_tagger_without_characters_is_blind_to_unknown_words(runner):
    saved = trained(runner, "toy-en", epochs=1)
    assert sentence.on_words(runner, saved, "glorb blimpf", "trained", None)[1]["seen"] == "blind"


def test_words_cut_by_the_visitor_are_taken_as_they_are(runner):
    cut, value = sentence.on_words(runner, None, "南京 市长 江大桥", "auto", None)
    assert cut == "南京 市长 江大桥"
    assert [token["form"] for token in value["tokens"]] == ["南京", "市长", "江大桥"]
    assert value["model"] == "zh"


def test_a_chosen_tagger_is_used_whatever_the_script(runner):
    assert sentence.on_tag(runner, None, "我们喜欢音乐。", "en", None)[1]["model"] == "en"


GOLD = {  # the examples, cut and tagged by hand
    "They book a table and read a book .": "PRON VERB DET NOUN CCONJ VERB DET NOUN PUNCT",
    "The blick glorped quietly near Wugtown .": "DET NOUN VERB ADV ADP PROPN PUNCT",
    "She can open the can .": "PRON AUX VERB DET NOUN PUNCT",
    "他 画 的 画 真 好看 。": "PRON VERB PART NOUN ADV ADJ PUNCT",
    "南京市 长江大桥 很 长 。": "PROPN PROPN ADV ADJ PUNCT",
    "小狗 躺 在 沙发 上 睡觉 。": "NOUN VERB ADP NOUN ADP VERB PUNCT",
}


@pytest.mark.parametrize("example", [text for language in LANGUAGES for text in examples(language)])
def test_every_example_is_tagged_right(runner, example):
    text, tagger, cut, value = sentence.on_example(runner, example, None)
    assert (text, tagger) == (example, "auto")
    assert cut == " ".join(token["form"] for token in value["tokens"])
    assert " ".join(token["tag"] for token in value["tokens"]) == GOLD[cut]


@pytest.mark.parametrize(
    "gold",
    [
        "我/PRON 买/VERB 了/AUX 一/NUM 本/NOUN 书/NOUN 。/PUNCT",
        "这/DET 条/NOUN 路/NOUN 很/ADV 长/ADJ 。/PUNCT",
        "孩子/NOUN 长/VERB 大/ADJ 了/PART 。/PUNCT",
        "神经网络/NOUN",
        "I/PRON light/VERB a/DET candle/NOUN in/ADP the/DET light/NOUN ./PUNCT",
        "They/PRON park/VERB the/DET car/NOUN near/ADP the/DET park/NOUN ./PUNCT",
        "We/PRON water/VERB the/DET flowers/NOUN with/ADP water/NOUN ./PUNCT",
    ],
)
def test_words_with_two_senses_have_both(runner, gold):
    words = [pair.rpartition("/")[::2] for pair in gold.split()]
    text = " ".join(form for form, _ in words) if gold.isascii() else "".join(form for form, _ in words)
    assert tagged(runner, text.replace(" .", "."))[1] == [(form, tag) for form, tag in words]


def test_the_bridge_and_the_mayor(runner):
    """What the page proposes to try: the same characters cut otherwise."""
    _, value = sentence.on_words(runner, None, "南京 市长 江大桥", "auto", None)
    assert [token["tag"] for token in value["tokens"]][:2] == ["PROPN", "NOUN"]
    cut, value = sentence.on_words(runner, None, "We moved to Los_Angeles .", "auto", None)
    assert [token["form"] for token in value["tokens"]] == ["We", "moved", "to", "Los Angeles", "."]
    assert cut == "We moved to Los_Angeles ."


@pytest.mark.parametrize(
    ("text", "tagger", "words"),
    [("", "auto", "it is empty"), ("  ", "auto", "it is empty"), ("a", "klingon", "is not on offer"),
     ("a\0b", "en", "not text"), ("x" * 5001, "en", "at most 5000"), (None, "en", "is not text"),
     ("x " * 501, "en", "at most 500"), ("a", "trained", "No tagger has been trained")],
)  # fmt: skip
def test_bad_sentences_are_refused_with_a_message(runner, text, tagger, words):
    for handler in (sentence.on_tag, sentence.on_words):
        with pytest.raises(gr.Error, match=words):
            handler(runner, None, text, tagger, None)


def test_the_page_opens_with_a_tagged_sentence(runner):
    value = sentence.on_load(runner, None)
    assert value["first"].replace(" .", ".") == examples("en")[0]
    assert [token["tag"] for token in value["tokens"] if token["form"] == "book"] == ["VERB", "NOUN"]


def test_colours_are_few_and_every_tag_has_one():
    assert set(hues(UPOS).values()) == set(HUES)
    assert hues(["NOUN", "strange"]) == {"NOUN": "thing", "strange": "thing"}


def test_the_language_is_chosen_by_name_or_by_script():
    assert [language_meant(text, "auto") for text in ("a", "天", "a天")] == ["en", "zh", "zh"]
    assert language_meant("天", "en") == "en"
    with pytest.raises(InvalidInput, match="language"):
        language_meant("a", "trained")


# --- train a tagger ---


def test_the_page_has_every_setting_once():
    own = {"corpus"}  # the recipe says it
    assert sorted(SETTINGS) == sorted({item.name for item in fields(Config)} - own)


@pytest.mark.parametrize("name", PRESETS)
def test_a_recipe_goes_to_the_page_and_comes_back_whole(name):
    *shown, beside, about = training.on_preset(name, None)
    assert Config(corpus=name, **given_values(Config, SETTINGS, shown)) == preset(name).config()
    assert beside is (name == "context")
    assert about["visible"] is (name == "own")


def test_the_toy_set_is_learned_and_then_tags_sentences(runner):
    saved = trained(runner, "toy-en")
    (finished,) = rows(runner, saved, "finished")
    assert finished["accuracy"] == 1
    told = [row["when"] for row in rows(runner, saved, "scores") if row["when"] != SO_FAR]
    assert told == ["before", "before", "after", "after"]
    parts, tagger, text, cut, value = on_use(runner, saved, None)
    assert (parts.selected, tagger) == ("sentence", "trained")
    assert text == cut == "The dog ate the apple"
    assert [token["tag"] for token in value["tokens"]] == ["DET", "NN", "V", "DET", "NN"]
    assert (value["model"], value["corpus"]) == ("trained", "toy-en")
    assert tagged(runner, "Everybody ate that book", "trained", saved)[1][1] == ("ate", "V")


def test_context_compares_two_taggers_and_judges(runner):
    saved = trained(runner, "context", beside=True)
    (verdict,) = rows(runner, saved, "verdict")
    assert (verdict["recurrent_learned"], verdict["alone_learned"]) == (True, False)
    assert len(rows(runner, saved, "beside-epoch")) == len(rows(runner, saved, "epoch")) == 60
    assert lesson_of(VIEW, runner, saved).state == "finished"


@pytest.mark.parametrize("beside", [False, True])
def test_scores_come_several_times_during_a_training(beside):
    config = preset("context").config(epochs=3 * SCORINGS)
    rows = [told for event in ScoredTrainer(new_trainer(config, None, beside)).events() if (told := record(event))]
    epochs = [3 * k for k in range(1, SCORINGS)]  # after the last one they are "after"
    for who in ("", *(["beside-"] if beside else [])):
        seen, last = [], None
        for row in rows:
            last = row["epoch"] if row["kind"] == f"{who}epoch" else last
            if row["kind"] == f"{who}scores" and row["when"] == SO_FAR:
                seen.append((last, row["sentence"]))
                np.testing.assert_array_equal(row["log_probs"], np.round(row["log_probs"], DECIMALS))
        assert seen == [(epoch, sentence) for epoch in [1, *epochs] for sentence in (0, 1)]


def test_scoring_does_not_change_the_training():
    config = preset("everyday-en").config(epochs=2, hidden_size=8, embedding_size=8, characters="none")
    plain, watched = Trainer(config), ScoredTrainer(Trainer(config))
    losses = [[event.loss for event in run.events() if isinstance(event, Epoch)] for run in (plain, watched)]
    assert losses[0] == losses[1]
    assert watched.sample == plain.sample
    assert watched.latest.epoch == 2


def test_without_recurrence_there_is_nothing_to_compare_with():
    assert isinstance(new_trainer(preset("context").config(), None, True), ComparisonTrainer)
    assert isinstance(new_trainer(preset("context").config(model="none"), None, True), Trainer)
    assert isinstance(new_trainer(preset("context").config(), None, False), Trainer)


def test_a_file_of_ones_own_is_kept_and_trained_on(runner, tmp_path):
    path = tmp_path / "mine.conllu"
    path.write_text(CONLLU * 10, "utf-8")
    uploaded, recipe, about = training.on_upload(Uploads(), None, str(path), None)
    assert recipe == "own"
    assert '<span lang="en">**mine.conllu**: 10 sentences, 20 words, 2 tags. Press Train.</span>' in about
    saved = trained(runner, "own", uploaded, epochs=2)
    (started,) = rows(runner, saved, "started")
    assert (started["sentences"], started["held_out_sentences"], started["tags"]) == (8, 2, ["PRON", "VERB"])
    assert on_use(runner, saved, None)[2:4] == ("Sie liest", "Sie liest")


def test_words_may_hold_spaces_and_marks_and_can_be_typed(runner, tmp_path):
    path = tmp_path / "spaces.conllu"
    path.write_text(CONLLU.replace("Sie", "học sinh").replace("liest", "किताब") * 10, "utf-8")
    saved = trained(runner, "own", training.on_upload(Uploads(), None, str(path), None)[0], epochs=1)
    *_, text, cut, value = on_use(runner, saved, None)
    assert (text, cut) == ("học sinh किताब", "học_sinh किताब"), "a sentence of the file, by its words"
    assert [token["form"] for token in value["tokens"]] == ["học sinh", "किताब"]
    for handler, typed in ((sentence.on_words, cut), (sentence.on_tag, text), (sentence.on_tag, cut)):
        again = handler(runner, saved, typed, "trained", None)
        assert again == (cut, value)
    _, tokens = tagged(runner, "peut-être l' किताब học", "trained", saved)
    assert [form for form, _ in tokens] == ["peut-être", "l'", "किताब", "học"], "spaces decide"


def test_the_description_names_the_skipped_parts_of_a_file(tmp_path):
    path = tmp_path / "mine.conllu"
    path.write_text(f"a line of prose\n{CONLLU * 10}", "utf-8")
    about = training.on_upload(Uploads(), None, str(path), None)[2]
    assert '<span lang="en">**mine.conllu**: 10 sentences, 20 words' in about
    assert "1 line(s) hold no tagged word and were passed over, the first is line 1." in about


def test_a_tagger_that_is_too_large_is_refused_and_nothing_is_started(runner):
    with pytest.raises(gr.Error, match="numbers to learn is too large"):
        train(runner, "toy-en", hidden_size=1024, num_layers=4)
    assert runner.ids() == ()


def test_a_bad_file_changes_nothing_and_is_explained(tmp_path):
    path = tmp_path / "bad.conllu"
    path.write_text("1\tonly two columns\n", "utf-8")
    with pytest.raises(gr.Error, match="line 1 has 2 column"):
        training.on_upload(Uploads(), None, str(path), None)


def test_a_large_upload_does_not_delay_other_events(runner):
    with gr.Blocks() as app:
        training_layout.connect(Uploads(), runner, build_visitor(["tag"]), training_layout.build())
    (limit,) = [block.concurrency_limit for block in app.fns.values() if block.name == "on_upload"]
    assert limit > 1


def test_the_own_recipe_is_refused_without_a_file(runner):
    with pytest.raises(gr.Error, match="No tagged sentences have been uploaded"):
        train(runner, "own")


def test_a_refusal_names_the_field(runner):
    with pytest.raises(gr.Error, match="Epochs"):
        training.on_train(runner, None, None, "toy-en", False, None, *(0 if n == "epochs" else v for n, v in shown()))
    with pytest.raises(gr.Error, match="is not on offer"):
        training.on_train(runner, None, None, "../etc", False, None, *(v for _, v in shown()))


def shown():
    return list(zip(SETTINGS, shown_values(preset("toy-en").config(), SETTINGS), strict=True))


def test_training_again_stops_the_run_before(runner):
    first = lesson_of(VIEW, runner, train(runner, "toy-en", epochs=10_000))
    second = lesson_of(VIEW, runner, train(runner, "toy-en", saved=first.id, epochs=1))
    assert first.wait(SOON)
    assert first.state == "stopped"
    assert lesson_of(VIEW, runner, first.id) is None
    assert second.wait(SOON)


def test_stop_ends_the_run_and_what_it_has_learned_can_be_used(runner):
    saved = train(runner, "toy-en", epochs=10_000)
    training.on_stop(runner, saved)
    assert lesson_of(VIEW, runner, saved).wait(SOON)
    assert lesson_of(VIEW, runner, saved).state == "stopped"
    assert on_use(runner, saved, None)[4]["tokens"]
    training.on_stop(runner, None)  # nothing to stop


def test_use_is_refused_without_a_trained_tagger(runner):
    trained(runner)
    for saved in (None, "gone", 7):
        with pytest.raises(gr.Error, match="No tagger has been trained"):
            on_use(runner, saved, None)


# --- what the page is told of a training ---


def test_a_toy_does_not_wait_for_long_trainings_but_a_large_one_does():
    assert pool_of(preset("context").config()) == LESSON
    assert pool_of(preset("toy-en").config(hidden_size=512)) == TRAINING
    assert pool_of(preset("everyday-en").config()) == TRAINING


def test_few_minibatches_have_a_row():
    few = [record(Step(1, step, 3, 0.5)) for step in (1, 2, 3)]
    many = [record(Step(1, step, 1000, 0.5)) for step in range(1, 1001)]
    assert few == [None] * 3
    assert len([row for row in many if row]) == 20


def test_the_last_row_holds_the_confusion_matrix_as_its_figure_takes_it():
    events = list(default_run(preset("toy-en").config(epochs=1)))
    told = record(events[-1])
    assert isinstance(events[-1], Finished)
    assert told["cells"]["x"] == ["DET", "NN", "V"]
    assert "confusion" not in told
    assert record(WithoutRecurrence(events[-1]))["kind"] == "beside-finished"
    assert isinstance(events[0], Started)


def test_the_figures_are_empty_and_labelled():
    figures = VIEW.figures(preset("everyday-en").config(), labels())
    assert set(figures) == {"loss", "accuracy", "confusion"}
    assert figures["accuracy"].data[1].showlegend, "sentences are held out"
    assert figures["loss"].layout.xaxis.title.text == "轮"


def labels():
    own = section("tag", "zh").items()
    return {key.removeprefix("figure."): text for key, text in own if key.startswith("figure.")}


@pytest.mark.parametrize("beside", [False, True])
def test_a_training_that_was_stopped_while_it_waited_keeps_no_sentences(runner, beside):
    sentences = tuple(TaggedSentence.of("to be or not to be", "X V X X X V") for _ in range(1000))
    config = Config(corpus="own", epochs=1, characters="none")
    trainer = ScoredTrainer(new_trainer(config, sentences, beside))
    heavy = trainer.nbytes
    assert heavy > 1000 * 6 * 50 * (1 + beside)
    run = Run(Lesson(VIEW, config, trainer), record)
    run.stop()
    run.release()
    assert run.nbytes < heavy / 100
    assert trainer.latest.build_model(), "it can be tried, though it has learned nothing"
    assert trainer.sample.forms == ("to", "be", "or", "not", "to", "be")
