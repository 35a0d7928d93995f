"""The Memory tab, as a lecturer and a class drive it."""

import re

from playwright.sync_api import expect

TAB = "Memory|记忆"


def wait_until_drawn(page):
    expect(page.locator("#adding .answers tr")).to_have_count(5, timeout=30_000)
    expect(page.locator("#adding .plot .main-svg").first).to_be_visible()


def answers(page):
    """What stands in the table: the sum, what each network answers, and 1."""
    return [float(text) for text in page.locator("#adding .answers td:nth-child(3)").all_inner_texts()]


def test_a_class_asks_the_networks_and_trains_its_own(open_tab, form, set_text, check_accessible, screenshot, watch):
    page = open_tab(**form.visitor)
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= form.size[0]
    screenshot(page, f"adding-{form.name}")
    total, *given, constant = answers(page)
    assert (total, constant) == (1.7, 1.0)
    assert all(abs(answer - total) < 0.7 for answer in given)  # the default run has learned to add

    page.locator("#adding [data-role=number0]").fill("0.1")
    expect(page.locator("#adding .answers tr.truth td").nth(1)).to_have_text("0.90")
    row = page.locator("#adding .row")
    places = [page.locator(f"#adding [data-role=place{i}]") for i in (0, 1)]
    expect(row.locator("i[data-marked]")).to_have_count(2)
    places[0].fill(places[1].input_value())
    expect(page.locator("#adding .refused")).to_be_visible()
    (refused,) = watch.complaints
    assert "400" in refused
    watch.complaints.clear()
    places[0].fill("1")
    expect(page.locator("#adding .refused")).to_be_hidden()
    row.scroll_into_view_if_needed()
    box = row.bounding_box()
    page.mouse.move(box["x"] + 0.05 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.up()
    expect(places[0]).to_have_value("3")

    set_text(page, "adding-length", 20)
    set_text(page, "adding-max-steps", 30)
    page.locator("#adding-start").click()
    expect(page.locator("#adding .plot")).to_have_attribute("data-length", "20", timeout=30_000)
    expect(page.locator("#adding [data-role=outcomes] td:nth-child(3)")).to_have_text(
        [re.compile("gave up|放弃")] * 3, timeout=60_000
    )
    expect(row.locator("i")).to_have_count(20)
    drawn = page.locator("#adding .plot").evaluate("plot => plot.data.slice(0, 3).map(({ x }) => x.at(-1))")
    assert drawn == [30, 30, 30]
