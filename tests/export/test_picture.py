"""The picture of a run's curve, by Kaleido in the system's Chromium."""

import builtins
import shutil
import xml.etree.ElementTree as ElementTree

import pytest

from rnnlab.export import curve_figure, export
from rnnlab.figures.perplexity import TRACES
from rnnlab.validation import InvalidInput

# As in tests/browser/conftest.py: Kaleido finds a Chrome by itself, but not a headless shell.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PROGRAM = next(filter(None, map(shutil.which, NAMES)), None)


def test_the_figure_has_the_run_s_points_and_the_n_grams_of_a_shipped_text(checkpoint_of):
    checkpoint = checkpoint_of("quick")
    figure = curve_figure(checkpoint)
    traces = dict(zip(TRACES, figure.data, strict=True))
    assert list(traces["training"].y) == [row["perplexity"] for row in checkpoint.history]
    assert traces["uniform"].y[0] == len(checkpoint.vocab)
    assert traces["ngram5"].y[0] > 1
    assert not curve_figure(checkpoint_of("words")).data[list(TRACES).index("ngram5")].x


@pytest.mark.skipif(PROGRAM is None, reason="no Chrome or Chromium is installed")
def test_an_svg_is_drawn_by_the_system_s_chromium_without_a_network(checkpoint_of, monkeypatch):
    pytest.importorskip("kaleido")
    monkeypatch.setenv("BROWSER_PATH", PROGRAM)
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # a request to a network would fail
    svg = export(checkpoint_of("quick"), "svg")
    texts = [node.text for node in ElementTree.fromstring(svg.content).iter("{http://www.w3.org/2000/svg}text")]
    assert "GRU 16 · lyrics-zh · 3 epochs" in texts
    assert "perplexity (log scale)" in texts
    assert svg.name == "rnnlab-gru-16-epoch-3.svg"


def test_a_png_has_twice_as_many_pixels_and_no_script_of_a_network(checkpoint_of, monkeypatch):
    kaleido, asked = pytest.importorskip("kaleido"), []
    monkeypatch.setattr(kaleido, "calc_fig_sync", lambda figure, **options: asked.append(options) or b"png")
    assert export(checkpoint_of("quick"), "png").content == b"png"
    assert asked == [{"opts": {"format": "png", "width": 1280, "height": 720, "scale": 2}, "kopts": {"mathjax": False}}]


def test_without_kaleido_the_way_out_is_named(checkpoint_of, monkeypatch):
    imported = builtins.__import__

    def without_kaleido(name, *arguments):
        if name == "kaleido":
            raise ImportError(name)
        return imported(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without_kaleido)
    with pytest.raises(InvalidInput, match=r"rnnlab\[pictures\].*the page"):
        export(checkpoint_of("quick"), "png")


def test_without_chrome_the_way_out_is_named(checkpoint_of, monkeypatch):
    kaleido = pytest.importorskip("kaleido")
    from kaleido.errors import ChromeNotFoundError

    def no_chrome(*_, **__):
        raise ChromeNotFoundError

    monkeypatch.setattr(kaleido, "calc_fig_sync", no_chrome)
    with pytest.raises(InvalidInput, match="BROWSER_PATH"):
        export(checkpoint_of("quick"), "svg")
