"""Every registered figure in a real browser, with values that no run should produce: bounded, legible and fast."""

import json
import math
from contextlib import closing

import numpy as np
import pytest

from rnnlab.figures import REGISTRY, PerplexityCurve, confusion_figure, perplexity_figure
from rnnlab.figures.bounds import thinned
from rnnlab.figures.registry import extreme_points
from rnnlab.limits import MAX_LINE_POINTS
from rnnlab.ui.server.static_files import modules_url, static_url

MAX_SECONDS = 3.0  # of a redraw, many times what it takes: one that hangs takes minutes
POINTS = extreme_points()
MANY = 1_000_000
# The modules that a test calls, on a page of the app that has nothing else.
IMPORT = """async (base) => {
    window.rnnlab = {language: () => 'en', theme: () => 'light', assets: {plotly: 'plotly.min.js'}};
    window.fetch = async () => new Response('{}');
    for (const name of ['bounds', 'figures', 'numbers']) {
        Object.assign(window.rnnlab, await import(new URL(`frontend/lib/${name}.js`, base)));
    }
}"""
DRAW = """async ([figure, frames]) => {
    const host = document.querySelector('#plot'), began = performance.now();
    host.replaceChildren(Object.assign(document.createElement('div'), {style: 'width: 760px; height: 400px'}));
    await rnnlab.draw(host.firstChild, figure, {});
    for (let i = 0; i < frames; i++) await new Promise(requestAnimationFrame);
    return (performance.now() - began) / 1000;
}"""
LABELS_OVER_LABELS = """() => [...document.querySelectorAll('#plot .ytick text, #plot .y2tick text')]
    .map(node => node.getBoundingClientRect())
    .filter((box, i, boxes) => boxes.slice(0, i).some(o =>
        Math.min(o.bottom, box.bottom) - Math.max(o.top, box.top) > 2 &&
        Math.min(o.right, box.right) - Math.max(o.left, box.left) > 2)).length"""
OUTSIDE = """() => [...document.querySelectorAll('#plot text')]
    .map(node => [node.textContent, node.getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.right > 764 || box.left < 4)).map(([text]) => text)"""


@pytest.fixture(scope="module")
def blank(browser, server):
    """A page with Plotly and our modules, and nothing else."""
    with closing(browser.new_context(viewport={"width": 1280, "height": 720})) as context:
        page = context.new_page()
        page.route("**/blank", lambda route: route.fulfill(content_type="text/html", body="<main id='plot'></main>"))
        page.goto(f"{server.url}blank")
        page.evaluate(IMPORT, server.url + modules_url())
        page.evaluate("url => { rnnlab.assets.plotly = url }", server.url + static_url("plotly.min.js"))
        yield page


MILLION = np.column_stack([np.linspace(0, 20, MANY), 1.0 + np.arange(MANY) * 7919 % 1000])
TENTH = MILLION[::10]
BASELINES = {"uniform": 1060.0, "unigram": 280.4, "ngram5": 1.8, "ngram5_held_out": 277.8}
# Every registered figure; a figure that is added there is drawn here without further lines.
REGISTERED = {f"{name}, {case}": (name, case) for name in REGISTRY for case in ("no data", *POINTS)}
OTHER_CASES = {
    "perplexity, no baselines": lambda: perplexity_figure(
        PerplexityCurve(epochs=11, training=POINTS["exploding values"])
    ),
    "perplexity, wild baselines": lambda: perplexity_figure(
        PerplexityCurve(baselines=dict(zip(BASELINES, [1e300, math.nan, 0.0, -1.0], strict=True)))
    ),
    "perplexity, a million": lambda: perplexity_figure(
        PerplexityCurve(epochs=100_000, minibatch=MILLION, training=TENTH, held_out=TENTH, baselines=BASELINES)
    ),
    "confusion, two tags": lambda: confusion_figure("AB", np.full((2, 2), 10**12)),
}


def check_drawn(page, figure, slowness, fits_page=True):
    """Draw `figure` and check its time, its size and its labels."""
    assert page.evaluate(DRAW, [json.loads(figure.to_json(remove_uids=False)), 1]) < MAX_SECONDS * slowness()
    assert page.locator("#plot .plot-container .main-svg *").count() < 6000
    assert page.evaluate(LABELS_OVER_LABELS) == 0
    if fits_page:
        assert page.evaluate(OUTSIDE) == []


@pytest.mark.parametrize(("name", "case"), REGISTERED.values(), ids=REGISTERED)
def test_a_registered_figure_neither_freezes_nor_overflows(blank, slowness, name, case):
    registered = REGISTRY[name]
    figure = registered.empty() if case == "no data" else registered.of_points(POINTS[case])
    check_drawn(blank, figure, slowness, registered.fits_page)


@pytest.mark.parametrize("name", OTHER_CASES)
def test_a_special_case_neither_freezes_nor_overflows(blank, slowness, name):
    check_drawn(blank, OTHER_CASES[name](), slowness)


def test_the_page_appends_points_by_the_rules_of_python(blank):
    """The page appends the points of a run one by one, and Python draws them all: the traces are equal."""
    minibatch = POINTS["exploding values"]
    training = [(i, y) for i, y in POINTS["wild values"] if y is None or y == y]
    curve = PerplexityCurve(epochs=10, minibatch=minibatch, training=training, baselines=BASELINES)
    whole = json.loads(perplexity_figure(curve).to_json(remove_uids=False))
    empty = json.loads(perplexity_figure(PerplexityCurve(epochs=10, baselines=BASELINES)).to_json(remove_uids=False))
    empty["layout"]["meta"]["middle"] = whole["layout"]["meta"][
        "middle"
    ]  # tabs/train/axis.js moves it as the axis grows
    given = [[x, "Infinity" if y is None or math.isinf(y) else y] for x, y in training]
    drawn = blank.evaluate(
        """async ([figure, minibatch, training]) => {
            const plot = Object.assign(document.createElement('div'), {style: 'width: 760px; height: 400px'});
            document.querySelector('#plot').replaceChildren(plot);
            await rnnlab.draw(plot, figure, {});
            const add = (uid, points) =>
                rnnlab.extend(plot, {[uid]: {x: points.map(p => p[0]), y: points.map(p => Number(p[1]))}});
            await add('minibatch', minibatch.slice(0, 100));
            await add('training', training);
            await add('minibatch', minibatch.slice(100));
            return ['minibatch', 'training', figure.layout.meta.beyond].map(uid => rnnlab.traceOf(plot.data, uid));
        }""",
        [empty, minibatch, given],
    )
    by_uid = {trace["uid"]: trace for trace in whole["data"]}
    for trace, uid in zip(drawn, ("minibatch", "training", whole["layout"]["meta"]["beyond"]), strict=True):
        for name in ("x", "y", "text", "customdata", "textposition", "hovertext"):
            assert trace.get(name) == by_uid[uid].get(name), (uid, name)


def test_appending_to_a_million_points_is_fast(blank, slowness):
    empty = json.loads(perplexity_figure(PerplexityCurve(epochs=20, baselines=BASELINES)).to_json(remove_uids=False))
    seconds, kept = blank.evaluate(
        """async ([figure, many]) => {
            const plot = Object.assign(document.createElement('div'), {style: 'width: 760px; height: 400px'});
            document.querySelector('#plot').replaceChildren(plot);
            await rnnlab.draw(plot, figure, {});
            const value = (i) => 1 + (i * 7919) % 1000, points = (from, to) => {
                const places = Array.from({length: to - from}, (_, i) => from + i);
                return {x: places.map(i => i / many * 20), y: places.map(value)};
            };
            await rnnlab.extend(plot, {minibatch: points(0, many), training: points(0, many / 10)});
            const began = performance.now();
            await rnnlab.extend(plot, {minibatch: points(many, many + 100), training: points(many, many + 100)});
            return [(performance.now() - began) / 1000, plot.data[0].x.length];
        }""",
        [empty, MANY],
    )
    assert kept <= 4000
    assert seconds < MAX_SECONDS * slowness()


def test_the_page_thins_lines_like_python(blank):
    x, y = np.arange(5003), np.where(np.arange(5003) % 97, np.sin(np.arange(5003) * 0.7), math.nan)
    ours = thinned(x, y)
    shown = [None if math.isnan(value) else value for value in y.tolist()]
    theirs = blank.evaluate("([x, y, limit]) => rnnlab.thinned(x, y, limit)", [x.tolist(), shown, MAX_LINE_POINTS])
    assert theirs == [ours[0].tolist(), [None if math.isnan(value) else value for value in ours[1].tolist()]]


@pytest.mark.parametrize(
    ("value", "written", "placed"),
    [
        (18_920_000_000, "1.9·10¹⁰", "1.9·10¹⁰"), (634_400, "634,400", "6.3·10⁵"), (1234.5678, "1,235", "1234.57"),
        (1e300, "1·10³⁰⁰", "1·10³⁰⁰"), (None, "∞", "∞"), (-2e6, "−2·10⁶", "−2·10⁶"), (0, "0", "0.00"),
        (0.00001234, "1.23·10⁻⁵", "0.00"),
    ],
)  # fmt: skip
def test_a_number_fits_its_cell(blank, value, written, placed):
    assert blank.evaluate("v => [rnnlab.number(v, 4), rnnlab.decimal(v, 2)]", value) == [written, placed]
