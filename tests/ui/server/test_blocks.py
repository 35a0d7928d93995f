"""The checks of inputs before a handler gets them, on a small page. (With the whole server: tests/hostile.)"""

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


def test_values_reach_the_handlers_unchanged_and_files_do_not(page):
    assert [function.preprocess for function in page.fns.values()] == [False, True, False]


def test_calls_past_the_queue_are_closed(page):
    assert page.api_open is False


def test_the_name_of_an_input_is_its_setting_or_its_component():
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
def test_a_refusal_marks_its_component(page, number, field, elem_id):
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
def test_plain_values_pass(value):
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
def test_objects_and_lone_surrogates_are_rejected(value, code):
    with pytest.raises(InvalidInput, match="epochs") as refused:
        check_value("epochs", value)
    assert refused.value.code == code
    str(refused.value).encode("utf-8")


def test_lists_of_any_depth_pass():
    deep = "a"
    for _ in range(100_000):
        deep = [deep]
    check_value("epochs", deep)


def test_only_an_uploaded_file_is_accepted(page):
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


def test_a_session_keeps_no_copies_of_the_components(page):
    state = SessionState(page)
    assert state.config_values
    answer = asyncio.run(page.process_api(page.fns[2], ["la"], state=state))
    assert answer["data"] == ["la"]
    assert state.config_values == {}
