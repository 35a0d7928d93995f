"""A real server in this process, and raw requests to it, without a client library."""

import asyncio
import html
import itertools
import json
import re
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from rnnlab.runs import Runner
from rnnlab.ui.app import create_app
from rnnlab.ui.i18n import words
from rnnlab.ui.serve import serve

AT_ONCE = 40  # calls of one visitor; their answers must be read within half a minute
CHINESE = {"accept-language": "zh-CN"}


@dataclass(frozen=True)
class Answer:
    """The answer to a call: values (`data`), or a message (`error`; without one the server has failed)."""

    success: bool
    error: str | None
    data: list[Any]

    @property
    def refused(self) -> bool:
        return not self.success

    def says(self, language: str = "en") -> str | None:
        """Return the refusal in a language of the page; None without a refusal.

        The page gets a refusal as `<output for="the field's id">` with a span for each language, escaped.
        """
        if self.error is None:
            return None
        tag = {"en": "en", "zh": "zh-CN"}[language]
        whole = re.fullmatch(
            r'(?:<output for="[\w-]+">)?(?:<span lang="[\w-]+">[^<>]*</span>)+(?:</output>)?', self.error
        )
        assert whole, self.error
        return html.unescape(re.search(f'<span lang="{tag}">([^<]*)</span>', self.error)[1])


@dataclass
class Lab:
    """The server, and a way to send it raw requests."""

    url: str
    runner: Runner
    app: Any
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def events(self) -> dict[str, Any]:
        """All handlers of the page and endpoints of the API, by unique names."""
        return {f"{number}:{fn.name}": fn for number, fn in self.app.fns.items() if fn.fn is not None}

    def endpoint(self, name: str) -> int:
        return next(
            number for number, fn in self.app.fns.items() if fn.api_name == name and fn.api_visibility == "public"
        )

    def ask(
        self, calls: Sequence[tuple[int, list[Any]]], headers: dict[str, str] | None = None, session: str | None = None
    ) -> list[Answer]:
        """Send all calls, (number of the handler, values), through the queue; return the answers in the same order.

        The JSON is Python's: NaN, Infinity and lone surrogates are sent unchanged.
        """
        return asyncio.run(self._ask(calls, headers or {}, session or f"hostile{next(self._numbers)}"))

    async def _ask(self, calls: Sequence[tuple[int, list[Any]]], headers: dict[str, str], session: str) -> list[Answer]:
        # The server closes what is idle for five seconds: on a busy machine that would meet a request on its way.
        limits = httpx.Limits(keepalive_expiry=1.0)
        async with httpx.AsyncClient(base_url=self.url, headers=headers, timeout=120, limits=limits) as client:

            async def join(number: int, values: list[Any]) -> str:
                body = json.dumps({"data": values, "fn_index": number, "session_hash": session})
                kind = {"content-type": "application/json"}
                response = await client.post("gradio_api/queue/join", content=body, headers=kind)
                assert response.status_code == 200, (response.status_code, response.text[:300])
                return response.json()["event_id"]

            answers: list[Answer] = []
            for start in range(0, len(calls), AT_ONCE):
                waiting = [asyncio.create_task(join(*call)) for call in calls[start : start + AT_ONCE]]
                ids = await asyncio.gather(*waiting)
                heard = await self._listen(client, session, set(ids))
                answers += [heard[event] for event in ids]
        return answers

    async def _listen(self, client: httpx.AsyncClient, session: str, ids: set[str]) -> dict[str, Answer]:
        answers: dict[str, Answer] = {}
        async with client.stream("GET", "gradio_api/queue/data", params={"session_hash": session}) as stream:
            assert stream.status_code == 200
            async for text in stream.aiter_lines():
                if not text.startswith("data: "):
                    continue
                message = json.loads(text[6:])
                if message["msg"] == "process_completed":
                    output = message["output"]
                    answers[message["event_id"]] = Answer(message["success"], output.get("error"), output.get("data"))
                if answers.keys() >= ids:
                    break
        return answers


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    runner = Runner()
    app = create_app(runner)
    yield Lab(serve(app, runner, "127.0.0.1", port), runner, app)
    runner.close()
    app.close(verbose=False)


@pytest.fixture
def label():
    """`label(name, language)`: a setting's label as in messages."""
    return lambda name, language="en": words(language).get(f"fields.{name}", name)
