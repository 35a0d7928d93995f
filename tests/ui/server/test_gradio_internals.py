"""The private parts of Gradio in use (`rnnlab/ui/server/README.md`) that no other test covers."""

import asyncio
import socket
from types import SimpleNamespace

import gradio.routes
import httpx
import pytest
from gradio.queueing import Event, Queue

from rnnlab.runs import Runner
from rnnlab.ui.app import create_app
from rnnlab.ui.serve import serve
from rnnlab.ui.server.abandoned_events import messages_read
from rnnlab.ui.server.queue import FairQueue
from rnnlab.ui.server.upload_storage import upload_folder

UPLOAD = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n' + b"la " * 50_000


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A server with a folder for uploads."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", "")
        patch.setattr(gradio.routes, "DEFAULT_TEMP_DIR", "")
        runner, folder = Runner(), upload_folder(tmp_path_factory.mktemp("data") / "uploads")
        app = create_app(runner)
        app.address, app.folder = serve(app, runner, "127.0.0.1", inbox=folder), folder
        yield app
        runner.close()
        app.close(verbose=False)


def test_the_config_names_no_size_and_no_kinds_of_files(lab):
    config = httpx.get(f"{lab.address}config", timeout=60).json()
    buttons = [component["props"] for component in config["components"] if component["type"] == "uploadbutton"]
    assert config["max_file_size"] is None
    assert len(buttons) >= 3
    assert {props["file_types"] for props in buttons} == {None}
    assert ".txt" in buttons[0]["accept"]


def test_gradio_stores_uploads_in_our_folder_and_notes_their_paths(lab):
    (path,) = httpx.post(f"{lab.address}gradio_api/upload", files={"files": ("a.txt", b"la")}, timeout=60).json()
    assert path.startswith(f"{lab.folder}/")
    assert path in lab.upload_file_set


def test_the_part_of_an_aborted_upload_is_recognised_and_removed(lab):
    before = set(lab.folder.rglob("*"))
    url = httpx.URL(lab.address)
    head = f"POST /gradio_api/upload HTTP/1.1\r\nHost: {url.netloc.decode()}\r\nContent-Length: 999999\r\n"
    with socket.create_connection((url.host, url.port), timeout=60) as connection:
        connection.sendall(f"{head}Content-Type: multipart/form-data; boundary=b\r\n\r\n".encode() + UPLOAD)
        assert soon(lambda: set(lab.folder.rglob("*")) > before), "a part lies there"
    assert soon(lambda: set(lab.folder.rglob("*")) == before)


def soon(condition):
    async def wait():
        async with asyncio.timeout(30):
            while not condition():
                await asyncio.sleep(0.02)
        return True

    return asyncio.run(wait())


def test_the_launched_app_has_our_queue_and_our_sessions(lab):
    assert type(lab._queue).__name__ == "FairQueue"
    assert lab._queue.max_size is None
    assert lab._queue.max_thread_count == 200
    assert type(lab.app.state_holder).__name__ == type(lab.state_holder).__name__ == "Sessions"
    assert lab.state_holder.capacity == lab.state_session_capacity


def test_gradio_takes_the_next_event_by_get_events(monkeypatch):
    class Function:
        concurrency_id, concurrency_limit, batch, connection, _id = "any", None, False, "sse", 0

    fn = Function()
    blocks = SimpleNamespace(fns={0: fn}, state_holder={})
    queue = Queue(True, 8, 1, None, blocks, default_concurrency_limit=None)
    FairQueue.adopt(queue)
    queue.create_event_queue_for_fn(fn)
    queue.active_jobs = [None] * 8
    request = SimpleNamespace(scope={}, cookies={}, client=SimpleNamespace(host="10.0.0.1"))
    events = [Event(None, fn, request, None) for _ in range(3)]
    queue.event_queue_per_concurrency_id["any"].queue += events
    begun = []

    async def process_events(*arguments):
        begun.append(arguments[0])

    async def test():
        task = asyncio.create_task(queue.start_processing())
        async with asyncio.timeout(30):
            while len(begun) < 3:
                await asyncio.sleep(0.01)
        task.cancel()

    monkeypatch.setattr(queue, "process_events", process_events)
    asyncio.run(test())
    assert begun == [[event] for event in events]


def test_a_queue_of_messages_shows_its_reader_and_what_was_read():
    async def test():
        messages = asyncio.Queue()
        queue = SimpleNamespace(pending_messages_per_session={"s": messages})
        assert messages_read(queue, "of nobody") == messages_read(queue, "s") == 0
        for _ in range(3):
            messages.put_nowait("message")
        assert messages_read(queue, "s") == 0
        await messages.get()
        assert messages_read(queue, "s") == 1
        await messages.get()
        await messages.get()
        reader = asyncio.create_task(messages.get())
        await asyncio.sleep(0)
        assert messages_read(queue, "s") is None
        reader.cancel()

    asyncio.run(test())
