"""Who reads a private site, known for a second, so that an installer's many requests ask the database once."""

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

from strongroom.index.kept import Unavailable
from strongroom.index.ports import Gate, Reader, Scope
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor, Origin
from strongroom.kernel.client_address import client_address
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import random_bytes

SECONDS: Final = 1.0
"""For so long an answer of the gate is believed: a revoked token reads nothing after that (TK-10)."""

MOST: Final = 10_000
"""Answers that are kept; whoever sends ever new credentials makes the oldest be asked for again, and no more."""

PATIENCE: Final = 10.0
"""Seconds that a request waits for the gate."""

READING: Final = frozenset({"GET", "HEAD"})
"""The methods for which a cookie counts."""

_THREADS: Final = 2

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a request shows of who sent it: an Authorization header, or the value of a session's cookie, or neither."""

    authorization: str = ""
    session: str = ""


@dataclass(frozen=True, slots=True)
class _Question:
    """What the gate was asked at ``asked`` (monotonic seconds, from before the database was); ``None``: it cannot say."""

    asked: float
    answer: "asyncio.Task[Reader | Refused | None]"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a reader's. ``origin`` is its own; a reader is known from another one, up to a second before."""

    reader: Reader
    origin: Origin

    @property
    def actor(self) -> Actor:
        """Who has sent it."""
        return self.reader.actor(self.origin)


class Readers:
    """Asks ``gate`` for the event loop; ``proxies`` are the networks whose ``X-Forwarded-For`` is believed (RL-04)."""

    def __init__(self, gate: Gate, *, proxies: Sequence[str]) -> None:
        self._gate = gate
        self._proxies = proxies
        self._threads = ThreadPoolExecutor(_THREADS, "gate")
        self._questions: OrderedDict[bytes, _Question] = OrderedDict()

    def close(self) -> None:
        """End the threads, after what they are doing."""
        self._threads.shutdown(cancel_futures=True)

    async def find(self, scope: Scope) -> Visit:
        """Who sent a request; raises ``Refused`` and ``Unavailable``.

        What is kept goes by the digest of the credentials and the address, never by their text.
        """
        shown, origin = self._shown(scope), self._origin(scope)
        asked = "\n".join((origin.address, shown.authorization, shown.session))
        key = hashlib.sha256(asked.encode()).digest()
        question = self._questions.get(key)
        now = clock.monotonic()
        if question is None or now - question.asked >= SECONDS:
            question = _Question(now, asyncio.create_task(self._ask(shown, origin)))
            self._keep(key, question)
        found = await asyncio.shield(question.answer)
        if found is None:
            raise Unavailable
        if isinstance(found, Refused):
            raise found.with_traceback(None)  # it is raised for each who shares it
        return Visit(found, origin)

    def _keep(self, key: bytes, question: _Question) -> None:
        self._questions[key] = question
        self._questions.move_to_end(key)
        while len(self._questions) > MOST:
            self._questions.popitem(last=False)

    async def _ask(self, shown: _Shown, origin: Origin) -> Reader | Refused | None:
        ask = partial(self._gate.reader, shown.authorization, session=shown.session, origin=origin)
        asked = asyncio.get_running_loop().run_in_executor(self._threads, ask)
        try:
            return await asyncio.wait_for(asked, PATIENCE)
        except Refused as refused:
            return refused
        except Exception:  # of any kind: the database is behind a port
            _log.exception("nobody can be asked who may read: private pages stay closed")
            return None

    def _shown(self, scope: Scope) -> _Shown:
        """A header that comes twice is in doubt, and so is none. Cookies read and do nothing else, where no header says more."""
        if shows_authorization(scope):
            values = _values(scope, b"authorization")
            return _Shown(authorization=values[0] if len(values) == 1 else "")
        cookies = "; ".join(_values(scope, b"cookie")) if scope["method"] in READING else ""
        return _Shown(session=self._gate.session_in(cookies) if cookies else "")

    def _origin(self, scope: Scope) -> Origin:
        peer = scope["client"][0] if scope.get("client") else ""
        forwarded_for = ",".join(_values(scope, b"x-forwarded-for"))
        return Origin(
            address=client_address(peer, forwarded_for, proxies=self._proxies) if forwarded_for else peer,
            client=",".join(_values(scope, b"user-agent")),
            request_id=random_bytes(8).hex(),
        )


def shows_authorization(scope: Scope) -> bool:
    """Whether a request has an Authorization header, whatever it holds: then no cookie counts."""
    return any(name == b"authorization" for name, _value in scope["headers"])


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]
