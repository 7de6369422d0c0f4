"""What follows from the use of somebody's API token: a note of it, and a mail when it comes from somewhere new."""

from contextlib import suppress

from django.db import transaction

from strongroom.accounts import emails
from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.notices import queue
from strongroom.throttle.limits import Limit, spend
from strongroom.tokens import last_use
from strongroom.tokens.events import TokenFromNewNetwork
from strongroom.tokens.notices import TokenWasUsedElsewhere
from strongroom.tokens.verify import Owner, VerifiedToken

# A build service has many networks: one mail a day says enough.
_MAILS = Limit("token-networks", count=1, seconds=24 * 3600)


def note(token: VerifiedToken, owner: Owner, *, by: Actor) -> None:
    """Note when and from where a token was used; tell its owner of a network from which it was never used."""
    if not last_use.note(token, by.origin):
        return
    network = last_use.network_of(by.origin.address)
    with transaction.atomic():
        event = TokenFromNewNetwork(
            subject_id=owner.id, name=token.name, token=token.short_id, network=network
        )
        trail.record(event, by=by)
    with suppress(Refused):
        spend(str(token.id), _MAILS)
        notice = TokenWasUsedElsewhere(
            name=token.name,
            when=clock.now(),
            address=by.origin.address,
            client=trail.printable(by.origin.client)[: trail.MAX_CLIENT],
        )
        queue.send(notice, to=emails.recipient(User.objects.get(pk=owner.id)))
