"""From the text of an identity token to what it says: genuine, for this site, of an issuer on whom somebody relies."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from strongroom.kernel.refused import Refused
from strongroom.kernel.sections import Feature
from strongroom.trust import issuer_keys, issuers, jwt
from strongroom.trust.issuers import KnownIssuer
from strongroom.trust.jwt import Claims, Unverified
from strongroom.trust.models import PendingPublisher, Publisher
from strongroom.trust.refusals import refusal_for


@dataclass(frozen=True, slots=True)
class Presented:
    """A token that somebody brought: nothing of it is proven, but that its issuer is one that is believed."""

    text: str
    unverified: Unverified
    issuer: KnownIssuer


def audience() -> str:
    """What identity tokens for this site must say they are for (design, D8)."""
    return str(settings.CONFIG.audience)


def is_on() -> bool:
    """Whether identity tokens are taken at all."""
    return settings.CONFIG.trusted_publishing.enabled is not Feature.OFF


def require_on() -> None:
    """Raises ``Refused`` (``trusted_publishing_off``) where they are not."""
    if not is_on():
        raise Refused("trusted_publishing_off", _("This index does not take trusted publishers."))


def read(text: str) -> Presented:
    """Whose token it says to be; raises ``Refused``, before anything is fetched.

    Codes: those of ``jwt.peek``, ``identity_issuer_unknown``, ``publisher_unknown`` where nobody relies on its issuer.
    """
    unverified = jwt.peek(text)
    issuer = issuers.find(unverified.issuer)
    if issuer is None:
        raise issuers.unknown()
    relied_on = (PendingPublisher, Publisher)  # in the order in which one becomes the other
    if not any(rows.objects.filter(issuer=issuer.url).exists() for rows in relied_on):
        raise refusal_for("publisher_unknown")
    return Presented(text, unverified, issuer)


def verify(presented: Presented) -> Claims:
    """What the token says, proven; outside of any transaction, as its issuer may be visited for its keys.

    Raises ``Refused``: the codes of ``issuer_keys.key_for`` and ``jwt.verify``.
    """
    issuer = presented.issuer
    key = issuer_keys.key_for(issuer, presented.unverified.key_id)
    return jwt.verify(
        presented.text,
        key,
        issuer=issuer.url,
        audience=audience(),
        single_use=issuer.reading.single_use,
    )
