"""The tab Inside, as a student uses it: open a song, walk through units and characters, drag, find alike."""

import json
import re

from playwright.sync_api import expect

LAPTOP = (1280, 720)
TAB = "Inside|内部"


def wait_until_drawn(page):
    page.locator("#inside .strip .piece").first.wait_for()
    section(page, "units", "[data-unit]").wait_for(state="attached")


def section(page, name, suffix=""):
    return page.locator(f'#inside [data-section="{name}"]{suffix}')


def piece(page, place):
    return page.locator(f'#inside .strip [data-place="{place}"]')


def strength(page, place):
    return piece(page, place).evaluate("(node) => Number(node.style.getPropertyValue('--strength'))")


def test_units_of_a_song_are_walked_by_keys_and_by_pointer(open_tab, check_accessible, screenshot):
    page = open_tab()
    expect(page.locator("#inside-text textarea")).to_have_value(re.compile("^The night "))
    expect(page.locator("#inside [data-role=facts]")).to_contain_text("GRU, 1 × 256 units, after epoch 40.")
    units, canvas = section(page, "units"), section(page, "units").locator("canvas")
    box = units.locator(".map").bounding_box()
    assert box["y"] + box["height"] < LAPTOP[1], "the picture lies below the fold"
    screenshot(page, "inside-units")

    first = units.get_attribute("data-unit")
    page.locator("#inside .strip").focus()
    page.keyboard.press("n")  # the next unit colours the text
    expect(units).not_to_have_attribute("data-unit", first)
    page.keyboard.press("b")
    expect(units).to_have_attribute("data-unit", first)

    page.keyboard.press("ArrowRight")  # the cursor, told to a screen reader
    expect(page.locator("#inside [data-role=place]")).to_have_text(re.compile("^Character 2 of 1.. *: h$"))
    at = canvas.bounding_box()
    page.mouse.click(at["x"] + at["width"] * 0.5, at["y"] + 12)  # the third row
    expect(units.locator("[data-role=score]")).to_contain_text("place 3 of 256")
    expect(page.locator("#inside [data-role=place]")).to_contain_text(re.compile("Character 8[45] of"))
    shown = float(units.locator("[data-role=here]").inner_text().rpartition(" ")[2].replace("−", "-"))
    here = int(page.locator("#inside .strip .cursor").get_attribute("data-place"))
    assert abs(abs(shown) - strength(page, here)) < 0.006, "the colour is not the number beside it"

    units.locator("select[data-role=measure]").select_option("memory")
    expect(units.locator("[data-role=score]")).to_contain_text("share")
    check_accessible(page)

    units.locator("select[data-role=measure]").select_option("line")
    expect(units).to_have_attribute("data-measure", "line")
    kept = page.locator("#inside-tab-units").element_handle()
    page.locator("#inside-text textarea").fill("thenighttrain")  # it has no lines, so the choice is given up
    page.locator("#inside-open").click()
    expect(page.locator("#inside .strip .piece")).to_have_count(13)
    expect(units).to_have_attribute("data-measure", "memory")
    expect(page.locator("#inside [data-role=message]")).to_be_hidden()
    assert kept.evaluate("(node) => node.isConnected"), "the switch was built anew: what had the focus has lost it"
    assert units.locator("canvas").evaluate("(node) => node.width") == 13


def test_places_alike_follow_a_drag_and_the_threshold(open_tab, screenshot):
    page = open_tab()
    page.locator("#inside-tab-alike").click()
    alike = section(page, "alike")
    expect(alike).to_have_attribute("data-asked", "4 7 0.5")
    expect(alike.locator("tbody tr")).to_have_count(10)
    expect(alike.locator("mark").first).to_have_text("nigh")
    start, end = piece(page, 10).bounding_box(), piece(page, 14).bounding_box()
    page.mouse.move(start["x"] + 2, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(end["x"] + 2, end["y"] + 5, steps=6)
    page.mouse.up()
    expect(alike).to_have_attribute("data-asked", "10 14 0.5")
    expect(alike.locator("[data-role=selection]")).to_contain_text("train")
    page.keyboard.press("Shift+ArrowLeft")
    before = alike.locator("[data-role=on]").inner_text()
    alike.locator("[data-role=threshold]").focus()
    page.keyboard.press("End")
    expect(alike.locator("[data-role=on]")).not_to_have_text(before)
    expect(alike).to_have_attribute("data-asked", re.compile(" 1$"))
    screenshot(page, "inside-alike")


def test_what_the_server_has_lost_is_opened_again_and_a_phone_reads_it_in_chinese(open_tab, watch, screenshot):
    page = open_tab(size=(390, 844), locale="zh-CN", dark=True)
    expect(page.locator("#inside-text textarea")).to_have_value(re.compile("^不分开"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    screenshot(page, "inside-phone")
    keys = []

    def lose(route):
        keys.append(route.request.url.split("/")[-2])
        lost = {"status": 404, "body": json.dumps({"state": "gone"}), "content_type": "application/json"}
        route.fulfill(**lost) if len(set(keys)) == 1 else route.continue_()

    page.route("**/lab/inside/**", lose)
    section(page, "units").locator("select[data-role=measure]").select_option("space")
    page.wait_for_function("() => document.querySelector('#inside [data-section=units]').dataset.measure === 'space'")
    assert len(set(keys)) == 2
    watch.complaints.clear()  # the browser reports the 404
    strip = page.locator("#inside .strip")
    strip.evaluate("(node) => node.focus({ preventScroll: true })")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")  # the strip is out of view
    before = page.evaluate("scrollY")
    page.keyboard.press("End")
    expect(piece(page, 0)).not_to_have_class(re.compile("cursor"))
    assert page.evaluate("scrollY") == before > 0, "the page jumps"
    assert strip.evaluate("(node) => node.scrollTop") > 0
    page.set_viewport_size({"width": 1280, "height": 720})
    assert strip.evaluate("(node) => node.scrollWidth <= node.clientWidth"), "columns run away sideways"


def test_a_gate_opens_at_a_character_and_surgery_is_undone(open_tab, check_accessible, screenshot):
    page = open_tab()
    page.locator("#inside-tab-gates").click()
    gates = section(page, "gates")
    piece(page, 6).click()
    expect(gates.locator("[data-role=cell]")).to_have_attribute("data-at", "6 0 0")
    gates.locator("summary").first.click()
    expect(gates.locator(".terms tr").first).to_contain_text("W")
    gates.locator('[data-arrow="sum z"]').press("Enter")  # stays lit at the next character
    page.locator("#inside .strip").focus()
    page.keyboard.press("ArrowRight")
    expect(gates.locator("[data-role=cell]")).to_have_attribute("data-at", "7 0 0")
    expect(gates.locator('[data-arrow="sum z"]')).to_have_class(re.compile("lit"))
    gates.get_by_role("radio", name="update z").click()
    expect(gates.get_by_role("radio", name="update z")).to_have_attribute("aria-checked", "true")
    screenshot(page, "inside-gates")
    check_accessible(page)

    page.locator("#inside-tab-surgery").click()
    surgery = section(page, "surgery", "[data-after]")
    undamaged = surgery.get_attribute("data-after")
    surgery.locator("[data-role=measure]").click()
    expect(surgery.locator(".held button", has_text="·")).to_have_count(0, timeout=30_000)
    held = surgery.locator('[data-cell="l0.z 0.5"]')
    held.click()
    surgery.locator("[data-role=before]").press("Home")  # from the first character on
    expect(surgery.locator("[data-role=operated] .departs")).to_have_count(1)  # where the song departs
    assert float(surgery.get_attribute("data-after")) > 5 * float(undamaged)
    expect(held).to_have_attribute("aria-pressed", "true")
    screenshot(page, "inside-surgery")
    check_accessible(page)
    surgery.locator("[data-role=undo]").click()
    expect(section(page, "surgery")).to_have_attribute("data-after", undamaged)
