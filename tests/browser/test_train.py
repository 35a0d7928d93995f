"""The Train tab, as a visitor uses it."""

import json
import re
import time
from contextlib import closing

import pytest
from playwright.sync_api import expect

from rnnlab.figures.perplexity import TRACES

LAPTOP, PHONE = (1280, 720), (390, 844)
TRAINING, HELD_OUT, UNIFORM, BEYOND, GHOST = map(
    list(TRACES).index, ("training", "held_out", "uniform", "beyond", "ghost")
)


def trace(page, number):
    """Return the points of a trace as the browser draws them: [(x, y), …]."""
    x, y = page.locator("#live .plot").evaluate("(plot, i) => [[...plot.data[i].x], [...plot.data[i].y]]", number)
    return list(zip(x, y, strict=True))


def wait_for_curve(page):
    page.locator("#live .plot .main-svg").first.wait_for()


def redraws(page):
    return int(page.locator("#live .plot").get_attribute("data-redraws"))


def state(page):
    return page.locator("#live [data-role=state]")


def title(page):
    return page.locator("#live [data-role=title]").inner_text()


def set_number(page, name, value):
    page.locator(f"#{name} input").fill(str(value))
    page.keyboard.press("Tab")


def choose(page, name, option):
    page.locator(f"#{name} input").click()
    page.get_by_role("option", name=option, exact=True).click()


def train(page, epochs=3):
    """Press Train, and wait until the page has left the run before."""
    save = page.locator("#live [data-role=save]")
    before = save.get_attribute("href") or ""
    set_number(page, "set-epochs", epochs)
    page.locator("#train").click()
    expect(save).not_to_have_attribute("href", before, timeout=30_000)


def finish(page):
    expect(state(page)).to_have_text(re.compile("^Finished"), timeout=60_000)


@pytest.fixture
def visitor(open_page):
    page = open_page()
    wait_for_curve(page)
    return page


@pytest.fixture
def regular(look_at_page):
    """One page for tests that begin with a run of their own and leave the settings as they were; it ends with them."""
    page = look_at_page(locale="en-GB")
    wait_for_curve(page)
    yield page
    page.locator("#stop").evaluate("button => button.click()")  # whether it can be seen or not
    expect(page.locator("#stop")).to_be_hidden()


@pytest.fixture
def author(look_at_page):
    """One page for tests that train on a text of the visitor's own."""
    page = look_at_page(locale="en-CA")
    wait_for_curve(page)
    choose(page, "corpus", "Your own text")
    return page


@pytest.fixture
def onlooker(look_at_page):
    """Looks and presses nothing."""
    page = look_at_page()
    wait_for_curve(page)
    return page


def test_at_first_sight_there_is_a_curve(onlooker):
    points = trace(onlooker, TRAINING)
    assert len(points) > 5
    assert points[0][1] > 100 > 1.2 > points[-1][1]
    expect(state(onlooker)).to_have_text(re.compile("^Recorded"))
    assert onlooker.locator("#live .songs").inner_text().strip()


def test_training_draws_a_falling_curve_and_sings(visitor, screenshot):
    train(visitor, 6)
    expect(visitor.locator("#live [data-number=epoch]")).to_have_text(re.compile(r"^[1-6] / 6$"), timeout=30_000)
    screenshot(visitor, "train-running")
    finish(visitor)
    curve = trace(visitor, TRAINING)
    assert [epoch for epoch, _ in curve] == [1, 2, 3, 4, 5, 6]
    assert curve[-1][1] < 1.5 < 100 < curve[0][1]
    assert len(trace(visitor, HELD_OUT)) == 6
    assert len(trace(visitor, 0)) >= 6 * 7, "a point for each minibatch"
    assert {y for _, y in trace(visitor, UNIFORM)} == {1061}
    assert "分开" in visitor.locator("#live .songs").inner_text()
    before = visitor.locator("#live .songs details")
    before.locator("summary").click()
    songs = visitor.locator("#live .songs p").all_inner_texts()
    assert songs[2].startswith("分开")
    assert songs[0] != songs[2]  # two songs now, the same two prefixes before training
    expect(visitor.locator("#live [data-number=perplexity]")).to_have_text(re.compile(r"^1\.\d+$"))
    look_at_the_surprise(visitor)


def look_at_the_surprise(page):
    """Open the surprise over the text of a finished run of 6 epochs, go back to its beginning, and ask for a place."""
    section = page.locator("#surprise details")
    assert section.get_attribute("data-epoch") is None, "nothing is asked for while it is closed"
    section.locator("summary").click()
    expect(section).to_have_attribute("data-epoch", "6", timeout=60_000)  # it may have to be measured
    dark = "[data-part={}] .text span:is(.s9, .s10, .s11)"
    expect(section.locator(dark.format("held_out")).nth(300)).to_be_attached()
    assert section.locator(dark.format("training")).count() < 100 < section.locator(dark.format("held_out")).count()
    moved = "epoch => document.dispatchEvent(new CustomEvent('rnnlab:epoch', { detail: epoch }))"
    reference = page.locator("#live [data-role=save]").get_attribute("href")[len("lab/") : -len("/model")]
    page.evaluate(moved, {"reference": reference, "epoch": 0, "other": None, "now": 6})
    expect(section).to_have_attribute("data-epoch", "0")
    assert section.locator(dark.format("training")).count() > 2900, "untrained, it guesses"
    page.evaluate(moved, {"reference": reference, "epoch": 6, "other": None, "now": 6})
    expect(section).to_have_attribute("data-epoch", "6")
    text = section.locator("[data-part=held_out] .text")
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        text.press(key)
    expect(section.locator("[data-role=box] li")).to_have_count(5)
    text.press("Escape")
    expect(section.locator("[data-role=box]")).to_be_hidden()
    page.evaluate(moved, {"reference": "curves/rnn-scratch", "epoch": 3, "other": None, "now": 250})
    expect(section).to_have_attribute("data-epoch", "2")  # the nearest of a recorded recipe
    text = section.locator("[data-part=training] .text")
    for _ in range(2):
        text.press("ArrowRight")
    expect(section.locator("[data-role=box]")).to_contain_text(" bits")  # and no more: no weights are kept
    answer = "window.answered = 0; window.fetch = async () => (answered++, new Response('{}', { status: 404 }))"
    page.evaluate(f"() => {{ window.fetched = window.fetch; {answer} }}")
    for epoch in (1, 2):
        page.evaluate(moved, {"reference": "runs/none", "epoch": epoch, "other": None, "now": 3})
        expect(section.locator("[data-role=message]")).to_be_visible()
        expect(section.locator(".text span")).to_have_count(0)
    assert page.evaluate("() => { window.fetch = window.fetched; return answered }") == 1, "it asks no more"
    page.evaluate(moved, {"reference": reference, "epoch": 6, "other": None, "now": 6})
    expect(section).to_have_attribute("data-epoch", "6")
    expect(section.locator("[data-role=message]")).to_be_hidden()


def labels(page):
    """Return the labels at the right ends of the lines."""
    return page.locator("#live .plot").evaluate("plot => plot.layout.annotations.map(label => label.text)")


def test_held_out_text_is_one_click_away(visitor):
    """The labels are there, the sentence is about the curve that is drawn, and both are there after a reload."""
    ask, verdict = visitor.locator("#live [data-role=unseen]"), visitor.locator("#live [data-role=verdict]")
    expect(ask).to_have_attribute("aria-pressed", "false")
    expect(verdict).to_be_hidden()
    assert {"uniform (1/V) 1,061", "training 1.032"} < set(labels(visitor))
    assert not any("held out" in label for label in labels(visitor))
    ask.click()
    expect(verdict).to_contain_text(re.compile(r"counting is ahead: \d-gram [\d.]+, network [\d,]+"))
    visitor.wait_for_function("document.querySelector('#live .plot').data[2].visible === true")
    assert "5-gram, held out 306.3" in labels(visitor)
    visitor.reload()
    wait_for_curve(visitor)
    expect(ask).to_have_attribute("aria-pressed", "true")
    expect(verdict).to_be_visible()
    assert "5-gram, held out 306.3" in labels(visitor)


def test_an_earlier_run_is_drawn_behind_the_curve_and_made_current_again(visitor):
    train(visitor, 2)
    finish(visitor)
    train(visitor, 3)
    expect(visitor.locator("#live [data-number=epoch]")).to_have_text("3 / 3", timeout=60_000)
    finish(visitor)
    rows = visitor.locator("#live .earlier tbody tr")
    visitor.locator("#live .earlier summary").click()
    expect(rows).to_have_count(2)
    expect(rows.nth(1).locator(".epochs")).to_have_text("2")
    expect(rows.nth(1).locator(".differs")).to_have_text("the same settings")
    rows.nth(1).locator("input[type=checkbox]").check()
    name = rows.nth(1).locator("input[type=text]")
    name.fill("short")
    name.press("Enter")
    visitor.wait_for_function(
        "document.querySelector('#live .plot').layout.annotations.some(label => label.text.startsWith('short '))"
    )
    visitor.get_by_role("button", name="Make short the current run").click()
    expect(visitor.locator("#live [data-number=epoch]")).to_have_text("2 / 2")
    expect(visitor.locator("#set-epochs input")).to_have_value("2")
    expect(rows.nth(1).locator(".differs")).to_have_text("the current run")
    set_number(visitor, "more-epochs", 2)
    visitor.locator("#more").click()
    expect(visitor.locator("#live [data-number=epoch]")).to_have_text("4 / 4", timeout=60_000)
    visitor.get_by_role("button", name="Remove Run 2 from the list").click()
    expect(visitor.locator("#live .earlier")).to_be_hidden()
    visitor.reload()
    wait_for_curve(visitor)
    expect(visitor.locator("#live [data-number=epoch]")).to_have_text("4 / 4")


def test_it_redraws_at_most_four_times_a_second(regular):
    """How often it does redraw is measured by `rnnlab bench --only watching`."""
    train(regular, 60)
    expect(state(regular)).to_have_text(re.compile("^Training"), timeout=30_000)
    before, began = redraws(regular), time.monotonic()
    regular.wait_for_timeout(3000)
    drawn, seconds = redraws(regular) - before, time.monotonic() - began
    regular.locator("#stop").click()
    assert 0 < drawn / seconds <= 4.5


def test_zoom_and_shown_traces_survive_new_points_and_nothing_is_mounted_anew(visitor):
    train(visitor, 60)
    expect(state(visitor)).to_have_text(re.compile("^Training"), timeout=30_000)
    plot = visitor.locator("#live .plot")
    # A run that has just begun is drawn anew; from its first points on they are only appended.
    visitor.wait_for_function("document.querySelector('#live .plot').dataset.redraws >= 1", timeout=30_000)
    plot.evaluate(
        """async (plot) => {
            const Plotly = await rnnlab.plotly();
            await Plotly.relayout(plot, {"xaxis.range": [0, 2], "yaxis.range": [0, 2]});
            plot.querySelector(".main-svg").dataset.mark = "same";
        }"""
    )
    visitor.locator("#live [data-role=unseen]").click()
    more = redraws(visitor) + 6
    visitor.wait_for_function(
        "n => document.querySelector('#live .plot').dataset.redraws >= n", arg=more, timeout=20_000
    )
    seen = plot.evaluate(
        """p => [p.layout.xaxis.range, p.layout.yaxis.range, p.data[2].visible,
                 p.querySelector('.main-svg').dataset.mark]"""
    )
    visitor.locator("#stop").click()
    assert seen == [[0, 2], [0, 2], True, "same"]


def test_stop_then_go_on_for_more_epochs(regular):
    train(regular, 60)
    expect(regular.locator("#live [data-number=epoch]")).to_have_text(re.compile(r"^[1-9]"), timeout=30_000)
    regular.locator("#stop").click()
    expect(state(regular)).to_have_text(re.compile("^Stopped"))
    expect(regular.locator("#stop")).to_be_hidden()
    done = len(trace(regular, TRAINING))
    set_number(regular, "more-epochs", 3)
    regular.locator("#more").click()
    finish(regular)
    epochs = [epoch for epoch, _ in trace(regular, TRAINING)]
    assert epochs == list(range(1, done + 4)), "no epoch lost, none doubled"
    steps = [x for x, _ in trace(regular, 0)]
    assert steps == sorted(steps), "the epoch that was cut short is begun anew, and drawn once"


def test_going_on_twice_to_the_same_epoch_is_seen_both_times(regular):
    train(regular, 2)
    finish(regular)
    set_number(regular, "more-epochs", 100)
    for _ in range(2):
        regular.locator("#more").click()
        expect(state(regular)).to_have_text(re.compile("^Training"))
        regular.locator("#stop").click()
        expect(state(regular)).to_have_text(re.compile("^Stopped"))


def test_pause_and_resume(regular):
    train(regular, 60)
    expect(state(regular)).to_have_text(re.compile("^Training"), timeout=30_000)
    regular.locator("#pause").click()
    expect(state(regular)).to_have_text(re.compile("^Paused"))
    regular.wait_for_timeout(500)
    before = redraws(regular)
    regular.wait_for_timeout(1200)
    assert redraws(regular) == before
    regular.locator("#resume").click()
    expect(state(regular)).to_have_text(re.compile("^Training"))
    regular.locator("#stop").click()


def test_a_reload_and_a_second_window_find_the_run_again_and_its_settings(visitor, server, watch):
    train(visitor, 4)
    finish(visitor)
    curve = trace(visitor, TRAINING)
    assert visitor.locator("[data-next]").count() == 0
    set_number(visitor, "set-learning_rate", 0.5)
    expect(visitor.locator("#set-learning_rate")).to_have_attribute("data-next", "next run")
    visitor.reload()
    wait_for_curve(visitor)
    expect(state(visitor)).to_have_text(re.compile("^Finished"))
    assert trace(visitor, TRAINING) == curve
    expect(visitor.locator("#set-epochs input")).to_have_value("4")
    rate = visitor.locator("#set-learning_rate input")
    expect(rate).to_have_value("0.5")
    expect(rate).to_have_attribute("aria-description", "for the next run; this one has 0.015")
    second = visitor.context.new_page()
    watch.follow(second)
    second.goto(server.url)
    expect(second.locator("#set-epochs input")).to_have_value("4")
    expect(second.locator("#set-learning_rate input")).to_have_value("0.015")
    assert second.locator("[data-next]").count() == 0


def test_a_run_that_is_started_while_the_page_still_loads_stays(visitor, loading_anew):
    """The page asks for the run that was left here; the answer comes late, and must undo nothing."""
    train(visitor, 1)
    finish(visitor)
    with loading_anew(visitor):
        wait_for_curve(visitor)
        expect(state(visitor)).to_have_text(re.compile("^Recorded"))
        train(visitor, 60)
        expect(state(visitor)).to_have_text(re.compile("^Training"), timeout=30_000)
    before = redraws(visitor)
    visitor.wait_for_function("n => Number(document.querySelector('#live .plot').dataset.redraws) > n + 3", arg=before)
    expect(state(visitor)).to_have_text(re.compile("^Training"))
    visitor.locator("#stop").click()
    expect(state(visitor)).to_have_text(re.compile("^Stopped"))
    visitor.reload()
    expect(state(visitor)).to_have_text(re.compile("^Stopped"))


def test_where_a_browser_may_keep_nothing_the_buttons_still_know_the_run(browser, server, watch):
    """In some frames of other sites, storage is forbidden: a reload forgets the run, the page does not."""
    context = browser.new_context(viewport={"width": LAPTOP[0], "height": LAPTOP[1]}, locale="en-US")
    context.add_init_script("""
        for (const name of ["localStorage", "sessionStorage"])
          Object.defineProperty(window, name, {
            configurable: true, get() { throw new DOMException("forbidden", "SecurityError"); },
          });
    """)
    with closing(context):
        page = context.new_page()
        watch.follow(page)
        page.goto(server.url)
        wait_for_curve(page)
        train(page, 1000)
        expect(state(page)).to_have_text(re.compile("^Training"), timeout=30_000)
        page.locator("#pause").click()
        expect(state(page)).to_have_text(re.compile("^Paused"))
        page.locator("#stop").click()
        expect(state(page)).to_have_text(re.compile("^Stopped"))


def test_the_theme_reaches_the_plot(regular):
    plot = regular.locator("#live .plot")
    light = plot.evaluate("p => [p.layout.font.color, p.data[1].line.color]")
    regular.locator("#header nav [data-switch=theme]").click()
    expect(regular.locator("html")).to_have_attribute("data-theme", "dark")
    regular.wait_for_function(
        "before => { const p = document.querySelector('#live .plot'); return p.layout.font.color !== before[0] "
        "&& p.data[1].line.color !== before[1]; }",
        arg=light,
    )
    regular.locator("#header nav [data-switch=theme]").click()
    expect(regular.locator("html")).to_have_attribute("data-theme", "light")


def test_a_text_of_ones_own(author):
    box = author.locator("#own-text textarea")
    expect(box).to_be_visible()
    marked = "<img src=x onerror=window.ran=1> la li lu "
    box.fill(marked * 80)
    train(author, 2)
    finish(author)
    assert author.evaluate("window.ran") is None
    assert author.locator("#live .songs").inner_text().startswith("<img"), "it is asked to go on from its beginning"
    assert trace(author, UNIFORM)[0][1] == len(set(marked))
    assert not any(y for _, y in trace(author, GHOST)), "a curve of another vocabulary compares with nothing"


def test_a_text_that_is_too_short_is_refused_in_the_visitors_language_and_the_curve_stays(author):
    before = trace(author, TRAINING)
    author.locator("#own-text textarea").fill("too short to learn from")
    author.locator("#train").click()
    expect(author.get_by_test_id("toast-body")).to_contain_text("fewer than one batch")
    refusal = author.locator(".refusal")
    expect(refusal).to_contain_text("fewer than one batch")
    author.locator("#header nav a:visible").click()
    expect(refusal).to_contain_text("不够一个")
    assert trace(author, TRAINING) == before
    author.locator("#header nav a:visible").click()
    expect(refusal).to_contain_text("fewer than one batch")


REFUSALS = [
    ("set-epochs", "3.7", "20", "Epochs: 3.7 is not a whole number; give a whole number from 1 to 100000."),
    ("set-epochs", "", "20", "Epochs: None is not a number"),
    ("set-learning_rate", "-1", "0.015", "Learning rate: -1 is out of range; give a number from 0"),
]


def test_a_refusal_names_the_field_and_its_range(regular):
    before = title(regular)
    for name, wrong, right, message in REFUSALS:
        set_number(regular, name, wrong)
        regular.locator("#train").click()
        expect(regular.locator(f"#{name} .refusal")).to_contain_text(message)
        set_number(regular, name, right)
        expect(regular.locator(f"#{name} .refusal")).to_have_count(0)
    assert title(regular) == before


def test_an_uploaded_text_is_described_and_used(author, tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("春夏秋冬 " * 500, "utf-8")
    author.locator("input[type=file]:has(+ #upload-text)").set_input_files(path)
    said = "mine.txt: UTF-8, 2,500 characters, 5 distinct. It begins: 春夏秋冬 春夏秋冬"
    expect(author.locator("#about-text")).to_contain_text(said)
    author.locator("#advanced > button").first.click()
    expect(author.locator("#set-max_tokens input, #set-max_tokens textarea").first).to_have_value("")  # all of it
    author.locator("#advanced > button").first.click()
    train(author, 2)
    finish(author)
    assert trace(author, UNIFORM)[0][1] == 5


def choose_recipe(page, name):
    page.locator("#recipe input").click()
    page.get_by_role("option", name=name).click()


def test_a_recipe_fills_in_its_settings_and_shows_its_recorded_run(visitor):
    choose_recipe(visitor, "Tutorial: GRU from scratch, SGD")
    shown = visitor.locator("#live [data-role=title]")
    expect(shown).to_have_text(re.compile("^Recorded · GRU 256"))
    expect(visitor.locator("#live .songs > p")).to_have_count(2)
    expect(visitor.locator("#live [data-role=strip]")).to_have_attribute("aria-label", re.compile("160"))
    expect(visitor.locator("#set-learning_rate input")).to_have_value("100")
    expect(visitor.locator("#set-epochs input")).to_have_value("160")
    recorded = trace(visitor, TRAINING)
    assert len(recorded) == 160
    assert trace(visitor, 3) == [(40, 151.275457), (80, 32.832044), (120, 5.89233), (160, 1.804539)]
    visitor.reload()
    wait_for_curve(visitor)
    expect(shown).to_have_text(re.compile("^Recorded · GRU 256"))
    expect(visitor.locator("#set-epochs input")).to_have_value("160")
    live = visitor.get_by_role("button", name="Train it live")
    live.click()
    expect(state(visitor)).to_have_text(re.compile("^Training"), timeout=30_000)
    expect(live).to_be_hidden()
    assert trace(visitor, GHOST) == recorded
    choose_recipe(visitor, "Tutorial: RNN from scratch, SGD")  # its run is not shown in place of one that goes on
    expect(visitor.locator("#set-epochs input")).to_have_value("250")
    expect(shown).to_have_text(re.compile("^GRU 256"))
    visitor.locator("#stop").click()
    expect(state(visitor)).to_have_text(re.compile("^Stopped"), timeout=30_000)
    choose_recipe(visitor, "Quick: a few seconds")
    expect(shown).to_have_text(re.compile("^Recorded · GRU 192"))


def test_a_run_that_diverges_says_where_and_keeps_a_curve(regular):
    set_number(regular, "set-learning_rate", 1_000_000)
    train(regular, 5)
    told = re.compile(r"^Diverged at epoch \d+, step \d+.*: lower the learning rate")
    expect(state(regular)).to_have_text(told, timeout=30_000)
    set_number(regular, "set-learning_rate", 0.015)


def test_a_rate_that_is_too_high_is_said_and_freezes_nothing(visitor, screenshot):
    assert title(visitor).startswith("Recorded · GRU 192 · Chinese songs, first 10,000 of ")
    before = trace(visitor, TRAINING)
    set_number(visitor, "set-learning_rate", 1)
    train(visitor, 2)
    told = re.compile("^Worse than guessing: lower the learning rate")
    expect(state(visitor)).to_have_text(told, timeout=30_000)
    assert trace(visitor, GHOST) == before, "the curve of the run before stays, pale"
    expect(visitor.locator("#more")).to_be_visible(timeout=60_000)
    expect(state(visitor)).to_have_text(told)
    screenshot(visitor, "train-rate-of-one")
    expect(visitor.locator("#live [data-number=perplexity]")).to_have_text(re.compile(r"^\d(\.\d)?·10[⁰¹²³⁴-⁹]+$"))
    assert title(visitor).endswith(" · Adam 1 · seed 1")
    visitor.reload()
    wait_for_curve(visitor)
    expect(state(visitor)).to_have_text(told)
    assert max(y for i in range(4) for _, y in trace(visitor, i) if y) <= 10 * trace(visitor, UNIFORM)[0][1]
    assert {y for _, y in trace(visitor, BEYOND) if y} == {10 * trace(visitor, UNIFORM)[0][1]}


def test_lists_of_options_close(onlooker):
    lists = onlooker.locator("[role=listbox]")
    onlooker.locator("#recipe input").focus()
    for field in ("#corpus", "#set-model", "#set-epochs"):
        onlooker.wait_for_timeout(150)  # while the list before is still sliding away
        onlooker.keyboard.press("Tab")
        expect(onlooker.locator(f"{field} input")).to_be_focused()
    expect(lists).to_have_count(0)
    for field in ("#set-model", "#corpus", "#recipe"):
        onlooker.wait_for_timeout(150)
        onlooker.keyboard.press("Shift+Tab")
        expect(onlooker.locator(f"{field} input")).to_be_focused()
    onlooker.keyboard.press("ArrowDown")
    onlooker.keyboard.press("Escape")
    expect(lists).to_have_count(0)
    onlooker.locator("#corpus input").click()
    expect(lists).to_have_count(1)
    onlooker.keyboard.press("Escape")
    expect(lists).to_have_count(0)
    onlooker.locator("#set-model input").click()
    onlooker.locator("#header h1").click()
    expect(lists).to_have_count(0)


def test_only_the_visitor_sees_the_run(regular, open_page):
    mine, yours = regular, open_page()
    wait_for_curve(yours)
    train(mine, 2)
    finish(mine)
    expect(state(yours)).to_have_text(re.compile("^Recorded"))
    yours.reload()
    wait_for_curve(yours)
    expect(state(yours)).to_have_text(re.compile("^Recorded"))
    assert yours.request.get(f"{yours.url}lab/runs/guess").status == 404


def test_a_second_window_of_the_same_browser_follows(regular, server, watch):
    train(regular, 60)
    expect(state(regular)).to_have_text(re.compile("^Training"), timeout=30_000)
    second = regular.context.new_page()
    watch.follow(second)
    second.goto(server.url)
    wait_for_curve(second)
    expect(state(second)).to_have_text(re.compile("^Training"))
    second.locator("#stop").click()
    expect(state(regular)).to_have_text(re.compile("^Stopped"))
    second.close()


def test_numbers_stay_numbers_whoever_asks(onlooker):
    picture = json.loads(onlooker.request.get(f"{onlooker.url}lab/curves/lyrics-zh?lang=zh").text())
    assert picture["words"]["epoch"] == "轮"
    assert picture["state"] == "recorded"


def test_everyone_can_train(open_page, check_accessible, screenshot, form):
    page = open_page(**form.visitor)
    wait_for_curve(page)
    button = page.locator("#open-advanced")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#set-target_perplexity :is(input, textarea)")).to_have_value("")
    if form.size == LAPTOP:  # a sheet at the side: the curve and the strip of controls stay in view
        sheet, strip, plot = (page.locator(name).bounding_box() for name in ("#advanced", "#train", "#live .plot"))
        assert sheet["x"] + sheet["width"] == LAPTOP[0]
        assert sheet["y"] >= strip["y"] + strip["height"]
        assert sheet["x"] - plot["x"] > 0.8 * plot["width"]
        check_accessible(page)
        screenshot(page, f"train-settings-{form.name}")
    expect(page.locator("#set-reset_after")).to_be_visible()
    for name in ("momentum", "nonlinearity", "schedule_factor"):  # of no use to a GRU, Adam and a constant rate
        expect(page.locator(f"#set-{name}")).to_be_hidden()
    if form.size == LAPTOP:
        page.keyboard.press("Escape")
        expect(button).to_be_focused()
        expect(page.locator("#set-reset_after")).to_be_hidden()
    train(page, 2)
    if form.size == PHONE:  # what happens is scrolled to
        page.wait_for_function("document.querySelector('#live .plot').getBoundingClientRect().bottom < innerHeight")
    expect(page.locator("#more")).to_be_visible(timeout=60_000)
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= form.size[0]
    page.evaluate("scrollTo(0, 0)")
    screenshot(page, f"train-{form.name}")


def test_at_a_zoom_of_150_percent_the_picture_and_its_button_are_on_the_first_screen(onlooker):
    onlooker.set_viewport_size({"width": 853, "height": 480})
    wait_for_curve(onlooker)
    onlooker.evaluate("scrollTo(0, 0)")
    strip, plot = onlooker.locator("#train").bounding_box(), onlooker.locator("#live .plot").bounding_box()
    assert strip["y"] + strip["height"] < plot["y"]
    assert plot["y"] + 0.8 * plot["height"] < 480
    assert onlooker.evaluate("document.documentElement.scrollWidth") <= 853
    onlooker.set_viewport_size(dict(zip(("width", "height"), LAPTOP, strict=True)))


def test_the_plot_offers_nothing_that_leaves_the_machine(onlooker):
    onlooker.locator("#live .plot").hover()
    titles = onlooker.locator("#live .modebar-btn").evaluate_all("nodes => nodes.map(node => node.dataset.title)")
    assert len(titles) == 4
    assert not any("hare" in title or "loud" in title for title in titles)


def test_a_curve_does_not_wait_for_the_names_of_its_buttons_and_changes_its_language_while_it_trains(open_page, watch):
    page = open_page(locale="zh-CN")
    wait_for_curve(page)
    expect(state(page)).to_have_text(re.compile("回放"))
    refusals = iter([503])
    page.route(
        "**/lab/words/plot?*",
        lambda route: route.fulfill(status=503, json={}) if next(refusals, None) else route.continue_(),
    )
    page.reload()
    wait_for_curve(page)
    expect(page.locator("#live .modebar-btn").first).to_have_attribute("data-title", re.compile("放大"))
    assert next(refusals, None) is None
    refused = [line for line in watch.complaints if "503" in line]
    assert len(refused) == 1
    watch.complaints.remove(refused[0])
    train(page, 2)
    expect(state(page)).to_have_text(re.compile("^训练完成"), timeout=60_000)

    train(page, 60)
    expect(state(page)).to_have_text("正在训练。", timeout=30_000)
    page.locator("#header nav a:visible").click()
    expect(state(page)).to_have_text("Training.")
    assert page.locator("#live .plot").evaluate("p => p.layout.xaxis.title.text") == "epoch"
    page.locator("#stop").click()


def test_the_picture_is_above_the_fold(onlooker):
    box = onlooker.locator("#live .stage").bounding_box()  # with the strip and the handle below the curve
    assert box["y"] + box["height"] <= 720
    assert box["height"] * box["width"] > 0.3 * 1280 * 720
    assert onlooker.locator("#train").bounding_box()["y"] < 220


def test_time_travel_by_keyboard_on_the_recording_and_after_a_reload(open_page, watch, screenshot):
    page = open_page()
    wait_for_curve(page)
    epoch, where = page.locator("#live [data-number=epoch]"), page.locator("#live [data-role=where]")
    marker, heading = page.locator("#live [data-role=marker_a] b"), page.locator("#live [data-role=heading]")
    expect(where).to_have_text("epoch 20 of 20")
    now = page.locator("#live .songs p").all_inner_texts()
    page.evaluate("window.heard = []; document.addEventListener('rnnlab:epoch', (e) => heard.push(e.detail))")
    for _ in range(17):
        page.keyboard.press("PageUp")  # of a presenter, nothing has the focus
    expect(epoch).to_have_text("3 / 20")
    expect(marker).to_have_text("3")
    expect(heading).to_have_text("What it wrote at epoch 3")
    expect(page.locator("#live [data-role=back]")).to_be_visible()
    assert page.evaluate("heard.at(-1)") == {"reference": "curves/lyrics-zh", "epoch": 3, "other": None, "now": 20}
    handle = page.locator("#live [data-role=handle]")
    handle.focus()
    page.keyboard.press("ArrowLeft")
    expect(handle).to_have_attribute("aria-valuetext", re.compile(r"^epoch 2 of 20, perplexity 17"))
    assert page.locator("#live .songs p").all_inner_texts() != now

    page.locator("#live .songs .copied").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#live [data-role=passage]")).to_contain_text("In the training text")
    page.keyboard.press("Escape")
    expect(page.locator("#live [data-role=passage]")).to_be_hidden()

    page.locator("#live [data-role=compare]").click()  # and the second slider has the focus
    page.keyboard.press("Home")
    expect(where).to_have_text("A 2 · B 0 of 20 · now 20")
    expect(page.locator("#live .songs h3")).to_have_text(["A · epoch 2", "B · before training"])
    songs = [page.locator(f"#live .songs section >> nth={n} >> .differs") for n in (0, 1)]
    assert all(each.count() for each in songs)
    screenshot(page, "train-two-epochs")

    page.reload()
    wait_for_curve(page)
    expect(where).to_have_text("A 2 · B 0 of 20 · now 20")
    page.locator("#live [data-role=compare]").click()
    page.locator("#live [data-role=to_now]").click()
    expect(epoch).to_have_text("20 / 20")
    assert page.locator("#live .songs p").all_inner_texts()[:2] == now[:2]

    page.locator("#live [data-role=play]").click()
    expect(epoch).to_have_text(re.compile("^[1-9] / 20"))
    page.keyboard.press("ArrowRight")  # it stops
    expect(page.locator("#live [data-role=play]")).to_have_attribute("data-playing", "false")


def test_dragging_on_the_curve_moves_the_handle_and_it_stays_while_training_goes_on(regular):
    train(regular, 60)
    expect(regular.locator("#live [data-number=epoch]")).to_have_text(re.compile(r"^\d+ / 60$"), timeout=60_000)
    box = regular.locator("#live .plot .nsewdrag").first.bounding_box()
    middle = box["y"] + box["height"] / 2
    regular.mouse.move(box["x"] + box["width"] / 2, middle)
    regular.mouse.down()
    at = "document.querySelector('#live .plot')._fullLayout.xaxis.d2p(1)"  # the axis grows while it trains
    regular.mouse.move(box["x"] + regular.evaluate(at), middle)
    regular.mouse.move(box["x"] + regular.evaluate(at), middle)
    regular.mouse.up()
    where = regular.locator("#live [data-role=where]")
    expect(where).to_have_text(re.compile(r"^epoch 1 of 60 · now \d+$"))
    before = redraws(regular)
    regular.wait_for_function(
        "n => document.querySelector('#live .plot').dataset.redraws > n", arg=before + 1, timeout=30_000
    )
    expect(where).to_have_text(re.compile(r"^epoch 1 of 60 · now \d+$"))
    expect(regular.locator("#live [data-number=epoch]")).to_have_text("1 / 60")
    regular.keyboard.press("End")
    expect(regular.locator("#live [data-role=heading]")).to_have_text("What it writes now")
    regular.locator("#stop").click()
    expect(state(regular)).to_have_text(re.compile("^Stopped"), timeout=30_000)
