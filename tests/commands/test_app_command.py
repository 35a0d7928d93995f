"""`rnnlab app`: bad settings are reported before the server starts."""

import pytest


@pytest.mark.parametrize(
    ("flags", "variables", "words"),
    [
        (["--max-runs", "3.7"], {}, ("max_runs", "from 1 to 256")),
        (["--port", "0"], {}, ("port", "from 1 to 65535")),
        ([], {"RNNLAB_MAX_VISITORS": "-1"}, ("max_visitors", "from 1 to 10000")),
        ([], {"GRADIO_SERVER_PORT": "http"}, ("port", "not a number")),
        (["--device", "tpu"], {"RNNLAB_DEVICE": "cpu"}, ("device", "auto, cpu, cuda")),
    ],
)
def test_a_refusal_names_the_setting(call, refused, monkeypatch, flags, variables, words):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    refused(call("app", *flags), *words)


def test_a_data_folder_that_is_a_file_is_refused(call, refused, tmp_path):
    (tmp_path / "file").write_text("")
    refused(call("app", "--data-dir", tmp_path / "file"), "data_dir", "cannot be used")
