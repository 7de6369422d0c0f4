"""The receipt of one event: what proves, without this site, that the event was sealed."""

from typing import Any, Final

from django.utils.translation import gettext as _

from strongroom.audit import reading, sealing
from strongroom.audit.document import details
from strongroom.audit.models import Entry
from strongroom.audit.proof import receipt as proof
from strongroom.audit.proof.row import CONTEXT, ORIGIN, PERSON
from strongroom.audit.proof.seal import Seal
from strongroom.audit.search import Scope
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.throttle.limits import Limit, spend

_SEALS_PER_PERSON: Final = Limit("seal-now", count=30, seconds=3600)
_A_MINUTE: Final = 60  # seconds


def find(scope: Scope, serial: int) -> Entry | None:
    """The event with this serial, if it is one of ``scope``."""
    entry = Entry.objects.filter(pk=serial).first()
    return entry if entry is not None and scope.covers(entry) else None


def receipt(entry: Entry, scope: Scope, *, by: Actor) -> dict[str, Any]:
    """The receipt of an event of ``scope``, as a JSON document.

    Of what its readers may not see, address and client of others and how they proved who they are, only the hash is given
    away (AU-11); the seal holds all the same. An event that is not sealed yet is sealed at once: whoever asks for proof
    fears that what is there now will be changed, and a minute is long enough for that. Raises ``Refused``:
    ``event_unsealed`` where that cannot be done yet, ``too_many_attempts`` where somebody makes a seal for each of many
    events.
    """
    seal = reading.seal_of(entry.pk) or _sealed_now(entry.pk, by=by)
    row = reading.row(entry.pk)
    if row is None or entry.pk not in seal.leaves:
        raise Refused(
            "event_unprovable",
            _(
                "The seal of this event says nothing of it. Tell the operators: they can verify the whole trail."
            ),
        )
    return proof.make(row, seal, without=_hidden(entry, scope))


def _hidden(entry: Entry, scope: Scope) -> tuple[str, ...]:
    """The parts that readers of ``scope`` do not see; the person as well where its fields tell of networks."""
    if scope.shows_origin(entry):
        return ()
    return (CONTEXT, ORIGIN, PERSON) if details(entry, scope) != entry.details else (CONTEXT, ORIGIN)


def _sealed_now(serial: int, *, by: Actor) -> Seal:
    spend(str(by.user_id), _SEALS_PER_PERSON)
    sealing.seal_all()
    if (seal := reading.seal_of(serial)) is None:
        raise Refused(
            "event_unsealed",
            _("This event is not sealed yet: something that began before it is still being written. ")
            + _("It is sealed within a minute. Ask again then."),
            retry_after=_A_MINUTE,
        )
    return seal
