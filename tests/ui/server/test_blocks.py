"""What is checked before a handler sees it, on a small page. (With the whole server: tests/hostile.)"""

import asyncio

import gradio as gr
import pytest
from gradio.state_holder import SessionState

from rnnlab.ui.i18n import t
from rnnlab.ui.i18n.errors import Refusal, refuse
from rnnlab.ui.server.blocks import Lab, check_value, elem_id_of, name_of, names_of
from rnnlab.validation import InvalidInput


def echo(text: str, request: gr.Request) -> str:
    return text


@pytest.fixture
def page():
    with Lab() as lab:
        session = gr.State(None)
        number = gr.Number(label=t("fields.epochs"), elem_id="set-epochs")
        own = gr.Textbox(label=t("train.own_text"), elem_id="own-text")
        upload = gr.UploadButton("Upload", file_types=[".txt", ".zip"])
        number.change(lambda session, number, own: None, [session, number, own], None, api_visibility="private")
        upload.upload(lambda session, path: None, [session, upload], None, api_visibility="private")
        gr.api(echo, api_name="echo")
    lab.take_values_raw()
    return lab


def refusal_of(page, number, values):
    with pytest.raises(InvalidInput) as refused:
        page.validate_inputs(page.fns[number], values)
    return refused.value


def test_values_reach_the_handlers_as_they_came_and_files_do_not(page):
    assert [function.preprocess for function in page.fns.values()] == [False, True, False]


def test_calls_past_the_queue_are_closed(page):
    assert page.api_open is False


def test_a_name_is_the_settings_or_else_the_components():
    with gr.Blocks():
        assert name_of(gr.Number(label=t("fields.epochs"))) == "epochs"
        assert name_of(gr.Number(label=t("layers.batch_size"))) == "batch_size"
        assert name_of(gr.Textbox(label=t("train.own_text"), elem_id="own-text")) == "own-text"
        assert name_of(gr.UploadButton(t("train.upload"))) == "upload"
        assert name_of(gr.Textbox()) == "value"


@pytest.mark.parametrize(
    ("number", "field", "elem_id"),
    [(0, "epochs", "set-epochs"), (0, "own_text", "own-text"), (0, "text", "own-text"), (0, "run", ""), (1, "any", "")],
)
def test_a_refusal_finds_the_component_that_it_is_about(page, number, field, elem_id):
    assert elem_id_of(page.fns[number], field) == elem_id


def test_a_refusal_reaches_the_page_in_both_languages_with_its_field_and_the_api_in_one(page):
    with pytest.raises(Refusal) as shown:
        asyncio.run(page.process_api(0, [None, 1, "a", 2], state=SessionState(page)))
    assert shown.value.message.count("<span lang=") == 2
    with pytest.raises(Refusal) as told:
        asyncio.run(page.process_api(2, ["a", "b"], state=SessionState(page)))
    assert "<" not in told.value.message
    refusal = refuse("generate.not_trained", None, "model")
    refusal.mark("song-model")
    assert refusal.message.startswith('<output for="song-model"><span lang="en">Nothing has been trained here')


@pytest.mark.parametrize("values", [[None], [None, 1], [None, 1, "a", 2]])
def test_the_number_of_values_must_be_right(page, values):
    refusal = refusal_of(page, 0, values)
    assert refusal.code == "number_of_values"
    assert refusal.details["names"] == "epochs, own-text"


def test_an_endpoint_names_its_arguments(page):
    assert names_of(page.fns[2]) == ["text"]


@pytest.mark.parametrize("value", [1, float("nan"), None, "", "ok", True, [["a"]], [], [None]])
def test_any_plain_value_is_left_to_the_rules(value):
    check_value("epochs", value)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({}, "not_a_value"),
        ([[{"path": "/etc/passwd"}]], "not_a_value"),
        ("a\ud800", "bad_character"),
        (["\udfff"], "bad_character"),
    ],
)
def test_objects_and_half_characters_are_no_values(value, code):
    with pytest.raises(InvalidInput, match="epochs") as refused:
        check_value("epochs", value)
    assert refused.value.code == code
    str(refused.value).encode("utf-8")


def test_lists_may_be_as_deep_as_they_like():
    deep = "a"
    for _ in range(100_000):
        deep = [deep]
    check_value("epochs", deep)


def test_only_a_file_that_was_uploaded_is_read(page):
    page.upload_file_set.update({"/uploads/a.TXT", "/uploads/a.exe"})
    page.validate_inputs(page.fns[1], [None, {"path": "/uploads/a.TXT"}])
    for value in (
        {"path": "/etc/passwd.txt"},
        {"path": None},
        {"path": ["/uploads/a.TXT"]},
        {},
        "/uploads/a.TXT",
        None,
        5,
    ):
        assert refusal_of(page, 1, [None, value]).code == "not_an_upload"
    assert str(refusal_of(page, 1, [None, {"path": "/uploads/a.exe"}])).endswith("upload one that ends in .txt, .zip.")


def test_no_copies_of_the_components_stay_with_a_page(page):
    state = SessionState(page)
    assert state.config_values
    answer = asyncio.run(page.process_api(page.fns[2], ["la"], state=state))
    assert answer["data"] == ["la"]
    assert state.config_values == {}
