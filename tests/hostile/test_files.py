"""Files of all kinds through the page's upload: accepted, or refused with a reason and without any other effect."""

import io
import itertools
import json
import re
import stat
import struct
import warnings
import zipfile

import httpx
import pytest
import safetensors.torch
import torch

from rnnlab.resources import shipped_model
from rnnlab.ui.i18n import words

LYRIC = "想要有直升机\n想要和你飞到宇宙去\n" * 20
UPLOADS = {"text": "upload-text", "model": "upload-model", "sentences": "tag-upload"}  # elem_ids of the buttons


def zipped(members, compression=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(buffer, "w", compression) as archive:
            for name, content in members:
                archive.writestr(name, content)
    return buffer.getvalue()


def patched(data, in_local, in_central, layout, value):
    """Change a field of the only member in both of its headers."""
    data = bytearray(data)
    struct.pack_into(layout, data, in_local, value)
    struct.pack_into(layout, data, data.index(b"PK\x01\x02") + in_central, value)
    return bytes(data)


def linked():
    link = zipfile.ZipInfo("lyrics.txt")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return zipped([(link, b"/etc/passwd")])


ONE = zipped([("lyrics.txt", LYRIC)])
TEXTS = {  # name, bytes, code of the refusal
    "UTF-8": ("a.txt", LYRIC.encode(), None),
    "UTF-8 with a mark": ("a.txt", LYRIC.encode("utf-8-sig"), None),
    "GB18030": ("a.txt", LYRIC.encode("gb18030"), None),
    "UTF-16 with a mark": ("a.txt", LYRIC.encode("utf-16"), None),
    "UTF-16 without": ("a.txt", LYRIC.encode("utf-16-le"), None),
    "Shift_JIS": ("a.txt", ("春の風が窓をたたく\n" * 20).encode("cp932"), None),
    "one line of 10 MB": ("a.txt", ("想要" * 1_700_000).encode(), None),
    "a short one": ("a.txt", b"ab", None),
    "a zip": ("a.zip", ONE, None),
    "empty": ("a.txt", b"", "empty"),
    "blank": ("a.txt", b" \n\n", "empty"),
    "binary": ("a.txt", bytes(range(256)) * 9, "not_decodable"),
    "NUL": ("a.txt", b"la\0la", "binary"),
    "a program": ("a.exe", b"MZ", "upload_kind"),
    "no kind": ("a", b"la la", "upload_kind"),
    "bomb": ("a.zip", zipped([("a.txt", bytes(30_000_000))]), "too_many_bytes"),
    "nested": ("a.zip", zipped([("a.txt", "la"), ("b.zip", ONE)]), "zip_nested"),
    "lying size": ("a.zip", patched(ONE, 22, 24, "<L", 10), "zip_damaged"),
    "10,000 members": ("a.zip", zipped(((f"{i}.md", b"") for i in range(10_000)), zipfile.ZIP_STORED), "zip_members"),
    "link": ("a.zip", linked(), "zip_link"),
    "encrypted": ("a.zip", patched(ONE, 6, 8, "<H", 1), "zip_encrypted"),
    "two texts": ("a.zip", zipped([("a.txt", "la"), ("b.txt", "lu")]), None),
    "Word": ("a.docx", zipped([("[Content_Types].xml", "x"), ("word/document.xml", "x")]), "document"),
    "renamed RTF": ("a.txt", b"{\\rtf1 la}", "document"),
    "a table": ("a.csv", b"la,la", "upload_kind"),
    "no text": ("a.zip", zipped([("a.md", "la")]), "zip_without_text"),
    "no zip": ("a.zip", LYRIC.encode(), "zip_damaged"),
}


def row(number, form="dog", tag="NOUN"):
    return "\t".join([str(number), form, "_", tag, *"______"])


SENTENCE = row(1) + "\n" + row(2, "barks", "VERB") + "\n\n"
SENTENCES = {
    "good": ("a.conllu", SENTENCE * 3, None),
    "ranges and empty nodes": ("a.conllu", f"{row('1-2', 'dont', '_')}\n{row('1.1')}\n{SENTENCE}", None),
    "500 words": ("a.conllu", "\n".join(row(i) for i in range(1, 501)) + "\n", None),
    "501 words": ("a.conllu", "\n".join(row(i) for i in range(1, 502)) + "\n", None),
    "broken columns": ("a.conllu", "1\tdog\tNOUN\n", "conllu_columns"),
    "broken numbers": ("a.conllu", row("x") + "\n", "conllu_line"),
    "no tag": ("a.conllu", row(1, tag="_") + "\n", "conllu_no_tag"),
    "200,000 sentences": ("a.conllu", (row(1) + "\n\n") * 200_000, None),
    "too many words": ("a.conllu", "1\n" * 300_001, "conllu_columns"),
    "empty": ("a.conllu", "", "conllu_empty"),
    "prose": ("a.txt", "The dog barks.", "conllu_columns"),
}


NOTHING = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}


def with_header(header):
    written = json.dumps(header).encode()
    return len(written).to_bytes(8, "little") + written


def models():
    """Return files of weights, each with one defect, made from a shipped model."""
    data = shipped_model("lyrics-en").read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    metadata, tensors = header["__metadata__"], safetensors.torch.load(data)
    name = next(iter(tensors))
    shorter = json.dumps(json.loads(metadata["vocabulary"])[:-1])
    saved, many = safetensors.torch.save, dict.fromkeys(map(str, range(100_000)), NOTHING)
    twice = data[8 : 8 + size].rstrip()[:-1] + b',"%s":%s}' % (name.encode(), json.dumps(header[name]).encode())
    return {
        "good": (data, None),
        "pickle": (b"\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x05posix\x94.", "checkpoint_pickle"),
        "torch.save": (zipped([("archive/data.pkl", b"\x80\x02.")]), "checkpoint_pickle"),
        "huge header": ((2**40).to_bytes(8, "little") + b"{", "checkpoint_not_one"),
        "empty": (b"", "checkpoint_not_one"),
        "another file": (LYRIC.encode(), "checkpoint_not_one"),
        "cut short": (data[: len(data) // 2], "checkpoint_damaged"),
        "without a header of ours": (saved(tensors), "checkpoint_format"),
        "a wrong shape": (saved(tensors | {name: tensors[name][:-1].clone()}, metadata), "checkpoint_shape"),
        "a wrong type": (saved(tensors | {name: tensors[name].double()}, metadata), "checkpoint_shape"),
        "a wrong name": (saved(tensors | {"model.other": torch.zeros(1)}, metadata), "checkpoint_names"),
        "another vocabulary": (saved(tensors, metadata | {"vocabulary": shorter}), "checkpoint_shape"),
        "a word twice": (saved(tensors, metadata | {"vocabulary": '["a", "a"]'}), "checkpoint_header"),
        "NaN": (saved(tensors | {name: tensors[name] * torch.nan}, metadata), "checkpoint_not_finite"),
        "a name twice": (len(twice).to_bytes(8, "little") + twice + data[8 + size :], "checkpoint_not_one"),
        "100,000 tensors": (with_header(many | {"__metadata__": metadata}), "checkpoint_names"),
    }


def upload_event(lab, kind):
    """Return the number of an upload button's handler."""
    (found,) = (n for n, fn in lab.app.fns.items() if any(b.elem_id == UPLOADS[kind] for b in fn.inputs))
    return found


def upload(lab, kind, files, session, language="en"):
    """Send (name, bytes) pairs as the page does, one after the other in one session; return the answers."""
    with httpx.Client(base_url=lab.url, timeout=120) as client:
        sent = [client.post("gradio_api/upload", files={"files": file}) for file in files]
    assert {response.status_code for response in sent} == {200}
    values = [{"path": response.json()[0], "meta": {"_type": "gradio.FileData"}} for response in sent]
    number = upload_event(lab, kind)
    return [lab.ask([(number, [None, value])], {"accept-language": language}, session)[0] for value in values]


def says(code, text, language):
    """Return whether `text` is the refusal `code` with any details."""
    field, *parts = re.split(r"\{\w+\}", re.sub(r"@[a-z_]+", "{x}", words(language)[f"errors.{code}"]))
    return re.fullmatch(field + ".+" + ".*".join(map(re.escape, parts)), text, re.DOTALL)


def judge(lab, kind, cases):
    """Assert that each file is accepted or refused as expected, every other one in Chinese."""
    for language, names in zip(("en", "zh"), (list(cases)[::2], list(cases)[1::2]), strict=True):
        answers = upload(lab, kind, [cases[name][:2] for name in names], f"{kind}-{language}", language)
        for name, answer in zip(names, answers, strict=True):
            code = cases[name][2]
            if code is None:
                assert answer.success, (name, answer.error)
            else:
                assert answer.error, (name, answer)
                assert says(code, answer.says(language), language), (name, answer.error)


def test_texts(lab):
    judge(lab, "text", TEXTS)


def test_tagged_sentences(lab):
    judge(lab, "sentences", {name: (file, text.encode(), code) for name, (file, text, code) in SENTENCES.items()})


def test_models(lab):
    judge(lab, "model", {name: ("m.safetensors", data, code) for name, (data, code) in models().items()})


def test_a_refused_upload_and_other_sessions_leave_an_upload_unchanged(lab):
    """Neither a bad file after a good one nor another visitor's file replaces it."""
    mine = upload(lab, "text", [("mine.txt", b"mine " * 200), *(case[:2] for case in TEXTS.values() if case[2])], "me")
    assert [answer.success for answer in mine] == [True] + [False] * (len(mine) - 1)
    (yours,) = upload(lab, "text", [("yours.txt", b"yours " * 200)], "you")
    assert yours.success
    trained = next(n for n, fn in lab.app.fns.items() if fn.name == "on_train")
    ids = {run.id for run in lab.runner.runs()}
    inputs = lab.app.fns[trained].inputs
    cheap = {"corpus": "own", "set-hidden_size": 4, "set-epochs": 1, "set-batch_size": 2, "set-num_steps": 4}
    values = [None if block.stateful else cheap.get(block.elem_id, block.value) for block in inputs]
    vocabularies = {}
    for session in ("me", "you", "nobody"):
        (answer,) = lab.ask([(trained, values)], session=session)
        new = [run for run in lab.runner.runs() if run.id not in ids]
        ids |= {run.id for run in new}
        vocabularies[session] = "".join(sorted(new[0].latest.vocab.tokens)) if new else answer.says()
    assert vocabularies == {"me": " eimn", "you": " orsuy", "nobody": vocabularies["nobody"]}
    assert vocabularies["nobody"].startswith("Your text: ")


PATHS = ("/etc/passwd", "../../etc/passwd", "http://127.0.0.1:1/x", "file:///etc/passwd", "", "\0", None, 5, ["a"], {})


@pytest.mark.parametrize("kind", UPLOADS)
def test_only_uploaded_files_are_read(lab, kind):
    number = upload_event(lab, kind)
    values = [{"path": path, "meta": {"_type": "gradio.FileData"}} for path in PATHS]
    values += [{"path": __file__, "url": "http://127.0.0.1:1/x"}, "/etc/passwd", None, 5, [], {}]
    for value, answer in zip(values, lab.ask([(number, [None, value]) for value in values]), strict=True):
        assert "not a file that was uploaded here; upload it anew" in (answer.error or ""), (value, answer)


NAMES = (
    "../../../evil.txt", "/etc/cron.d/evil.txt", "..\\..\\evil.txt", "C:\\evil.txt", "a\0b.txt", "x" * 300 + ".txt",
    ".txt",
    "<img src=x onerror=alert(1)>.txt", "歌词 \u202etxt.exe.txt", "CON.txt", "a/b/c.txt", "%2e%2e%2fevil.txt",
)  # fmt: skip


def test_hostile_names_stay_in_the_folder_for_uploads(lab):
    from gradio.utils import get_upload_folder

    with httpx.Client(base_url=lab.url, timeout=30) as client:
        for name in NAMES:
            part = f'form-data; name="files"; filename="{name}"'.encode()
            body = b"--b\r\nContent-Disposition: " + part + b"\r\n\r\nla la\r\n--b--\r\n"
            kind = {"content-type": "multipart/form-data; boundary=b"}
            response = client.post("gradio_api/upload", content=body, headers=kind)
            assert response.status_code in (200, 400), (name, response.text)
            for path in response.json() if response.status_code == 200 else ():
                assert path.startswith(get_upload_folder() + "/")
                assert ".." not in path.split("/")


def test_a_file_too_large_and_too_many_files_are_refused(lab):
    megabytes = itertools.repeat(b"a" * 2**20)
    with httpx.Client(base_url=lab.url, timeout=60) as client:
        large = client.post("gradio_api/upload", files={"files": ("a.txt", b"a" * (21 * 2**20))})
        many = client.post(
            "gradio_api/upload",
            files=[("files", (f"{i}.txt", b"a" * 2**20)) for i in range(30)],
            headers={"accept-language": "zh"},
        )
        recording = client.post("gradio_api/process_recording", files={"video": ("a.mp4", b"a" * 1000)})
        endless = client.post("gradio_api/queue/join", content=itertools.islice(megabytes, 40))
    assert (large.status_code, many.status_code) == (413, 413)
    assert large.text == words("en")["guard.file_too_large"]
    assert many.text == words("zh")["guard.too_large"]
    assert recording.status_code == 400, "Gradio would leave it in the system's temporary folder"
    assert endless.status_code in (400, 413)
