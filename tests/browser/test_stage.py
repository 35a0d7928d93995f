"""The back row of a hall: the least size of text on every tab, projector mode, and a curve by keyboard."""

import pytest
from playwright.sync_api import expect

LEAST, PROJECTED = 16, 28  # px at 1280 × 720
# Text that is on the screen and smaller than it may be; drawings count with their scale.
SMALL_TEXT = """least => {
  const found = new Set(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const look = (node, text) => {
    if (!node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return;
    const matrix = node.closest("svg") && node.getScreenCTM?.();
    const size = parseFloat(getComputedStyle(node).fontSize) * (matrix ? Math.hypot(matrix.c, matrix.d) : 1);
    if (size < least - 0.1) found.add(`${size.toFixed(1)} ${node.tagName}.${node.getAttribute("class")}: ${text}`);
  };
  for (let text; (text = walker.nextNode());) {
    const { parentElement: node } = text, range = document.createRange();
    range.selectNodeContents(text);
    const { width, height } = range.getBoundingClientRect();
    const isText = text.data.trim() && !node.closest("script, style, .spoken, .sr-only, .visually-hidden, footer")
      && !(least < 20 && node.closest("#hello .cell")); // one step fits the first screen
    if (isText && width && height) look(node, text.data.trim().slice(0, 30));
  }
  for (const field of document.querySelectorAll("input:not([type=range], [type=checkbox], [type=radio]), textarea")) {
    look(field, field.value);
  }
  return [...found];
}"""
OPEN = """id => [...document.querySelectorAll("#tabs > .tab-wrapper [role=tab]")]
  .find(tab => tab.dataset.tabId === id).click()"""
DRAWN = {  # of each tab: what is there when it is drawn
    "train": "#live .plot .main-svg", "race": "#race .plot .main-svg", "generate": "#song .character",
    "hello": "#hello .unrolled svg", "sine": "#sine .loss .main-svg", "adding": "#adding .plot .main-svg",
    "tag": "#tokens .token", "layers": "#layers .tensor",
}  # fmt: skip


@pytest.mark.timeout(240)
def test_the_back_row_reads_every_tab_and_a_curve_speaks(page):
    """16 px at least without projector mode, 28 px in it; P, Escape and a presenter's keys; a curve by its points."""
    root, said = page.locator("html"), page.locator("#rnnlab-says")
    for tab, drawn in DRAWN.items():
        page.evaluate(OPEN, tab)
        expect(page.locator(drawn).first).to_be_attached(timeout=60_000)
        assert page.evaluate(SMALL_TEXT, LEAST) == [], tab

    page.evaluate(OPEN, "adding")
    plot = page.locator("#adding .plot")
    plot.focus()
    page.keyboard.press("Home")
    line = plot.evaluate("plot => plot.data.find(({ uid }) => uid.startsWith('error.'))")
    expect(said).to_contain_text(f"{line['name']}: minibatches {line['x'][0]}")
    page.locator("#adding details.points summary").click()
    expect(page.locator("#adding details.points tbody tr")).not_to_have_count(0)
    page.locator("#adding details.points summary").click()

    field = page.locator("#adding .fields input").first
    field.press("p")
    expect(root).not_to_have_attribute("data-projector", "")  # somebody writes
    field.blur()
    for tab in ("train", "sine", "adding", "hello"):
        page.evaluate(OPEN, tab)
        if tab == "train":
            page.keyboard.press("p")
            expect(root).to_have_attribute("data-projector", "")
            assert "projector=1" in page.url
            widths = "plot => plot.data.filter(t => t.visible !== false).map(t => t.line?.width).filter(Boolean)"
            page.wait_for_function(f"Math.min(...({widths})(document.querySelector('#live .plot'))) >= 5")
        page.wait_for_timeout(500)  # it is drawn for its new size
        assert page.evaluate(SMALL_TEXT, PROJECTED) == [], tab
    step = page.locator("#hello [aria-current=step]")
    before = step.get_attribute("data-step")
    page.keyboard.press("PageDown")
    expect(step).to_have_attribute("data-step", str(int(before) + 1))
    page.keyboard.press("Escape")
    expect(root).not_to_have_attribute("data-projector", "")
    assert "projector" not in page.url
