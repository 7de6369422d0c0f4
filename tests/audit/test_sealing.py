"""When entries are sealed, and that no entry slips in behind a seal."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, connections, transaction

from strongroom.accounts import emails, standing
from strongroom.accounts.events import AccountDisabled, EmailAdded
from strongroom.accounts.models import EmailAddress, User
from strongroom.audit import reading, sealing, search, trail
from strongroom.audit.models import Entry, Seal, Tally
from strongroom.audit.search import EVERYTHING, Filter
from strongroom.audit.settled import settled
from strongroom.audit.verifying import verify_all
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.notices.models import QueuedMail
from strongroom.publish import credentials
from strongroom.tokens.models import Token
from tests.support.patience import SECONDS
from tests.support.people import as_user, at_once, person

pytestmark = pytest.mark.django_db(transaction=True)


def record(count: int = 1) -> None:
    for number in range(count):
        trail.record(EmailAdded(address=f"{number}@example.org"), by=Actor.console())


def newest() -> int:
    return int(Entry.objects.order_by("-serial").values_list("serial", flat=True)[0])


def findings() -> list[str]:
    return [finding.code for finding in verify_all(kept={}).findings]


def test_entries_are_sealed_when_the_first_is_a_minute_old() -> None:
    with clock.frozen(clock.now()):
        record(3)
        assert sealing.seal_due() == 0
        with clock.shifted(timedelta(seconds=59)):
            assert sealing.seal_due() == 0
        with clock.shifted(timedelta(seconds=61)):
            assert sealing.seal_due() == 1
            assert sealing.seal_due() == 0
    seal = reading.newest_seal()
    assert seal
    assert (seal.number, seal.count, seal.last) == (1, 3, newest())
    assert findings() == []


def test_what_somebody_writes_into_the_table_holds_up_no_seal() -> None:  # AU-01
    record(4)
    odd = ["time = '20000-01-01 00:00:00+00'"]
    if connection.vendor == "sqlite":  # which lets anything into a column
        odd += ["tag = x'ff'", "time = 7"]
    with connection.cursor() as cursor:
        for serial, change in enumerate(odd, start=newest() - 3):
            cursor.execute(f"UPDATE audit_entry SET {change} WHERE serial = %s", [serial])
    assert sealing.seal_all() == 1
    assert sum(Tally.objects.values_list("count", flat=True)) == 4 - len(odd)
    record()
    assert sealing.seal_all() == 1


def test_one_old_entry_among_new_ones_is_enough() -> None:  # AU-13
    record()
    with clock.shifted(timedelta(minutes=-2)):
        record()
    assert sealing.seal_due() == 1
    assert findings() == []


def test_a_thousand_entries_are_sealed_at_once_and_the_rest_waits() -> None:
    with transaction.atomic():
        record(sealing.MOST + 1)
    assert sealing.seal_due() == 1
    assert list(Seal.objects.values_list("count", flat=True)) == [sealing.MOST]
    assert sealing.seal_all() == 1
    assert sum(Tally.objects.values_list("count", flat=True)) == sealing.MOST + 1
    assert findings() == []


def test_many_that_seal_at_once_make_one_chain() -> None:  # AU-04
    for _ in range(5):
        record(4)
        made = at_once([sealing.seal_all] * 6)
        assert sum(count for count in made if isinstance(count, int)) == 1
    assert list(Seal.objects.order_by("number").values_list("number", "count")) == [
        (number, 4) for number in range(1, 6)
    ]
    assert sum(Tally.objects.values_list("count", flat=True)) == 20
    assert findings() == []


@contextmanager
def recording_elsewhere() -> Iterator[int]:
    """A transaction on another connection that has recorded an event and is not committed before the block ends; its serial."""
    recorded, done = threading.Event(), threading.Event()
    serials: list[int] = []

    def run() -> None:
        try:
            with transaction.atomic():
                record()
                serials.append(newest())
                recorded.set()
                done.wait(SECONDS)
        finally:
            recorded.set()
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    recorded.wait(SECONDS)
    try:
        yield serials[0]
    finally:
        done.set()
        thread.join()


def test_an_entry_that_is_not_committed_yet_holds_sealing_back_and_nobody_else() -> None:  # AU-04
    record(2)
    before = newest()
    with recording_elsewhere() as waiting:
        if connection.vendor == "postgresql":
            record()  # nobody who writes is held up
            assert newest() > waiting > before
            assert settled(patience=0.2) is None
            assert sealing.seal_all() == 0
        else:  # one writer at a time: what is there, is settled
            assert settled() == before
    after = settled()
    assert after is not None
    assert after == newest() >= waiting
    assert sealing.seal_all() == 1
    assert Entry.objects.filter(serial=waiting, serial__lte=after).exists()
    assert findings() == []


def test_sealing_goes_on_as_soon_as_who_wrote_has_committed() -> None:
    record()
    if connection.vendor != "postgresql":
        assert settled() == newest()
        return
    with recording_elsewhere():
        answers: list[int | None] = []

        def ask() -> None:
            answers.append(settled(patience=SECONDS))
            connections.close_all()

        asking = threading.Thread(target=ask)
        asking.start()
        asking.join(0.3)
        assert asking.is_alive()
    asking.join(SECONDS)
    assert len(answers) == 1
    assert answers[0] is not None


def test_a_clock_that_is_set_back_changes_no_order_and_delays_no_seal() -> None:  # AU-13
    record(2)
    early = clock.now() - timedelta(minutes=90)
    with clock.shifted(timedelta(hours=-1)):
        record(2)
        entries = list(Entry.objects.order_by("serial"))
        times = [entry.time for entry in entries]
        assert times[0] > times[2] + timedelta(minutes=59)
        assert times[2] < times[3]
        assert [entry.serial for entry in search.newest(EVERYTHING)] == [
            entry.serial for entry in reversed(entries)
        ]
        assert sealing.seal_due() == 1  # nobody knows how long the first two have been waiting
        assert findings() == []
        between = Filter(since=early, until=times[3] + timedelta(seconds=1))
        assert {entry.serial for entry in search.newest(EVERYTHING, between)} == {
            entry.serial for entry in entries[2:]
        }
        later = Filter(since=times[3] + timedelta(seconds=1))
        assert {entry.serial for entry in search.newest(EVERYTHING, later)} == {
            entry.serial for entry in entries[:2]
        }
        record(2)
    assert sealing.seal_due() == 1  # set right again, they are an hour old
    assert findings() == []


@contextmanager
def full_trail() -> Iterator[None]:
    """Nothing can be inserted into the trail."""
    is_sqlite = connection.vendor == "sqlite"
    begin = (
        "CREATE TRIGGER trail_is_full BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(FAIL, 'full'); END"
        if is_sqlite
        else "ALTER TABLE audit_entry ADD CONSTRAINT trail_is_full CHECK (serial < 0) NOT VALID"
    )
    end = (
        "DROP TRIGGER trail_is_full" if is_sqlite else "ALTER TABLE audit_entry DROP CONSTRAINT trail_is_full"
    )
    with connection.cursor() as cursor:
        cursor.execute(begin)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(end)


def test_an_action_that_cannot_be_recorded_does_not_happen() -> None:  # AU-08
    alice = person()
    counts = {model: model._default_manager.count() for model in (EmailAddress, Token, QueuedMail, Entry)}
    with full_trail():
        with pytest.raises(Exception, match=r"full|already"):
            emails.add(alice, "second@example.org", by=as_user(alice))
        with pytest.raises(DatabaseError, match="full"):
            credentials.make_token(alice, name="ci", by=as_user(alice))
        with pytest.raises(DatabaseError, match="full"), transaction.atomic():
            standing.disable(alice, by=Actor.console())
        with pytest.raises(DatabaseError, match="full"):
            trail.record(AccountDisabled(subject_id=alice.pk), by=Actor.console(), refused="not_allowed")
    assert {model: model._default_manager.count() for model in counts} == counts
    assert not User.objects.get(pk=alice.pk).disabled
    emails.add(alice, "second@example.org", by=as_user(alice))
    assert Entry.objects.filter(tag="email.added").count() == 2
