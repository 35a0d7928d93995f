"""The Layers tab, as a lecturer uses it: change a size and look at what followed. Few pages, many looks at each."""

import re

import pytest
from playwright.sync_api import expect

LAPTOP, PHONE = (1280, 720), (390, 844)
TAB = "Layers|网络层"
READING_IN_VIEW = """() => {
    const reading = [...document.querySelectorAll('.part .reading')].find(node => node.checkVisibility());
    const box = reading.getBoundingClientRect();
    return reading.closest('.part').getBoundingClientRect().height > 250 && box.top < innerHeight - 40;
}"""


def wait_until_drawn(page):
    tensor(page, "output").wait_for()


def tensor(page, name):
    return page.locator(f'#layers .tensor[data-tensor="{name}"]').first


def part(page, name, panel="layers"):
    return page.locator(f"#{panel} [data-role={name}]")


def set_number(page, name, value):
    page.locator(f"#{name} input").fill(str(value))
    page.keyboard.press("Tab")


def choose(page, name, option):
    page.locator(f"#{name} input").click()
    page.get_by_role("option", name=option, exact=True).click()


def choose_part(page, number):
    """0: the shapes; then the exhibits."""
    page.locator("#layers-part label").nth(number).click()


def test_every_size_is_followed_at_once(open_tab, screenshot):
    page = open_tab()
    for name in ("output", "h_n", "c_n", "input", "h_0", "c_0", "weight_ih_l0", "bias_hh_l1"):
        box = tensor(page, name).bounding_box()
        assert box["y"] > 0
        assert box["y"] + box["height"] < LAPTOP[1], f"{name} lies below the fold"
    expect(part(page, "total")).to_have_text("5,920")
    expect(part(page, "code")).to_contain_text("nn.LSTM(input_size=10, hidden_size=20, num_layers=2)")
    screenshot(page, "layers")

    tensor(page, "weight_ih_l0").hover()  # a block explains itself, to the pointer and to the keyboard
    expect(part(page, "about")).to_contain_text("weight_ih_l0 (G·H, I) = (80, 10)")
    tensor(page, "output").focus()
    expect(part(page, "about")).to_contain_text("The top layer's h at every step")
    page.keyboard.press("ArrowRight")
    expect(part(page, "about")).to_contain_text("h_n (L·D, B, H) = (2, 3, 20)")

    choose(page, "layers-model", "GRU")  # the cell state comes and goes with the LSTM
    expect(part(page, "code")).to_contain_text("output, h_n = gru(input, h_0)")
    expect(page.locator('#layers .tensor[data-tensor="c_0"]')).to_have_count(0)
    expect(tensor(page, "weight_hh_l0")).to_contain_text("(60, 20)")
    choose(page, "layers-model", "LSTM")
    expect(tensor(page, "c_0")).to_be_visible()

    page.locator("#layers-bidirectional input").check()
    expect(tensor(page, "output")).to_contain_text("(5, 3, 40)")
    expect(tensor(page, "weight_ih_l1_reverse")).to_contain_text("(80, 40)")
    choose_part(page, 1)
    expect(part(page, "cannot", "stepping")).to_be_visible()
    assert float(part(page, "difference", "stepping").inner_text()) > 0.001
    choose_part(page, 0)
    page.locator("#layers-batch_first input").check()
    expect(tensor(page, "output")).to_contain_text("(3, 5, 40)")
    expect(tensor(page, "h_n")).to_contain_text("(4, 3, 20)")
    page.locator("#layers-bidirectional input").uncheck()

    for name, value in {"input_size": 7, "hidden_size": 4, "num_layers": 3, "batch_size": 2, "num_steps": 6}.items():
        set_number(page, f"layers-{name}", value)
    expect(tensor(page, "input")).to_contain_text("(2, 6, 7)")
    expect(tensor(page, "output")).to_contain_text("(2, 6, 4)")
    expect(page.locator("#layers .layer")).to_have_count(3)
    unrolled = page.locator("#layers .box[aria-label]").first  # numbered as the names of the parameters
    expect(unrolled).to_have_attribute("aria-label", re.compile("^Layer 0: one cell, used in each of the 6 steps"))
    page.locator("#layers-bias input").uncheck()
    expect(page.locator("#layers .tensor.bias")).to_have_count(0)
    expect(part(page, "total")).to_have_text(str(4 * 4 * (7 + 4) + 2 * 4 * 4 * (4 + 4)))


def test_the_exhibits_show_both_sides_of_each_equation(open_tab):
    page = open_tab()
    choose(page, "layers-implementation", "scratch")
    expect(part(page, "code")).to_contain_text("recurrent.LSTM")
    choose_part(page, 1)
    expect(part(page, "cannot", "stepping")).to_be_hidden()
    whole, stepped = (
        part(page, name, "stepping").locator("td[data-row]").all_inner_texts() for name in ("whole", "stepped")
    )
    assert len(whole) == 5 * 4
    assert whole == stepped
    page.locator("#stepping input[type=range]").focus()
    page.keyboard.press("Home")
    expect(page.locator("#stepping [data-role=stepped] tr.later")).to_have_count(5)
    page.keyboard.press("ArrowRight")
    expect(page.locator("#stepping [data-role=stepped] tr.later")).to_have_count(4)

    choose_part(page, 2)  # two products = one product: a number shows its sum
    for name in ("sum", "one"):
        assert part(page, name, "products").evaluate("box => box.scrollWidth <= box.clientWidth"), "nothing is cut off"
    result = page.locator("#products [data-role=one] [data-kind=result]")
    result.locator("td[data-row='1'][data-column='2']").hover()
    terms, value = part(page, "made", "products").inner_text().replace("−", "-").replace("·", "*").split("=")
    assert eval(terms, {"__builtins__": {}}) == pytest.approx(float(value), abs=0.06)  # of rounded numbers
    expect(page.locator("#products [data-role=one] [data-kind=left] td.lit")).to_have_count(1 + 4)
    result.focus()
    page.keyboard.press("ArrowLeft")
    expect(result.locator("td.lit")).to_have_attribute("data-column", "1")
    set_number(page, "products-hidden_size", 5)  # the field is bounded to the picture, marked, and free again
    expect(page.locator("#products-hidden_size input")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#products .refused")).to_contain_text("give a number from 1 to 4. The picture is still")
    set_number(page, "products-hidden_size", 2)
    expect(page.locator("#products-hidden_size input")).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator("#products [data-role=one] [data-kind=left]")).to_contain_text("(3, 3)")
    expect(page.locator("#layers-model")).to_be_hidden()
    expect(page.locator("#layers-hidden_size")).to_be_hidden()

    choose_part(page, 3)  # lookup = one-hot × W: an id lights up its row everywhere
    expect(part(page, "tables", "lookup")).to_contain_text("(10, 3)")
    part(page, "ids", "lookup").locator("button").nth(7).click()  # the id 9
    tables = part(page, "tables", "lookup").locator("table")
    expect(tables.nth(1).locator("td.lit").first).to_have_attribute("data-row", "9")
    row_of_w = tables.nth(1).locator("td.lit").all_inner_texts()
    assert [tables.nth(side).locator("td.lit").all_inner_texts() for side in (2, 3)] == [row_of_w, row_of_w]
    padding = part(page, "padding", "lookup").locator("table")
    assert padding.nth(2).locator("td.lit").all_inner_texts() == ["2", "2", "2"]
    assert padding.nth(3).locator("td.lit").all_inner_texts() == ["0", "0", "0"]


def test_three_gradients_stand_beside_each_other(open_tab, screenshot):
    page = open_tab()
    choose(page, "layers-model", "GRU")
    choose_part(page, 5)
    expect(page.locator("#gradients .way")).to_have_count(3)
    expect(page.locator("#gradients thead th")).to_have_text(
        ["tensor", "by hand", "autograd", "torch.nn", "by hand − autograd", "by hand − torch.nn", "autograd − torch.nn"]
    )
    rows = page.locator("#gradients tbody tr")
    expect(rows).to_have_count(2 + 2 + 8 + 1)
    expect(rows.nth(4)).to_contain_text("∂L/∂weight_ih_l0(60, 10)")
    expect(rows.last).to_contain_text("largest difference")
    for text in rows.last.locator(".difference").all_inner_texts():
        assert re.fullmatch(r"0|\d\.\d × 10⁻[⁶⁷⁸]", text)
    expect(page.locator("#layers-implementation")).to_be_hidden()
    expect(page.locator("#layers-nonlinearity")).to_have_count(0)
    set_number(page, "layers-num_layers", 1)
    expect(rows).to_have_count(2 + 2 + 4 + 1)
    assert page.locator("#gradients .reading").bounding_box()["y"] < LAPTOP[1] - 40, "how to read it is in view"
    screenshot(page, "layers-gradients")

    # The tutorials' examples: one choice sets the part and every field.
    choose(page, "layers-example", "001 · Example · LSTM(3, 3) after manual_seed(1)")
    expect(part(page, "last", "stepping")).to_contain_text("−0.36000.08930.0215")
    expect(part(page, "last", "stepping")).to_contain_text("−1.12980.44670.0254")
    choose(page, "layers-example", "001 · RNN · sequences of unequal length")
    expect(page.locator("#packed tfoot td")).to_have_text(["3", "3", "2", "1", "1"])
    expect(page.locator("#layers-nonlinearity")).to_be_visible()
    expect(page.locator("#packed [data-role=runs] table")).to_have_count(3)
    screenshot(page, "layers-packed")
    choose(page, "layers-example", "001 · RNN · dropout between layers")
    expect(page.locator("#dropout [data-role=boundaries] table")).to_have_count(3)
    choose(page, "layers-example", "000 · §2.1.4 · range(35) cut 2 × 5")
    expect(page.locator("#batches [data-sampling=sequential] .token")).to_have_count(35)


def test_in_chinese_a_refusal_and_the_batches(open_tab, screenshot):
    page = open_tab(locale="zh-CN")
    expect(page.locator("#layers .reading")).to_contain_text("怎么看")
    expect(page.locator("#layers .side")).to_contain_text("个参数")
    set_number(page, "layers-hidden_size", 0)
    refused = page.locator("#layers .refused")
    expect(refused).to_contain_text("隐藏单元数：0 超出范围；请给出 1 到 512 之间的数。图中仍是改动之前的设置。")
    expect(page.locator("#layers [data-refused]")).to_have_css("opacity", "0.35")
    expect(tensor(page, "output")).to_contain_text("(5, 3, 20)")
    set_number(page, "layers-hidden_size", 8)
    expect(tensor(page, "output")).to_contain_text("(5, 3, 8)")
    expect(refused).to_have_count(0)

    choose_part(page, 4)
    expect(page.locator("#cut-corpus input")).to_have_value("中文歌词")  # a text, in the page's language, whose ids
    expect(page.locator("#batches .tokens .chip").first).to_contain_text(re.compile(r"\D\d+"))  # differ from its tokens
    choose(page, "cut-corpus", "0, 1, 2, …")
    order = page.locator("#batches [data-sampling=sequential]")
    expect(order.locator(".token.x")).to_have_text([*map(str, range(6)), *map(str, range(15, 21))])
    targets = [*map(str, range(1, 7)), *map(str, range(16, 22))]
    expect(order.locator(".batch").nth(1).locator("td")).to_have_text(targets)
    page.locator("#batches input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    expect(order.locator(".token.x").first).to_have_text("6")
    choose(page, "cut-corpus", "中文歌词")
    expect(order.locator(".token")).to_have_count(200)
    screenshot(page, "layers-batches")
    choose(page, "cut-corpus", "自己的文本")
    page.locator("#cut-text textarea").fill("<b>分开</b> 不分开 分开 不分开 分开 不分开")
    expect(order.locator(".token").first).to_have_text("<")
    assert "".join(order.locator(".token.row0").all_inner_texts()) == "<b>分开<"
    assert page.locator("#batches .text b").count() == 0


def test_everyone_can_use_it(open_tab, check_accessible, screenshot, form):
    page = open_tab(**form.visitor)
    page.locator("#layers-bidirectional input").check()
    expect(tensor(page, "output")).to_contain_text("(5, 3, 40)")
    assert page.evaluate("document.documentElement.scrollWidth") <= form.size[0]
    check_accessible(page)
    screenshot(page, f"layers-{form.name}")
    for number in range(page.locator("#layers-part label").count()) if form.size == LAPTOP else ():
        choose_part(page, number)
        reading = page.locator(".part .reading").locator("visible=true").first
        expect(reading).not_to_be_empty()
        page.wait_for_function(READING_IN_VIEW)  # when the part's numbers are there
        if number in (3, 4, 5):
            check_accessible(page)
