"""Writing to the audit trail."""

from collections.abc import Iterator
from contextlib import contextmanager

from strongroom.audit.event import Event
from strongroom.audit.models import Entry
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.prepared.insert import insert

MAX_CLIENT = 200  # characters of a User-Agent that are kept


def record(event: Event, *, by: Actor, refused: str = "") -> None:
    """Append ``event`` with its author; call it inside the transaction of the effect.

    ``refused`` is the reason code where the event is that something was not allowed.
    """
    insert(
        Entry,
        time=clock.now(),
        tag=event.tag,
        outcome="refused" if refused else "done",
        reason=refused,
        actor_kind=by.kind.value,
        actor_id=by.user_id,
        actor_name=by.username,
        authenticated=by.authenticated,
        credential=by.credential,
        subject_id=event.subject_id,
        project=event.project,
        details={name: _storable(value) for name, value in event.details().items()},
        address=by.origin.address,
        client=printable(by.origin.client)[:MAX_CLIENT],
        request_id=by.origin.request_id,
    )


@contextmanager
def refusals_of(event: Event, *, by: Actor) -> Iterator[None]:
    """Record ``event`` as refused if the block is refused; put it around the transaction, not inside.

    Where attempts are being throttled nothing is written, so that nobody can fill the disk by asking (AU-06).
    """
    try:
        yield
    except Refused as refusal:
        if refusal.retry_after is None:
            record(event, by=by, refused=refusal.code)
        raise


def _storable(value: object) -> object:
    """What was typed may be refused for holding what no database takes (NUL, lone surrogates); its entry must not fail."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def printable(text: str) -> str:
    """Without the control and direction characters that forge lines in a log or terminal (AU-07)."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )
