"""The lessons in a browser: one of them to its end, and what every step of all of them presses and points at."""

import pytest
from playwright.sync_api import expect

from rnnlab.ui.guides import guides
from rnnlab.ui.i18n import words

READY = "() => !['working', undefined].includes(document.querySelector('#guide-card')?.dataset.state)"
PRESENT = "(selectors) => selectors.every((selector) => document.querySelector(selector))"


def texts_of(name):
    return {key.removeprefix(f"guide_{name}."): text for key, text in words("en").items() if f"guide_{name}." in key}


def check_step(page, texts, number, step):
    """Check the card and the address of a step, and that the element it points at is outlined."""
    card = page.locator("#guide-card")
    expect(card.locator(".text")).to_have_text(texts[f"{step.name}.text"])
    expect(card.locator(".place")).to_contain_text(f"Step {number} of")
    page.wait_for_function(READY, timeout=60_000)
    expect(page.locator("[data-lit]")).to_have_count(1)
    assert page.locator(step.point).first.get_attribute("data-lit") == ""
    assert f"step={number}" in page.url


@pytest.mark.timeout(240)
def test_a_lesson_is_walked_through_and_every_step_of_all_finds_its_elements(page, watch, check_accessible, screenshot):
    guide, texts = guides()["counting"], texts_of("counting")
    page.get_by_role("button", name="Lessons", exact=True).click()
    page.locator("#guides [data-guide=counting]").click()
    for number, step in enumerate(guide.steps, 1):
        check_step(page, texts, number, step)
        if number == 2:
            check_accessible(page)
            screenshot(page, "lesson")
        if number < len(guide.steps):
            page.keyboard.press("PageDown")  # the focus is on the card's button, not in a field
    assert page.locator("#guide-card code").all_text_contents() == [
        f"rnnlab exercise {name} my.py --start" for name in guide.exercises
    ]
    page.reload()
    check_step(page, texts, len(guide.steps), guide.steps[-1])
    page.get_by_role("button", name="Leave the lesson").click()
    expect(page.locator("#guide-card, [data-lit]")).to_have_count(0)
    assert "lesson=" not in page.url
    page.get_by_role("tab", name="Generate").click()  # the page is as usable as before
    expect(page.locator("#generate")).to_be_visible()
    for other in guides().values():
        for step in other.steps:
            find_elements(page, step)
    # A song that replaces another one while that is still written supersedes its questions (`song_routes.py`).
    watch.complaints = [line for line in watch.complaints if "409" not in line]


def find_elements(page, step):
    """Open the place of a step, without pressing what begins something, and wait until its elements are there."""
    place = step.do[0]
    page.evaluate(
        "async ([tab, part]) => (await import(rnnlab.module('frontend/lib/stage.js'))).openPlace(tab, part)",
        [place["open"], place.get("part")],
    )
    kinds = ("press", "turn_on", "expand")
    selectors = [action[kind] for action in step.do for kind in kinds if kind in action]
    if opening := next((selector for selector in selectors if selector.startswith("#inside-tab-")), None):
        page.locator(opening).click()
    for selector in (action["expand"] for action in step.do if "expand" in action):
        page.evaluate("async (at) => (await import(rnnlab.module('frontend/lib/stage.js'))).expand(at)", selector)
    selectors += [step.point, *([step.wait["change"]] if "change" in step.wait else [])]
    page.wait_for_function(PRESENT, arg=selectors, timeout=30_000)
