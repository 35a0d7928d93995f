"""Error messages of values: numbers, texts, settings, links, what reaches the page; see `rnnlab.messages`."""

from __future__ import annotations

VALUES = {
    # numbers, switches, choices
    "not_a_number": "{field}: {value} is not a number; give a number from {low} to {high}.",
    "not_whole": "{field}: {value} is not a whole number; give a whole number from {low} to {high}.",
    "out_of_range": "{field}: {value} is out of range; give a number from {low} to {high}.",
    "not_a_switch": "{field}: {value} is neither true nor false.",
    "not_a_choice": "{field}: {value} is not on offer; choose one of {choices}.",
    # texts
    "not_text": "{field}: {value} is not text.",
    "empty": "{field}: it is empty; give at least {low} character(s).",
    "too_long": "{field}: at most {high} characters (this has {length}).",
    "paste_too_long": "{field}: at most {high} characters can be pasted (this has {length}); save it as a .txt file "
    "(UTF-8) and upload that.",
    "bad_character": "{field}: it holds a character that is not text ({value}); remove it.",
    "separator": "{field}: {separator} stands between entries, so {value} cannot be one; leave it out.",
    "too_many_items": "{field}: at most {high} entries (this has {length}).",
    # configurations
    "unknown_field": "{field}: there is no such setting; the settings are {choices}.",
    # links
    "link_key": "{field}: a link to {place} sets nothing of this name; rnnlab link --keys lists what it sets.",
    "link_key_near": "{field}: a link to {place} sets nothing of this name; perhaps {near} is meant.",
    "link_at": "{field}: {value} is no moment of a run; write it like `epoch:7`, with a whole number from 0 to {high}.",
    "link_hide": "{field}: {value} is neither a part of the page nor a field of this tab; the parts are {choices}.",
    "link_words": "{field}: {value} is neither a link nor a flag with a value; write --tab train --seed 3, or a link.",
    "link_too_long": "{field}: a link has at most {characters} characters and {keys} keys.",
    # what reaches the page
    "number_of_values": "{field}: {given} value(s) came where {wanted} are expected; give {names}.",
    "not_an_upload": "{field}: {value} is not a file that was uploaded here; upload it anew.",
    "upload_kind": "{field}: {value} is not a kind of file that is read here; upload one that ends in {kinds}.",
    "not_a_value": "{field}: {value} is not a value for it; give a number, text, true, false or a list of texts.",
    # room for uploads
    "uploads_full": "{field}: there is no room for {size} MB more: all visitors' uploads together may take {high} MB; "
    "try again in a few minutes.",
}
