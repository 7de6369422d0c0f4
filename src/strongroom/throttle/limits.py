"""Spend an attempt before it is evaluated; when none is left, the attempt is refused unseen."""

import hashlib
from contextlib import nullcontext
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.translation import gettext as _

from strongroom.kernel import clock
from strongroom.kernel.client_address import household
from strongroom.kernel.refused import Refused
from strongroom.throttle.models import Bucket

# One statement decides, whatever the concurrency (RL-01): it starts a window, or counts within one, or changes
# nothing and returns no row because the window is used up.
_SPEND = """
    INSERT INTO throttle_bucket AS bucket (key, began, spent) VALUES (%(key)s, %(now)s, 1)
    ON CONFLICT (key) DO UPDATE SET
        spent = CASE WHEN bucket.began <= %(expired)s THEN 1 ELSE bucket.spent + 1 END,
        began = CASE WHEN bucket.began <= %(expired)s THEN %(now)s ELSE bucket.began END
    WHERE bucket.began <= %(expired)s OR bucket.spent < %(count)s
    RETURNING spent
"""
_FORGET = "DELETE FROM throttle_bucket WHERE key IN"


IN_A_ROW = "-row"  # how the scope of a limit ends that time alone never forgets
_LONGEST_WINDOW = 2 * 24 * 3600  # seconds; of all other limits


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``count`` attempts in ``seconds``, counted from the first one, for each key within ``scope``."""

    scope: str
    count: int
    seconds: int


def spend(key: str, *limits: Limit) -> None:
    """Use up one attempt of ``key`` under each limit; raises ``Refused`` (``too_many_attempts``, ``retry_after``).

    Call it outside the transaction that it guards, so that a rollback does not give the attempt back.
    """
    spend_each(*((key, limit) for limit in limits))


def spend_each(*attempts: tuple[str, Limit]) -> None:
    """The same for several keys, up to the first that has no attempt left. Callers keep to one order of keys.

    One commit for all; the refusal is raised after it, so that what was spent stays spent.
    """
    with transaction.atomic() if len(attempts) > 1 else nullcontext():
        refusal = next((refused for key, limit in attempts if (refused := _spent(limit, key))), None)
    if refusal:
        raise refusal


def forget(key: str, *limits: Limit) -> None:
    """Give all attempts of ``key`` back, because its owner has proved to be its owner."""
    buckets = [_bucket(limit, key) for limit in limits]
    with connection.cursor() as cursor:
        cursor.execute(f"{_FORGET} ({', '.join(['%s'] * len(buckets))})", buckets)


def address_block(address: str) -> str:
    """The key under which an IP address is counted: an IPv6 /64 is one household (RL-05)."""
    return household(address)


def sweep() -> int:
    """Delete counters whose window is over for good; those of attempts in a row have none. Returns how many."""
    over = Bucket.objects.filter(began__lt=int(clock.timestamp()) - _LONGEST_WINDOW)
    return over.exclude(key__contains=f"{IN_A_ROW}:").delete()[0]


def _spent(limit: Limit, key: str) -> Refused | None:
    """Nothing where an attempt was left."""
    now = int(clock.timestamp())
    bucket = _bucket(limit, key)
    values: dict[str, str | int] = {
        "key": bucket,
        "now": now,
        "expired": now - limit.seconds,
        "count": limit.count,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SPEND, values)
        if cursor.fetchone():
            return None
    began = Bucket.objects.values_list("began", flat=True).filter(key=bucket).first() or now
    wait = max(1, began + limit.seconds - now)
    return Refused("too_many_attempts", _("Too many attempts. Try again later."), retry_after=wait)


def _bucket(limit: Limit, key: str) -> str:
    """The scope and a digest: no key can be made to collide with one of another scope (RL-06)."""
    return f"{limit.scope}:{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()}"
