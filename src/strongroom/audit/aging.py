"""What the trail forgets with time: where people came from, and the content of events that are not kept for ever.

Nothing but the hashes of these parts stays, by which the seals still hold (``redaction``).
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from strongroom.audit import following, pseudonyms, reading
from strongroom.audit.events import EntriesAged
from strongroom.audit.models import Download, Entry
from strongroom.audit.proof.row import BODY, CONTEXT, ORIGIN, PERSON
from strongroom.audit.redaction import CHUNK, MOST, holds, redact
from strongroom.audit.sealed import last_sealed
from strongroom.kernel import clock, user_agent
from strongroom.kernel.actor import Actor

_DOWNLOADS: Final = "aging downloads"
_WITH_ADDRESS: Final = Q(address__contains=".") | Q(address__contains=":") | Q(address="") & ~Q(client="")


def age() -> int:
    """Redact what is too old by ``[audit]`` of the configuration, so much at one go; returns how many parts of entries.

    It goes by days (UTC), so that a day has one event for each kind. Any number of processes may call it.
    """
    config = settings.CONFIG.audit
    done = sum(
        _age(kind, (ORIGIN, CONTEXT, PERSON, BODY), before=_midnight(days))
        for kind, days in sorted(config.retention_days.items())
    )
    if config.pseudonymize_after_days:
        before = _midnight(config.pseudonymize_after_days)
        done += _age("", (ORIGIN,), before=before)
        _age_downloads(before)
    return done


def _age(kind: str, parts: tuple[str, ...], *, before: datetime) -> int:
    """``kind`` is that of the tags, ``""`` for all."""
    name = f"aging {kind or 'origins'}"
    start, end = following.position(name, begin=0), _last_before(before)
    rows = Entry.objects.filter(serial__gt=start, serial__lte=end)
    if kind:
        rows = rows.filter(tag__startswith=f"{kind}.")
    event = EntriesAged(parts=parts, before=reading.timestamp(before), kind=kind)
    done = sum(
        redact(part, rows.filter(time__lt=before), explained_by=event, by=Actor.system()) for part in parts
    )
    following.advance(name, past=_done_with(rows, parts, end))
    return done


def _last_before(moment: datetime) -> int:
    """The serial of the newest sealed entry from before a moment. Serials follow the clock, but for one that was set back."""
    serials = (
        Entry.objects.filter(time__lt=moment).order_by("-time", "-serial").values_list("serial", flat=True)
    )
    return min(serials.first() or 0, last_sealed())


def _done_with(rows: QuerySet[Entry], parts: tuple[str, ...], end: int) -> int:
    """Up to which serial nothing is left to do: a clock that was wrong leaves entries behind that are not old yet."""
    left = Q()
    for part in parts:
        left |= holds(part)
    first = rows.filter(left).order_by("serial").values_list("serial", flat=True).first()
    return end if first is None else first - 1


def forget_downloads_of(user_id: int) -> None:
    """Take the person from the downloads of an account that was deleted; its id stays, and pseudonyms of its addresses."""
    while _change_chunk(Download.objects.filter(~Q(username=""), user_id=user_id), username=""):
        pass


def _age_downloads(before: datetime) -> None:
    """Of old downloads a pseudonym of the address stays, and the family of the client."""
    start, done = following.position(_DOWNLOADS, begin=0), 0
    while done < MOST and (changed := _change_chunk(_old(start, before))):
        done += changed
    rows = Download.objects.filter(pk__gt=start)
    young = (
        rows.filter(Q(hour__gte=before) | _WITH_ADDRESS).order_by("pk").values_list("pk", flat=True).first()
    )
    newest = rows.order_by("-pk").values_list("pk", flat=True).first()
    following.advance(_DOWNLOADS, past=(newest or 0) if young is None else young - 1)


def _old(start: int, before: datetime) -> QuerySet[Download]:
    return Download.objects.filter(_WITH_ADDRESS, pk__gt=start, hour__lt=before)


@transaction.atomic
def _change_chunk(rows: QuerySet[Download], **changes: str) -> int:
    chunk = list(rows.order_by("pk").select_for_update()[:CHUNK])
    for row in chunk:
        if _has_address(row):
            row.client = user_agent.family(row.client) if row.address else ""
            row.address = pseudonyms.of(row.address)
        row.username = changes.get("username", row.username)
    columns = ["address", "client", "username", "first", "last", "count"]
    Download.objects.bulk_update(_joined(chunk), columns, batch_size=100)
    return len(chunk)


def _joined(chunk: list[Download]) -> list[Download]:
    """Rows that differed in nothing but addresses that have one pseudonym become one; returns those that stay."""
    if not chunk:
        return []
    hours, found = [row.hour for row in chunk], {row.pk: row for row in chunk}
    alike = Download.objects.filter(
        hour__range=(min(hours), max(hours)), address__in={row.address for row in chunk}
    )
    found = {row.pk: row for row in alike.order_by("pk").select_for_update()} | found
    stays: dict[tuple[object, ...], Download] = {}
    for row in sorted(found.values(), key=lambda row: row.pk):
        other = stays.setdefault((row.sha256, row.hour, row.user_id, row.credential, row.address), row)
        if other is not row:
            other.first, other.last = min(other.first, row.first), max(other.last, row.last)
            other.count += row.count
    kept = list(stays.values())
    Download.objects.filter(pk__in=found.keys() - {row.pk for row in kept}).delete()
    return kept


def _has_address(row: Download) -> bool:
    """As ``_WITH_ADDRESS``: a pseudonym has neither dots nor colons."""
    return "." in row.address or ":" in row.address or not row.address


def _midnight(days: int) -> datetime:
    """The beginning of the day (UTC) that was so many days ago."""
    day = clock.now().astimezone(UTC) - timedelta(days=days)
    return day.replace(hour=0, minute=0, second=0, microsecond=0)
