"""Sessions: rows in the SQL database, random cookies of which only the digest is kept. The only door to a session."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.db.models import F
from django.utils.translation import gettext as _

from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor, ActorKind, Origin
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret, digest, random_secret
from strongroom.prepared.insert import insert
from strongroom.signin import browsers
from strongroom.signin.events import SessionEnded, SignIn
from strongroom.signin.models import Session
from strongroom.signin.proof import Proof

_TOUCH_AFTER = timedelta(minutes=1)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session and the new value of its cookie, which the face sets; at a sign-in also that of the browser's cookie."""

    session: Session
    secret: Secret
    browser: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedInBy:
    """How somebody signed in: the whole ``method`` (``password+totp``) and its strongest ``proof``.

    ``remember`` lets the browser leave the second factor out; ``told`` says that its owner knows of the browser.
    """

    method: str
    proof: Proof
    remember: bool = False
    told: bool = False


def open_session(user: User, how: SignedInBy, *, by: Actor) -> Opened:
    """Open a session for somebody who has proved to be ``user``, in the caller's transaction; know the browser again."""
    secret, now = random_secret(), clock.now()
    values: dict[str, Any] = {
        "digest": digest(secret),
        "user_id": user.pk,
        "auth_epoch": user.auth_epoch,
        "method": how.method,
        "created": now,
        "last_seen": now,
        "proven": now,
        "proof": how.proof.method,
        "proof_since": how.proof.since,
        "address": by.origin.address,
        "client": by.origin.client[: trail.MAX_CLIENT],
    }
    session = Session(pk=insert(Session, **values), **values)
    session.user = user
    author = actor_of(session, by.origin)
    trail.record(SignIn(subject_id=user.pk, method=how.method), by=author)
    browser = browsers.know(user, told=how.told, by=author)
    if how.remember:
        browsers.remember(user, browser, by=author)
    return Opened(session, secret, browser)


def find(secret: str) -> Session | None:
    """The live session of a cookie: of this epoch, not idle or old beyond the limits, its account not disabled."""
    session = Session.objects.select_related("user").filter(digest=digest(secret)).first()
    if session is None or not _is_live(session):
        return None
    if clock.now() - session.last_seen >= _TOUCH_AFTER:
        _touch(session)
    return session


def actor_of(session: Session, origin: Origin) -> Actor:
    """The author of what is done in this session."""
    user = session.user
    return Actor(
        kind=ActorKind.OPERATOR if user.is_operator else ActorKind.USER,
        origin=origin,
        user_id=user.pk,
        username=user.username,
        authenticated=session.method,
        credential=session.digest[:8],
    )


def lock(session: Session) -> None:
    """Let the changes of one account come one after the other, in the caller's transaction.

    Raises ``Refused`` (``session_ended``) where one that came first has ended this session (SS-02).
    """
    User.objects.select_for_update().filter(pk=session.user_id).first()
    if not Session.objects.filter(pk=session.pk, auth_epoch=F("user__auth_epoch")).exists():
        raise _ended()


def renew(session: Session, *, epoch: int, proof: Proof | None = None) -> Opened:
    """Give this session a new cookie and the account's new epoch, in the transaction that moved it.

    All other sessions stay behind in the old epoch and are dead. ``proof`` marks a factor that was shown just now.
    Raises ``Refused`` (``session_ended``) where the session has been ended meanwhile: it must not come back by this.
    """
    secret = random_secret()
    changes: dict[str, object] = {"digest": digest(secret), "auth_epoch": epoch}
    if proof is not None:
        changes |= {"proven": clock.now(), "proof": proof.method, "proof_since": proof.since}
    if not Session.objects.filter(pk=session.pk, auth_epoch__in=(epoch - 1, epoch)).update(**changes):
        raise _ended()
    return Opened(Session.objects.select_related("user").get(pk=session.pk), secret)


def of(user: User) -> list[Session]:
    """The live sessions of a person, the most lately used first."""
    rows = Session.objects.select_related("user").filter(user=user).order_by("-last_seen")
    return [session for session in rows if _is_live(session)]


def end(user: User, session_id: int, *, by: Actor) -> None:
    """End one session by its owner and id; nothing happens where it has ended already."""
    if Session.objects.filter(user=user, pk=session_id).delete()[0]:
        trail.record(SessionEnded(subject_id=user.pk), by=by)


def end_others(session: Session, *, by: Actor) -> int:
    """End all sessions of this person but this one; returns how many."""
    count = Session.objects.filter(user=session.user).exclude(pk=session.pk).delete()[0]
    trail.record(SessionEnded(subject_id=session.user_id, count=count), by=by)
    return count


def has_older(user: User, moment: datetime) -> bool:
    """Whether a session of ``user`` is live that was there at ``moment``."""
    return any(session.created <= moment for session in of(user))


def end_older(user: User, moment: datetime, *, by: Actor) -> None:
    """End the sessions of ``user`` that were there at ``moment``, in the caller's transaction."""
    count = Session.objects.filter(user=user, auth_epoch=user.auth_epoch, created__lte=moment).delete()[0]
    if count:
        trail.record(SessionEnded(subject_id=user.pk, count=count), by=by)


def sweep() -> int:
    """Delete the rows of sessions that can never be live again; returns how many."""
    return Session.objects.filter(created__lt=_oldest()).delete()[0]


def _touch(session: Session) -> None:
    """Reads go on where nothing can be written (design, D15); a session that is not noted as used ends the sooner."""
    try:
        Session.objects.filter(pk=session.pk).update(last_seen=clock.now())
    except DatabaseError:
        _log.warning("the use of a session was not noted", exc_info=True)


def _ended() -> Refused:
    return Refused("session_ended", _("You have been logged out meanwhile. Log in again."))


def _is_live(session: Session) -> bool:
    idle = timedelta(minutes=settings.CONFIG.accounts.session_idle_minutes)
    return (
        session.auth_epoch == session.user.auth_epoch
        and not session.user.disabled
        and session.created >= _oldest()
        and session.last_seen >= clock.now() - idle
    )


def _oldest() -> datetime:
    return clock.now() - timedelta(hours=settings.CONFIG.accounts.session_hours)
