"""Links: a query string that says what a tab shows, with which settings, from which epoch on and without what."""

from rnnlab.ui.links.link import Link, ids_hidden, is_link, link_of, linked_ids, parse_link
from rnnlab.ui.links.places import PLACES, TABS, Place, places_of

__all__ = [
    "PLACES",
    "TABS",
    "Link",
    "Place",
    "ids_hidden",
    "is_link",
    "link_of",
    "linked_ids",
    "parse_link",
    "places_of",
]
