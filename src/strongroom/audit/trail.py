"""Writing to the audit trail."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

import orjson
from django.db.models import Q

from strongroom.audit import pseudonyms
from strongroom.audit.event import Event
from strongroom.audit.models import Entry
from strongroom.kernel import clock, user_agent
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import random_bytes
from strongroom.prepared.insert import insert

MAX_CLIENT = 200  # characters of a User-Agent that are kept
SALT_BYTES = 16

MOST_REFUSALS: Final = 600
"""So many refusals of one kind are recorded in an hour of one account, or of one address (an IPv6 /64) where nobody has signed in."""
_AN_HOUR: Final = timedelta(hours=1)

_family = lru_cache(maxsize=1000)(user_agent.family)


def record(event: Event, *, by: Actor, refused: str = "") -> None:
    """Append ``event`` with its author; call it inside the transaction of the effect.

    ``refused`` is the reason code where the event is that something was not allowed.
    """
    salts = random_bytes(4 * SALT_BYTES)
    client = printable(by.origin.client)[:MAX_CLIENT]
    insert(
        Entry,
        time=clock.now(),
        tag=event.tag,
        outcome="refused" if refused else "done",
        reason=refused,
        actor_kind=by.kind.value,
        actor_id=by.user_id,
        authenticated=by.authenticated,
        credential=by.credential,
        subject_id=event.subject_id,
        project=event.project,
        facts=_json(event.facts()),
        address_pseudonym=pseudonyms.of(by.origin.address),
        client_family=_family(client),
        request_id=by.origin.request_id,
        address=by.origin.address,
        client=client,
        actor_name=by.username,
        personal=_json(event.personal()),
        body_salt=salts[:SALT_BYTES],
        origin_salt=salts[SALT_BYTES : 2 * SALT_BYTES],
        person_salt=salts[2 * SALT_BYTES : 3 * SALT_BYTES],
        context_salt=salts[3 * SALT_BYTES :],
    )


@contextmanager
def refusals_of(event: Event, *, by: Actor) -> Iterator[None]:
    """Record ``event`` as refused if the block is refused; put it around the transaction, not inside.

    Nothing is written where attempts are being throttled, and of those that are not only so many in an hour, so that nobody
    can fill the disk by asking (AU-06). Which refusals are recorded: docs/decisions/0030.
    """
    try:
        yield
    except Refused as refusal:
        if refusal.retry_after is None and _has_room(event, by):
            record(event, by=by, refused=refusal.code)
        raise


def _has_room(event: Event, by: Actor) -> bool:
    """The console has always room: whoever is there can fill the disk anyhow. Both queries walk the last hour of one index."""
    if by.user_id is not None:
        of_author = Q(actor_id=by.user_id)
    elif by.origin.address:
        of_author = Q(actor_id=None, address_pseudonym=pseudonyms.of(by.origin.address))
    else:
        return True
    lately = Entry.objects.filter(time__gte=clock.now() - _AN_HOUR).order_by("time")
    first = lately.values_list("serial", flat=True).first()
    if first is None:
        return True
    alike = Entry.objects.filter(of_author, serial__gte=first, tag=event.tag, outcome="refused")
    return alike[:MOST_REFUSALS].count() < MOST_REFUSALS


def _json(values: dict[str, Any]) -> str:
    """What was typed may be refused for holding what no database takes (NUL, lone surrogates); its entry must not fail."""
    try:
        text = orjson.dumps(values, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:
        text = ""
    return text if text and "\\u0000" not in text else _json(_whole(values))


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, list | tuple):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {str(_whole(name)): _whole(item) for name, item in value.items()}
    return value if isinstance(value, bool | int | None) else str(value)


def printable(text: str) -> str:
    """Without the control and direction characters that forge lines in a log or terminal (AU-07)."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )
