"""A race, as a lecturer drives it."""

import re

from playwright.sync_api import expect

TAB = "Race|赛跑"


def wait_until_drawn(page):
    expect(page.locator("#race .lane")).to_have_count(3)
    expect(page.locator("#race [data-role=plot] .main-svg").first).to_be_attached()


def points(page, i, kind="minibatch"):
    """The x of a lane's points, as they are drawn."""
    return page.locator("#race [data-role=plot]").evaluate(
        "(plot, uid) => [...(plot.data.find((trace) => trace.uid === uid).x ?? [])]", f"{kind}.lane{i}"
    )


def axis_of(page):
    return page.locator("#race [data-role=plot]")


def test_three_lanes_race_are_paused_reloaded_and_stopped(open_tab, set_text, screenshot, check_accessible):
    page = open_tab()
    expect(page.locator("#race [data-role=state]")).to_have_text("Ready: press Race.")
    assert points(page, 0) == []
    assert page.locator("#race [data-role=plot]").evaluate("plot => plot.layout.shapes.length") == 4
    box = page.locator("#race .reading").bounding_box()
    assert box["y"] + box["height"] <= 720, "the whole picture is above the fold"

    set_text(page, "race-epochs", 1000)
    set_text(page, "race-target-perplexity", 1.001)
    page.locator("#race-start").click()
    lanes = page.locator("#race .lane")
    for i in range(3):
        expect(lanes.nth(i).locator(".numbers")).to_contain_text(re.compile(r"epoch [2-9]"), timeout=60_000)
        expect(lanes.nth(i).locator(".place")).to_have_text(re.compile("1st|2nd|3rd"))
        assert lanes.nth(i).locator("[role=progressbar]").get_attribute("aria-valuenow") != "0"

    # the keyboard switches the axis: the same points, at the seconds of each lane
    page.locator("#race input[value=epochs]").focus()
    page.keyboard.press("ArrowRight")
    expect(axis_of(page)).to_have_attribute("data-axis", "seconds")
    page.locator("#race-pause").click()
    expect(page.locator("#race [data-role=state]")).to_have_text(re.compile("^Paused after epoch"))
    expect(page.locator("#race-resume")).to_be_visible()
    page.wait_for_timeout(600)  # the last rows are drawn
    ends = [points(page, i)[-1] for i in range(3)]
    assert len(set(ends)) == 3, "each lane has its own seconds"
    counts = [len(points(page, i)) for i in range(3)]
    assert max(counts) - min(counts) <= 1, "and as many minibatches as the others"
    page.get_by_role("checkbox", name="held-out text").check()
    expect(page.locator("#race [data-role=held-out]")).to_be_checked()
    screenshot(page, "race-paused")
    check_accessible(page)

    page.reload()
    expect(page.locator("#race [data-role=state]")).to_have_text(re.compile("^Paused after epoch"), timeout=30_000)
    expect(axis_of(page)).to_have_attribute("data-axis", "seconds")
    assert [points(page, i)[-1] for i in range(3)] == ends, "the race is as it was"
    expect(page.locator("#race-epochs input")).to_have_value("1000")

    page.locator("#race-resume").click()
    expect(page.locator("#race [data-role=state]")).to_have_text(re.compile("^On the way"), timeout=30_000)
    page.wait_for_function(
        "last => document.querySelector('#race [data-role=plot]').data.find((trace) => trace.uid === 'minibatch.lane0')"
        ".x.at(-1) > last",
        arg=ends[0],
    )
    page.locator("#race-stop").click()
    expect(page.locator("#race [data-role=state]")).to_have_text(re.compile("^Stopped after epoch"))


def test_scratch_against_torch_shows_how_far_the_curves_are_apart(open_page, screenshot, set_text):
    page = open_page("?tab=race", size=(390, 844), dark=True, locale="zh-CN")
    wait_until_drawn(page)
    page.locator("#race-lanes input").click()
    page.get_by_role("option", name="从零实现对 torch.nn").click()
    set_text(page, "race-epochs", 2)
    page.locator("#race-start").click()
    expect(page.locator("#race [data-role=strip-title]")).to_contain_text("初始权重相同", timeout=30_000)
    expect(page.locator("#race [data-role=state]")).to_have_text(re.compile("^比赛结束"), timeout=60_000)
    page.wait_for_timeout(300)
    plot = page.locator("#race [data-role=difference]")
    differences = plot.evaluate("plot => [...plot.data[0].y]")
    assert len(differences) >= 20
    assert 0 < max(map(abs, differences)) < 100
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    screenshot(page, "race-scratch-torch")
