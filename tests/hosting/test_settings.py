"""The server's settings: flags, environment variables, defaults, and invalid values."""

import pytest

from rnnlab.hosting import ServerSettings, flags_of, variables_of
from rnnlab.validation import InvalidInput


def test_a_flag_takes_precedence_over_a_variable_and_a_variable_over_the_default():
    variables = {"RNNLAB_MAX_RUNS": "3", "RNNLAB_MAX_VISITORS": "30", "GRADIO_SERVER_NAME": "0.0.0.0", "PATH": "/bin"}
    settings = ServerSettings.resolve({"max_runs": "4", "max_visitors": None, "device": "cpu"}, variables)
    assert settings == ServerSettings(host="0.0.0.0", max_runs=4, max_visitors=30, device="cpu")


def test_empty_values_are_ignored():
    assert (
        ServerSettings.resolve({"data_dir": ""}, {"RNNLAB_MAX_RUNS": "", "GRADIO_SERVER_PORT": ""}) == ServerSettings()
    )


@pytest.mark.parametrize(
    ("flag", "value", "message"),
    [
        ("max_runs", "0", "from 1 to 256"),
        ("max_runs", "2.5", "not a whole number"),
        ("max_visitors", "many", "not a number"),
        ("port", "65536", "from 1 to 65535"),
        ("device", "tpu", "auto, cpu, cuda"),
        ("matmul_precision", "low", "highest, high, medium"),
        ("data_dir", "a\0b", "not text"),
    ],
)
def test_an_invalid_value_is_rejected_with_the_setting_and_its_range(flag, value, message):
    for flags, variables in (({flag: value}, {}), ({}, {variables_of(ServerSettings)[flag]: value})):
        with pytest.raises(InvalidInput, match=f"^{flag}: .*{message}"):
            ServerSettings.resolve(flags, variables)


def test_every_setting_has_a_flag_whose_help_names_its_variable():
    assert list(flags_of(ServerSettings)) == [
        "host", "port", "max-runs", "max-visitors", "data-dir", "device", "matmul-precision",
    ]  # fmt: skip
    assert flags_of(ServerSettings)["port"].endswith("(or GRADIO_SERVER_PORT)")
    assert flags_of(ServerSettings)["data-dir"].endswith("(or RNNLAB_DATA_DIR)")
