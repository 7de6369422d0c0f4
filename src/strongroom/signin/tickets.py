"""Tickets: what a browser holds between the right password and the second factor."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from strongroom.accounts import find as people
from strongroom.accounts.models import User
from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret, digest, random_secret
from strongroom.prepared.fetch import Fetch
from strongroom.prepared.insert import insert
from strongroom.prepared.update import update
from strongroom.signin.models import Ticket

LIFETIME = timedelta(minutes=5)


def make(user: User) -> Secret:
    """A ticket for one sign-in within 5 minutes and this epoch."""
    secret = random_secret()
    insert(
        Ticket,
        digest=digest(secret),
        user_id=user.pk,
        auth_epoch=user.auth_epoch,
        expires=clock.now() + LIFETIME,
    )
    return secret


def find(secret: str) -> Ticket:
    """The live ticket, not used up by looking; raises ``Refused`` (``ticket_invalid``)."""
    ticket = _FETCH.first(digest=digest(secret))
    if ticket is None or ticket.used or ticket.expires <= clock.now():
        raise _invalid()
    ticket.user = people.by_id(ticket.user_id)
    if ticket.user.disabled or ticket.user.auth_epoch != ticket.auth_epoch:
        raise _invalid()
    return ticket


def use(ticket: Ticket) -> None:
    """Use the ticket up, in the transaction that opens the session; raises ``Refused`` (``ticket_invalid``)."""
    if not update(Ticket, {"used": clock.now()}, digest=ticket.digest, used=None):
        raise _invalid()


def sweep() -> int:
    """Delete expired tickets; returns how many."""
    return Ticket.objects.filter(expires__lt=clock.now()).delete()[0]


def _fetch(digest: str) -> QuerySet[Ticket]:
    return Ticket.objects.filter(digest=digest)


_FETCH = Fetch(Ticket, _fetch, digest=str)


def _invalid() -> Refused:
    return Refused("ticket_invalid", _("This sign-in has expired. Enter your username and password again."))
