"""Links: what is written is read again, by the rules of the settings; what cannot be is refused, and nothing fails."""

from dataclasses import fields
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.commands.link import DOCUMENT, with_table
from rnnlab.experiments.language_model import preset
from rnnlab.runs import Runner
from rnnlab.ui.app import create_app
from rnnlab.ui.components.settings_form import shown_values
from rnnlab.ui.hidden_parts import HIDDEN_PARTS
from rnnlab.ui.i18n.languages import LANGUAGES
from rnnlab.ui.links import PLACES, TABS, link_of, linked_ids, parse_link
from rnnlab.ui.links.payload import Links, read_payload, write_payload
from rnnlab.ui.server import page_head
from rnnlab.ui.tabs.train.handlers import SETTINGS, on_preset
from rnnlab.validation import Choice, Integer, Real, Switch

NAMES = [" ".join(filter(None, (place.tab, place.part))) for place in PLACES]


@pytest.fixture(scope="module")
def app():
    runner = Runner()
    yield create_app(runner)
    runner.close()


def another(rule, value):
    """Return a value that a rule allows, other than `value`; None if there is none that surely goes with the others."""
    match rule:
        case Choice():
            return next((option for option in rule.options if option != value), None)
        case Switch():
            return not value
        case Integer():
            return max(rule.low, value + 1 if value is not None else 1) if value != rule.high else value - 1
        case Real():
            return value / 2 if value and value / 2 >= rule.low else min(rule.high, rule.low + 1)
    return None


def test_every_tab_of_the_page_and_every_field_of_a_link_is_there(app):
    tabs = [
        block.id for block in app.blocks.values() if type(block).__name__ == "Tab" and block.parent.elem_id == "tabs"
    ]
    assert sorted(tabs) == sorted(TABS)
    ids = {block.elem_id for block in app.blocks.values()}
    buttons = {elem_id for place in PLACES for elem_id in place.buttons.values()}
    assert {*linked_ids(), *buttons} <= ids


@pytest.mark.parametrize("place", PLACES, ids=NAMES)
def test_a_choice_is_one_that_its_field_offers(place, app):
    by_id = {block.elem_id: block for block in app.blocks.values()}
    for name, elem_id in place.fields.items():
        offered = getattr(by_id[elem_id], "choices", None)
        group = place.group_of(name)
        rule = Choice(tuple(place.presets)) if group is None else group.rule(name)
        if offered and isinstance(rule, Choice):
            assert set(rule.options) <= {value for _, value in offered}, name


@pytest.mark.parametrize("place", PLACES, ids=NAMES)
def test_a_link_of_one_setting_sets_that_field_and_comes_back(place):
    where = f"tab={place.tab}&part={place.part}" if place.part else f"tab={place.tab}"
    usual = parse_link(where).fields
    tried = 0
    for group in place.groups:
        rules = {item.name: group.rule(item.name) for item in fields(group.config) if item.name in group.ids}
        for name, rule in rules.items():
            value = another(rule, getattr(group.make({}, {}), name))
            link = parse_link(f"{where}&{name}={rule.show(value)}") if value is not None else None
            if link is None or link.refusals or name == place.preset_key or name in ("corpus", "distance", "model"):
                continue  # it does not go with the others, or others follow from it
            tried += 1
            assert {key for key in link.fields if link.fields[key] != usual.get(key)} == {group.ids[name]}, name
            back = link_of(place.tab, place.part, link.fields)
            assert not back.refusals
            assert back.settings[name] == rule.show(value)
            assert parse_link(back.to_query()).fields == link.fields
    assert tried >= min(2, len(place.keys)) or place.tab in ("inside", "tag")


def test_a_link_with_a_preset_shows_what_choosing_the_preset_shows():
    link = parse_link("?tab=train&preset=book")
    assert [link.fields[f"set-{name}"] for name in SETTINGS] == on_preset("book")[:-1]
    assert link.fields["recipe"] == "book"
    of_english = parse_link("?tab=train&preset=book&corpus=lyrics-en&seed=9")
    config = preset("book").config(corpus="lyrics-en", seed=9)
    assert [of_english.fields[f"set-{name}"] for name in SETTINGS] == shown_values(config, SETTINGS)


def test_only_what_differs_from_the_defaults_is_in_a_link():
    shown = {**parse_link("?tab=train&preset=book").fields, "set-seed": 3}
    assert link_of("train", "", shown).to_query() == "tab=train&preset=book&seed=3"
    assert link_of("train", "", shown, hide="advanced,seed", at="epoch:7").to_query() == (
        "tab=train&preset=book&seed=3&hide=advanced,seed&at=epoch:7"
    )


def test_a_bad_key_or_value_is_one_sentence_and_the_good_ones_are_taken():
    link = parse_link("?tab=train&seed=3&epochs=0&lernrate=1&learning_rate=fast&model=lstm&hide=nose,advanced&at=noon")
    assert dict(link.settings) == {"seed": "3", "model": "lstm"}
    assert (link.hide, link.at) == (("advanced",), None)
    said = [str(error) for error in link.refusals]
    assert len(said) == 5
    for name, part in {
        "epochs": "from 1 to 100000",
        "learning_rate": "from 0 to",
        "hide": "advanced",
        "at": "epoch:7",
    }.items():
        assert any(name in sentence and part in sentence for sentence in said), name
    assert any("lernrate" in sentence and "learning_rate" in sentence for sentence in said)


def test_settings_that_do_not_go_together_leave_the_others():
    link = parse_link("?tab=hello&source=abc&epochs=50")
    assert dict(link.settings) == {"epochs": "50"}
    assert len(link.refusals) == 1


def test_a_setting_that_only_shares_its_name_with_the_wrong_one_stays():
    link = parse_link("?tab=race&hidden_size=64&lanes=rnn,lstm hidden_size=99999")
    assert dict(link.settings) == {"hidden_size": "64"}
    assert len(link.refusals) == 1


def test_a_link_leaves_fields_alone_that_begin_in_the_language_of_the_page():
    assert "song-model" not in parse_link("?tab=generate&temperature=0.5").fields
    english = parse_link("?tab=generate&model=lyrics-en").fields
    assert (english["song-model"], english["set-prefix"]) == ("lyrics-en", "The night ")


def test_the_part_is_the_one_whose_settings_are_named():
    assert parse_link("?tab=tag&preset=context").place.part == "train"
    assert parse_link("?tab=tag&text=a%20cat").place.part == "sentence"
    assert read_payload("tab=layers&part=packed")["fields"]["layers-part"] == "packed"


@pytest.mark.parametrize("query", ["", "?lang=zh", "?__theme=dark&view=api", "?fbclid=x&utm_source=y", "?anything=1"])
def test_what_others_put_into_an_address_is_no_link(query):
    payload = read_payload(query)
    assert not payload["known"]


def test_a_link_that_only_hides_sets_nothing():
    payload = read_payload("?hide=advanced,seed&lang=zh")
    assert (payload["known"], payload["sets"], payload["hidden_fields"]) == (True, False, ("set-seed",))


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*PLACES[0].keys, "tab", "part", "hide", "at", "press", "x"]), st.text(max_size=9), max_size=6
    )
)
def test_no_link_fails_and_what_it_means_is_read_again(pairs):
    link = parse_link(urlencode(pairs, errors="replace"))
    again = parse_link(link.to_query())
    assert not again.refusals
    assert again.fields == link.fields
    for each in read_payload(urlencode(pairs, errors="replace"))["refused"]:
        assert set(each) == set(LANGUAGES)


@pytest.mark.parametrize(
    "query", ["tab=train&seed=" + "9" * 9000, "&".join(f"k{i}=1" for i in range(300)), "%ff=%00&tab=%F0"]
)
def test_a_hostile_query_is_refused_and_nothing_fails(query):
    assert parse_link(query).refusals


@pytest.mark.parametrize(
    "wanted",
    [
        None,
        3,
        [],
        {"fields": 3},
        {"tab": [], "at": {}, "hide": 7},
        {"tab": "train", "fields": {"set-seed": [1], "recipe": {}, "corpus": None}},
    ],
)
def test_whatever_is_sent_to_have_a_link_made_is_answered(wanted):
    assert "query" in Links().write(wanted)


def test_a_text_of_ones_own_is_not_in_the_link_and_that_is_said():
    fields_shown = {**parse_link("?tab=train").fields, "corpus": "own"}
    made = write_payload({"tab": "train", "fields": fields_shown})
    assert made["own"] is True
    assert "corpus=own" in made["query"]


def test_every_hidden_part_has_a_selector_of_the_page(app):
    config = str(app.get_config_file())
    for name, selectors in HIDDEN_PARTS.items():
        for selector in selectors.split(", "):
            if selector.startswith("#"):
                word = selector.split()[0].removeprefix("#")
                assert f"'elem_id': '{word}'" in config or word in ("text-facts",), f"{name}: {selector}"


def test_the_documented_keys_are_current():
    text = DOCUMENT.read_text("utf-8")
    assert with_table(text) == text


def test_the_page_knows_the_space_that_it_is(monkeypatch):
    monkeypatch.setenv("SPACE_ID", "someone/rnn-lab")
    assert 'data-space="someone/rnn-lab"' in page_head._boot.__wrapped__()
    monkeypatch.delenv("SPACE_ID")
    assert 'data-space=""' in page_head._boot.__wrapped__()


def test_a_link_to_watch_sets_nothing():
    link = read_payload(f"?watch={'0' * 32}")
    assert (link["known"], link["refused"]) == (False, [])
    assert read_payload(f"?tab=train&watch={'0' * 32}&at=epoch:7")["at"] == 7
