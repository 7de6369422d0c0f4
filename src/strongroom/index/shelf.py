"""A bounded memory: what was used longest ago goes first."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

Key = tuple[str, str]
"""A path, and which of its representations."""

_OVERHEAD = 2048
"""Bytes that an entry takes beside its bodies, roughly."""


class Held(Protocol):
    """Something that can be kept."""

    @property
    def project(self) -> str:
        """The project whose changes outdate it."""

    @property
    def size(self) -> int:
        """Bytes of its bodies."""


T = TypeVar("T", bound=Held)


@dataclass(slots=True)
class Entry(Generic[T]):
    """What is kept. One that is not fresh is used only when nothing better can be had."""

    held: T
    is_fresh: bool = True


class Shelf(Generic[T]):
    """Entries by key, at most ``limit`` bytes of them. For one thread."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: OrderedDict[Key, Entry[T]] = OrderedDict()
        self._keys: dict[str, set[Key]] = {}
        self.size = 0
        self.find = self._entries.get
        self.touch = self._entries.move_to_end

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, key: Key, held: T) -> None:
        """Keep ``held`` in place of what was there, and make room. What is larger than the whole shelf is not kept."""
        self.remove(key)
        if held.size + _OVERHEAD > self._limit:
            return
        self._entries[key] = Entry(held)
        self._keys.setdefault(held.project, set()).add(key)
        self.size += held.size + _OVERHEAD
        while self.size > self._limit:
            self.remove(next(iter(self._entries)))

    def remove(self, key: Key) -> None:
        """Forget it; without effect where there is none."""
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self.size -= entry.held.size + _OVERHEAD
        keys = self._keys[entry.held.project]
        keys.discard(key)
        if not keys:
            del self._keys[entry.held.project]

    def outdate(self, projects: Iterable[str]) -> None:
        """What depends on ``projects`` is fresh no longer."""
        for project in projects:
            for key in self._keys.get(project, ()):
                self._entries[key].is_fresh = False

    def outdate_all(self) -> None:
        """Nothing is fresh any longer."""
        for entry in self._entries.values():
            entry.is_fresh = False
