"""Links that are mailed: random, stored as a digest, for one purpose, one use, one epoch, a limited time.

The link that takes back a change of the primary address alone outlives its epoch: what it is to undo has moved that, and
whoever made the change could move it again.
"""

from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from strongroom.accounts.models import EmailAddress, MailLink, User
from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import digest, random_secret

HOURS = {
    MailLink.Purpose.VERIFY: 24,
    MailLink.Purpose.RESET: 1,
    MailLink.Purpose.OPERATOR: 24,
    MailLink.Purpose.UNDO_EMAIL: 72,
    MailLink.Purpose.RECOVER: 24,
}
_PATHS = {
    MailLink.Purpose.VERIFY: "/account/verify-email/",
    MailLink.Purpose.RESET: "/account/reset-password/",
    MailLink.Purpose.OPERATOR: "/operate/setup/",
    MailLink.Purpose.UNDO_EMAIL: "/account/undo-email-change/",
    MailLink.Purpose.RECOVER: "/account/recover/start/",
}


def make(purpose: MailLink.Purpose, *, user: User | None = None, address: EmailAddress | None = None) -> str:
    """A new link as an absolute URL under the configured base URL, never the request's host (EM-16)."""
    secret = random_secret()
    MailLink.objects.create(
        digest=digest(secret),
        purpose=purpose,
        user=user,
        address=address,
        auth_epoch=user.auth_epoch if user else 0,
        expires=clock.now() + timedelta(hours=HOURS[purpose]),
    )
    return f"{settings.CONFIG.base_url}{_PATHS[purpose]}?token={secret}"


def find(purpose: MailLink.Purpose, token: str) -> MailLink:
    """The live link of ``token``, not used up by looking; raises ``Refused`` (``link_invalid``)."""
    link = _live(purpose, token).select_related("user", "address").first()
    if link is None:
        raise _invalid()
    return link


def use(purpose: MailLink.Purpose, token: str) -> MailLink:
    """Use the link up, in the transaction of its effect; raises ``Refused`` (``link_invalid``).

    One conditional update decides between parallel posts (PR-04).
    """
    link = find(purpose, token)
    if not _live(purpose, token).update(used=clock.now()):
        raise _invalid()
    return link


def sweep() -> int:
    """Delete links that have expired, used or not; returns how many."""
    return MailLink.objects.filter(expires__lt=clock.now()).delete()[0]


def _live(purpose: MailLink.Purpose, token: str) -> QuerySet[MailLink]:
    enabled = Q(user__disabled=False)
    of_now = (
        enabled if purpose is MailLink.Purpose.UNDO_EMAIL else enabled & Q(auth_epoch=F("user__auth_epoch"))
    )
    live = MailLink.objects.filter(digest=digest(token), purpose=purpose, used=None, expires__gt=clock.now())
    return MailLink.objects.filter(pk__in=live.filter(Q(user=None) | of_now).values("pk"), used=None)


def _invalid() -> Refused:
    return Refused("link_invalid", _("This link has expired or was used already. Ask for a new one."))
