"""The shell of the page: languages, themes, sizes, and nothing that leaves the machine."""

import re

import pytest
from playwright.sync_api import expect

LAPTOP, PHONE, HALL = (1280, 720), (390, 844), (1920, 1080)
# Who looks at the page and changes nothing: each size, theme and language with every other.
LOOKERS = {
    "laptop-light-en": {"size": LAPTOP, "dark": False, "locale": "en-US"},
    "laptop-dark-zh": {"size": LAPTOP, "dark": True, "locale": "zh-CN"},
    "phone-light-zh": {"size": PHONE, "dark": False, "locale": "zh-CN"},
    "phone-dark-en": {"size": PHONE, "dark": True, "locale": "en-US"},
}
ENGLISH_TITLE, CHINESE_TITLE = re.compile("watch recurrent networks learn"), re.compile("看循环网络怎样学习")
BLUE_LIGHT, WHITE, NIGHT = "rgb(0, 114, 178)", "rgb(255, 255, 255)", "rgb(15, 19, 23)"


@pytest.fixture
def look(look_at_page):
    """`look("laptop-light-en")`: the page as one of LOOKERS has it."""
    return lambda who: look_at_page(**LOOKERS[who])


def background(page):
    """Return the colour behind everything, as the visitor sees it."""
    return page.locator(".gradio-container").evaluate(
        """element => {
            for (let e = element; e; e = e.parentElement) {
                const colour = getComputedStyle(e).backgroundColor;
                if (colour !== "rgba(0, 0, 0, 0)") return colour;
            }
        }"""
    )


def language_switch(page):
    return page.locator("#header nav a:visible")


def theme_switch(page):
    return page.locator("#header nav [data-switch=theme]")


def assert_english(page):
    expect(page.get_by_role("tab", name="Train", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", level=1, name="RNN Lab")).to_be_visible()
    expect(language_switch(page)).to_have_text("中文")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_title(ENGLISH_TITLE)


def assert_chinese(page):
    expect(page.get_by_role("tab", name="训练", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", level=1, name="RNN 实验室")).to_be_visible()
    expect(language_switch(page)).to_have_text("English")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page).to_have_title(CHINESE_TITLE)


# --- language ---


def told_language(page):
    """What the server is told."""
    return {cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "rnnlab_lang"}


SCRIPTS = "**/assets/*.js"  # Gradio's own


def without_script(route):
    route.fulfill(content_type="text/javascript", body="")


@pytest.fixture
def boot(browser, server):
    """Open the page as far as its first script decides it, without Gradio: `boot("zh-TW", "?lang=en")`."""
    contexts = []

    def open_without_gradio(locale, path=""):
        contexts.append(browser.new_context(locale=locale))
        page = contexts[-1].new_page()
        page.route(SCRIPTS, without_script)
        page.goto(server.url + path, wait_until="domcontentloaded")
        return page

    yield open_without_gradio
    for context in contexts:
        context.close()


@pytest.mark.parametrize(
    ("locale", "language", "title"),
    [
        ("zh", "zh-CN", CHINESE_TITLE),
        ("zh-Hant-HK", "zh-CN", CHINESE_TITLE),
        ("zh-TW", "zh-CN", CHINESE_TITLE),
        ("en-GB", "en", ENGLISH_TITLE),
        ("fr", "en", ENGLISH_TITLE),
    ],
)
def test_the_browsers_language_decides_the_pages_and_the_server_learns_it(boot, locale, language, title):
    page = boot(locale)
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page).to_have_title(title)
    assert page.evaluate("navigator.language") == language, "Gradio reads it from there"
    assert told_language(page) == {language}


def test_a_chinese_browser_reads_chinese(look):
    assert_chinese(look("laptop-dark-zh"))


def test_an_unknown_language_in_the_address_changes_nothing(boot):
    page = boot("en-GB", "?lang=klingon")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_switch_and_the_address_choose_the_language_and_the_choice_stays(open_page, server):
    page = open_page("?preset=quick#here")
    language_switch(page).click()
    assert_chinese(page)
    assert re.search(r"\?preset=quick&lang=zh-CN#here$", page.url)
    language_switch(page).click()
    assert_english(page)
    assert re.search(r"\?preset=quick&lang=en#here$", page.url)

    page.route(SCRIPTS, without_script)
    chinese, english = ("zh-CN", CHINESE_TITLE), ("en", ENGLISH_TITLE)
    for path, (language, title) in (("?lang=zh-CN", chinese), ("", chinese), ("?lang=en", english)):
        page.goto(server.url + path, wait_until="domcontentloaded")
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page).to_have_title(title)
        assert told_language(page) == {language}
    page.unroute(SCRIPTS)
    page.goto(server.url)
    assert_english(page)


def test_the_language_changes_in_place_and_everything_stays(page, slowness):
    page.evaluate("window.stays = 'the same page'")
    page.get_by_role("tab", name="Generate").click()
    prefix, seed = page.locator("#set-prefix :is(input, textarea)"), page.locator("#song-seed input")
    prefix.fill("rain 龘")
    page.locator("#set-length input").fill("20")
    page.locator("#generate").click()
    asked_for = page.locator("#song .lyrics:not([data-first]) .character")  # the tab opens with another one
    expect(asked_for).to_have_count(20)
    song, drawn = page.locator("#song .text").inner_text(), seed.input_value()

    page.evaluate("window.began = performance.now()")
    language_switch(page).click()
    page.wait_for_function("document.querySelector('[role=tab]').textContent.trim() === '训练'")
    assert page.evaluate("performance.now() - window.began") < 2000 * slowness()  # a reload took five seconds
    assert_chinese(page)
    assert page.evaluate("window.stays") == "the same page"
    expect(page.get_by_role("tab", name="生成")).to_have_attribute("aria-selected", "true")
    for label in ("开头", "温度", "长度", "随机种子", "固定种子"):
        expect(page.get_by_text(label, exact=True).locator("visible=true").first).to_be_visible()
    expect(prefix).to_have_attribute("placeholder", re.compile("^歌的头几个字"))
    expect(page.locator("#song-foot .reading")).to_contain_text("怎么看")
    expect(page.locator("#song .notes")).to_have_text("词表里没有 龘，已略去。")
    expect(page.get_by_text("试一试：点两次“生成”")).to_be_visible()
    page.locator("#song-model input").click()
    expect(page.get_by_role("option", name="自带：英文歌词")).to_be_visible()
    page.keyboard.press("Escape")
    assert page.locator("#song .text").inner_text() == song
    assert (prefix.input_value(), seed.input_value()) == ("rain 龘", drawn)

    page.locator("#set-length input").fill("0")  # what is refused from now on is refused in Chinese
    page.locator("#generate").click()
    refusal = page.locator("#set-length .refusal")
    expect(refusal.locator("visible=true")).to_have_text(re.compile("长度：0 超出范围"))
    expect(page.locator("#set-length input")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#set-length input")).to_be_focused()
    page.get_by_role("tab", name="词性标注").click()  # with tabs inside that nobody has opened yet
    expect(page.get_by_role("tab", name="训练标注器")).to_be_visible()

    language_switch(page).click()
    assert_english(page)
    expect(page.get_by_role("tab", name="Train a tagger")).to_be_visible()
    page.get_by_role("tab", name="Generate").click()
    expect(refusal).to_contain_text("Length: 0 is out of range; give a number from 1 to 2000.")
    page.locator("#set-length input").fill("21")
    expect(refusal).to_have_count(0)

    page.reload()  # which keeps them as well
    expect(page.get_by_role("tab", name="Generate")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#song .character")).to_have_count(20)
    assert page.locator("#song .text").inner_text() == song
    expect(seed).to_have_value(drawn)
    expect(prefix).to_have_value("rain 龘")
    expect(page.locator("#set-length input")).to_have_value("21")


def test_switches_and_the_way_in_from_a_tutorial_work_by_keyboard(page, check_accessible):
    dialog, nav = page.get_by_role("dialog"), page.locator("#header nav")
    ways_in = [page.get_by_role("button", name=name) for name in ("Lessons", "From a tutorial")]
    others = [nav.locator(f"[{mark}]") for mark in ("data-copy-link", "data-switch=projector")]
    switches = [*ways_in, language_switch(page), *others, theme_switch(page)]
    for switch in switches:
        page.keyboard.press("Tab")
        expect(switch).to_be_focused()
    for _ in switches[3:]:
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert_chinese(page)

    # the way in from a tutorial, on the same page
    door = page.get_by_role("button", name="我从教程来")
    door.focus()
    page.keyboard.press("Enter")
    expect(dialog).to_have_accessible_name("我从教程来")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(door).to_be_focused()
    page.keyboard.press("Enter")
    check_accessible(page)
    dialog.locator("summary").nth(1).click()
    dialog.get_by_role("button", name="基于LSTM的词性标注模型").press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("tab", name="词性标注")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tab", name="词性标注")).to_be_focused()
    expect(page.get_by_role("tab", name="训练标注器")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#tag-preset input")).to_have_value("小例子：两句中文")
    expect(page.locator("#tag-epochs input")).to_have_value("600")  # the recipe's handler has run

    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})  # where the tab is in a menu
    door.click()
    dialog.locator("summary").nth(2).click()
    dialog.get_by_role("button", name="循环神经网络的简洁实现：形状").click()
    expect(page.locator("#layers-input_size input")).to_have_value("1027")
    expect(page.locator("#layers-input_size input")).to_be_visible()


def test_an_english_browser_reads_english(look):
    assert_english(look("laptop-light-en"))
    assert told_language(look("laptop-light-en")) == {"en"}


# --- theme ---


@pytest.mark.parametrize(("who", "expected"), [("laptop-light-en", WHITE), ("laptop-dark-zh", NIGHT)])
def test_the_theme_is_the_systems_at_first(look, who, expected):
    assert background(look(who)) == expected


@pytest.mark.parametrize(
    ("who", "before", "after"), [("laptop-light-en", WHITE, NIGHT), ("laptop-dark-zh", NIGHT, WHITE)]
)
def test_the_switch_changes_the_theme_and_the_choice_stays(look, who, before, after):
    page = look(who)
    page.evaluate("document.addEventListener('rnnlab:theme', event => { window.heard = event.detail })")
    theme_switch(page).click()
    assert background(page) == after
    assert page.evaluate("[window.heard, rnnlab.theme()]") == ["light" if before == NIGHT else "dark"] * 2
    page.reload()
    expect(page.get_by_role("tab").first).to_be_visible()
    assert background(page) == after
    theme_switch(page).click()  # as the system has it: nothing is remembered
    assert background(page) == before


def test_the_address_chooses_the_theme_which_shows_before_gradio_has_started(open_page, server):
    """No white flash in a dark lecture hall."""
    page = open_page("?__theme=dark")
    assert background(page) == NIGHT
    assert page.evaluate("rnnlab.theme()") == "dark"
    page.route(SCRIPTS, without_script)
    page.goto(server.url)
    assert page.get_by_role("tab").count() == 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == NIGHT


# --- sizes ---


@pytest.mark.parametrize("who", ["phone-dark-en", "phone-light-zh"])
def test_nothing_is_wider_than_the_screen(look, who):
    page = look(who)
    for width, height in (PHONE, (768, 1024), LAPTOP, HALL):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_header_leaves_the_room_to_the_picture(look):
    page = look("laptop-light-en")
    assert page.locator("#header").bounding_box()["height"] <= 56
    assert page.get_by_role("tablist").bounding_box()["y"] <= 56


def test_fingers_can_hit_what_is_there_to_press(look):
    page = look("phone-dark-en")
    sizes = page.locator("[role=tab], #header [data-door], #header nav a, #header nav button").evaluate_all(
        """nodes => nodes.map((node) => node.getBoundingClientRect()).filter(({ width }) => width)
            .map(({ width, height }) => Math.min(width, height))"""
    )
    assert len(sizes) >= 4
    assert min(sizes) >= 44


@pytest.mark.parametrize(("size", "expected"), [(LAPTOP, "16px"), (HALL, "19px"), ((2560, 1440), "25px")])
def test_text_grows_with_the_screen(look, size, expected):
    page = look("laptop-light-en")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    expect(page.locator("#header header > p")).to_have_css("font-size", expected)


def test_chinese_has_room_between_its_lines_and_no_italics(look):
    page = look("laptop-dark-zh")
    heading = page.locator("#header h1")
    line, size = (
        heading.evaluate(f"e => parseFloat(getComputedStyle(e).{name})") for name in ("lineHeight", "fontSize")
    )
    assert line / size == pytest.approx(1.55, abs=0.01)
    style = heading.evaluate(
        """e => {
            const stressed = e.appendChild(document.createElement("em"));
            const { fontStyle } = getComputedStyle(stressed);
            stressed.remove();
            return fontStyle;
        }"""
    )
    assert style == "normal"


def test_motion_stops_for_those_who_ask(look):
    page = look("laptop-light-en")
    page.emulate_media(reduced_motion="reduce")
    durations = page.get_by_role("tab").first.evaluate("e => getComputedStyle(e, '::after').animationDuration")
    page.emulate_media(reduced_motion="no-preference")
    assert float(durations.removesuffix("s")) < 0.001


# --- what every page of the app must keep ---


@pytest.mark.parametrize("who", LOOKERS)
def test_everyone_can_use_it(look, check_accessible, screenshot, who):
    page = look(who)
    page.locator("#live .plot .main-svg").first.wait_for()
    page.wait_for_function(  # the words have come
        "() => [...document.querySelectorAll('[data-word]')].every(node => node.textContent || !node.offsetParent)"
    )
    check_accessible(page)
    screenshot(page, f"shell-{who}")


def test_the_accent_is_one_blue(look):
    page = look("laptop-light-en")
    assert page.get_by_role("tab", selected=True).evaluate("e => getComputedStyle(e).color") == BLUE_LIGHT


def test_nothing_comes_from_elsewhere_and_no_markup_runs(page, watch):
    """Every other test too fails on a foreign request and on a violation of the policy (`watch`)."""
    version = page.evaluate(
        """async () => {
            const [Plotly] = await Promise.all([rnnlab.plotly(), rnnlab.plotly()]);
            const div = document.body.appendChild(document.createElement("div"));
            await Plotly.newPlot(div, [{ y: [3, 1, 2] }, { type: "heatmap", z: [[1, 2], [3, 4]], xaxis: "x2" }]);
            await Plotly.toImage(div, { format: "png" });
            return Plotly.version;
        }"""
    )
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert page.locator("script[src*=plotly]").count() == 1

    own = page.locator("footer").get_by_role("button", name="Settings")  # Gradio's page, half of it in English
    expect(own).to_have_count(0)
    page.get_by_role("button", name="Use via API").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_timeout(700)  # its requests (the page is never idle: Gradio keeps a heartbeat open)
    # Gradio's page asks this machine for an MCP schema and a monitoring summary although the app has neither.
    watch.complaints[:] = [
        line for line in watch.complaints if not re.search("40[34].*(gradio_api/mcp|monitoring)/", line)
    ]

    assert watch.heard() == []
    # Should a visitor's text ever reach the page as HTML, its handlers stay dead.
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=data:, onerror=\"window.ran = true\">')")
    page.wait_for_timeout(300)
    assert page.evaluate("window.ran") is None
    assert [line for line in watch.complaints if "Content Security Policy" in line]
    watch.complaints.clear()
