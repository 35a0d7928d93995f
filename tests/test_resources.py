import pytest

from rnnlab import resources
from rnnlab.resources import SHIPPED_CORPORA, resource, shipped_corpus
from rnnlab.validation import InvalidInput


@pytest.mark.parametrize("name", SHIPPED_CORPORA)
def test_the_shipped_corpora_are_there(name):
    assert resource(SHIPPED_CORPORA[name]).is_file()
    text = shipped_corpus(name)
    assert text.strip()
    assert "\r" not in text


@pytest.mark.parametrize("name", ["lyrics", "data/lyrics.txt", "../secret", "", None])
def test_an_unknown_corpus_is_refused_naming_the_known_ones(name):
    with pytest.raises(InvalidInput, match=r"corpus: .* choose one of lyrics-zh, lyrics-en"):
        shipped_corpus(name)


def test_an_error_for_a_missing_file_names_the_searched_folders(tmp_path, monkeypatch):
    monkeypatch.setattr(resources, "PLACES", (tmp_path / "rnnlab", tmp_path))
    with pytest.raises(FileNotFoundError, match=r"data/none\.txt is missing.*rnnlab"):
        resource("data/none.txt")


def test_files_are_found_in_a_wheel_and_in_a_checkout(tmp_path, monkeypatch):
    monkeypatch.setattr(resources, "PLACES", (tmp_path / "rnnlab", tmp_path))
    beside, inside = tmp_path / "data", tmp_path / "rnnlab" / "data"
    beside.mkdir()
    (beside / "lyrics.txt").write_text("beside", encoding="utf-8")
    assert shipped_corpus("lyrics-zh") == "beside"
    inside.mkdir(parents=True)
    (inside / "lyrics.txt").write_text("inside", encoding="utf-8")
    assert shipped_corpus("lyrics-zh") == "inside"  # site-packages/data may belong to another package
