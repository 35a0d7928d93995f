"""Behind nginx, under a path of its own, with what it does by default: its buffers are on, and no host is passed on."""

import re
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from gradio_client import Client
from playwright.sync_api import expect

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
README = Path(__file__).resolve().parents[2] / "rnnlab" / "ui" / "server" / "README.md"
CONFIG = """
daemon off; pid {folder}/pid; worker_processes 1;
events {{ worker_connections 128; }}
http {{
  access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{
    listen 127.0.0.1:{port};
    location /bare/ {{ proxy_pass {app}; }}
    {readme}
  }}
}}
"""

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


def answers(port):
    with suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    return False


@pytest.fixture(scope="module")
def proxied(server, tmp_path_factory):
    """The address of nginx before the app; README's own lines make it `/lab/`, and none but the first `/bare/`."""
    folder = tmp_path_factory.mktemp("nginx")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    readme = re.search(r"```nginx\n(.+?)```", README.read_text("utf-8"), re.DOTALL)[1]
    readme = readme.replace("http://127.0.0.1:7860/", server.url)
    (folder / "nginx.conf").write_text(CONFIG.format(folder=folder, port=port, app=server.url, readme=readme))
    command = [NGINX, "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    process = subprocess.Popen(command)
    try:
        until = time.monotonic() + 30
        while not answers(port):
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"nginx does not answer: {(folder / 'error.log').read_text()}")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(20)


def copied_by(page, button):
    """Press the button in the header; return the link."""
    page.locator(f"[data-{button}]").click()
    address = page.locator("#link-copied input").input_value()
    page.keyboard.press("Escape")
    return address


def test_a_page_under_a_path_trains_and_links_to_what_is_there(proxied, browser, watch, set_text):
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.on("pageerror", lambda error: watch.complaints.append(str(error)))
    page.on("console", lambda said: watch.complaints.append(said.text) if said.type == "error" else None)
    try:
        page.goto(f"{proxied}lab/")
        set_text(page, "set-epochs", 321)
        link = copied_by(page, "copy-link")
        assert link == f"{proxied}lab/?tab=train&preset=quick&epochs=321"
        set_text(page, "set-epochs", 500)
        page.locator("#train").click()
        expect(page.locator("#live a[download]")).to_be_visible(timeout=60_000)  # an epoch was told of
        page.locator("#stop").click()
        expect(page.locator("#live [data-role=state]")).to_have_text(re.compile("^Stopped"))
        with page.expect_download() as download:
            page.locator("#live a[download]").click()
        assert download.value.url.startswith(f"{proxied}lab/lab/runs/")
        assert page.evaluate("gradio_config.root") == f"{proxied}lab"
        assert copied_by(page, "copy-watch").startswith(f"{proxied}lab/?tab=train&watch=")
        page.goto(link)
        expect(page.locator("#set-epochs input")).to_have_value("321")
        (seat,) = (cookie for cookie in context.cookies() if cookie["name"] == "rnnlab_seat")
        assert (seat["path"], seat["secure"]) == ("/lab", False)
    finally:
        context.close()


@pytest.mark.parametrize(("path", "headers"), [("bare/", {"x-rnnlab-page": "1"}), ("lab/", {})])
def test_a_file_comes_from_a_page_and_not_from_one_of_another_site(proxied, path, headers):
    """By the host that was called where the proxy passes it on, by the page's own header where it does not."""
    url, files = f"{proxied}{path}gradio_api/upload", {"files": ("song.txt", b"la li lu")}
    here = {"origin": proxied.rstrip("/"), **headers}
    assert httpx.post(url, files=files, headers=here).status_code == 200
    assert httpx.post(url, files=files, headers={"origin": "http://elsewhere.example"}).status_code == 403


def test_a_seat_behind_https_goes_through_https_alone(proxied):
    page = httpx.get(f"{proxied}bare/", headers={"accept": "text/html", "x-forwarded-proto": "https"})
    assert page.headers["set-cookie"].endswith("; HttpOnly; SameSite=None; Secure; Partitioned")


def test_programs_find_the_app_under_a_path(proxied):
    client = Client(f"{proxied}bare/", verbose=False, analytics_enabled=False)
    try:
        rows = list(client.submit(preset="quick", epochs=2, hidden_size=8, api_name="/train"))
        assert rows[-1]["state"] == "finished"
    finally:
        client.close()
