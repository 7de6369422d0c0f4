"""Whether what is redacted was redacted by the rules: every redaction leaves an event that says what it covered."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import orjson

from strongroom.audit.proof.row import EMPTY, FIELDS, ORIGIN, PARTS, PERSON, Row

AGED: Final = "audit.aged"
"""Tag of the event that parts of old entries were redacted: ``parts``, ``before`` (RFC 3339), ``kind`` (of tags; ``""`` for all).

It explains nothing that is newer than itself, whatever it says, and of events of its own kind nothing but origins.
"""

ERASED: Final = "audit.erased"
"""Tag of the event that what the trail says of the person of an account was redacted: its subject.

It explains the person of every entry whose author or subject the account is, and the origin where no other account is the author.
"""

_EXPLAINING: Final = frozenset({AGED, ERASED})
_OWN_KIND: Final = (
    "audit"  # says what was redacted, and is therefore kept: nothing but an origin goes from it by age
)


class _Sort(NamedTuple):
    """Redacted rows that the same events explain."""

    part: str
    kind: str
    actor_id: int | None
    subject_id: int | None


@dataclass(slots=True)
class Redactions:
    """Sees rows one by one, in order, and tells at the end which redacted ones nothing explains."""

    count: int = 0
    newest: dict[_Sort, tuple[str, int]] = field(default_factory=dict)
    """Time and serial of the newest redacted row of each sort: what explains it explains the older ones."""
    not_empty: list[int] = field(default_factory=list)
    aged: dict[tuple[str, str], str] = field(default_factory=dict)
    """By part and kind: before when."""
    erased: set[int] = field(default_factory=set)

    def see(self, row: Row) -> None:
        """Take one row into account."""
        if not row.is_whole:
            self._see_redacted(row)
        if row.tag in _EXPLAINING and row.outcome == "done":
            self._see_explaining(row)

    def add(self, more: "Redactions") -> None:
        """Take into account what ``more`` has seen: the rows that follow."""
        self.count += more.count
        self.not_empty += more.not_empty
        self.erased |= more.erased
        for sort, (time, serial) in more.newest.items():
            self._remember(sort, time, serial)
        for covered, before in more.aged.items():
            self._cover(covered, before)

    def unexplained(self) -> Iterator[tuple[int, str]]:
        """Serial and a sentence for each redaction that no event explains."""
        for serial in self.not_empty:
            yield serial, f"Entry {serial} has a redacted part that is not empty: it was filled in later."
        for sort, (time, serial) in self.newest.items():
            if not self._is_explained(sort, time):
                yield serial, f"Entry {serial} lost its part {sort.part!r}, and no event says why."

    def _see_explaining(self, row: Row) -> None:
        if row.tag == AGED:
            parts, kind, before = _aged(row)
            for part in parts:
                self._cover((part, kind), before)
        elif isinstance(row.subject_id, int):
            self.erased.add(row.subject_id)

    def _cover(self, covered: tuple[str, str], before: str) -> None:
        """Only the latest of a part and a kind is kept, or many of these events would take long with many sorts."""
        self.aged[covered] = max(before, self.aged.get(covered, ""))

    def _see_redacted(self, row: Row) -> None:
        self.count += 1
        for part in PARTS:
            if not row.is_redacted(part):
                continue
            if any(getattr(row, name) != EMPTY[name] for name in FIELDS[part]):
                self.not_empty.append(row.serial)
            sort = _Sort(part, kind_of(str(row.tag)), row.actor_id, row.subject_id)
            self._remember(sort, str(row.time), row.serial)

    def _remember(self, sort: _Sort, time: str, serial: int) -> None:
        if sort not in self.newest or time > self.newest[sort][0]:
            self.newest[sort] = (time, serial)

    def _is_explained(self, sort: _Sort, time: str) -> bool:
        if self._is_erased(sort):
            return True
        if sort.kind == _OWN_KIND and sort.part != ORIGIN:
            return False
        return any(time < self.aged.get((sort.part, kind), "") for kind in ("", sort.kind))

    def _is_erased(self, sort: _Sort) -> bool:
        if sort.part == PERSON:
            return not self.erased.isdisjoint({sort.actor_id, sort.subject_id})
        author = sort.subject_id if sort.actor_id is None else sort.actor_id
        return sort.part == ORIGIN and author in self.erased


def _aged(row: Row) -> tuple[set[str], str, str]:
    """Parts, kind and time that such an event covers; nothing, if it was changed so that it cannot be read."""
    try:
        facts: dict[str, Any] = orjson.loads(row.facts)
        before = min(str(facts.get("before", "")), row.time)
        return set(PARTS) & set(facts.get("parts", ())), str(facts.get("kind", "?")), before
    except (ValueError, TypeError, AttributeError):
        return set(), "?", ""


def kind_of(tag: str) -> str:
    """The kind of an event: its tag up to the dot."""
    return tag.partition(".")[0]
