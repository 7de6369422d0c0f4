"""The JSON API as its clients call it."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx
from django.db import connections

from strongroom.api.endpoints import Endpoints
from strongroom.api.table import table


class Api:
    """The endpoints, with one thread for each sort of them."""

    def __init__(self) -> None:
        self.heard: list[int] = []
        self.app = Endpoints(table(heard=self.heard.append), threads=1, visitors=1)

    def close(self) -> None:
        """Close the connections that the threads keep."""
        for threads in (self.app._threads, self.app._visitors, self.app._searchers):
            asyncio.run(threads.run(connections.close_all))

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        address: str = "203.0.113.7",
        host: str = "localhost:8000",
        **body: Any,
    ) -> httpx.Response:
        """One request; ``body`` is what httpx takes: ``json``, ``data``, ``content``."""
        assert Endpoints.handles(path.partition("?")[0])

        async def play() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=(address, 40000))  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
                return await client.request(method, path, headers=headers, **body)

        return asyncio.run(play())

    def get(self, path: str, **how: Any) -> httpx.Response:
        """Read."""
        return self.ask("GET", path, **how)

    def post(self, path: str, **how: Any) -> httpx.Response:
        """Send."""
        return self.ask("POST", path, **how)


def code_of(answer: httpx.Response) -> str:
    """The stable code of a refusal, ``""`` without one."""
    return str(answer.headers.get("strongroom-refusal", ""))


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Status and code."""
    return answer.status_code, code_of(answer)


def text_of(answer: httpx.Response) -> str:
    """All that an answer says, headers and body."""
    return json.dumps([*answer.headers.multi_items(), answer.text])
