"""Markup that a visitor types, uploads or names stays text, on every tab and in every session.

Whatever becomes an element would have the class `evil`, and whatever runs would set `window.hacked`.
"""

import json
import re

import pytest
import safetensors
import safetensors.torch
from playwright.sync_api import expect

from rnnlab.resources import shipped_model

EVIL = "<img class=evil src=x onerror=hacked=1>"  # 39 characters: as long as a sample's beginning may be
BOLD = "<b class=evil>{{hacked=1}}${hacked=1}</b>"
TAG = "<b class=evil onmouseover=hacked=1>N</b>"
SCRIPT = "<script class=evil>hacked=1</script>"
LINK = '<a class=evil href="javascript:hacked=1">x</a>'


def conllu(words):
    rows = ["\t".join([str(i), form, "_", tag, *"______"]) for i, (form, tag) in enumerate(words, start=1)]
    return "\n".join(rows) + "\n\n"


@pytest.fixture
def open_tab(open_page):
    """Open the page on a tab; in the end nothing that came in may have become an element or have run."""
    pages = []

    def open_it(tab, **visitor):
        page = open_page(**visitor)
        page.on("dialog", lambda dialog: pages.append(pytest.fail(f"a dialog: {dialog.message}")))
        page.get_by_role("tab", name=re.compile(f"^({tab})$")).first.click()
        pages.append(page)
        return page

    yield open_it
    for page in pages:
        assert page.evaluate("typeof window.hacked") == "undefined"
        assert page.locator(".evil").count() == 0


def file(name, content):
    return {"name": name, "mimeType": "text/plain", "buffer": content.encode() if isinstance(content, str) else content}


def model_that_sings_markup():
    """The shipped model of English songs as a file: it has angle brackets for two letters, and elements for two more.

    A token of more than one character is never sung.
    """
    path, letters = shipped_model("lyrics-en"), {"e": "<", "d": ">", "a": SCRIPT, "o": EVIL}
    with safetensors.safe_open(path, "pt") as shipped:
        metadata = shipped.metadata()
    vocabulary = [letters.get(token, token) for token in json.loads(metadata["vocabulary"])]
    tensors = safetensors.torch.load_file(path)
    return safetensors.torch.save(tensors, {**metadata, "vocabulary": json.dumps(vocabulary)})


def choose(page, name, option):
    page.locator(f"#{name} input").click()
    page.get_by_role("option", name=option, exact=True).click()


def test_a_corpus_a_prefix_and_a_file_name_are_text_here_and_after_a_reload_and_in_the_song(open_tab, set_text):
    page = open_tab("Train")
    choose(page, "corpus", "Your own text")
    page.locator("input[type=file]:has(+ #upload-text)").set_input_files(file(f"{EVIL}.txt", (EVIL + BOLD + LINK) * 12))
    expect(page.locator("#about-text")).to_contain_text("characters")
    page.locator("#advanced button").first.click()
    set_text(page, "set-sample_prefixes", EVIL)
    set_text(page, "set-batch_size", "4")
    set_text(page, "set-epochs", "2")
    page.locator("#train").click()
    state = page.locator("#live [data-role=state]")
    expect(state).to_have_text(re.compile("^Finished"), timeout=60_000)
    expect(page.locator("#live .songs")).to_contain_text(EVIL)
    page.reload()
    expect(page.locator("#live .songs")).to_contain_text(EVIL)
    page.get_by_role("tab", name="Generate").click()
    expect(page.locator("#song-model input")).to_have_value(re.compile("trained"))
    prefix = page.locator("#set-prefix").locator("input, textarea")
    expect(prefix).to_have_value(re.compile("^<img"))  # the page suggests how the text begins
    set_text(page, "set-prefix", EVIL)
    set_text(page, "set-length", "12")
    page.locator("#generate").click()
    expect(page.locator("#song .character")).to_have_count(12)
    expect(page.locator("#song")).to_contain_text(EVIL)


def test_an_uploaded_models_name_and_letters_are_text_and_nobody_elses(open_tab, set_text):
    page = open_tab("Generate")
    uploaded = file(f"{EVIL}{SCRIPT}.safetensors", model_that_sings_markup())
    page.locator("input[type=file]:has(+ #upload-model)").set_input_files(uploaded)
    expect(page.locator("#about-model")).to_contain_text(".safetensors")
    set_text(page, "set-length", "80")
    page.locator("#generate").click()
    expect(page.locator("#song .character")).to_have_count(80, timeout=30_000)
    lyrics = page.locator("#song .lyrics")
    expect(lyrics).to_contain_text("<")
    assert lyrics.locator(":not(.text, .line, .given, .character)").count() == 0, "it became an element"
    lyrics.locator(".character:visible", has_text="<").first.hover()
    expect(page.locator("#song [role=tooltip]")).to_contain_text("<")
    other = open_tab("Generate")
    other.locator("#generate").click()
    expect(other.locator("#song .character").nth(20)).to_be_visible()
    expect(other.locator("#song .lyrics")).not_to_contain_text("<")


def test_words_tags_and_the_labels_of_their_plots_are_text(open_tab, set_text):
    page = open_tab("Tagging")
    page.locator("#tokens .token").first.wait_for()
    set_text(page, "tag-text", f"{BOLD} {LINK}")
    page.locator("#tag-sentence").click()
    expect(page.locator("#tokens")).to_contain_text("hacked")
    page.locator("#tag-parts").get_by_role("tab").nth(1).click()
    expect(page.locator("#tag [data-role=state]")).to_contain_text("Recorded")  # what is uploaded sooner is not heard
    sentences = conllu([(EVIL.replace(" ", "\u00a0"), TAG), ("runs", LINK), (BOLD, "V")]) * 6
    page.locator("input[type=file]:has(+ #tag-upload)").set_input_files(file(f"{BOLD}.conllu", sentences))
    expect(page.locator("#tag-about")).to_contain_text("6 sentences")
    set_text(page, "tag-epochs", "3")
    page.locator("#tag-start").click()
    expect(page.locator("#tag [data-role=state]")).to_have_text(re.compile("· Finished"), timeout=60_000)
    expect(page.locator("#tag [data-role=confusion]")).to_contain_text("<b")
    expect(page.locator("#tag .heat").first).to_be_visible()


def test_what_is_refused_is_quoted_as_text(open_tab, set_text):
    """A message box of Gradio's renders markup, so what it quotes is escaped."""
    page = open_tab("Train")
    set_text(page, "set-epochs", "5")
    page.locator("#advanced button").first.click()
    set_text(page, "set-target_perplexity", EVIL)
    page.locator("#train").click()
    expect(page.locator(".toast-wrap, [data-testid=toast-body]").first).to_contain_text("<img class=evil")
