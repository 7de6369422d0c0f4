"""Entries of any age, as if they had been recorded then, and what a verification finds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

import pytest
from django.db import transaction

from strongroom.audit import sealing, trail
from strongroom.audit.event import Event, Personal, Sentence
from strongroom.audit.models import Entry
from strongroom.audit.verifying import verify_all
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor, ActorKind, Origin

FIREFOX = Origin(address="203.0.113.7", client="Mozilla/5.0 (X11; Linux) Firefox/140.0", request_id="r1")


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorOpened(Event):
    """An event of these tests."""

    tag: ClassVar[str] = "door.opened"
    sentence: ClassVar[Sentence] = "%(actor)s opened the %(color)s door"
    color: str = "blue"
    address: Personal = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowOpened(Event):
    """Another one."""

    tag: ClassVar[str] = "window.opened"
    sentence: ClassVar[Sentence] = "%(actor)s opened a window"


def author(user_id: int | None = 7, *, name: str = "alice", origin: Origin = FIREFOX) -> Actor:
    kind = ActorKind.ANONYMOUS if user_id is None else ActorKind.USER
    return Actor(kind=kind, origin=origin, user_id=user_id, username=name if user_id is not None else "")


def record_then(events: Iterable[Event], moment: datetime, *, by: Actor | None = None) -> list[int]:
    """Record ``events`` with the clock at ``moment``; returns their serials."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: moment)
        newest = Entry.objects.order_by("-serial").values_list("serial", flat=True).first() or 0
        with transaction.atomic():
            for event in events:
                trail.record(event, by=by or author())
    return list(Entry.objects.filter(serial__gt=newest).order_by("serial").values_list("serial", flat=True))


def seal() -> None:
    sealing.seal_all()


def findings() -> list[tuple[str, int | None]]:
    """The codes of what is wrong with the trail, and the entries."""
    return [(found.code, found.serial) for found in verify_all(kept={}).findings]
