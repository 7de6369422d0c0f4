"""Tickets: what a browser holds between the right password and the second factor."""

from datetime import timedelta

from django.db.models import F
from django.utils.translation import gettext as _

from strongroom.accounts.models import User
from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret, digest, random_secret
from strongroom.signin.models import Ticket

LIFETIME = timedelta(minutes=5)


def make(user: User) -> Secret:
    """A ticket for one sign-in within 5 minutes and this epoch."""
    secret = random_secret()
    Ticket.objects.create(
        digest=digest(secret), user=user, auth_epoch=user.auth_epoch, expires=clock.now() + LIFETIME
    )
    return secret


def find(secret: str) -> Ticket:
    """The live ticket, not used up by looking; raises ``Refused`` (``ticket_invalid``)."""
    ticket = Ticket.objects.select_related("user").filter(**_live(secret)).first()
    if ticket is None:
        raise _invalid()
    return ticket


def use(ticket: Ticket) -> None:
    """Use the ticket up, in the transaction that opens the session; raises ``Refused`` (``ticket_invalid``)."""
    if not Ticket.objects.filter(pk=ticket.pk, used=None).update(used=clock.now()):
        raise _invalid()


def sweep() -> int:
    """Delete expired tickets; returns how many."""
    return Ticket.objects.filter(expires__lt=clock.now()).delete()[0]


def _live(secret: str) -> dict[str, object]:
    return {
        "digest": digest(secret),
        "used": None,
        "expires__gt": clock.now(),
        "auth_epoch": F("user__auth_epoch"),
        "user__disabled": False,
    }


def _invalid() -> Refused:
    return Refused("ticket_invalid", _("This sign-in has expired. Enter your username and password again."))
