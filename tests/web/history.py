"""Entries for tests of a history: real events of real people, and many of them at once."""

from collections.abc import Iterator

from django.http.response import HttpResponseBase

from strongroom.accounts.events import AccountCreated
from strongroom.audit import trail
from strongroom.audit.models import Entry
from strongroom.factors.events import KeyAdded
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor


def name_key(name: str, *, subject_id: int, by: Actor) -> int:
    """Record that a security key of this name was added; returns the serial."""
    trail.record(KeyAdded(subject_id=subject_id, name=name), by=by)
    return Entry.objects.order_by("-serial").values_list("serial", flat=True)[0]


def fill(count: int, *, subject_id: int, project: str = "") -> None:
    """So many entries about one account, or a project, made without their verbs, as that many take too long."""
    tag, now = AccountCreated.tag, clock.now()
    rows = (
        Entry(
            time=now,
            tag=tag,
            outcome="done",
            actor_kind="user",
            actor_id=subject_id,
            actor_name="alice",
            subject_id=subject_id,
            project=project,
            facts=f'{{"number":{number}}}',
            body_salt=b"0" * 16,
            origin_salt=b"1" * 16,
            person_salt=b"2" * 16,
            context_salt=b"3" * 16,
        )
        for number in range(count)
    )
    Entry.objects.bulk_create(rows, batch_size=1000)


def body_of(response: HttpResponseBase) -> bytes:
    """A streamed answer as a whole."""
    return b"".join(parts_of(response))


def parts_of(response: HttpResponseBase) -> Iterator[bytes]:
    """A streamed answer, part by part."""
    yield from getattr(response, "streaming_content", ())
