"""Links in the browser: copied, opened, in a frame of another site, and the link by which others watch a run."""

import re
from contextlib import contextmanager, suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Error, expect

REFUSE = """
Object.defineProperty(navigator, "clipboard", { value: { writeText: () => Promise.reject(new Error("refused")) } });
document.execCommand = () => false;
"""
SPACE = "someone/rnn-lab"


def copied_by(page, button="copy-link"):
    """Press the button in the header; return the link."""
    page.locator(f"[data-{button}]").click()
    field = page.locator("#link-copied input")
    expect(field).to_be_visible()
    return field.input_value()


@pytest.fixture
def looks_on(browser, server, watch):
    """`looks_on(address)`: the page of another browser, with cookies of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-US")

    def look(address):
        page = context.new_page()
        watch.follow(page)
        page.goto(address)
        return page

    yield look
    context.close()


def test_others_watch_a_run_by_its_link_and_change_nothing(open_page, looks_on, server, watch):
    owner = open_page()
    state = owner.locator("#live [data-role=state]")
    expect(owner.locator("[data-copy-watch]")).to_be_hidden()  # a recorded run is not one's own
    owner.locator("#set-epochs input").fill("400")
    owner.locator("#train").click()
    expect(state).to_have_attribute("data-state", "running")
    expect(owner.locator("#live [data-number=epoch]")).to_have_text(re.compile(r"\d / 400"))
    address = copied_by(owner, "copy-watch")
    expect(owner.locator("#link-copied")).to_contain_text("They can change nothing")
    query = parse_qs(urlsplit(address).query)
    assert set(query) == {"tab", "watch"}
    run_id = owner.locator("#live [data-role=save]").get_attribute("href").split("/")[2]
    assert run_id not in address

    watcher = looks_on(address)
    note, theirs = watcher.locator("#watch-note"), watcher.locator("#live")
    expect(note).to_contain_text("You are watching another person's run.")
    expect(theirs.locator("[data-role=title]")).to_have_text(owner.locator("#live [data-role=title]").inner_text())
    expect(theirs.locator("[data-role=songs] p").first).to_be_visible()
    epoch = int(theirs.locator("[data-number=epoch]").inner_text().split(" ")[0])
    expect(theirs.locator("[data-number=epoch]")).not_to_have_text(f"{epoch} / 400")  # it goes on
    for control in ("#train", "#stop", "#pause", "#apply", "#set-epochs", "#surprise", "#take-along", "#advanced"):
        expect(watcher.locator(control)).to_be_hidden()
    expect(theirs.locator("[data-role=save]")).to_be_hidden()
    theirs.locator("[data-role=handle]").focus()
    watcher.keyboard.press("Home")  # recorded epochs can be looked at
    expect(theirs.locator("[data-role=heading]")).to_have_text("What it wrote before training")
    assert copied_by(watcher) == address

    owner.keyboard.press("Escape")
    owner.locator("#stop").click()
    expect(state).to_have_text(re.compile("^Stopped"))
    expect(theirs.locator("[data-role=state]")).to_have_text("Stopped.")
    watcher.reload()  # also after its end
    expect(watcher.locator("#live [data-role=state]")).to_have_text("Stopped.")
    asked = [urlsplit(url).path for url in watch.requests if f"/{query['watch'][0]}" in url]
    assert set(asked) == {f"/lab/watched/train/{query['watch'][0]}{what}" for what in ("", "/events")}

    note.get_by_role("button", name="Train my own").click()
    expect(watcher.locator("#train")).to_be_visible()
    assert urlsplit(watcher.url).query == ""
    expect(note).to_have_count(0)

    watcher.goto(f"{server.url}?watch={'0' * 32}")  # a link that leads to no run
    expect(note).to_contain_text("This link leads to no run")
    expect(watcher.locator("#train")).to_be_visible()
    expect(watcher.locator("#live [data-role=state]")).to_have_attribute("data-state", "recorded")


def test_a_link_is_selected_for_copying_by_hand_where_the_browser_refuses(open_page, server):
    page = open_page("?tab=train&preset=quick&epochs=7")
    expect(page.locator("#set-epochs input")).to_have_value("7")
    page.evaluate(REFUSE)
    address = copied_by(page)
    assert address == f"{server.url}?tab=train&preset=quick&epochs=7"
    expect(page.locator("#link-copied [role=status]")).to_contain_text("The link is selected: press Ctrl+C")
    expect(page.locator("#link-copied input")).to_be_focused()
    assert page.evaluate("getSelection().toString()") == address


@contextmanager
def framed(browser, address):
    """Open the app in a frame of the page of a Space, another site, which lets it neither store cookies nor copy."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-US")
    with suppress(Error):  # a browser that does not know it needs none to frame a page of this machine
        context.grant_permissions(["local-network-access"])
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    html = f'<body style="margin:0"><iframe src="{address}" style="border:0;width:1280px;height:720px"></iframe>'
    page.route("https://huggingface.co/**", lambda route: route.fulfill(content_type="text/html", body=html))
    try:
        page.goto(f"https://huggingface.co/spaces/{SPACE}")
        yield page, page.frame_locator("iframe")
        assert errors == []
    finally:
        context.close()


def test_in_a_frame_of_another_site_a_link_opens_its_state_and_the_copied_one_is_that_of_the_space(browser, server):
    with framed(browser, f"{server.url}?tab=generate&length=21&seed=5") as (page, frame):
        expect(frame.get_by_role("tab", name="Generate")).to_have_attribute("aria-selected", "true")
        expect(frame.locator("#set-length input")).to_have_value("21")
        inside = page.frames[1]
        assert inside.evaluate("document.cookie") == "", "cookies are refused"
        assert copied_by(frame).startswith(f"{server.url}?tab=generate&"), "its own, where it is no Space"
        inside.evaluate(f"rnnlab.space = {SPACE!r}")  # as SPACE_ID makes it
        assert copied_by(frame).startswith(f"https://huggingface.co/spaces/{SPACE}?tab=generate&")
