"""Following the trail from a cursor that is kept: what sinks stand on, and whatever walks the trail piece by piece."""

from collections.abc import Callable
from typing import Any, Final

from strongroom.audit import search
from strongroom.audit.models import Cursor, Entry
from strongroom.audit.search import EVERYTHING
from strongroom.audit.settled import settled

BATCH: Final = 200


def position(name: str, *, begin: Callable[[], int] | int) -> int:
    """How far the follower ``name`` has come; one that is new begins behind the serial ``begin`` (``horizon``: with what comes)."""
    new: dict[str, Any] = {"serial": begin}  # called by Django, and only where there is no cursor yet
    return Cursor.objects.get_or_create(name=name, defaults=new)[0].serial


def advance(name: str, *, past: int) -> None:
    """The follower ``name`` has done with the entries up to the serial ``past``; it never goes back."""
    Cursor.objects.filter(name=name, serial__lt=past).update(serial=past)


def following(after: int, *, limit: int = BATCH) -> list[Entry]:
    """The entries behind a serial, oldest first, so far as none can come before them any more (``settled``)."""
    horizon = settled()
    return [] if horizon is None else search.oldest(EVERYTHING, after=after, up_to=horizon, limit=limit)
