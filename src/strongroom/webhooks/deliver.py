"""Delivering: at least once, in the order of the serials, never past an event that was not taken.

Any number of processes may deliver. Who sends for a webhook holds its lease, taken by one conditional update (design, D1). What
came of a message moves the cursor in one more such update, which asks that nobody has taken the lease or moved the cursor
meanwhile. A process that dies in between has sent a message that is sent again, with the same id.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet

from strongroom.audit.settled import settled
from strongroom.kernel import clock
from strongroom.kernel.outward import SECONDS, Outward
from strongroom.kernel.secrets import Unsealable, random_bytes
from strongroom.webhooks import addresses, log, message, pausing, posting
from strongroom.webhooks.message import BATCH, Message
from strongroom.webhooks.models import Webhook
from strongroom.webhooks.posting import Outcome
from strongroom.webhooks.retries import next_attempt, patience_is_over

_TURN: Final = 20.0  # seconds, after which no further message is begun: others wait for the thread
_LEASE: Final = timedelta(seconds=2 * (_TURN + SECONDS))  # longer than any turn takes
_FAR: Final = 1000  # serials that are passed over before the cursor is moved although nothing was wanted

_ABLE: Final = Q(user=None) | Q(user__disabled=False, user__frozen=None)


@dataclass(slots=True)
class _Turn:
    """A webhook in hand, the lease under which it is, and the serial up to which the trail is settled."""

    webhook: Webhook
    lease: str
    up_to: int | None


class Due(NamedTuple):
    """A webhook that has something to send; ``of_site``: the instance's."""

    webhook_id: int
    of_site: bool


def look() -> tuple[int | None, list[Due]]:
    """Up to which serial events may be sent now, and the webhooks that have something to send."""
    ready = _ready(clock.now()).select_related("project", "user")
    # First up to where, then who wants what: nothing is passed over that a webhook has come to want meanwhile.
    up_to = settled() if ready.exists() else None
    rows = list(ready)
    return up_to, [Due(row.pk, row.owner == Webhook.Owner.INSTANCE) for row in rows if _has_work(row, up_to)]


def take_turn(webhook_id: int, *, up_to: int | None, way: Outward | None = None) -> int:
    """Send what comes next, until one message is not taken, or a batch or the time is over; returns how many were taken."""
    lease = _take_lease(webhook_id)
    row = _held(webhook_id, lease).first()
    if row is None:
        return 0
    try:
        return _send_all(_Turn(row, lease, up_to), way or addresses.outward())
    finally:
        Webhook.objects.filter(pk=webhook_id, lease=lease).update(lease="", leased_until=None)
        log.trim(webhook_id)


def _ready(now: datetime) -> QuerySet[Webhook]:
    """Webhooks that may send now and for which nobody sends; those of accounts that are disabled or frozen do not."""
    due = Q(active=True, paused=None, next_attempt__lte=now) | Q(test_asked__isnull=False)
    return Webhook.objects.filter(_ABLE, _free(now), due).order_by("next_attempt", "pk")


def _free(now: datetime) -> Q:
    return Q(leased_until=None) | Q(leased_until__lte=now)


def _has_work(row: Webhook, up_to: int | None) -> bool:
    if row.test_asked or message.events(row, up_to=up_to, limit=1) or message.seals(row, limit=1):
        return True
    if up_to is not None and up_to - row.serial > _FAR:
        Webhook.objects.filter(pk=row.pk, serial=row.serial).update(serial=up_to)
    return False


def _take_lease(webhook_id: int) -> str:
    """The lease, which nobody else has if the row says so afterwards."""
    now, lease = clock.now(), random_bytes(16).hex()
    Webhook.objects.filter(_free(now), pk=webhook_id).update(lease=lease, leased_until=now + _LEASE)
    return lease


def _held(webhook_id: int, lease: str) -> QuerySet[Webhook]:
    return Webhook.objects.select_related("project", "user").filter(pk=webhook_id, lease=lease)


def _send_all(turn: _Turn, way: Outward) -> int:
    begun, taken = clock.monotonic(), 0
    for wanted in _messages(turn):
        if clock.monotonic() - begun > _TURN or not _is_still(turn, wanted):
            break
        was_taken = _send(turn, wanted, way)
        taken += was_taken
        if not (was_taken or wanted.is_test):
            break
    return taken


def _messages(turn: _Turn) -> Iterator[Message]:
    row = turn.webhook
    if row.test_asked is not None:
        yield message.test(row)
    if row.next_attempt <= clock.now():
        yield from chain(message.events(row, up_to=turn.up_to, limit=BATCH), message.seals(row, limit=BATCH))


def _is_still(turn: _Turn, wanted: Message) -> bool:
    """Whether the webhook is as it was when its turn began, but for its address and secret, which are taken as they are now."""
    row = _held(turn.webhook.pk, turn.lease).filter(_ABLE).first()
    if row is None or (row.serial, row.seal) != (turn.webhook.serial, turn.webhook.seal):
        return False
    turn.webhook = row
    return wanted.is_test or (row.active and row.paused is None)


def _send(turn: _Turn, wanted: Message, way: Outward) -> bool:
    """Post one message and write down what came of it; no transaction is open meanwhile."""
    try:
        outcome = posting.post(turn.webhook, wanted, way)
    except Unsealable:
        return _give_up(turn, Outcome.unsent("secret_lost"), "secret_lost")
    with transaction.atomic():
        attempt = 1 if wanted.is_test else turn.webhook.failures + 1
        if not _move(turn, _changes(turn.webhook, wanted, outcome)):
            return False
        log.add(turn.webhook, wanted, outcome, attempt=attempt)
        if why := "" if wanted.is_test else _why_pause(turn.webhook, outcome):
            pausing.pause(turn.webhook, why, code=outcome.code)
    return not outcome.code


def _give_up(turn: _Turn, outcome: Outcome, why: str) -> bool:
    with transaction.atomic():
        if _move(turn, {"test_asked": None}) and turn.webhook.paused is None:
            pausing.pause(turn.webhook, why, code=outcome.code)
    return False


def _changes(row: Webhook, wanted: Message, outcome: Outcome) -> dict[str, Any]:
    """How the row is after a message."""
    if wanted.is_test:
        return {"test_asked": None}
    if outcome.code:
        failures = row.failures + 1
        return {
            "failures": failures,
            "failing_since": row.failing_since or outcome.time,
            "next_attempt": next_attempt(failures, outcome.retry_after),
        }
    done = {"serial": wanted.serial} if wanted.serial is not None else {"seal": wanted.seal}
    return {**done, "failures": 0, "failing_since": None}


def _move(turn: _Turn, changes: dict[str, Any]) -> bool:
    """One conditional update: the lease is still ours, and nobody has moved a cursor (design, D1)."""
    row = turn.webhook
    if not Webhook.objects.filter(pk=row.pk, lease=turn.lease, serial=row.serial, seal=row.seal).update(
        **changes
    ):
        return False
    for name, value in changes.items():
        setattr(row, name, value)
    return True


def _why_pause(row: Webhook, outcome: Outcome) -> str:
    if outcome.status == 410:
        return "gone"
    return "failing" if outcome.code and patience_is_over(row.failing_since) else ""
