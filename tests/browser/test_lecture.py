"""The lecture of 60 minutes, given by keyboard at 1280 × 720: waits, what is pointed at, and the numbers shown.

English in full. In Chinese the steps' trainings are left out, which take the most time. `Watch` sees to it that nothing
is asked of another machine and that the console has no error.
"""

import os
import re
import time
from collections import Counter
from functools import cache

import numpy as np
import pytest
import torch
from playwright.sync_api import expect

from rnnlab import Generation, load, shipped_corpus, shipped_model
from rnnlab.checkpoints import load_tagger
from rnnlab.experiments import hello
from rnnlab.experiments.tagging import ComparisonTrainer, Finished, WithoutRecurrence, preset
from rnnlab.generation import next_tokens
from rnnlab.inspection import gradient_norms, held_gates, read_history
from rnnlab.resources import SHIPPED_TAGGERS, resource
from rnnlab.tagging import tag_sentence
from rnnlab.text import copied_share, min_copied_length
from rnnlab.ui.guides import guides
from rnnlab.ui.i18n import words

LOCALES = {"en": "en-US", "zh": "zh-CN"}
SECONDS = 5  # that nobody should wait for a result, besides the training that a step announces
TRAINING = {  # seconds that a step says its training takes, or that of the step before
    "training.start": 10, "training.song": 10, "training.rate": 10, "travel.run": 10, "forgetting.race": 10,
    "tagging.context": 2, "tagging.without": 2,
}  # fmt: skip
LEARNED = {"en": 22_495, "zh": 9_000}  # characters of the songs that the shipped models have learned
CARD = "#guide-card"
READY = f"() => !['working', undefined].includes(document.querySelector('{CARD}')?.dataset.state)"
SEEN = """(least) => {  // what is pointed at is on the screen, whole or `least` px of it, and nothing lies on it
  const node = document.querySelector("[data-lit]"), card = document.querySelector("#guide-card");
  if (!node) return false;
  const { left, right, top, bottom, height } = node.getBoundingClientRect();
  const from = Math.max(top, 0), to = Math.min(bottom, innerHeight);
  const hit = document.elementFromPoint((left + right) / 2, (from + to) / 2);
  const isOnTop = Boolean(hit && (node.contains(hit) || hit.contains(node)));
  return left >= 0 && right <= card.getBoundingClientRect().left && to - from >= Math.min(height, least) - 1 && isOnTop;
}"""


@cache
def shipped(language):
    """Return the model of a language's songs and its vocabulary."""
    checkpoint = load(shipped_model(f"lyrics-{language}"))
    return checkpoint.build_model(), checkpoint.vocab


def shown(page, selector):
    """Return the first number in an element's text."""
    text = page.locator(selector).first.inner_text().replace("−", "-").replace(",", "")
    return float(re.search(r"-?\d+(\.\d+)?", text)[0])


def number_of(text):
    """Return the number that the page has written, such as 0.036 or 7.9·10⁻⁵."""
    mantissa, _, exponent = text.strip().replace("−", "-").partition("·10")
    return float(mantissa) * 10.0 ** int(exponent.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) or 0)


def read_text(page, language):
    """Return the ids of the text that the tab Inside has read."""
    model, vocab = shipped(language)
    return model, vocab.encode(page.locator("#inside-text textarea").input_value())


def run_of(page):
    """Return the rows of the epochs of the visitor's run, from the server."""
    reference = re.search(r"lab/(runs/\w+)", page.locator("#live [data-role=save]").get_attribute("href"))[1]
    script = "async (path) => (await fetch(path)).json()"
    return page.evaluate(script, f"lab/{reference}")["epoch_rows"]


# --- the numbers of a step: on the screen, and computed here ---


def table(page, language):
    """What follows a context, and how often, counted in the songs."""
    head = page.locator("#followed [data-role=state]").inner_text()
    context = {"en": "he n", "zh": "不分"}[language]
    assert context.replace(" ", "␣") in head
    text = shipped_corpus(f"lyrics-{language}")[: LEARNED[language]]
    places = [at.end() for at in re.finditer(f"(?={re.escape(context)})", text)]
    counted = Counter(text[at + len(context)] for at in places if at + len(context) < len(text))
    rows = page.locator("#followed [data-role=table] tbody tr").all_inner_texts()
    assert [int(re.split(r"\s+", row.strip())[1]) for row in rows] == [n for _, n in counted.most_common(len(rows))]


def equation(page, language):
    """The state of the cell at the marked step, from the weights that the same training gives."""
    events = list(hello.run(hello.Config()))
    last, vocabulary = events[-1], list(events[0].vocabulary)
    steps = int(page.locator("#hello [aria-current=step]").get_attribute("data-step"))
    h = np.zeros(len(last.weight_hh))
    for letter in "hello"[: steps + 1]:
        x = np.eye(len(vocabulary))[vocabulary.index(letter)]
        h = np.tanh(last.weight_ih @ x + last.bias_ih + last.weight_hh @ h + last.bias_hh)
    cells = page.locator("#hello [data-tensor=h_t] tbody td").all_inner_texts()
    assert [float(cell.replace("−", "-")) for cell in cells] == pytest.approx(h.tolist(), abs=0.006)


def last_epoch(page, language):
    """The numbers beside the curve, and its last point, are those of the run's last epoch."""
    if language == "en":
        row = run_of(page)[-1]
        assert shown(page, "#live [data-number=perplexity]") == float(f"{row['perplexity']:.4g}")
        assert shown(page, "#live [data-number=epoch]") == row["epoch"] == 20


def chosen_epoch(page, language):
    """The numbers beside the curve are those under the handle, which the arrow keys move."""
    if language == "en":
        page.keyboard.press("ArrowLeft")
        row = run_of(page)[-3]  # the step has moved the handle by one as well
        expect(page.locator("#live [data-number=epoch]")).to_contain_text(re.compile(rf"^{row['epoch']}\b"))
        assert shown(page, "#live [data-number=perplexity]") == float(f"{row['perplexity']:.4g}")


def lens(page, language):
    """The norms of the gradient at three lags."""
    model, ids = read_text(page, language)
    place = int(page.locator("#inside .strip .cursor").get_attribute("data-place"))
    norms = gradient_norms(model, read_history(model, torch.tensor(ids)), [place])["l0.h"][0]
    expect(page.locator("#inside [data-role=readout]:not([data-stale]) b").first).to_be_visible()
    told = page.locator("#inside [data-role=readout] b").all_inner_texts()[:3]
    assert [number_of(text) for text in told] == pytest.approx([norms[lag] for lag in (0, 10, 20)], rel=0.06)


def measure(page, language):
    """The perplexity with a gate held, and undamaged."""
    model, ids = read_text(page, language)
    for row in held_gates(model, list(ids)):
        for column in ("0", "1"):
            cell = f'#inside [data-section=surgery] [data-cell="l0.{row.gate} {column}"]'
            assert shown(page, cell) == pytest.approx(row.perplexity[column], rel=0.01)
    expect(page.locator("#inside [data-section=surgery] [data-role=after]")).to_contain_text(re.compile(r"\d"))
    assert shown(page, "#inside [data-section=surgery] [data-role=after]") == pytest.approx(
        row.perplexity["free"], rel=0.001
    )


def bars(page, language):
    """What the model believes of the first place, and what is drawn from."""
    prefix = {"en": "I ", "zh": "分开"}[language]
    model, vocab = shipped(language)
    rows = next_tokens(model, vocab, Generation(prefix=prefix, temperature=0.8)).rows[:3]
    bars = page.locator("#next-character button[data-token]")
    expect(bars.first).to_have_attribute("data-token", rows[0].token)  # they follow the song a moment later
    for number, row in enumerate(rows):
        bar = bars.nth(number).inner_text()
        shares = [float(share) for share in re.findall(r"([\d.]+)%", bar)]
        assert shares == pytest.approx([100 * row.believed, 100 * row.drawn_from], abs=0.51)


def copied(page, language):
    """The share of the song that stands in the songs."""
    page.wait_for_function("() => document.querySelector('#song-foot .bars') !== null")
    script = """async () => {
      const { songPanel } = await import(rnnlab.module("tabs/generate/song_links.js"));
      return [songPanel.song().prefix, songPanel.song().choices.map(([text]) => text).join("")];
    }"""
    prefix, rest = page.evaluate(script)
    text = shipped_corpus(f"lyrics-{language}")[: LEARNED[language]]
    share = copied_share(prefix + rest, text, min_copied_length(text), len(prefix))
    assert shown(page, "#song-foot .bars dd") == pytest.approx(100 * share, abs=0.51)


def tags(page, language):
    tagger = load_tagger(resource(SHIPPED_TAGGERS[language])).build_model()
    found = tag_sentence(tagger, page.locator("#tokens .token .form").all_inner_texts())
    percents = [float(text.rstrip("%")) for text in page.locator("#tokens .token .percent").all_inner_texts()]
    assert percents == pytest.approx([100 * token.probability for token in found], abs=0.51)


def without(page, language):
    """The accuracies of both taggers."""
    if language == "en":
        events = list(ComparisonTrainer(preset("context").config()).events())
        plain = [event.event if isinstance(event, WithoutRecurrence) else event for event in events]
        shares = sorted(100 * event.accuracy for event in plain if isinstance(event, Finished))
        cells = page.locator("#tag [data-role=results] tbody tr").first.locator("td").all_inner_texts()
        assert sorted(float(cell.rstrip("%")) for cell in cells) == pytest.approx(shares, abs=0.06)


NUMBERS = {
    "counting.table": table, "cell.equation": equation, "training.song": last_epoch, "travel.handle": chosen_epoch,
    "forgetting.lens": lens, "gates.measure": measure, "sampling.bars": bars, "reciting.copied": copied,
    "tagging.sentence": tags, "tagging.without": without,
}  # fmt: skip


# --- the walk ---


def leave_out_trainings(route):
    """Answer with a guide whose steps do not train, nor wait for a training."""
    guide = route.fetch().json()
    for step in guide["steps"]:
        if f"{guide['name']}.{step['name']}" in TRAINING:
            step["do"] = [action for action in step["do"] if not {"press", "set"} & set(action)]
            step["wait"] = {}
    route.fulfill(json=guide)


def check_step(page, language, guide, step, seconds):
    """Check the card, the result and what is pointed at; return how long the result took."""
    name, texts = f"{guide.name}.{step.name}", words(language)
    expect(page.locator(f"{CARD} .text")).to_have_text(texts[f"guide_{name}.text"])
    began = time.monotonic()
    page.wait_for_function(READY, timeout=1000 * seconds, polling=50)
    took = time.monotonic() - began
    state = page.locator(CARD).get_attribute("data-state")
    trains = language == "en" or name not in TRAINING
    assert state == ("ready" if step.wait and trains else ""), name
    assert page.locator("[data-lit]").count() == 1, name
    assert page.locator(f"{step.point} >> visible=true").first.get_attribute("data-lit") == "", name
    page.wait_for_function(SEEN, arg=400, polling=100)
    expect(page.locator(f"{CARD} .clock")).to_be_visible()
    return took


@pytest.mark.skipif("RNNLAB_SCREENSHOTS" not in os.environ, reason="minutes long: given where its pictures are wanted")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("language", LOCALES)
def test_the_lecture_is_given_from_beginning_to_end(open_page, watch, slowness, screenshot, language):
    page = open_page(locale=LOCALES[language], reduced_motion="reduce")
    if language != "en":
        page.route("**/lab/guides/*", leave_out_trainings)
    page.evaluate("async () => { await (await fetch('lab/lessons/tag')).text(); }")  # the server has just started
    page.locator("#header [data-guides]").click()
    page.locator("#guides [data-guide=lecture]").click()
    with page.expect_popup() as opened:
        page.locator(f"{CARD} .notes").click()
    notes = opened.value
    watch.follow(notes)
    page.bring_to_front()  # the notes are on another screen
    slow = {}
    for guide in guides().values():
        for number, step in enumerate(guide.steps, 1):
            name = f"{guide.name}.{step.name}"
            bound = (SECONDS + TRAINING.get(name, 0)) * slowness()
            slow[name] = check_step(page, language, guide, step, bound + 60) - bound
            assert f"lesson={guide.name}&step={number}" in page.url
            texts = words(language)
            expect(notes.locator(".notes p")).to_have_text(texts[f"guide_{name}.notes"])
            expect(notes.locator(".clock")).to_have_text(page.locator(f"{CARD} .clock").inner_text())
            if name in NUMBERS:
                NUMBERS[name](page, language)
            screenshot(page, f"lecture-{language}-{list(guides()).index(guide.name) + 1}-{guide.name}-{number}")
            if name != "tagging.without":
                go_on(page, step)
    notes.bring_to_front()
    screenshot(notes, f"lecture-{language}-notes")
    assert {name: over for name, over in slow.items() if over > 0} == {}
    # A song that replaces another one while that is still written supersedes its questions (`song_routes.py`).
    watch.complaints = [line for line in watch.complaints if "409" not in line]


def go_on(page, step):
    """Go to the next step: by → where the arrows walk the lesson, by Page Down where the step's picture has them."""
    before = page.url
    keys = [action["focus"] for action in step.do if "focus" in action]
    if keys:
        assert page.evaluate("(at) => document.activeElement === document.querySelector(at)", keys[0])
        page.keyboard.press("ArrowRight")
        assert page.url == before
    page.keyboard.press("PageDown" if keys else "ArrowRight")
    page.wait_for_function("(before) => location.href !== before", arg=before)


def test_a_stop_in_the_middle_leaves_the_page_usable(open_page, watch):
    """The card is closed while a song is written; then Generate, Train and Stop do what they do without a lesson."""
    page = open_page("?lesson=counting&step=2")
    page.wait_for_function(READY, timeout=60_000)
    page.locator(f"{CARD} .leave").click()
    expect(page.locator(f"{CARD}, [data-lit]")).to_have_count(0)
    assert "lesson=" not in page.url
    key = "async () => (await import(rnnlab.module('tabs/generate/song_links.js'))).songPanel.song().key"
    before = page.evaluate(key)
    page.locator("#generate").click()
    page.wait_for_function(f"async (before) => await ({key})() !== before", arg=before)
    page.keyboard.press("PageDown")
    expect(page.locator(CARD)).to_have_count(0)
    page.get_by_role("tab", name="Train", exact=True).click()
    page.locator("#train").click()
    expect(page.locator("[role=tabpanel][data-run=running]")).to_be_visible(timeout=60_000)
    page.locator("#stop").click()
    expect(page.locator("[role=tabpanel][data-run=stopped]")).to_be_visible(timeout=60_000)
    watch.complaints = [line for line in watch.complaints if "409" not in line]
