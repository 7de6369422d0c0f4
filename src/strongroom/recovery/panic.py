"""The panic link: "this was not me" stops everything that somebody else could do with an account, and freezes it.

Following it takes no login, as whoever needs it may have no way in; undoing it takes a factor that was there before.
"""

from contextlib import suppress
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils.translation import gettext as _

from strongroom.accounts import emails, panic_link, standing
from strongroom.accounts import find as people
from strongroom.accounts.events import AccountThawed
from strongroom.accounts.models import User
from strongroom.accounts.panic_link import Alarm
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.notices import queue
from strongroom.recovery import stage
from strongroom.recovery import stop as stopping
from strongroom.recovery.notices import AccountWasFrozen, SomebodysAccountWasFrozen
from strongroom.signin import browsers, confirmations, stepup
from strongroom.signin import session as sessions
from strongroom.signin.models import Session
from strongroom.signin.session import Opened, renew
from strongroom.throttle.limits import Limit, address_block, spend
from strongroom.tokens import revoke
from strongroom.trust import freezing
from strongroom.webhooks import freezing as webhooks

_PER_ADDRESS = Limit("panic", count=20, seconds=3600)


@dataclass(frozen=True, slots=True)
class Panic:
    """What the page of a link shows: whose account it stops, and whether that has been done."""

    username: str
    is_done: bool


def look(token: str) -> Panic:
    """What a link would do; looking changes nothing. Raises ``Refused`` (``link_invalid``)."""
    alarm = panic_link.find(token)
    frozen = alarm.user.frozen
    is_frozen = frozen is not None and frozen <= alarm.written
    return Panic(alarm.user.username, is_frozen and not _goes_on(alarm))


def pull(token: str, *, by: Actor) -> Panic:
    """End every session and remembered browser, stop a recovery, revoke every token, stop every publisher and webhook, and freeze the account.

    Of parallel or later pulls by a mail that is no older, the first does it; the others end what was going on when their
    mail was written, as a frozen account can be signed in to, and nothing else: with an old mail nobody ends the session
    in which its owner undoes the freeze. Invitations to projects, once there are any, belong here as well. Raises ``Refused`` (``link_invalid``, ``too_many_attempts``).
    """
    spend(address_block(by.origin.address), _PER_ADDRESS)
    return stop(panic_link.find(token), by=by)


def stop(alarm: Alarm, *, by: Actor) -> Panic:
    """What ``pull`` does, for an alarm that is known to be genuine: by a mail, or by an event in one's own history."""
    with transaction.atomic():
        if standing.freeze(alarm.user, alarm.written, by=by):
            _stop_everything(alarm, by=by)
        else:
            _stop_what_went_on(alarm, by=by)
    return Panic(alarm.user.username, is_done=True)


def undo(session: Session, *, by: Actor) -> Opened:
    """Let the account publish again; its other sessions end.

    It takes a fresh proof by a factor that was there a day before the mail was written, which is what somebody who got
    in lately cannot have. Without one an operator can do it (``standing.thaw``). Raises ``Refused``: ``proof_needed``,
    ``factor_too_new``, ``account_not_frozen``.
    """
    user = session.user
    if (before := standing.trusted_before(user)) is not None:
        with trail.refusals_of(AccountThawed(subject_id=user.pk), by=by):
            stepup.require_trusted(session, before)
    with transaction.atomic():
        return renew(session, epoch=standing.thaw(user, by=by))


def undo_for(user: User, *, by: Actor) -> None:
    """Undo it as an operator, for somebody who has no such factor and has proved in some other way who they are.

    Raises ``Refused``: ``account_not_frozen``; ``own_account``, as a session of an operator can be stolen, too.
    """
    with trail.refusals_of(AccountThawed(subject_id=user.pk), by=by):
        if by.user_id == user.pk:
            raise Refused("own_account", _("Ask another operator, or use a factor that you had before."))
        standing.thaw(user, by=by)


def _stop_everything(alarm: Alarm, *, by: Actor) -> None:
    """Sessions, sign-ins under way and mailed links have ended with the epoch."""
    user = alarm.user
    browsers.forget_all(user, by=by)
    _stop_recovery(user, by=by)
    if (before := standing.trusted_before(people.by_id(user.pk))) is not None:
        freezing.stop_of(user.pk, before, by=by)
        webhooks.stop_of(user.pk, since=before)
    tokens = tuple(token.name for token in revoke.revoke_all(user.pk, by=by))
    when, address = clock.now(), by.origin.address
    mine = AccountWasFrozen(written=alarm.written, when=when, address=address, tokens=tokens)
    queue.send(mine, to=replace(emails.recipient(user), panic_url=""))  # it has been followed
    theirs = SomebodysAccountWasFrozen(username=user.username, when=when, address=address, tokens=len(tokens))
    for operator in emails.operators():
        if operator.username != user.username:
            queue.send(theirs, to=operator)


def _goes_on(alarm: Alarm) -> bool:
    """Whether anything goes on that did so when the mail was written."""
    user, written = alarm.user, alarm.written
    recovery = stage.open_of(user.pk)
    return (
        sessions.has_older(user, written)
        or confirmations.has_older(user, written)
        or (recovery is not None and recovery.begun <= written)
    )


def _stop_what_went_on(alarm: Alarm, *, by: Actor) -> None:
    user = people.locked(alarm.user.pk)
    if user.frozen is None:  # undone meanwhile, which ends this link
        return
    sessions.end_older(user, alarm.written, by=by)
    browsers.forget_older(user, alarm.written, by=by)
    confirmations.end_older(user, alarm.written)
    recovery = stage.open_of(user.pk)
    if recovery is not None and recovery.begun <= alarm.written:
        _stop_recovery(user, by=by)


def _stop_recovery(user: User, *, by: Actor) -> None:
    if going_on := stage.open_of(user.pk):
        with suppress(Refused):  # it was over meanwhile
            stopping.own(user, going_on.pk, by=by)
