"""How far the trail is sealed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Min

from strongroom.audit import reading, sealing
from strongroom.audit.models import Entry
from strongroom.audit.proof.seal import Statement

MOST: Final = 10_000
"""Counting ends above it: a count of more means "more than so many"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """The newest seal: its number, its hash (64 hex digits), when it was made, and the last serial under it.

    ``waiting`` entries, at most ``MOST`` + 1, are not under a seal yet, the oldest of them recorded at ``since``. Where it
    ``is_broken``, what stands in its place is no seal, and nothing else is known.
    """

    number: int = 0
    hash: str = ""
    time: datetime | None = None
    last: int = 0
    waiting: int = 0
    since: datetime | None = None
    is_broken: bool = False


def newest_sound() -> Statement | None:
    """What the newest seal says; nothing where there is none, or what stands in its place is none."""
    newest = reading.newest_seal()
    return newest if sealing.is_sound(newest) else None


def last_sealed() -> int:
    """The serial of the last entry under the newest seal, if it is sound; 0 otherwise."""
    newest = newest_sound()
    return newest.last if newest else 0


def sealed() -> Sealed:
    """How far it is sealed now, for operators."""
    newest = reading.newest_seal()
    if not sealing.is_sound(newest):
        return Sealed(is_broken=True)
    rows = Entry.objects.filter(serial__gt=newest.last if newest else 0).order_by("serial")
    unsealed = rows[: MOST + 1].aggregate(waiting=Count("serial"), since=Min("time"))
    if newest is None:
        return Sealed(**unsealed)
    return Sealed(
        number=newest.number, hash=newest.hash(), time=_time_of(newest), last=newest.last, **unsealed
    )


def _time_of(newest: Statement) -> datetime | None:
    """Nothing where somebody has changed it to what is no time."""
    try:
        return datetime.fromisoformat(newest.time)
    except ValueError:
        return None
