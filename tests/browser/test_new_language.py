"""The page in a language that the tests add (tests/pseudo_language.py): it opens, switches, and leaves no English."""

import re

import pytest
from playwright.sync_api import expect

# What is in no language: names of models and modules, formulas, numbers and code, and the name of the lab.
NO_LANGUAGE = re.compile(r"⟦[^⟧]*⟧|\b(RNN|GRU|LSTM|RNNCell|Adam|SGD|PyTorch|torch|nn|Lab|Gradio)\b")
LABELS = """() => [...document.querySelectorAll(
    "#header h1, #header p, [role=tab], label > span, [data-testid=block-info], .block-info, .chart-title, .section"
)].filter((node) => node.checkVisibility()).map((node) => node.innerText.trim()).filter(Boolean)"""
BUTTONS = """() => [...document.querySelectorAll("[role=tabpanel] button:not([role]):not(.chips *, .html-container *)")]
    .filter((node) => node.checkVisibility()).map((node) => node.innerText.trim()).filter(Boolean)"""


@pytest.fixture(scope="module")
def server(running_app, pseudo_language, tmp_path_factory):
    """The app with one language more."""
    folder = tmp_path_factory.mktemp("pseudo")
    (folder / "texts").mkdir()
    program = (pseudo_language.__file__, str(folder / "texts"))
    with running_app(folder / "app.log", program=program) as app:
        yield app


def left_in_english(texts):
    """The texts with a word of two letters or more outside of the pseudo-language's brackets."""
    return [text for text in texts if re.search(r"[A-Za-z]{2}", NO_LANGUAGE.sub("", text))]


def assert_in_it(page, tag):
    expect(page.locator("html")).to_have_attribute("lang", tag)
    expect(page.get_by_role("tab", name=re.compile("^⟦"))).not_to_have_count(0)
    expect(page).to_have_title(re.compile("^⟦"))
    assert left_in_english(page.get_by_role("tab").all_inner_texts()) == []


def test_the_page_opens_in_it_and_tells_the_server(look_at_page, pseudo_language):
    page = look_at_page(path=f"?lang={pseudo_language.TAG}")
    assert_in_it(page, pseudo_language.TAG)
    told = {cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "rnnlab_lang"}
    assert told == {pseudo_language.TAG}
    page.reload()
    assert_in_it(page, pseudo_language.TAG)


def test_the_header_offers_the_other_languages_and_switches_in_place(open_page, pseudo_language):
    page = open_page()
    offered = page.locator("#header nav a:visible")
    expect(offered).to_have_text([pseudo_language.NAME, "中文"])
    page.evaluate("window.stays = true")
    offered.first.click()
    assert_in_it(page, pseudo_language.TAG)
    expect(offered).to_have_text(["中文", "English"])
    offered.last.click()
    expect(page.get_by_role("tab", name="Train", exact=True)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.evaluate("window.stays"), "the page was not loaded anew"


def test_no_label_is_left_in_english(look_at_page, pseudo_language):
    page = look_at_page(path=f"?lang={pseudo_language.TAG}")
    for tab in page.locator("#tabs > .tab-wrapper [role=tab]").all():
        tab.click()
        page.wait_for_timeout(1000)  # a tab is built when it is first opened
        assert left_in_english(page.evaluate(LABELS)) == [], tab.inner_text()
        assert left_in_english(page.evaluate(BUTTONS)) == [], tab.inner_text()


def test_a_refusal_is_in_it(look_at_page, pseudo_language):
    page = look_at_page(path=f"?lang={pseudo_language.TAG}")
    page.get_by_role("tab").nth(1).click()  # Generate
    page.locator("#set-length input").fill("0")
    page.locator("#generate").click()
    refusal = page.locator(f"#set-length .refusal [lang={pseudo_language.TAG}]")
    expect(refusal).to_be_visible()
    expect(refusal).to_have_text(re.compile("^⟦.* 0 "))
