"""`rnnlab surgery`."""

import json

import pytest

TEXT = ["--text", "The night train home is late"]


def test_json_has_the_perplexity_before_and_after_and_both_songs(call):
    words = ["--gate", "update", "--hold", "0.5", "--unit", 3, "--zero", "weight_hh", "--length", 20]
    status, out, err = call("surgery", "lyrics-en", *words, *TEXT, "--json")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert [operation["kind"] for operation in found["operations"]] == ["gate", "unit", "matrix"]
    assert found["operations"][0] == {"kind": "gate", "layer": 0, "gate": "z", "value": 0.5}
    assert found["perplexity"]["after"] > found["perplexity"]["before"] > 1
    evaluated = call("surprise", "lyrics-en", *TEXT, "--json")[1]
    assert 2 ** json.loads(evaluated)["parts"]["text"]["mean_bits"] == pytest.approx(
        found["perplexity"]["before"], rel=1e-4
    )
    song = found["song"]
    assert len(song["before"]) == len(song["after"]) == 20
    assert song["before"][: song["departs"]] == song["after"][: song["departs"]]


def test_lines_name_the_operations_and_mark_where_the_song_departs(call):
    status, out, _ = call("surgery", "lyrics-en", "--gate", "z=mean", "--length", 30, *TEXT)
    assert status == 0
    assert out.startswith("layer 0: update gate (z) held at each unit's mean\nperplexity ")
    assert out.count("▸") == out.count("‖") == 2  # in the heading and in the song


def test_the_operations_hold_from_a_character_of_the_song_on(call, refused):
    words = ["surgery", "lyrics-en", "--gate", "z=0", "--length", 30, "--from-character", 12, *TEXT]
    song = json.loads(call(*words, "--json")[1])["song"]
    assert song["from_character"] == 12
    assert song["before"][:12] == song["after"][:12]
    assert song["departs"] >= 12
    status, out, _ = call(*words)
    assert status == 0
    operated = out.split(":\n")[-1]
    assert operated.replace("▸", "").index("‖") == len(song["prefix"]) + 12
    refused(call(*words, "--length", 12), "from_character", "11")


def test_without_an_operation_it_measures_every_gate(call):
    status, out, _ = call("surgery", "lyrics-en", *TEXT, "--json")
    assert status == 0
    rows = json.loads(out)["gates"]
    assert [row["gate"] for row in rows] == ["r", "z"]
    assert list(rows[0]["perplexity"]) == ["free", "0", "0.5", "1", "mean"]
    lines = call("surgery", "lyrics-en", *TEXT)[1].splitlines()
    assert [line.split()[1] for line in lines[1:]] == ["r", "z"]


def test_what_a_network_lacks_is_refused_by_name(call, refused):
    refused(call("surgery", "lyrics-en", "--gate", "forget", *TEXT), "gate", "gru", "update (z)")
    refused(call("surgery", "lyrics-en", "--unit", 9999, *TEXT), "unit", "2047")
    refused(call("surgery", "lyrics-en", "--unit", 500, *TEXT), "unit", "255")
    refused(call("surgery", "lyrics-en", "--gate", "z", "--hold", 2, *TEXT), "value", "mean")
    refused(call("surgery", "lyrics-en", "--zero", "weight", *TEXT), "matrix", "weight_hh")
    refused(call("surgery", "lyrics-en", "--gate", "z", "--text", "\u4f60"), "text")


def test_inspect_prints_the_gates_and_the_cell_at_a_character(call):
    words = ["inspect", "lyrics-en", *TEXT, "--what", "gates", "--set", "place=4", "--set", "unit=5"]
    status, out, _ = call(*words)
    assert status == 0
    lines = out.splitlines()
    assert [line.split()[1] for line in lines[2:4]] == ["r", "z"]
    assert [line.split()[0] for line in lines[5:]] == ["r_t", "z_t", "n_t", "h_t"]
    found = json.loads(call(*words, "--json")[1])
    assert found["cell"]["lines"][0]["value"] == pytest.approx(float(lines[5].split()[-1]), abs=1e-4)
