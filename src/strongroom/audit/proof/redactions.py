"""Whether what is redacted was redacted by the rules: every redaction leaves an event that says what it covered."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import orjson

from strongroom.audit.proof.row import BODY, EMPTY, FIELDS, PARTS, Row

AGED: Final = "audit.aged"
"""Tag of the event that a part of old entries was redacted: ``part``, ``before`` (RFC 3339), ``kind`` (of tags; ``""`` for all)."""

ERASED: Final = "audit.erased"
"""Tag of the event that what the trail says of the person of an account was redacted: its subject."""


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
        self._aged: list[dict[str, Any]] = []
        self._erased: set[int] = set()

    def see(self, row: Row) -> None:
        """Take one row into account."""
        if row.body_salt is None or row.origin_salt is None or row.person_salt is None:
            self._see_redacted(row)
        if row.tag == AGED and row.outcome == "done":
            self._aged.append(orjson.loads(row.facts))
        elif row.tag == ERASED and row.outcome == "done" and row.subject_id is not None:
            self._erased.add(row.subject_id)

    def unexplained(self) -> Iterator[tuple[int, str]]:
        """Serial and a sentence for each redaction that no event explains."""
        for serial in self._not_empty:
            yield serial, f"Entry {serial} has a redacted part that is not empty: it was filled in later."
        for sort, (time, serial) in self._newest.items():
            if not self._is_explained(sort, time):
                yield serial, f"Entry {serial} lost its part {sort.part!r}, and no event says why."

    def _see_redacted(self, row: Row) -> None:
        self.count += 1
        for part in PARTS:
            if not row.is_redacted(part):
                continue
            if any(getattr(row, name) != EMPTY[name] for name in FIELDS[part]):
                self._not_empty.append(row.serial)
            sort = _Sort(part, kind_of(row.tag), row.actor_id, row.subject_id)
            if sort not in self._newest or row.time > self._newest[sort][0]:
                self._newest[sort] = (row.time, row.serial)

    def _is_explained(self, sort: _Sort, time: str) -> bool:
        if sort.part != BODY and self._erased & {sort.actor_id, sort.subject_id}:
            return True
        return any(
            aged.get("part") == sort.part
            and aged.get("kind") in {"", sort.kind}
            and time < str(aged.get("before"))
            for aged in self._aged
        )


def kind_of(tag: str) -> str:
    """The kind of an event: its tag up to the dot."""
    return tag.partition(".")[0]
