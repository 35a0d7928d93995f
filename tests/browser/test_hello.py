"""The RNNCell tab, as a lecturer walks through it."""

import math
import re

import pytest
from playwright.sync_api import expect

from rnnlab.experiments.hello import preset, run
from rnnlab.experiments.hello.why import weight_update

LAPTOP, PHONE = (1280, 720), (390, 844)
TAB = "RNNCell"


def wait_until_drawn(page):
    page.locator("#hello .curve .main-svg").first.wait_for()
    expect(page.locator("#hello .equation table")).to_have_count(11)


def word(page):
    return page.locator("#hello .word")


def slider(page, name):
    return page.locator(f"#hello [data-role={name}] input")


def marker(page):
    """The epoch at which the curve's marker stands."""
    return page.locator("#hello .curve").evaluate("plot => plot.data[2].x[0]")


def tensor(page, name):
    """The exact numbers of a tensor on the screen, by its rows."""
    table = page.locator(f"#hello table[data-tensor='{name}']")
    return table.evaluate(
        "t => [...t.tBodies[0].rows].map(r => [...r.querySelectorAll('td')].map(c => Number(c.title)))"
    )


def set_word(page, name, value):
    page.locator(f"#hello-{name} :is(input, textarea)").fill(value)


def train(page, **settings):
    for name, value in settings.items():
        set_word(page, name, value)
    page.locator("#hello-start").click()


def choose(page, name, option):
    page.locator(f"#hello-{name} input").click()
    page.get_by_role("option", name=option, exact=True).click()


@pytest.fixture
def recorded(share_tab):
    """The default run after training, at the third character, on one page for the tests that train nothing."""

    def show(**visitor):
        page = share_tab(**visitor)
        slider(page, "epochs").press("End")
        slider(page, "steps").press("Home")
        for _ in range(2):
            slider(page, "steps").press("ArrowRight")
        return page

    return show


@pytest.fixture
def classroom(share_tab):
    """A page for runs of words of one's own, with the module and the words that it has at first."""
    page = share_tab(locale="en-GB")
    if page.locator("#hello-module input").input_value() != "RNNCell":
        choose(page, "module", "RNNCell")
        choose(page, "implementation", "from scratch")
        page.wait_for_timeout(1000)  # the recipe's settings, which are under Advanced
    set_word(page, "source", "hello")
    set_word(page, "target", "ohlol")
    return page


def test_the_default_run_is_there_before_anybody_presses_anything(recorded):
    page = recorded()
    expect(word(page)).to_have_attribute("data-predicted", "ohlol")
    expect(word(page).locator(".right")).to_have_count(5)
    expect(page.locator("#hello [data-role=state]")).to_have_text("all letters right from epoch 45 on")
    assert page.locator("#hello .equation").bounding_box()["y"] < 560, "the equation is on the first screen"
    assert page.locator("#hello table[data-tensor=p] caption").bounding_box()["y"] < 720


def test_the_epoch_slider_scrubs_and_plays_through_training(recorded):
    page = recorded()
    epochs = slider(page, "epochs")
    epochs.focus()
    page.keyboard.press("Home")
    expect(word(page)).to_have_attribute("data-predicted", "loooo")
    expect(word(page).locator(".right")).to_have_count(1)  # the fourth letter, by chance
    expect(page.locator("#hello [data-role=epochs] output")).to_have_text("1 / 100")
    assert marker(page) == 1
    first = tensor(page, "W_hh")
    page.keyboard.press("ArrowRight")
    assert marker(page) == 2
    assert tensor(page, "W_hh") != first
    for _ in range(43):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#hello [data-role=epochs] output")).to_have_text("45 / 100")
    expect(word(page)).to_have_attribute("data-predicted", "ohlol")
    page.keyboard.press("End")
    expect(page.locator("#hello [data-role=epochs] output")).to_have_text("trained")

    play = page.locator("#hello [data-role=epochs] button")
    play.click()
    expect(word(page)).not_to_have_attribute("data-predicted", "ohlol")  # from the beginning again
    expect(epochs).not_to_have_value("0")
    play.click()
    held = epochs.input_value()
    page.wait_for_timeout(400)
    assert epochs.input_value() == held


def test_steps_by_keyboard_and_by_a_click_on_the_network(recorded):
    page = recorded()
    current = page.locator("#hello [aria-current=step]")
    expect(current).to_have_attribute("data-step", "2")
    slider(page, "steps").focus()
    page.keyboard.press("ArrowRight")
    expect(current).to_have_attribute("aria-label", "Step 4: input l, predicted o, target o")
    expect(page.locator("#hello code")).to_have_text("hidden = cell(x[3], hidden)")
    assert tensor(page, "x_t") == [[0], [0], [1], [0]]
    before = tensor(page, "h_t")
    page.locator("#hello [data-step='4']").click()
    expect(slider(page, "steps")).to_have_value("4")
    assert tensor(page, "h_{t-1}") == before, "one step's h is the next one's h_{t-1}"
    page.locator("#hello [data-step='0']").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#hello [data-step='0']")).to_be_focused()
    assert tensor(page, "h_{t-1}") == [[0], [0], [0], [0]]


def test_the_numbers_on_the_screen_recompute_to_h_t(recorded):
    page = recorded()
    w_ih, w_hh = tensor(page, "W_ih"), tensor(page, "W_hh")
    x, h, b_ih, b_hh, product_x, product_h, total, h_t, p = (
        [row[0] for row in tensor(page, name)]
        for name in ("x_t", "h_{t-1}", "b_ih", "b_hh", "W_ih x_t", "W_hh h_{t-1}", "sum", "h_t", "p")
    )
    for i in range(4):
        assert product_x[i] == pytest.approx(sum(w * v for w, v in zip(w_ih[i], x, strict=True)), abs=1e-6)
        assert product_h[i] == pytest.approx(sum(w * v for w, v in zip(w_hh[i], h, strict=True)), abs=1e-6)
        assert total[i] == pytest.approx(product_x[i] + b_ih[i] + product_h[i] + b_hh[i], abs=1e-6)
        assert h_t[i] == pytest.approx(math.tanh(total[i]), abs=1e-6)
        assert p[i] == pytest.approx(math.exp(h_t[i]) / sum(map(math.exp, h_t)), abs=1e-6)
    names = page.locator("#hello .equation table").evaluate_all("all => all.map(t => t.getAttribute('aria-label'))")
    assert {"W_ih (4, 4)", "W_hh (4, 4)", "x_t (4,)", "h_{t-1} (4,)", "b_ih (4,)", "h_t (4,)", "p (4,)"} <= set(names)
    lit = page.locator("#hello table[data-tensor=W_ih] td.lit").evaluate_all(
        "cells => cells.map(c => c.dataset.column)"
    )
    assert lit == ["2"] * 4, "the column that the one-hot picks"


def test_pointing_at_a_component_shows_the_sum_that_made_it(recorded):
    page = recorded()
    cells = page.locator("#hello table[data-tensor=h_t] tbody td")
    for i in range(4):
        cells.nth(i).hover()
        shown = page.locator("#hello .sum")
        expect(shown).to_have_attribute("data-component", str(i))
        terms = shown.locator("data:is(.x, .b, .h)").evaluate_all("all => all.map(d => Number(d.value))")
        assert len(terms) == 1 + 1 + 4 + 1
        total, h_t = (float(shown.locator(f"data.{kind}").get_attribute("value")) for kind in ("total", "result"))
        assert sum(terms) == pytest.approx(total, abs=1e-6)
        assert math.tanh(total) == pytest.approx(h_t, abs=1e-6)
        assert h_t == tensor(page, "h_t")[i][0]
        rows = page.locator("#hello table[data-tensor=W_hh] .row-lit").evaluate_all(
            "all => all.map(c => c.dataset.row)"
        )
        assert rows == [str(i)] * 4

    page.mouse.move(1, 1)
    cells.nth(2).focus()  # the answer, which has the place in the order of tabs
    page.keyboard.press("ArrowUp")
    expect(cells.nth(1)).to_be_focused()
    expect(page.locator("#hello .sum")).to_have_attribute("data-component", "1")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(page.locator("#hello .sum")).to_have_attribute("data-component", "3")


def test_an_lstm_is_lines_of_formulas_and_says_why_a_weight_moved(open_tab):
    page = open_tab()
    choose(page, "module", "LSTMCell")
    choose(page, "implementation", "torch.nn")
    page.wait_for_timeout(1000)  # the recipe's settings, which are under Advanced
    page.locator("#hello-start").click()
    lines = page.locator("#hello .lines .line")
    expect(lines).to_have_count(8)  # i, f, g, o, c, h, the scores and the answer
    expect(page.locator("#hello [data-role=epochs] output")).to_have_text("trained", timeout=60_000)
    expect(page.locator("#hello [data-role=state]")).to_have_text("all letters right from epoch 22 on")
    assert lines.nth(5).bounding_box()["y"] < 720, "the hidden state is on the first screen"
    page.locator("#hello table[data-letter=f] tbody td").nth(2).hover()
    shown = page.locator("#hello .sum")
    expect(shown).to_have_attribute("data-letter", "f")
    terms = shown.locator("data:is(.x, .b, .h)").evaluate_all("all => all.map(d => Number(d.value))")
    total, gate = (float(shown.locator(f"data.{kind}").get_attribute("value")) for kind in ("total", "result"))
    assert len(terms) == 1 + 1 + 4 + 1
    assert sum(terms) == pytest.approx(total, abs=1e-6)
    assert gate == pytest.approx(1 / (1 + math.exp(-total)), abs=1e-6)

    page.locator("#hello [data-role=flow]").click()  # the picture, and its equations
    arrow, row = (page.locator(f"#hello .flow {part}") for part in ("[data-arrow=f_t]", "[data-letter=f]"))
    assert page.locator("#hello .flow svg").bounding_box()["y"] < 400, "the picture is on the first screen"
    row.hover()
    expect(arrow).to_have_class(re.compile("lit"))
    page.locator("#hello .flow [tabindex='0'][data-arrow]").focus()
    for _ in range(7):  # x_t, h_{t-1}, four sums, c_{t-1}, f_t
        page.keyboard.press("ArrowRight")
    expect(arrow).to_be_focused()
    expect(page.locator("#hello .flow .row.lit mark")).to_have_text(["ft", "ft"])  # in the equations of f and c
    gate = float(row.locator(".figures").inner_text().rpartition("= ")[2])
    assert float(arrow.locator(".number").text_content()) == pytest.approx(gate, abs=0.0051)

    page.locator("#hello [data-role=backward]").click()
    why = page.locator("#hello .why")
    expect(page.locator("#hello [data-role=epochs] output")).to_have_text("10 / 100")
    expect(why).to_have_attribute("data-weight", "W_hi[2, 3]")
    page.locator("#hello .why td.lit").focus()
    page.keyboard.press("ArrowLeft")
    expect(why).to_have_attribute("data-weight", "W_hi[2, 2]")
    expect(why.locator("td.lit")).to_be_focused()
    config = preset("LSTMCell").config()
    look = next(event for event in run(config) if getattr(event, "epoch", 0) == 10)
    update = weight_update(config, look, "weight_hh[1,1]")
    values = why.locator(".terms tbody data").evaluate_all("all => all.map(d => Number(d.value))")
    assert values == pytest.approx([term.value for term in update.terms], rel=1e-4, abs=1e-9)
    assert float(why.locator("data.gradient").get_attribute("value")) == pytest.approx(update.gradient, rel=1e-4)
    after = float(why.locator("data.after").get_attribute("value"))
    assert after == pytest.approx(update.value + update.step, abs=1e-6)
    slider(page, "epochs").focus()
    page.keyboard.press("End")
    expect(why).to_contain_text("No update follows the last epoch")


def test_words_of_ones_own_are_learned_and_there_after_a_change_of_language(share_tab):
    page = share_tab(locale="zh-CN")
    train(page, source="你好吗", target="好吗你")
    expect(word(page)).to_have_attribute("data-predicted", "好吗你")
    expect(page.locator("#hello [data-role=state]")).to_contain_text("轮起全部正确")
    expect(page.locator("#hello .unrolled [data-step]")).to_have_count(3)
    expect(page.locator("#hello [data-role=colours]")).to_be_hidden()
    assert len(tensor(page, "W_ih")) == 3

    for language, end in (("en", "all letters right from epoch"), ("zh-CN", "轮起全部正确")):
        page.locator("#header nav a:visible").click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator("#hello [data-role=state]")).to_contain_text(end)
        page.locator("#hello .curve .main-svg").first.wait_for()
        expect(word(page)).to_have_attribute("data-predicted", "好吗你")


def test_rnn_brings_its_recipe_and_its_line_of_pytorch(classroom):
    page = classroom
    choose(page, "module", "RNN")
    choose(page, "implementation", "torch.nn")
    page.locator("#hello-start").click()
    expect(page.locator("#hello code")).to_have_text("output, hidden = rnn(x)  # h_t is output[2]")
    expect(slider(page, "epochs")).to_have_attribute("max", "20")  # 20 epochs, and the trained network
    expect(word(page)).to_have_attribute("data-predicted", "ohlol")


def test_twelve_characters_and_a_long_run_stay_in_their_boxes(classroom):
    page = classroom
    advanced = page.get_by_role("button", name=re.compile("^Advanced: learning rate, loss"))
    advanced.click()
    epochs = page.locator("#hello-epochs input")
    expect(epochs).to_be_visible()
    page.wait_for_timeout(1000)  # a field that has just been opened takes its first value once more
    epochs.fill("240")
    epochs.press("Tab")
    page.wait_for_timeout(300)
    expect(epochs).to_have_value("240")
    train(page, source="abcdefghijkl", target="mnopqrstuvwx")
    expect(slider(page, "epochs")).to_have_attribute("max", "120", timeout=60_000)  # every second epoch, and the end
    expect(word(page)).to_have_attribute("data-predicted", "mnopqrstuvwx")
    expect(page.locator("#hello [data-role=epochs] output")).to_have_text("trained")
    expect(page.locator("#hello-stop")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= LAPTOP[0]
    assert page.locator("#hello .equation").evaluate("box => box.scrollWidth <= box.clientWidth")
    expect(page.locator("#hello .reading")).to_contain_text("no room for the numbers of the matrices")
    slider(page, "steps").focus()
    page.keyboard.press("End")
    expect(page.locator("#hello [aria-current=step]")).to_have_attribute("data-step", "11")
    advanced.click()


@pytest.mark.parametrize(
    ("locale", "message"),
    [("en-GB", "Word to learn: it has 3 character(s) and 'hello' has 5"), ("zh-CN", "请给出两个一样长的词")],
)
def test_words_of_unequal_length_are_refused(share_tab, locale, message):
    page = share_tab(locale=locale)
    before = word(page).get_attribute("data-predicted")
    train(page, source="hello", target="ohl")
    expect(page.get_by_test_id("toast-body")).to_contain_text(message)
    assert word(page).get_attribute("data-predicted") == before


def test_what_a_visitor_types_is_never_markup(classroom):
    page = classroom
    train(page, source="<b>a</b>", target="${1+1} &")
    expect(page.locator("#hello .unrolled [data-step]")).to_have_count(8)
    expect(word(page).locator("span").first).to_have_text("$", timeout=30_000)
    assert page.locator("#hello .word b").count() == 0


def test_everyone_can_read_it(recorded, check_accessible, screenshot, form):
    page = recorded(**form.visitor)
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= form.size[0]
    screenshot(page, f"hello-{form.name}")


def test_a_change_of_theme_leaves_everything_where_it_is(recorded):
    page = recorded()
    slider(page, "epochs").focus()
    page.keyboard.press("Home")
    page.get_by_role("button", name="Switch between light and dark").click()
    page.wait_for_function("document.body.classList.contains('dark')")
    page.wait_for_timeout(500)
    expect(word(page)).to_have_attribute("data-predicted", "loooo")
    assert marker(page) == 1
    page.get_by_role("button", name="Switch between light and dark").click()
    page.wait_for_function("!document.body.classList.contains('dark')")
