"""What the trail forgets with time; the seals hold, and what was not forgotten by the rules is found."""

import signal
import subprocess
import sys
import tracemalloc
from datetime import timedelta

import pytest
from django.db import connection

from strongroom.audit import aging, pseudonyms, reading
from strongroom.audit.models import AppendOnly, Download, Entry
from strongroom.audit.redaction import CHUNK
from strongroom.kernel import clock
from tests.audit.remembering import DoorOpened, WindowOpened, findings, record_then, seal
from tests.support.configuration import configured
from tests.support.people import at_once

pytestmark = pytest.mark.django_db(transaction=True)

OLD, YOUNG = timedelta(days=100), timedelta(days=80)


def ages() -> list[dict[str, object]]:
    """What the events say that were recorded of it."""
    return [entry.details for entry in Entry.objects.filter(tag="audit.aged").order_by("serial")]


def midnight(days: int) -> str:
    return f"{(clock.now() - timedelta(days=days)).date().isoformat()}T00:00:00.000000Z"


def test_after_ninety_days_addresses_and_clients_are_gone_and_pseudonyms_stay() -> None:
    (old,) = record_then([DoorOpened(address="alice@example.org")], clock.now() - OLD)
    (young,) = record_then([DoorOpened()], clock.now() - YOUNG)
    seal()
    assert findings() == []
    assert aging.age() == 1
    entry, kept = Entry.objects.get(serial=old), Entry.objects.get(serial=young)
    assert (entry.address, entry.client) == ("", "")
    assert (entry.address_pseudonym, entry.client_family) == (
        pseudonyms.of("203.0.113.7"),
        "Firefox/Linux",
    )
    assert (entry.actor_name, entry.details) == ("alice", {"color": "blue", "address": "alice@example.org"})
    assert (kept.address, bool(kept.client)) == ("203.0.113.7", True)
    assert ages() == [{"parts": ["origin"], "before": midnight(90), "kind": ""}]
    assert findings() == []


def test_doing_it_again_does_nothing_more() -> None:
    record_then([DoorOpened()], clock.now() - OLD)
    seal()
    assert aging.age() == 1
    assert aging.age() == 0
    assert len(ages()) == 1


def test_where_nothing_is_old_there_is_no_event_of_it() -> None:
    record_then([DoorOpened()], clock.now() - YOUNG)
    seal()
    assert aging.age() == 0
    assert ages() == []


def test_what_is_not_under_a_seal_waits() -> None:
    (serial,) = record_then([DoorOpened()], clock.now() - OLD)
    assert aging.age() == 0
    assert Entry.objects.get(serial=serial).address == "203.0.113.7"
    seal()
    assert aging.age() == 1


def test_it_can_be_switched_off() -> None:
    record_then([DoorOpened()], clock.now() - timedelta(days=9000))
    seal()
    with configured("audit", pseudonymize_after_days=0):
        assert aging.age() == 0


def test_a_kind_with_a_limit_loses_all_but_its_header() -> None:
    (door,) = record_then([DoorOpened(subject_id=8, project="demo")], clock.now() - YOUNG)
    (window,) = record_then([WindowOpened()], clock.now() - YOUNG)
    seal()
    with configured("audit", retention_days={"door": 30}):
        assert aging.age() == 4
        assert aging.age() == 0
    gone, kept = Entry.objects.get(serial=door), Entry.objects.get(serial=window)
    assert (gone.tag, gone.actor_id, gone.subject_id, gone.project) == ("door.opened", None, None, "")
    assert (gone.actor_name, gone.address, gone.address_pseudonym, gone.details) == ("", "", "", {})
    assert (kept.actor_id, kept.actor_name, kept.address) == (7, "alice", "203.0.113.7")
    assert ages() == [
        {"parts": ["origin", "context", "person", "body"], "before": midnight(30), "kind": "door"}
    ]
    assert findings() == []


def test_entries_that_a_wrong_clock_left_behind_are_found_when_they_are_old() -> None:  # AU-13
    record_then([DoorOpened()], clock.now() - YOUNG)  # its clock was ahead of the next one's
    record_then([DoorOpened()], clock.now() - OLD)
    seal()
    assert aging.age() == 1
    with pytest.MonkeyPatch.context() as patch:
        later = clock.now() + timedelta(days=30)
        patch.setattr(clock, "now", lambda: later)
        assert aging.age() == 1


def test_several_nodes_may_do_it_at_once() -> None:
    record_then([DoorOpened()] * 50, clock.now() - OLD)
    seal()
    at_once([aging.age] * 4)
    assert not Entry.objects.filter(tag="door.opened", origin_salt__isnull=False).exists()
    assert findings() == []


def test_a_hash_that_was_changed_after_the_redaction_is_found() -> None:  # AU-01
    (serial,) = record_then([DoorOpened()], clock.now() - OLD)
    seal()
    aging.age()
    tamper("UPDATE audit_entry SET origin_hash = person_hash WHERE serial = %s", serial)
    tamper("UPDATE audit_entry SET origin_hash = %s WHERE serial = %s", bytes(32), serial)
    assert findings() == [("entry_changed", serial)]


def test_a_redacted_part_that_was_filled_in_is_found() -> None:  # AU-01
    (serial,) = record_then([DoorOpened()], clock.now() - OLD)
    seal()
    aging.age()
    tamper("UPDATE audit_entry SET address = '198.51.100.1' WHERE serial = %s", serial)
    assert findings() == [("entry_redacted", serial)]


@pytest.mark.parametrize("part", ["origin", "person", "body"])
def test_a_part_that_was_redacted_without_an_event_is_found(part: str) -> None:  # AU-01
    (serial,) = record_then([DoorOpened()], clock.now() - YOUNG)
    seal()
    hide(serial, part)
    assert findings() == [("entry_redacted", serial)]


def test_an_event_explains_nothing_that_is_newer_than_it_says() -> None:  # AU-01
    record_then([DoorOpened()], clock.now() - OLD)
    (young,) = record_then([DoorOpened()], clock.now() - YOUNG)
    seal()
    aging.age()
    hide(young, "origin")
    assert findings() == [("entry_redacted", young)]


def test_an_event_explains_nothing_that_is_newer_than_itself() -> None:  # AU-01
    """Whoever writes to the table can put such an event at its end; it does not hide what they do afterwards."""
    from strongroom.audit import trail
    from strongroom.audit.events import EntriesAged
    from strongroom.kernel.actor import Actor

    ever = EntriesAged(parts=("origin", "person", "body"), before="9999-12-31T00:00:00.000000Z", kind="door")
    trail.record(ever, by=Actor.system())
    (serial,) = record_then([DoorOpened()], clock.now() + timedelta(seconds=1))
    seal()
    hide(serial, "body")
    assert findings() == [("entry_redacted", serial)]


def test_entries_are_still_changed_by_nothing_else() -> None:
    record_then([DoorOpened()], clock.now() - OLD)
    with pytest.raises(AppendOnly):
        Entry.objects.update(address="")


def test_downloads_of_private_sites_keep_a_pseudonym_of_the_address() -> None:
    old, young = a_download(clock.now() - OLD), a_download(clock.now() - YOUNG)
    for _again in range(2):
        aging.age()
        old.refresh_from_db()
        young.refresh_from_db()
        assert (old.address, old.client) == (pseudonyms.of("203.0.113.7"), "pip/")
        assert (young.address, young.client) == ("203.0.113.7", "pip/26.0 {}")


def test_downloads_from_one_household_become_one() -> None:
    moment = clock.now() - OLD
    addresses = (
        "2001:db8:1:2::7",
        "2001:db8:1:2:aaaa::8",
        "203.0.113.7",
        "::ffff:203.0.113.7",
        "2001:db8:1:3::7",
    )
    for address in addresses[:3]:
        a_download(moment, address=address)
    aging.age()
    for address in addresses[3:]:  # written late, when the others had been joined
        a_download(moment, address=address)
    aging.age()
    left = Download.objects.order_by("pk").values_list("address", "count")
    assert list(left) == [
        (pseudonyms.of("2001:db8:1:2::"), 2),
        (pseudonyms.of("203.0.113.7"), 2),
        (pseudonyms.of("2001:db8:1:3::"), 1),
    ]


def test_a_process_that_dies_in_between_leaves_each_redaction_explained() -> None:  # AU-09
    record_then([DoorOpened()] * (2 * CHUNK + 10), clock.now() - OLD)
    seal()
    name = connection.settings_dict["NAME"]
    script = f"import django; {other_database(str(name))}; django.setup(); from strongroom.audit import aging; aging.age()"
    died = subprocess.run(
        ["env", "STRONGROOM_CRASH_AT=audit.redacting:2", sys.executable, "-c", script],
        check=False,
        capture_output=True,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert Entry.objects.filter(tag="door.opened", origin_salt=None).count() == 2 * CHUNK
    assert findings() == []
    assert aging.age() == 10
    assert len(ages()) == 1
    assert findings() == []


@pytest.mark.slow
def test_twenty_thousand_entries_are_aged_within_little_memory() -> None:
    count = 20_000
    record_then([DoorOpened()] * count, clock.now() - OLD)
    seal()
    assert findings() == []
    tracemalloc.start()
    assert aging.age() == count
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * 1024 * 1024
    assert findings() == []
    assert not Entry.objects.filter(tag="door.opened").exclude(address="").exists()


def a_download(moment: object, *, address: str = "203.0.113.7") -> Download:
    return Download.objects.create(
        hour=moment,
        sha256="0" * 64,
        filename="demo-1.0-py3-none-any.whl",
        user_id=7,
        username="alice",
        address=address,
        client="pip/26.0 {}",
        first=moment,
        last=moment,
        count=1,
    )


def hide(serial: int, part: str) -> None:
    """Redact a part as somebody would who knows how, but for the event."""
    row = reading.row(serial)
    assert row is not None
    from strongroom.audit.proof.row import EMPTY, FIELDS

    names = FIELDS[part]
    setting = ", ".join(f"{name} = %s" for name in names)
    tamper(
        f"UPDATE audit_entry SET {part}_salt = NULL, {part}_hash = %s, {setting} WHERE serial = %s",
        row.part_hash(part),
        *(EMPTY[name] for name in names),
        serial,
    )


def tamper(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def other_database(name: str) -> str:
    """What makes a script use the database of this test."""
    return f"from django.conf import settings; settings.DATABASES['default']['NAME'] = {name!r}"
