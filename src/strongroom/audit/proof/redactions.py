"""Whether what is redacted was redacted by the rules: every redaction leaves an event that says what it covered."""

from collections.abc import Iterator
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


_OWN_KIND: Final = (
    "audit"  # says what was redacted, and is therefore kept: nothing but an origin goes from it by age
)


class _Sort(NamedTuple):
    """Redacted rows that the same events explain."""

    part: str
    kind: str
    actor_id: int | None
    subject_id: int | None


class Redactions:
    """Sees rows one by one, in order, and tells at the end which redacted ones nothing explains.

    Of each sort the newest redacted row is remembered: what explains it explains the older ones.
    """

    def __init__(self) -> None:
        self.count = 0
        self._newest: dict[_Sort, tuple[str, int]] = {}
        self._not_empty: list[int] = []
        self._aged: dict[tuple[str, str], str] = {}  # by part and kind: before when
        self._erased: set[int] = set()

    def see(self, row: Row) -> None:
        """Take one row into account."""
        if None in {row.body_salt, row.context_salt, row.origin_salt, row.person_salt}:
            self._see_redacted(row)
        if row.tag == AGED and row.outcome == "done":
            self._see_aged(row)
        elif row.tag == ERASED and row.outcome == "done" and isinstance(row.subject_id, int):
            self._erased.add(row.subject_id)

    def unexplained(self) -> Iterator[tuple[int, str]]:
        """Serial and a sentence for each redaction that no event explains."""
        for serial in self._not_empty:
            yield serial, f"Entry {serial} has a redacted part that is not empty: it was filled in later."
        for sort, (time, serial) in self._newest.items():
            if not self._is_explained(sort, time):
                yield serial, f"Entry {serial} lost its part {sort.part!r}, and no event says why."

    def _see_aged(self, row: Row) -> None:
        """Only the latest of a part and a kind is kept, or many of these events would take long with many sorts."""
        parts, kind, before = _aged(row)
        for part in parts:
            self._aged[part, kind] = max(before, self._aged.get((part, kind), ""))

    def _see_redacted(self, row: Row) -> None:
        self.count += 1
        for part in PARTS:
            if not row.is_redacted(part):
                continue
            if any(getattr(row, name) != EMPTY[name] for name in FIELDS[part]):
                self._not_empty.append(row.serial)
            sort = _Sort(part, kind_of(str(row.tag)), row.actor_id, row.subject_id)
            if sort not in self._newest or str(row.time) > self._newest[sort][0]:
                self._newest[sort] = (str(row.time), row.serial)

    def _is_explained(self, sort: _Sort, time: str) -> bool:
        if self._is_erased(sort):
            return True
        if sort.kind == _OWN_KIND and sort.part != ORIGIN:
            return False
        return any(time < self._aged.get((sort.part, kind), "") for kind in ("", sort.kind))

    def _is_erased(self, sort: _Sort) -> bool:
        if sort.part == PERSON:
            return not self._erased.isdisjoint({sort.actor_id, sort.subject_id})
        author = sort.subject_id if sort.actor_id is None else sort.actor_id
        return sort.part == ORIGIN and author in self._erased


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
