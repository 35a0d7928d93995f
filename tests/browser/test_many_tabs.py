"""Many pages of one browser: it has six connections to a host (HTTP/1.1) for all of them."""

import json
import re
import urllib.request

import pytest
from playwright.sync_api import expect

PAGES = 5  # as Gradio has it each holds two connections, a heartbeat and the run's stream, and the fourth does not load
# Drawing is not what is tested, and pages that draw take the processor for themselves.
STUB = """
const plot = async (element, data, layout) =>
  Object.assign(element, Array.isArray(data) ? { data, layout, on() {} } : {});
window.Plotly = new Proxy({}, { get: (_, name) => name === "then" ? undefined : plot });
"""
HIDE = """() => {
  Object.defineProperty(document, "hidden", { value: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def state(page):
    return page.locator("#live [data-role=state]")


def visitors(server):
    with urllib.request.urlopen(f"{server.url}lab/health", timeout=30) as answer:
        return json.load(answer)["visitors"]


@pytest.mark.timeout(240)
def test_more_pages_than_connections_load_and_each_steers_the_run_that_all_watch(server, browser, watch):
    context = browser.new_context(locale="en-US")
    context.route("**/plotly.min.js*", lambda route: route.fulfill(content_type="text/javascript", body=STUB))
    pages = []
    try:
        for number in range(PAGES):
            before = visitors(server)  # places of visitors who have left are held for a while, and become free in time
            pages.append(context.new_page())
            watch.follow(pages[-1])
            pages[-1].goto(server.url)
            if number == 0:
                expect(state(pages[0])).to_be_visible()
                pages[0].locator("#set-epochs input").fill("500")
                pages[0].locator("#train").click()
            expect(state(pages[-1])).to_have_text("Training.", timeout=30_000)
            if number > 0:
                assert 1 <= visitors(server) <= before, "all pages of a browser are one visitor"
        pages[0].locator("#pause").click()
        expect(state(pages[-1])).to_have_text(re.compile("^Paused"))
        pages[3].locator("#resume").click()
        expect(state(pages[0])).to_have_text("Training.")
        with pages[1].expect_request(lambda request: request.url.endswith("&away")):
            pages[1].evaluate(HIDE)  # it says so, and gives way to those that are looked at
        pages[-1].locator("#stop").click()
        for page in (pages[0], *pages[2:]):  # the one that nobody looks at asks every ten seconds
            expect(state(page)).to_have_text(re.compile("^Stopped"))
    finally:
        context.close()
