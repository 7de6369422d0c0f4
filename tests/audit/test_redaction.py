"""Redacting parts of entries: what is under a seal, and nothing else."""

from datetime import timedelta

import pytest

from strongroom.audit.events import EntriesAged
from strongroom.audit.models import Entry
from strongroom.audit.proof.row import ORIGIN
from strongroom.audit.reading import timestamp
from strongroom.audit.redaction import redact
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from tests.audit.remembering import DoorOpened, findings, record_then, seal

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = timedelta(days=100)


def redacted(serials: list[int]) -> int:
    event = EntriesAged(parts=(ORIGIN,), before=timestamp(clock.now()), kind="")
    rows = Entry.objects.filter(serial__in=serials)
    return redact(ORIGIN, rows, explained_by=event, by=Actor.system())


def test_where_there_is_no_seal_nothing_is_redacted_and_nothing_said() -> None:
    serials = record_then([DoorOpened()], clock.now() - LONG_AGO)
    assert redacted(serials) == 0
    assert Entry.objects.get(serial=serials[0]).address
    assert not Entry.objects.filter(tag="audit.aged").exists()


def test_what_is_not_under_a_seal_keeps_what_it_says() -> None:
    old = record_then([DoorOpened()], clock.now() - LONG_AGO)
    seal()
    new = record_then([DoorOpened()], clock.now() - LONG_AGO)
    assert redacted([*old, *new]) == 1
    assert Entry.objects.get(serial=old[0]).address == ""
    assert Entry.objects.get(serial=new[0]).address
    seal()
    assert findings() == []


def test_doing_it_twice_keeps_the_hash_and_says_it_once() -> None:
    serials = record_then([DoorOpened()], clock.now() - LONG_AGO)
    seal()
    before = timestamp(clock.now())
    event = EntriesAged(parts=(ORIGIN,), before=before, kind="")
    for expected in (1, 0):
        rows = Entry.objects.filter(serial__in=serials)
        assert redact(ORIGIN, rows, explained_by=event, by=Actor.system()) == expected
    assert Entry.objects.filter(tag="audit.aged").count() == 1
    assert findings() == []
