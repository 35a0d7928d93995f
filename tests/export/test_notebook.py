"""The notebook of a run: cells with headings. That it prints what the script prints: `test_script.py`."""

import json

from rnnlab.export import make_notebook, make_script


def test_a_notebook_has_the_fields_of_nbformat_4_5(untrained, name):
    content = json.loads(make_notebook(untrained(name)))
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    assert content["metadata"]["kernelspec"]["name"] == "python3"
    cells = content["cells"]
    assert len({cell["id"] for cell in cells}) == len(cells)
    for cell in cells:
        code = {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        assert set(cell) == {"id", "cell_type", "metadata", "source"} | code
        assert isinstance(cell["source"], str)
        assert cell["source"].strip()


def test_each_part_has_a_heading_in_both_languages_and_none_of_the_code_is_lost(checkpoint_of):
    checkpoint = checkpoint_of("quick")
    cells = json.loads(make_notebook(checkpoint))["cells"]
    headings = [cell["source"].splitlines()[0] for cell in cells if cell["cell_type"] == "markdown"]
    assert headings[0].startswith("# GRU 16 on lyrics-zh")
    assert headings[1:5] == [
        "## The text · 文本",
        "## The model · 模型",
        "## Perplexity and songs · 困惑度与歌",
        "## Training · 训练",
    ]
    code = "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "code")
    script = make_script(checkpoint, in_notebook=True).code
    assert [line for line in code.splitlines() if line] == [
        line for line in script.splitlines() if line and not line.startswith("# %% ")
    ]
    assert "epoch 3: perplexity" in cells[-1]["source"]
