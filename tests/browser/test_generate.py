"""The Generate tab, as a visitor uses it."""

import re

import pytest
import torch
from playwright.sync_api import expect

from rnnlab import checkpoints
from rnnlab.checkpoints import Checkpoint
from rnnlab.models import LanguageModel, LanguageModelConfig
from rnnlab.text import END, Vocab, detokenize, visible

UPLOAD = "input[type=file]:has(+ #upload-model)"


@pytest.fixture
def open_tab(open_page):
    def open_it(**visitor):
        page = open_page(**visitor)
        page.locator("#live .plot .main-svg").first.wait_for()
        page.get_by_role("tab", name=re.compile("^(Generate|生成)$")).click()
        expect(page.locator("#generate")).to_be_visible()
        return page

    return open_it


@pytest.fixture
def choir(look_at_page, set_text):
    """An English page on the tab, shared by tests that train nothing; its fields show what they show at first."""
    page = look_at_page()
    page.locator("#live .plot .main-svg").first.wait_for(state="attached")
    page.get_by_role("tab", name="Generate", exact=True).click()
    expect(page.locator("#generate")).to_be_visible()
    model, english = page.locator("#song-model input"), "Shipped: English songs"
    if model.input_value() != english:
        model.click()
        page.get_by_role("option", name=english).click()
        expect(model).to_have_value(english)
    set_text(page, "set-prefix", "The night ")
    set_text(page, "set-temperature", 0.8)
    page.locator("#song-lock input").uncheck()
    return page


def characters(page):
    return page.locator("#song .character")


@pytest.fixture
def sing(set_text):
    return lambda page, length=40, **settings: _sing(set_text, page, length, settings)


def ask_anew(page):
    """Press the button, and wait until the song that stood there, which may be as long, has gone."""
    page.evaluate("() => document.querySelectorAll('#song .character').forEach((node) => { node.dataset.before = '' })")
    page.locator("#generate").click()
    expect(page.locator("#song .character[data-before]")).to_have_count(0, timeout=30_000)


def _sing(set_text, page, length, settings):
    for name, value in {"set-length": length, **settings}.items():
        set_text(page, name.replace("_", "-") if name.startswith("set") else name, value)
    ask_anew(page)
    asked_for = page.locator("#song .lyrics:not([data-first]) .character")  # the tab opens with another one
    expect(asked_for).to_have_count(length, timeout=30_000)


def copied(page):
    """The text of the whole song, as it would be copied."""
    return page.evaluate(
        "() => { getSelection().selectAllChildren(document.querySelector('#song .text'));"
        " const text = getSelection().toString(); getSelection().removeAllRanges(); return text; }"
    )


def test_the_shipped_model_sings_at_first_sight(open_tab, screenshot, set_text, sing):
    page = open_tab(locale="zh-CN")
    expect(characters(page).nth(20)).to_be_visible()  # nobody has asked for it
    sing(page)
    assert page.locator("#song .lyrics").inner_text().startswith("不分开")
    assert len(page.locator("#song .line").all()) > 3, "lyrics stand in lines"
    assert copied(page) == page.locator("#song .text").text_content()
    expect(page.locator("#song-foot .bars dt")).to_have_count(3)  # this song, a 5-gram's, real lines
    assert page.locator("#song .character.copied").count() > 30, "it recites"
    screenshot(page, "generate-song")
    page.locator("#song .character.copied").nth(3).click()
    passage = page.locator("#song .passage")
    expect(passage.locator("mark")).to_contain_text(page.locator("#song .character.copied").nth(3).inner_text())
    page.locator("#song .lyrics").press("Escape")
    expect(passage).to_be_hidden()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(passage).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.locator("#song-foot .reading").click()
    expect(passage).to_be_hidden()
    page.locator("#beside .label-wrap").click()
    page.locator("#write-beside").click()
    expect(page.locator("#columns .column")).to_have_count(5, timeout=30_000)
    texts = page.locator("#columns .written").all_text_contents()
    assert all(text.startswith("不分开") for text in texts)
    assert [len(text) for text in texts] == [43] * 5
    assert page.locator("#columns .departs").count() >= 1
    page.locator("#columns .copied").first.press("Enter")
    expect(page.locator("#columns .passage mark")).to_have_text(page.locator("#columns .copied").first.text_content())
    page.keyboard.press("Escape")
    expect(page.locator("#columns .passage")).to_be_hidden()
    page.locator("#followers .label-wrap").click()
    set_text(page, "set-context", "不分开")
    expect(page.locator("#followed tbody tr").first).to_contain_text("71%")  # 22 of 31 times a space
    set_text(page, "set-context", "的天")
    expect(page.locator("#followed .state")).to_contain_text("退而看")
    screenshot(page, "generate-below")


def test_who_reads_english_hears_english_first_and_the_prefix_follows_the_model(open_tab, set_text, sing):
    page = open_tab()
    expect(page.locator("#set-prefix :is(input, textarea)")).to_have_value("The night ")
    sing(page)
    assert page.locator("#song .lyrics").inner_text().startswith("The night ")
    page.locator("#song-model input").click()
    page.get_by_role("option", name="Shipped: Chinese songs").click()
    expect(page.locator("#set-prefix :is(input, textarea)")).to_have_value("不分开")
    set_text(page, "set-prefix", "雨")
    page.locator("#song-model input").click()
    page.get_by_role("option", name="Shipped: English songs").click()
    page.wait_for_timeout(500)
    expect(page.locator("#set-prefix :is(input, textarea)")).to_have_value("雨")


def test_what_is_typed_while_the_page_still_loads_stays(open_tab, loading_anew, set_text):
    page = open_tab()
    prefix = page.locator("#set-prefix :is(input, textarea)")
    with loading_anew(page):
        expect(prefix).to_have_value("The night ")  # no server is asked for that
        set_text(page, "set-prefix", "rain")
    expect(prefix).to_have_value("rain")
    expect(page.locator("#song-model input")).to_have_value("Shipped: English songs")


def test_characters_stream_in(choir, set_text):
    page = choir
    set_text(page, "set-length", 300)
    ask_anew(page)
    expect(characters(page).nth(1)).to_be_visible()
    assert characters(page).count() < 300
    expect(characters(page)).to_have_count(300, timeout=30_000)


def test_each_character_shows_its_probability_and_its_rivals(choir, sing):
    page = choir
    sing(page)
    shades = page.locator("#song .character").evaluate_all(
        """nodes => nodes.map(node =>
            [node.choices[0][1], parseFloat(getComputedStyle(node).getPropertyValue('--sure'))])"""
    )
    assert all(shade == pytest.approx(probability, abs=1e-3) for probability, shade in shades)
    fifth = page.locator("#song .character:visible").nth(4)
    fifth.hover()
    alternatives = page.locator("#song [role=tooltip]")
    expect(alternatives).to_be_visible()
    assert visible(fifth.text_content()) in alternatives.inner_text()
    assert re.search(r"\d+(\.\d)?%", alternatives.inner_text())


def test_the_arrow_keys_walk_through_the_song(choir, sing):
    page = choir
    sing(page)
    page.locator("#song .lyrics").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#song .here")).to_have_count(1)
    expect(page.locator("#song [role=tooltip]")).to_be_visible()
    expect(page.locator("#next-character h3")).to_contain_text("Place 2 of 40")
    expect(page.locator("#next-character h3")).to_contain_text("%")


@pytest.fixture(scope="session")
def babble(tmp_path_factory):
    """A model that has learned nothing, of Arabic letters with their marks, line ends and tabs."""
    vocab = Vocab("\n\tابتجحمن" + "\u064e\u0651", unknown=False)
    config = LanguageModelConfig(hidden_size=4, embedding_size=4)
    model = LanguageModel(config, len(vocab), generator=torch.Generator().manual_seed(1))
    path = tmp_path_factory.mktemp("babble") / "babble.safetensors"
    checkpoints.save(Checkpoint(config.to_strings(), vocab, model.state_dict(), epoch=1), path)
    return path


@pytest.fixture
def babble_of_words(tmp_path):
    """A model of words that has learned nothing."""
    vocab = Vocab(["The", "night", ",", "n't"], reserved_tokens=[END], spacing="written")
    config = LanguageModelConfig(hidden_size=4, embedding_size=4)
    model = LanguageModel(config, len(vocab), generator=torch.Generator().manual_seed(1))
    path = tmp_path / "words.safetensors"
    checkpoints.save(Checkpoint(config.to_strings(), vocab, model.state_dict(), epoch=1), path)
    return path


def test_songs_from_the_right_and_of_words(open_tab, babble, babble_of_words, screenshot, set_text, sing):
    page = open_tab()
    page.locator(UPLOAD).set_input_files(babble)
    expect(page.locator("#about-model")).to_contain_text("babble")
    prefix = page.locator("#set-prefix textarea")
    prefix.fill(r"بَ\nب")
    assert prefix.evaluate("node => getComputedStyle(node).direction") == "rtl"
    set_text(page, "set-length", 120)
    page.locator("#generate").click()
    expect(page.locator("#song .lyrics")).to_have_attribute("data-shown", "120")
    expect(page.locator("#song .notes")).to_have_text(r"Read \n as ↵.")
    lines = page.locator("#song .line")
    assert set(lines.evaluate_all("nodes => nodes.map(node => getComputedStyle(node).direction)")) == {"rtl"}
    nodes = page.locator("#song .line span").evaluate_all("nodes => nodes.map(node => node.textContent)")
    marks = [i for i, text in enumerate(nodes) if text[0] in "\u064e\u0651"]
    assert all(i == 0 or nodes[i - 1].isspace() for i in marks), "a mark stays with its letter"
    assert copied(page).replace("\n", "") == "".join(nodes).replace("\n", "")
    page.locator("#song .lyrics").focus()
    place = "nodes => nodes.findIndex(node => node.classList.contains('here'))"
    for key, at in (("ArrowLeft", 0), ("ArrowLeft", 1), ("ArrowRight", 0)):
        page.keyboard.press(key)
        assert characters(page).evaluate_all(place) == at
    page.locator("#song .end.character").first.hover()
    expect(page.locator("#song .alternative.taken span").first).to_have_text("↵")
    screenshot(page, "generate-from-the-right")

    page.locator(UPLOAD).set_input_files(babble_of_words)
    expect(page.locator("#about-model")).to_contain_text("6 words in its vocabulary")
    sing(page, 60, set_prefix="The night, zyzzyva")
    expect(page.locator("#song .notes")).to_have_text("Not in its vocabulary, skipped: zyzzyva")
    spans = characters(page).evaluate_all("nodes => nodes.map(node => node.textContent)")
    assert set(spans) == {"The", "night", ",", "n't", "\n"}, "a space before a word is no part of its node"
    tokens = [END if span == "\n" else span for span in spans]
    assert copied(page).strip() == detokenize(["The", "night", ",", *tokens]).strip()
    page.locator("#song .end.character").first.hover()
    alternatives = page.locator("#song .alternative span:first-child").all_inner_texts()
    assert set(alternatives) == {"The", "night", ",", "n't", "↵"}


def test_the_same_seed_sings_the_same_song_and_zero_is_greedy(choir, set_text, sing):
    page = choir
    sing(page, 30)
    seed = page.locator("#song-seed input").input_value()
    page.locator("#song-lock input").check()
    first = page.locator("#song .lyrics").inner_text()
    sing(page, 31)
    assert page.locator("#song .lyrics").inner_text().startswith(first)
    expect(page.locator("#song-seed input")).to_have_value(seed)
    set_text(page, "set-temperature", 0)
    sing(page, 32)
    greedy = page.locator("#song .character").evaluate_all(
        "nodes => nodes.every(node => node.choices[0][0] === node.choices[0][2][0][0])"
    )
    assert greedy


def test_unknown_characters_are_named_and_the_rest_is_sung(choir, set_text, sing):
    page = choir
    page.locator("#song-model input").click()
    page.get_by_role("option", name="Shipped: Chinese songs").click()
    expect(page.locator("#set-prefix :is(input, textarea)")).to_have_value("不分开")
    set_text(page, "set-prefix", "<b>雨😀")
    sing(page, 20)
    expect(page.locator("#song .notes")).to_contain_text("Not in its vocabulary, skipped: < b > 😀")
    assert page.locator("#song .lyrics").inner_text().startswith("雨")
    assert page.locator("#song b").count() == 0


def test_without_training_there_is_no_model_of_ones_own(choir):
    page = choir
    page.locator("#song-model input").click()
    page.get_by_role("option", name="The one just trained").click()
    page.locator("#generate").click()
    expect(page.get_by_test_id("toast-body")).to_contain_text("Nothing has been trained here yet")


def test_what_was_trained_sings_and_can_be_saved_and_brought_back(open_page, tmp_path, set_text, sing):
    page = open_page()
    page.locator("#live .plot .main-svg").first.wait_for()
    page.locator("#set-epochs input").fill("3")
    page.locator("#train").click()
    expect(page.locator("#live [data-role=state]")).to_have_text(re.compile("^Finished"), timeout=60_000)
    with page.expect_download() as download:
        page.locator("#live [data-role=save]").click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    assert saved.name == "rnnlab-gru-epoch-3.safetensors"

    page.get_by_role("tab", name=re.compile("^(Generate|生成)$")).click()
    expect(page.locator("#song-model input")).to_have_value("The one just trained")
    set_text(page, "set-prefix", "雨")
    page.locator("#song-lock input").check()
    sing(page, 25)
    trained = page.locator("#song .lyrics").inner_text()

    page.reload()  # it comes back to this tab, and every field to what it showed
    expect(page.locator("#song-model input")).to_have_value("The one just trained")
    expect(page.locator("#set-prefix :is(input, textarea)")).to_have_value("雨")
    expect(page.locator("#song-lock input")).to_be_checked()
    sing(page, 25)
    assert page.locator("#song .lyrics").inner_text() == trained

    page.locator(UPLOAD).set_input_files(saved)
    expect(page.locator("#about-model")).to_contain_text("GRU, 1,061 characters in its vocabulary, 3 epochs")
    expect(page.locator("#song-model input")).to_have_value("Your uploaded file")
    sing(page, 26)
    assert page.locator("#song .lyrics").inner_text().startswith(trained), "the same weights, seed and song"


def test_a_pickle_and_a_large_file_are_refused_in_the_visitors_language(open_tab, watch, tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94\x8c\x06system\x94\x93\x94.")
    page = open_tab(locale="zh-CN")
    with page.expect_file_chooser() as dialog:
        page.locator("#upload-model").click()
    expect(page.locator(UPLOAD)).to_have_attribute("accept", ".safetensors")
    dialog.value.set_files(path)
    expect(page.get_by_test_id("toast-body")).to_contain_text("pickle")
    expect(page.get_by_test_id("toast-body")).to_contain_text("模型文件")
    for megabytes, words in ((21, "文件（upload）：超过 20 MB；请换一个小一些的。"), (30, "超过 24 MB，太大了")):
        large = tmp_path / f"{megabytes}.safetensors"
        large.write_bytes(bytes(megabytes * 2**20))
        page.locator(UPLOAD).set_input_files(large)
        expect(page.get_by_test_id("toast-body").filter(has_text=words)).to_be_visible()
    watch.complaints[:] = [line for line in watch.complaints if "413" not in line]


def test_everyone_can_read_the_song(open_tab, check_accessible, screenshot, form, sing):
    page = open_tab(**form.visitor)
    sing(page, 60)
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= form.size[0]
    screenshot(page, f"generate-{form.name}")


def test_a_pick_writes_the_song_on_and_the_old_ending_stays(open_tab, screenshot, set_text):
    page = open_tab()
    expect(page.locator("#song .lyrics")).to_have_attribute("data-shown", "200")
    panel, bars, endings = (page.locator(f"#next-character {part}") for part in (".next", ".bar", "[data-ending]"))
    first = page.locator("#song .text").text_content()
    heading = panel.locator("h3")
    expect(bars).to_have_count(11)  # ten and all others
    page.locator("#song .character").nth(30).click()
    expect(heading).to_contain_text("Place 31 of 200")
    token = bars.nth(2).get_attribute("data-token")
    bars.nth(2).click()
    expect(endings).to_have_count(2)
    expect(characters(page).nth(30)).to_have_text(visible(token) if token.strip() else token)
    expect(page.locator("#song .lyrics")).to_have_attribute("data-shown", "200")
    picked = page.locator("#song .text").text_content()
    prefix = len("The night ")
    assert picked[: prefix + 30] == first[: prefix + 30]
    assert picked[prefix + 30] == token != first[prefix + 30]
    expect(page.locator("#song .character.branch")).to_have_count(1)
    assert bars.nth(2).evaluate("node => node === document.activeElement"), "the focus stays on the bar"
    page.keyboard.press("Control+z")
    expect(page.locator("#song .text")).to_have_text(first, use_inner_text=False)
    page.keyboard.press("Control+Shift+Z")
    expect(page.locator("#song .text")).to_have_text(picked, use_inner_text=False)
    page.keyboard.press("ArrowUp")
    expect(page.locator("#song .text")).to_have_text(first, use_inner_text=False)
    expect(endings.first).to_have_attribute("aria-current", "true")

    panel.get_by_role("button", name="Step by step").click()
    expect(page.locator("#song .character:not(.ahead)")).to_have_count(31)
    page.keyboard.press("ArrowRight")
    expect(heading).to_contain_text("Place 32 of 200")
    expect(page.locator("#song .character:not(.ahead)")).to_have_count(32)
    page.keyboard.press("2")
    expect(endings).to_have_count(3)
    expect(heading).to_contain_text("Place 33 of 200")
    page.keyboard.press("ArrowLeft")
    expect(heading).to_contain_text("rank 2")
    screenshot(page, "generate-step")
    panel.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#song .ahead")).to_have_count(0)
    written = page.locator("#song .text").text_content()
    page.reload()
    expect(endings).to_have_count(3, timeout=30_000)
    expect(page.locator("#song .text")).to_have_text(written, use_inner_text=False)
    expect(page.locator("#song-foot .bars dt")).to_have_count(3)
