"""Sign-ins from a new browser that wait for a mailed link, which works in the browser that began, and there alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from strongroom.accounts import emails
from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.kernel import clock, user_agent
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret, digest, equal, random_secret
from strongroom.notices import queue
from strongroom.signin.events import ConfirmationAsked
from strongroom.signin.models import Confirmation
from strongroom.signin.notices import ConfirmSignIn
from strongroom.signin.proof import Proof
from strongroom.throttle.limits import Limit, spend

LIFETIME = timedelta(minutes=10)
_MAILED = Limit(
    "confirmations", count=20, seconds=3600
)  # whoever knows a password is not to flood a mailbox (EM-10)
_PATH = "/account/confirm-login/"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A sign-in that waits for its link; ``secret`` is the value of the cookie that the link needs beside it."""

    secret: Secret


def ask(user: User, proof: Proof, *, method: str, remember: bool, by: Actor) -> Waiting:
    """Mail the link to the addresses of ``user``, in the transaction that used the second factor up (RC-14).

    Raises ``Refused`` (``too_many_attempts``); known browsers, keys and passkeys go on working.
    """
    spend(str(user.pk), _MAILED)
    link, waiting = random_secret(), random_secret()
    Confirmation.objects.create(
        digest=digest(link),
        waiting=digest(waiting),
        user=user,
        auth_epoch=user.auth_epoch,
        method=method,
        proof=proof.method,
        proof_since=proof.since,
        remember=remember,
        expires=clock.now() + LIFETIME,
    )
    trail.record(ConfirmationAsked(subject_id=user.pk, method=method), by=by)
    notice = ConfirmSignIn(
        url=f"{settings.CONFIG.base_url}{_PATH}?token={link}",
        minutes=int(LIFETIME.total_seconds()) // 60,
        client=user_agent.name(by.origin.client),
        address=by.origin.address,
    )
    queue.send(notice, to=emails.recipient(user))
    return Waiting(waiting)


def find(token: str, *, waiting: str) -> Confirmation:
    """The sign-in of a link, not used up by looking; raises ``Refused`` (``link_invalid``, ``browser_differs``)."""
    row = Confirmation.objects.select_related("user").filter(digest=digest(token), **_live()).first()
    if row is None:
        raise _invalid()
    if not equal(row.waiting.encode(), digest(waiting).encode()):
        raise Refused(
            "browser_differs",
            _(
                "Open this link in the browser in which you are logging in. Is it not you? Then do not open it."
            ),
        )
    return row


def use(row: Confirmation) -> None:
    """Use a link up, in the transaction that opens the session; raises ``Refused`` (``link_invalid``)."""
    if not Confirmation.objects.filter(pk=row.pk, used=None).update(used=clock.now()):
        raise _invalid()


def has_older(user: User, moment: datetime) -> bool:
    """Whether a sign-in of ``user`` waits that was there at ``moment``."""
    return _older(user, moment).exists()


def end_older(user: User, moment: datetime) -> None:
    """End the sign-ins of ``user`` that were waiting at ``moment``, in the caller's transaction."""
    _older(user, moment).update(used=clock.now())


def sweep() -> int:
    """Delete confirmations that have expired; returns how many."""
    return Confirmation.objects.filter(expires__lt=clock.now()).delete()[0]


def _older(user: User, moment: datetime) -> QuerySet[Confirmation]:
    return Confirmation.objects.filter(user=user, expires__lte=moment + LIFETIME, **_live())


def _live() -> dict[str, object]:
    return {
        "used": None,
        "expires__gt": clock.now(),
        "auth_epoch": F("user__auth_epoch"),
        "user__disabled": False,
    }


def _invalid() -> Refused:
    return Refused("link_invalid", _("This link has expired or was used already. Log in again."))
