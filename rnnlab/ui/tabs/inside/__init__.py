"""Inside: open a network, and see what it does at each character of a text.

`handlers.py` opens a text with a network (`opened.py`), at the epoch under the handle of time travel, and gives the
panel what `payload.py` makes of it. What a section draws it asks for by the key of what was opened
(`rnnlab.ui.server.inside_routes`); the numbers come from `rnnlab.experiments.language_model.looks`, as those of the
command `rnnlab inspect` and of the endpoint `/inspect` do.

Of an epoch whose exact weights are not kept the nearest kept one is opened, and `lab/inside/<key>/exact` trains it anew
(`exact.js`); `lab/inside/<key>/others` trains the other two cells like the run (`other_cells.py`, `other_cells.js`).

A text strip is shared by all sections, and a switch shows one of them. To add a section called `gates`:

1. `answer(opened, query)` in a module of its own, and its line in `SECTIONS` of `sections.py`. It returns plain data,
   which `lab/inside/<key>/gates?…` sends. Of a refusal it raises InvalidInput.
2. `gates.html` and `gates.css` here. The layout reads them by the names of SECTIONS; the rules of the style sheet hold
   inside of the section alone.
3. `gates.js` here, which exports `section`: `{ name, attach(root, strip, ask), draw(opened), show(), hide() }`.
   `attach` is called once; `root` is the section's element, `strip` the text (`strip.js`), and
   `ask(query)` asks for the section's answer: it returns it, or null if the page has moved on or the server refused.
   `draw` is called with the panel's value for each text or epoch that is opened while the section is shown, and when
   it is shown for the first time after that; `show` and `hide` when the switch turns to it and away.
   `strip.paint(values, scale)` colours the characters, `strip.listen({ cursor, selection })` tells of the cursor and
   of a dragged selection. `states.js` names the states and fills lists, `unit_map.js` draws units × time.
4. Its words: `inside_gates.json` in each language's folder, with the section `inside_gates`; its `title` stands on the
   switch. Words of several sections, such as the names of states and gates, stand in `inside.json`; `followWords` of
   `states.js` gives both.
"""

from rnnlab.ui.tabs.inside.layout import build_tab

__all__ = ["build_tab"]
