"""What adding a publisher and announcing one have in common."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.throttle.limits import Limit, address_block, spend_each
from strongroom.trust import identity, issuers
from strongroom.trust.issuers import KnownIssuer
from strongroom.trust.models import PendingPublisher, Publisher

_PER_USER = Limit("publishers-added", count=100, seconds=24 * 3600)
_PER_ADDRESS = Limit("publishers-added-address", count=100, seconds=24 * 3600)


def choose(issuer: str) -> KnownIssuer:
    """The issuer that somebody chose in a form; raises ``Refused`` (``trusted_publishing_off``, ``issuer_unknown``)."""
    identity.require_on()
    chosen = issuers.find(issuer)
    if chosen is None:
        raise Refused("issuer_unknown", _("There is no such identity provider."), field="issuer")
    return chosen


def fill(row: Publisher | PendingPublisher, wanted: Mapping[str, str], issuer: KnownIssuer) -> None:
    """Set what a row says of the identity that it is for."""
    row.issuer, row.kind, row.created = issuer.url, issuer.kind, clock.now()
    describe(row, wanted, issuer)


def describe(row: Publisher | PendingPublisher, wanted: Mapping[str, str], issuer: KnownIssuer) -> None:
    """Set what a row wants, and what follows from that."""
    row.wanted = dict(wanted)
    row.name = issuer.reading.describe(wanted)
    row.subject = issuer.reading.subject(wanted)
    row.fingerprint = issuer.reading.fingerprint(wanted)


def spend_on_adding(by: Actor) -> None:
    """Raises ``Refused`` (``too_many_attempts``)."""
    spend_each((str(by.user_id), _PER_USER), (address_block(by.origin.address), _PER_ADDRESS))


def taken() -> Refused:
    """The refusal for adding an identity a second time."""
    return Refused("publisher_taken", _("This publisher is there already."))
