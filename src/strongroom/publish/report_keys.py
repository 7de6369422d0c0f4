"""The keys of secret scanners: fetched when they are needed, kept in a row that all nodes share, and not trusted for long.

Whoever needs a key that is not there, or keys that are not fresh, may go for them, unless somebody has within the last
minute: one conditional UPDATE decides, so that a flood of invented key ids costs the scanner one visit a minute in all.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.tokens.models import ReportKeys

Fetch = Callable[[str], Mapping[str, object]]
"""The JSON object at an address, within bounds; raises ``KeysUnreachable``."""

FRESH: Final = timedelta(minutes=30)
MAX_AGE: Final = timedelta(hours=24)
"""For so long keys are good when their address does not answer."""
PAUSE: Final = timedelta(minutes=1)
ATTEMPT: Final = timedelta(seconds=6)
"""A visit that has not ended by then never will."""

_MAX_KEYS = 100
_MAX_KEY = 2000  # characters; a P-256 key in PEM has 178


class KeysUnreachable(Exception):
    """The address of the keys did not answer with something that can be used."""


def key_for(address: str, key_id: str, *, fetch: Fetch) -> str:
    """The public key ``key_id`` in PEM; outside of any transaction, as it may visit the address.

    Raises ``Refused``: ``report_key_unknown``, ``report_keys_unreachable``, and while somebody else is on the way
    ``report_keys_pending``.
    """
    row = _row(address)
    if not _is_within(row.fetched, FRESH) or key_id not in row.keys:
        if began := _may_visit(row):
            _visit(address, began, fetch)
        row = _row(address)
    found = row.keys.get(key_id) if _is_within(row.fetched, MAX_AGE) else None
    if found is None:
        raise _why_not(row)
    return str(found)


def _row(address: str) -> ReportKeys:
    return ReportKeys.objects.filter(address=address).first() or ReportKeys(address=address)


def _is_within(moment: datetime | None, span: timedelta) -> bool:
    """Whether it is no longer ago than ``span``; one in the future is of a clock that has been set right."""
    return moment is not None and clock.now() - span < moment <= clock.now() + PAUSE


def _may_visit(row: ReportKeys) -> datetime | None:
    """When the visit begins, if it is ours to make; committed before it is made."""
    now = clock.now()
    if _is_within(row.tried, PAUSE):
        return None
    with transaction.atomic(durable=True):
        if row.pk is None:
            ReportKeys.objects.bulk_create([ReportKeys(address=row.address)], ignore_conflicts=True)
        is_due = Q(tried=None) | Q(tried__lte=now - PAUSE) | Q(tried__gt=now + PAUSE)
        ours = ReportKeys.objects.filter(is_due, address=row.address).update(tried=now, failed=False)
    return now if ours else None


def _visit(address: str, began: datetime, fetch: Fetch) -> None:
    """Nothing is stored where another visit has begun since; keys are as old as the visit's begin."""
    ours = ReportKeys.objects.filter(address=address, tried=began)
    try:
        keys = _keys_in(fetch(address))
    except KeysUnreachable:
        ours.update(failed=True)
    else:
        ours.update(keys=keys, fetched=began, failed=False)


def _keys_in(document: Mapping[str, object]) -> dict[str, str]:
    """GitHub's format: ``{"public_keys": [{"key_identifier": …, "key": PEM, "is_current": …}]}``."""
    listed = document.get("public_keys")
    if not isinstance(listed, list) or len(listed) > _MAX_KEYS:
        raise KeysUnreachable
    keys = {}
    for entry in listed:
        match entry:
            case {"key_identifier": str(identifier), "key": str(key)} if len(key) <= _MAX_KEY:
                keys[identifier] = key
    return keys


def _why_not(row: ReportKeys) -> Refused:
    now = clock.now()
    tried = row.tried or now
    is_done = row.failed or row.fetched == tried
    if not is_done and now < tried + ATTEMPT:
        return Refused(
            "report_keys_pending", "The keys are being fetched. Send the report again.", retry_after=1
        )
    wait = max(1, int((tried + PAUSE - now).total_seconds()) + 1)
    if row.failed or not is_done:
        return Refused(
            "report_keys_unreachable",
            "The keys of the scanner could not be fetched. Send the report again.",
            retry_after=wait,
        )
    return Refused("report_key_unknown", "The report names a key that is not known.", retry_after=wait)
