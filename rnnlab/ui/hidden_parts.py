"""Parts of the page that a link can hide (`?hide=advanced,corpus`): the one list, with the selector of each.

A link hides any field of its tab as well, by the field's key. The page still works without what is hidden: the values
of hidden fields are sent as ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

HIDDEN_PARTS: Mapping[str, str] = MappingProxyType(
    {
        "advanced": "#advanced, .open-sheet, #race-advanced, #hello-advanced, #sine-advanced, #adding-advanced, "
        "#tag-advanced, #song-advanced, #lookup-options",
        "upload": "#upload-text, #about-text, #upload-model, #inside-upload, #tag-upload",
        "songs": "#live .heading, #live .songs, #live .copied-share, #live .missing, #live .passage, #race .songs",
        "curve": "#live .stage .plot, #live .stage .marker, #live .stage .strip",
        "travel": "#live .travel, #live .marker",
        "unseen": "#live .switches, #live .verdict",
        "compared": "#live .compared",
        "surprise": "#surprise",
        "facts": "#text-facts",
        "export": "#take-along, #live .save",
        "earlier": "#live .earlier",
        "formulas": ".formulas, .reading",
        "next_characters": "#next-character",
        "temperatures": "#beside",
        "followers": "#followers",
        "examples": ".chips, #layers-example",
        "parts": "#layers-part, #tag-parts > .tab-wrapper",
        "tabs": "#tabs > .tab-wrapper",
        "header": "#header",
        "tutorials": "#header .door",
        "prose": "#tabs .prose",
    }
)


def hiding_style() -> str:
    """Return the CSS that hides the parts that the page's `data-hide` names (`frontend/lib/link.js` sets it)."""
    return "".join(
        f'html[data-hide~="{name}"] .gradio-container :is({selectors}){{display:none!important}}'
        for name, selectors in HIDDEN_PARTS.items()
    )
