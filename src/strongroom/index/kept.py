"""Answers in memory, each as fresh as the journal.

A process asks for the newest serial at each request. While it stands still, what is in memory is right. When it moves, the
new journal rows say which projects changed, and what was made of those is outdated. What is outdated is made anew at the
next request for it, once however many ask at the same time; the old stays at hand for when the database is away.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Generic, TypeVar

from strongroom.index.ports import Pages
from strongroom.index.shelf import Key, Shelf, T
from strongroom.index.turn import EachTurn
from strongroom.kernel import clock

EVERY_PROJECT: Final = "*"
"""Stands for a project that every journal row changes: what lists them all depends on it."""

PATIENCE: Final = 10.0
"""Seconds that a request waits for the database."""

PAUSE: Final = 1.0
"""Seconds for which the database is left alone after it could not be asked; no request waits for it meanwhile."""

R = TypeVar("R")

_log = logging.getLogger(__name__)


class Unavailable(Exception):
    """What was asked for is not in memory, and cannot be made now."""


@dataclass(slots=True)
class _Flight(Generic[T]):
    """Something that is being made, and the projects that changed since that began."""

    future: "asyncio.Task[T]"
    changed: set[str] = field(default_factory=set)


class Kept(Generic[T]):
    """A bounded memory of what is made from ``pages``, for the event loop alone. Threads do the making."""

    def __init__(self, pages: Pages, pulse: EachTurn, *, threads: Executor, limit: int) -> None:
        self._pages = pages
        self._pulse = pulse
        self._threads = threads
        self._shelf: Shelf[T] = Shelf(limit)
        self._flights: dict[Key, _Flight[T]] = {}
        self._serial: int | None = None
        self._following: asyncio.Task[None] | None = None
        self._away_until = 0.0

    def get(self, key: Key) -> T | None:
        """What is in memory and as new as the journal. This is the way of nearly all requests."""
        entry = self._shelf.find(key)
        if entry is None or not entry.is_fresh or self._pulse.serial() != self._serial:
            return None
        self._shelf.touch(key)
        return entry.held

    async def fetch(self, key: Key, make: Callable[[], T], *, project: str | None = None) -> T:
        """What is in memory after looking into the journal, or what ``make`` returns, called in a thread.

        ``project`` is the one that it depends on, if that is known before it is made. Raises ``Unavailable``; as long as
        there is an old answer, that is given instead.
        """
        await self._catch_up()
        entry = self._shelf.find(key)
        if entry is not None and entry.is_fresh:
            return entry.held
        try:
            return await self._join(key, make, project)
        except Unavailable:
            if entry is None:
                raise
            return entry.held

    async def _catch_up(self) -> None:
        """Know of everything that had been committed when this was called.

        A look into the journal that is under way may have begun before that; the second one has not.
        """
        for _ in range(2):
            if self._pulse.serial() == self._serial or self._is_away():
                return
            if self._following is None or self._following.done():
                self._following = asyncio.create_task(self._follow())
            await asyncio.shield(self._following)

    async def _follow(self) -> None:
        serial, since = self._pulse.serial(), self._serial
        if not since or serial < since:  # nothing is known yet, or the database is an older one than before
            self._shelf.outdate_all()
            self._flights.clear()
        else:
            try:
                rows = await self._ask(partial(self._pages.changed_since, since))
            except Unavailable:
                self._leave_alone()
                return
            changed = {EVERY_PROJECT, *(project for project, _ in rows)}
            self._shelf.outdate(changed)
            for flight in self._flights.values():
                flight.changed |= changed
        self._serial = serial

    async def _join(self, key: Key, make: Callable[[], T], project: str | None) -> T:
        """Wait for the one that is being made, unless that may be older than this request."""
        flight = self._flights.get(key)
        is_late = flight is not None and (project in flight.changed if project else bool(flight.changed))
        if flight is None or is_late:
            if self._is_away():
                raise Unavailable
            flight = self._flights[key] = _Flight(asyncio.create_task(self._ask(make)))
            flight.future.add_done_callback(partial(self._land, key, flight))
        return await asyncio.shield(flight.future)

    def _land(self, key: Key, flight: _Flight[T], future: "asyncio.Task[T]") -> None:
        """Keep what was made, unless its project has changed meanwhile."""
        if self._flights.get(key) is not flight:
            return
        del self._flights[key]
        if future.cancelled() or future.exception() is not None:
            return
        held = future.result()
        if held.project not in flight.changed:
            self._shelf.put(key, held)

    async def _ask(self, question: Callable[[], R]) -> R:
        """The answer of the database; raises ``Unavailable`` where it gives none."""
        asked = asyncio.get_running_loop().run_in_executor(self._threads, question)
        try:
            return await asyncio.wait_for(asked, PATIENCE)
        except TimeoutError as error:
            self._leave_alone()
            raise Unavailable from error
        except Unavailable:
            raise
        except Exception as error:  # of any kind: the database is behind a port
            _log.exception("the database gave no answer; reads go on from memory")
            raise Unavailable from error

    def _leave_alone(self) -> None:
        """Not for every failure: one project whose page cannot be made keeps nobody from the others."""
        self._away_until = clock.monotonic() + PAUSE
        _log.error("the database cannot be asked; reads go on from memory")

    def _is_away(self) -> bool:
        return clock.monotonic() < self._away_until
