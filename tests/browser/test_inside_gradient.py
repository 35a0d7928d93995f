"""The section Gradient of the tab Inside: point at a character, and compare networks."""

import math
import re

from playwright.sync_api import expect

TAB = "Inside|内部"


def wait_until_drawn(page):
    page.locator("#inside-tab-gradient").click()
    page.locator("#inside [data-section=gradient] .main-svg").first.wait_for()


def strengths(page):
    script = "(nodes) => nodes.map((node) => Number(node.style.getPropertyValue('--strength')))"
    return page.locator("#inside .strip .piece").evaluate_all(script)


def test_a_character_colours_those_before_it_by_absolute_numbers(open_tab, check_accessible, screenshot):
    page = open_tab()
    section = page.locator("#inside [data-section=gradient]")
    plot = section.locator(".plot").bounding_box()
    assert plot["y"] + plot["height"] <= 720, "the figure lies below the fold"
    page.locator('#inside .strip [data-place="40"]').click()
    expect(page.locator("#inside .strip .cursor")).to_have_attribute("data-place", "40")
    readout = section.locator("[data-role=readout]:not([data-stale])")
    expect(readout).to_contain_text(re.compile(r"^Prediction of \S+ \(.* bits\), at lag"))
    told = [float(text) for text in readout.locator("b").all_inner_texts()]
    shown = strengths(page)
    assert all(value == 0 for value in shown[40:])
    for lag, norm in zip((0, 10, 20), told, strict=False):  # the colour is the number beside it, on the scale 10⁻⁶ … 1
        assert abs(shown[39 - lag] - (1 + math.log10(norm) / 6)) < 0.01
    page.keyboard.press("Home")
    expect(readout).to_contain_text("Nothing was read before the first character")
    assert not any(strengths(page))

    section.locator("[data-name=bias]").click()
    expect(section.locator("tbody th")).to_have_text([f"forget bias {bias}" for bias in range(4)])
    expect(section.locator(".annotation-text")).to_have_count(4)
    check_accessible(page)
    screenshot(page, "inside-gradient")
