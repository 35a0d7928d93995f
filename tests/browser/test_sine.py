"""sin → cos, as a lecturer drives it."""

import re

import pytest
from playwright.sync_api import expect

LAPTOP, PHONE = (1280, 720), (390, 844)
TAB = "sin → cos"
LEADING = "plot => plot.data.filter(({uid}) => uid === 'leading').flatMap(({x, y}) => [x[0], y[0]])"


def wait_until_drawn(page):
    expect(position(page)).to_have_text("300 / 300", timeout=30_000)


def position(page):
    return page.locator("#sine output")


def slider(page):
    return page.locator("#sine input[type=range]")


def number(page, memory, name):
    text = page.locator(f"#sine tr[data-memory={memory}] [data-number={name}]").inner_text()
    return float(text.replace(",", ""))


def lane(page, memory):
    """What the lane's figure holds: x, and what is heard, should be said, and is said."""
    return page.locator(f"#sine .lane[data-memory={memory}] .wave").evaluate(
        "plot => ({x: [...plot.data[0].x], y: plot.data.map(trace => [...trace.y]), range: plot.layout.xaxis.range})"
    )


def window_shown(page):
    return int(page.locator("#sine .sine").get_attribute("data-window"))


def choose(page, name, option):
    page.locator(f"#sine-{name} input").click()
    page.get_by_role("option", name=option, exact=True).click()


def set_number(page, name, value):
    page.locator(f"#sine-{name} input").fill(str(value))
    page.keyboard.press("Tab")


@pytest.fixture
def recorded(share_tab):
    """The default run at its last window of training, on one page for the tests that train nothing."""

    def show(**visitor):
        page = share_tab(**visitor)
        slider(page).evaluate("(node) => { node.value = 299; node.dispatchEvent(new Event('input')); }")
        expect(page.locator("#sine .sine")).to_have_attribute("data-window", "300")
        expect(position(page)).to_have_text("300 / 300")
        return page

    return show


@pytest.fixture
def laboratory(share_tab):
    """A page for runs of one's own; each test sets what it needs."""
    return share_tab(locale="en-GB")


def test_before_anybody_presses_anything_three_memories_can_be_compared(recorded, screenshot):
    page = recorded()
    bptt, carried, reset = (number(page, memory, "mean") for memory in ("bptt", "carried", "reset"))
    assert bptt < carried < 0.1 < reset
    expect(page.locator("#sine [data-role=note]")).to_contain_text("at least 0.1")
    # without memory the first sample of a window is a guess in the middle; with it, it is known
    first = {memory: lane(page, memory)["y"][2][-10] for memory in ("carried", "reset")}
    assert abs(first["reset"]) < 0.3 < 0.8 < abs(first["carried"])
    screenshot(page, "sine-recorded")
    for part in (".lanes", ".controls", ".loss", ".side table", ".reading"):
        box = page.locator(f"#sine {part}").bounding_box()
        assert box["y"] + box["height"] <= 720, f"{part} is below the fold"


def test_windows_advance_pause_and_can_be_scrubbed(recorded):
    page = recorded()
    page.get_by_role("button", name="Watch it learn").click()
    expect(position(page)).to_have_text(re.compile(r"^([5-9]|1\d) / 300$"))
    page.locator("#sine .play").click()
    stopped = position(page).inner_text()
    page.wait_for_timeout(400)
    assert position(page).inner_text() == stopped
    before = int(stopped.split(" / ")[0])

    slider(page).focus()
    page.keyboard.press("ArrowRight")
    expect(position(page)).to_have_text(f"{before + 1} / 300")
    expect(page.locator("#sine .sine")).to_have_attribute("data-window", str(before + 1))
    shown = lane(page, "carried")
    assert shown["range"] == pytest.approx([before + 1 - 4, before + 1], abs=0.1)
    assert max(x for x in shown["x"] if x is not None) == pytest.approx(before + 1)
    page.keyboard.press("Home")
    expect(page.locator("#sine .sine")).to_have_attribute("data-window", "1")
    assert lane(page, "reset")["y"] == lane(page, "carried")["y"], "all begin with the same weights and data"
    assert number(page, "reset", "now") == number(page, "carried", "now") > 0.3
    assert number(page, "reset", "mean") == pytest.approx(number(page, "reset", "now"), rel=0.05), "of the first alone"


def test_alone_the_error_grows_in_view(recorded, screenshot):
    page = recorded()
    slider(page).focus()
    page.keyboard.press("ArrowRight")
    expect(position(page)).to_have_text("free run 1 / 10")
    expect(page.locator("#sine .sine")).to_have_attribute("data-window", "301")
    expect(page.locator("#sine .reading")).to_contain_text("sin t is no longer given")
    expect(page.locator("#sine [data-role=note]")).to_contain_text("for 16 of the seeds 1 to 20")
    early = number(page, "carried", "now")
    page.get_by_role("button", name="Run on its own output").click()
    expect(position(page)).to_have_text("free run 10 / 10")
    expect(page.locator("#sine .sine")).to_have_attribute("data-window", "310")
    assert number(page, "carried", "now") > 10 * early
    bptt, carried, reset = (number(page, memory, "alone") for memory in ("bptt", "carried", "reset"))
    assert bptt < carried < reset, "the mean over all windows alone"
    assert carried < number(page, "carried", "now")
    left, right = page.locator("#sine .loss").evaluate("plot => plot.layout.xaxis.range")
    assert (left, right) == pytest.approx((279.5, 310.9))
    screenshot(page, "sine-alone")


def test_a_run_is_followed_live_and_another_memory_has_another_loss(laboratory):
    page = laboratory
    recorded = number(page, "carried", "mean")
    choose(page, "memory", "reset to zero")
    set_number(page, "windows", 60)
    page.locator("#sine-start").click()
    expect(position(page)).to_have_text(re.compile(r"/ 60$"))
    first = window_shown(page)
    expect(page.locator("#sine [data-role=state]")).to_have_text(re.compile("^Finished"), timeout=30_000)
    expect(position(page)).to_have_text("free run 10 / 10", timeout=30_000)
    assert first < 70
    expect(page.locator("#sine .lane:visible")).to_have_count(1)
    expect(page.locator("#sine tbody tr:visible")).to_have_count(1)
    forgetful = number(page, "reset", "mean")
    expect(page.locator("#sine .loss .ytick").nth(2)).to_be_visible()  # its losses lie within one power of ten
    choose(page, "memory", "carried, detached")
    page.locator("#sine-start").click()
    expect(page.locator("#sine .lane[data-memory=carried]")).to_be_visible()
    expect(page.locator("#sine [data-role=state]")).to_have_text(re.compile("^Finished"), timeout=30_000)
    expect(position(page)).to_have_text("free run 10 / 10", timeout=30_000)  # the numbers are those of the window shown
    assert number(page, "carried", "mean") < forgetful / 4
    assert number(page, "carried", "mean") != recorded


def test_a_long_run_can_be_stopped_and_what_was_learned_stays(laboratory):
    page = laboratory
    choose(page, "memory", "carried, detached")
    set_number(page, "windows", 5000)
    page.locator("#sine-start").click()
    expect(position(page)).to_have_text(re.compile(r"/ 5000$"))
    page.locator("#sine-stop").click()
    expect(page.locator("#sine [data-role=state]")).to_have_text(re.compile("^Stopped"))
    expect(page.locator("#sine-stop")).to_be_hidden()
    slider(page).focus()
    page.keyboard.press("Home")
    expect(position(page)).to_have_text("1 / 5000")
    expect(page.get_by_role("button", name="Run on its own output")).to_be_hidden()


def test_zoom_outlives_playing(recorded):
    page = recorded()
    loss = page.locator("#sine .loss")
    whole = loss.evaluate("plot => plot.layout.xaxis.range")
    loss.evaluate("plot => Plotly.relayout(plot, {'xaxis.range': [10, 50]})")
    slider(page).focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#sine .sine")).to_have_attribute("data-window", "299")
    assert loss.evaluate("plot => plot.layout.xaxis.range") == [10, 50]
    loss.evaluate("(plot, range) => Plotly.relayout(plot, {'xaxis.range': range})", whole)


@pytest.mark.parametrize(
    ("visitor", "field", "value", "words"),
    [
        (
            {"locale": "en-GB"},
            "points",
            "2.5",
            "Points per window: 2.5 is not a whole number; give a whole number from 2",
        ),
        (
            {"locale": "zh-CN", "size": PHONE, "dark": True},
            "windows",
            "3000",
            "一次运行太长；这样的运行最多 1294 个窗口",
        ),
    ],
)
def test_bad_input_is_refused_in_the_visitors_language(share_tab, visitor, field, value, words):
    page = share_tab(**visitor)
    before, right = position(page).inner_text(), page.locator(f"#sine-{field} input").input_value()
    set_number(page, field, value)
    page.locator("#sine-start").click()
    expect(page.get_by_test_id("toast-body")).to_contain_text(words)
    assert position(page).inner_text() == before
    set_number(page, field, right)


def test_everyone_can_see_it(recorded, check_accessible, screenshot, form):
    page = recorded(**form.visitor)
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= form.size[0]
    expect(page.locator("#sine .wave .main-svg:visible").first).to_be_visible()
    screenshot(page, f"sine-{form.name}")


def test_the_phase_plane_shows_the_pair_cross_the_circle(recorded, check_accessible, screenshot):
    page = recorded()
    page.get_by_text("Phase plane", exact=True).click()
    expect(page.locator("#sine .lanes")).to_be_hidden()
    expect(page.locator("#sine [data-role=verdict]")).to_have_text("Spirals out, to a limit cycle")
    radius = page.locator("#sine tr[data-step=rest] [data-number=radius]")
    assert float(radius.inner_text()) > 1
    x, y = page.locator("#sine [data-role=circle]").evaluate(LEADING)
    assert (x * x + y * y) ** 0.5 == pytest.approx(float(radius.inner_text()), abs=0.002)
    check_accessible(page)
    screenshot(page, "sine-phase")
    slider(page).focus()
    page.keyboard.press("Home")
    expect(page.locator("#sine [data-role=verdict]")).to_have_text("Goes straight into the fixed point")
    assert float(radius.inner_text()) < 1
    for _ in range(13):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#sine [data-role=after]")).to_have_text("Measured after window 14")
    expect(page.locator("#sine [data-role=verdict]")).to_have_text("Spirals into the fixed point")
    box = page.locator("#sine .phase").bounding_box()
    assert box["y"] + box["height"] <= 720
    page.get_by_text("Waves", exact=True).click()
    expect(page.locator("#sine .lanes")).to_be_visible()
    assert max(x for x in lane(page, "carried")["x"] if x is not None) == pytest.approx(14)
