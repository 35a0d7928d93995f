"""The Tagging tab, as a lecturer uses it. Few pages, many looks at each."""

import re

import pytest
from playwright.sync_api import expect

LAPTOP, PHONE = (1280, 720), (390, 844)
TAB = "Tagging|词性标注"


def wait_until_drawn(page):
    tokens(page).first.wait_for()


def to_training(page):
    """Go over to the part in which a tagger is trained."""
    page.locator("#tag-parts").get_by_role("tab").nth(1).click()
    heats(page).first.wait_for()
    page.locator("#tag [data-role=loss] .main-svg").first.wait_for()
    return page


def tokens(page):
    return page.locator("#tokens .token")


def forms(page):
    return page.locator("#tokens .token .form")


def names(page):
    return page.locator("#tokens .token .tag")


def heats(page):
    return page.locator("#tag .heat")


def part(page, name):
    return page.locator(f"#tag [data-role={name}]")


def text_of(page, name):
    return page.locator(f"#{name} :is(input, textarea)")


def type_sentence(page, text):
    text_of(page, "tag-text").fill(text)
    page.locator("#tag-sentence").click()


def choose(page, name, option):
    page.locator(f"#{name} input").click()
    page.get_by_role("option", name=option, exact=True).click()


def train(page, lesson, state="Finished"):
    choose(page, "tag-preset", lesson)
    page.wait_for_timeout(500)  # the recipe's settings arrive
    page.locator("#tag-start").click()
    expect(part(page, "state")).to_have_text(re.compile(f"· {state}"), timeout=60_000)


def right_words(page, number):
    """Tell for each word of a heatmap whether the tagger's choice is the right tag."""
    return (
        heats(page)
        .nth(number)
        .locator("tbody tr")
        .evaluate_all("rows => rows.map(r => !!r.querySelector('.gold.best'))")
    )


def numbers(page, number):
    """Read a heatmap as it is written."""
    cells = heats(page).nth(number).locator("tbody td").all_inner_texts()
    return [float(cell.replace("−", "-")) for cell in cells]


def test_an_english_sentence(open_tab, check_accessible, screenshot):
    page = open_tab()
    assert names(page).all_inner_texts()[:2] == ["pronoun", "verb"], "it opens with a tagged sentence"
    expect(text_of(page, "tag-words")).to_have_value("They book a table and read a book .")
    about = page.locator("#tokens [data-role=about]")
    expect(about.locator("h2")).to_have_text("book")  # the point of the sentence: two tags
    screenshot(page, "tag-sentence")
    type_sentence(page, "She can open the can.")
    expect(forms(page)).to_have_text(["She", "can", "open", "the", "can", "."])
    assert [names(page).nth(i).inner_text() for i in (1, 4)] == ["auxiliary", "noun"], "one word, two tags"
    hues = tokens(page).evaluate_all("all => all.map(node => getComputedStyle(node).backgroundColor)")
    assert hues[1] != hues[4]
    assert tokens(page).nth(4).bounding_box()["y"] < 500, "the picture comes first"

    tokens(page).nth(4).click()  # the whole distribution of a word
    expect(about.locator("h2")).to_have_text("can")
    assert 1 <= about.locator(".alternative").count() < 10, "those that matter"
    expect(about.locator(".others")).to_have_text(re.compile(r"^\d+ more, each under 0\.5%$"))
    assert about.locator(".alternative .name").first.inner_text() == "noun"
    page.keyboard.press("ArrowLeft")
    expect(about.locator("h2")).to_have_text("the")
    expect(tokens(page).nth(3)).to_be_focused()

    type_sentence(page, "The glorptastic <b>wug</b> sleeps.")  # words that training never showed; markup is text
    expect(tokens(page).nth(1)).to_have_class(re.compile("unknown"))
    expect(tokens(page).nth(1)).to_have_attribute("aria-label", re.compile("unknown word"))
    expect(tokens(page).first).not_to_have_class(re.compile("unknown"))
    line = forms(page).nth(1).evaluate("node => getComputedStyle(node).textDecorationStyle")
    assert line == "dotted"
    expect(page.locator("#tokens .legend .mark")).to_have_text("unknown word")
    assert page.locator("#tokens .sentence b").count() == 0
    check_accessible(page)

    type_sentence(page, " ".join(["a house"] * 12))  # three rows and more, none of them cut
    expect(tokens(page)).to_have_count(24)
    sentence = page.locator("#tokens .sentence")
    assert sentence.evaluate("node => node.scrollHeight <= node.clientHeight")
    type_sentence(page, "او کتاب را خواند .")  # runs from the right, and so do the arrow keys
    expect(forms(page)).to_have_text(["او", "کتاب", "را", "خواند", "."])
    places = [(round(box["y"]), -box["x"]) for box in (tokens(page).nth(i).bounding_box() for i in range(5))]
    assert places == sorted(places), "row by row, each from the right"
    assert places[0][0] == places[1][0]
    tokens(page).nth(1).click()
    page.keyboard.press("ArrowLeft")
    expect(tokens(page).nth(2)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(tokens(page).nth(1)).to_be_focused()
    assert text_of(page, "tag-words").evaluate("node => getComputedStyle(node).direction") == "rtl"
    type_sentence(page, "The glorptastic wug sleeps.")
    expect(forms(page).first).to_have_text("The")

    type_sentence(page, " ")
    expect(page.get_by_test_id("toast-body")).to_contain_text("it is empty")
    expect(forms(page).first).to_have_text("The")


def test_what_is_tagged_while_the_page_still_loads_stays(open_tab, loading_anew):
    page = open_tab()
    with loading_anew(page):
        expect(text_of(page, "tag-text")).to_have_value("They book a table and read a book.")
        type_sentence(page, "The wug sleeps.")
        expect(forms(page)).to_have_text(["The", "wug", "sleeps", "."])
    expect(forms(page)).to_have_text(["The", "wug", "sleeps", "."])
    expect(text_of(page, "tag-words")).to_have_value("The wug sleeps .")
    page.reload()  # and who does nothing meanwhile finds it as it was left
    expect(forms(page)).to_have_text(["The", "wug", "sleeps", "."])
    expect(text_of(page, "tag-words")).to_have_value("The wug sleeps .")
    expect(text_of(page, "tag-text")).to_have_value("The wug sleeps.")


def test_a_chinese_sentence_its_words_and_a_training_that_is_stopped_and_used(open_tab, check_accessible, screenshot):
    page = open_tab(locale="zh-CN", dark=True)
    check_accessible(page)
    expect(names(page).first).to_have_text("代词")
    page.get_by_role("button", name="南京市长江大桥很长。").click()
    expect(text_of(page, "tag-words")).to_have_value("南京市 长江大桥 很 长 。")
    expect(text_of(page, "tag-text")).to_have_value("南京市长江大桥很长。")
    expect(names(page).first).to_have_text("专有名词")
    text_of(page, "tag-words").fill("南京 市长 江大桥 很 长 。")
    page.locator("#tag-again").click()
    expect(forms(page)).to_have_text(["南京", "市长", "江大桥", "很", "长", "。"])
    expect(text_of(page, "tag-words")).to_have_value("南京 市长 江大桥 很 长 。")
    expect(page.locator("#tokens [data-role=by]")).to_have_text("由自带的中文标注器标注。")
    type_sentence(page, "I read books.")  # the tagger follows the text
    expect(page.locator("#tokens [data-role=by]")).to_have_text("由自带的英文标注器标注。")
    choose(page, "tag-tagger", "刚在这里训练的")
    expect(page.get_by_test_id("toast-body")).to_contain_text("还没有训练过标注器")
    screenshot(page, "tag-sentence-zh")

    to_training(page)
    train(page, "日常英文", "正在训练：第 [23] 轮")
    expect(part(page, "progress")).to_be_visible()
    expect(part(page, "results").locator("tr.baseline td")).to_have_text(re.compile(r"\d\d\.\d%"))
    screenshot(page, "tag-running")
    page.locator("#tag-stop").click()
    expect(part(page, "state")).to_have_text(re.compile("· 已停在第 [1-9] 轮"))
    expect(page.locator("#tag-stop")).to_be_hidden()
    expect(part(page, "when").locator("[data-choice=after]")).to_have_text(re.compile("^第 [1-9] 轮之后$"))
    expect(heats(page).first).to_be_visible()
    expect(part(page, "scores")).to_contain_text("轮之后")
    check_accessible(page)
    page.locator("#tag-use").click()
    expect(page.locator("#tokens [data-role=by]")).to_have_text("由你在这里训练的标注器标注。")
    assert tokens(page).count() > 2


def test_the_toy_set_before_and_after_and_then_in_use(open_tab, screenshot):
    page = to_training(open_tab())
    expect(part(page, "state")).to_have_text(re.compile("^Recorded"))
    expect(heats(page)).to_have_count(4)
    assert heats(page).nth(1).bounding_box()["y"] < LAPTOP[1] - 100, "the tutorial's two sentences are in view"
    page.locator("#tag-start").click()
    expect(part(page, "state")).to_have_text(re.compile("· Finished after 300 epochs"), timeout=60_000)
    assert not all(right_words(page, 0))
    assert right_words(page, 2) == [True] * 5
    assert right_words(page, 3) == [True] * 4
    assert all(number <= 0 for number in numbers(page, 2)), "logarithms, as the tutorial prints them"
    part(page, "unit").get_by_role("button", name="p", exact=True).click()
    rows = numbers(page, 2)
    assert [sum(rows[i : i + 3]) for i in range(0, 15, 3)] == pytest.approx([1] * 5, abs=0.02)
    points = part(page, "loss").evaluate("plot => [...plot.data[0].y]")
    assert len(points) == 300
    assert points[-1] < points[0] / 2
    screenshot(page, "tag-toy")

    expect(part(page, "results")).to_contain_text("a list of words would always be right")
    note, reading = (
        page.locator(f"#tag {name}").bounding_box() for name in ("[data-role=note]", "[data-word=reading]")
    )
    expect(part(page, "note")).to_contain_text("15 of 20 seeds")
    assert note["y"] >= reading["y"] + reading["height"], "neither hides the other"
    page.locator("#tag-use").click()
    expect(forms(page)).to_have_text(["The", "dog", "ate", "the", "apple"])
    expect(names(page)).to_have_text(["determiner", "noun", "verb", "determiner", "noun"])
    expect(page.locator("#tag-tagger input")).to_have_value("The one just trained here")
    type_sentence(page, "Everybody ate the zebra")
    expect(names(page).nth(1)).to_have_text("verb")
    expect(tokens(page).nth(3)).to_have_class(re.compile("unknown"))


def test_context_is_what_recurrence_is_for(share_tab, check_accessible, screenshot):
    page = to_training(share_tab())
    train(page, "Context: the same word, two tags")
    verdict = part(page, "verdict")
    expect(verdict).to_contain_text("“Taipei” is the destination in one sentence and the departure in the other.")
    expect(verdict).to_contain_text("The LSTM has read what stands before it and is right both times")
    expect(verdict).to_contain_text("wrong once")
    assert verdict.bounding_box()["y"] + verdict.bounding_box()["height"] < LAPTOP[1], "the verdict is in view"
    assert [right_words(page, i) for i in (0, 1)] == [[True] * 5] * 2, "the recurrent tagger"
    assert sorted([right_words(page, i)[1] for i in (2, 3)]) == [False, True], "without recurrence: one of two"
    assert numbers(page, 2)[4:8] == numbers(page, 3)[4:8], "the same word, the same scores"
    own, beside = part(page, "loss").evaluate("plot => plot.data.slice(0, 2).map(trace => trace.y.at(-1))")
    assert own < 0.05 < 0.1 < beside
    screenshot(page, "tag-context")
    check_accessible(page)
    pictures = page.locator("#tag .steps .picture")
    expect(pictures).to_have_count(4)
    said = [pictures.nth(i).locator("[role=group]").get_attribute("aria-label") for i in range(4)]
    named = [re.search(": .*Taipei (.+?),", text)[1] for text in said]
    assert [name.split()[:2] for name in named[:2]] == [["destination", "✓"], ["departure", "✓"]]
    assert named[2].split()[0] == named[3].split()[0], "without recurrence one answer for both"
    row = pictures.nth(0).locator(".box[aria-label]").first
    expect(row).to_have_attribute("aria-label", re.compile("^Layer 1(?: forward)?: the same cell"))
    part(page, "when").get_by_role("button", name="before training").click()
    assert not all(right_words(page, 0))


SENTENCES = [
    ("the cat sleeps .", "DET NOUN VERB PUNCT"),
    ("a dog sings", "DET NOUN VERB"),
    ("birds sing .", "NOUN VERB PUNCT"),
]


def conllu(sentences):
    """Write (words, tags) as a CoNLL-U file."""
    lines = []
    for words, tags in sentences:
        for number, (form, tag) in enumerate(zip(words.split(), tags.split(), strict=True), start=1):
            lines.append(f"{number}\t{form}\t_\t{tag}" + "\t_" * 6)
        lines.append("")
    return "\n".join(lines) + "\n"


def test_a_file_of_ones_own(share_tab, tmp_path, screenshot):
    good, bad = tmp_path / "mine.conllu", tmp_path / "bad.conllu"
    good.write_text(conllu(SENTENCES * 30 + [("the zebra smiles .", "DET NOUN VERB PUNCT")]), "utf-8")
    bad.write_text("This is a letter, not CoNLL-U.\n", "utf-8")
    page = to_training(share_tab())
    upload = page.locator("input[type=file]:has(+ #tag-upload)")
    upload.set_input_files(good)
    expect(page.locator("#tag-about")).to_contain_text("mine.conllu: 91 sentences, 304 words, 4 tags.")
    expect(page.locator("#tag-preset input")).to_have_value("Your own CoNLL-U file")
    upload.set_input_files(bad)
    expect(page.get_by_test_id("toast-body")).to_contain_text("line 1 has 1 column")
    expect(page.locator("#tag-about")).to_contain_text("mine.conllu")
    text_of(page, "tag-epochs").fill("3")
    page.locator("#tag-start").click()
    expect(part(page, "state")).to_have_text(re.compile("· Finished after 3 epochs"), timeout=60_000)
    results = part(page, "results")
    expect(results.locator("tr.accuracy td")).to_have_text(re.compile(r"^\d+\.\d%$"))
    expect(results.locator("tr.unknown td")).to_have_text(re.compile(r"^\d+\.\d%$"))
    expect(results.locator("tr.baseline td")).to_have_text(re.compile(r"^9\d\.\d%$"))
    expect(results).to_contain_text("73 sentences to learn from, 18 held out")
    assert len(part(page, "accuracy").evaluate("plot => [...plot.data[1].y]")) == 3
    cells = part(page, "confusion").evaluate("plot => plot.data[0].text.flat().filter(Boolean).map(Number)")
    assert sum(cells) == 60, "every held-out word is in the confusion matrix"
    screenshot(page, "tag-own")


def test_a_phone_has_room_for_all_of_it(open_tab, check_accessible, screenshot):
    page = open_tab(size=PHONE, locale="zh-CN")
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert tokens(page).first.bounding_box()["height"] >= 44
    page.locator("#tag-parts").get_by_role("tab").nth(1).click()
    page.locator("#tag [data-role=loss] .main-svg").first.wait_for()
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    screenshot(page, "tag-phone")
