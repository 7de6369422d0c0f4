"""Finishing a recovery: a new password, and everything that was signed in or could publish is gone."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from strongroom.accounts import passwords, standing
from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.factors import methods
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret
from strongroom.publish import credentials
from strongroom.recovery import links, stage, tell
from strongroom.recovery.events import RecoveryFinished
from strongroom.recovery.models import Recovery
from strongroom.recovery.notices import RecoveryWasFinished
from strongroom.recovery.stage import Stage
from strongroom.signin import browsers
from strongroom.webhooks import freezing


@dataclass(frozen=True, slots=True)
class Finished:
    """Whose account is recovered, and the value of the cookie by which the browser is known that did it."""

    user: User
    browser: Secret


def find(token: str) -> Recovery:
    """The recovery whose wait is over, by the link that was mailed then.

    Raises ``Refused``: ``link_invalid``, ``recovery_address_gone``, ``account_disabled``, and what ``stage.why_not`` makes.
    """
    return _require_ready(links.finished_by(token))


def finish(token: str, password: str, *, by: Actor) -> Finished:
    """Set the new password, clear all second factors, forget all browsers but this one, revoke all tokens, pause its webhooks.

    It never signs one in. Whoever has followed the link in this browser has confirmed it: a link to confirm it, mailed at
    the next sign-in, would go to addresses that may be lost. Raises ``Refused``: as ``find``, and what ``passwords.prepare`` raises.
    """
    recovery = links.finished_by(token)
    with trail.refusals_of(RecoveryFinished(subject_id=recovery.user_id), by=by):
        _require_ready(recovery)
        prepared = passwords.prepare(recovery.user, password)
        with transaction.atomic():
            _end(recovery)
            _clear(recovery, prepared, by=by)
            browser = browsers.know(recovery.user, told=True, by=by)
            tell.everybody(
                recovery,
                lambda reader: RecoveryWasFinished(
                    username=recovery.user.username, is_owner=reader.is_owner, when=clock.now()
                ),
                operators=True,
            )
    return Finished(recovery.user, browser)


def _require_ready(recovery: Recovery) -> Recovery:
    if stage.stage_of(recovery) is not Stage.READY:
        raise stage.why_not(recovery)
    standing.require_enabled(recovery.user)
    own = recovery.user.addresses.filter(key=recovery.address.casefold(), verified__isnull=False)
    if not recovery.address_chosen and not own.exists():
        raise Refused(
            "recovery_address_gone",
            _("The address that this link was mailed to is no longer one of the account's."),
        )
    return recovery


def _end(recovery: Recovery) -> None:
    """One conditional update decides between parallel posts, and between finishing and stopping (design, D1)."""
    now = clock.now()
    rows = Recovery.objects.filter(pk=recovery.pk)
    ready = rows.filter(ended=None, ready__lte=now, expires__gt=now)
    if not ready.update(ended=now, outcome=Recovery.Outcome.FINISHED):
        raise stage.why_not(rows.get())


def _clear(recovery: Recovery, prepared: str, *, by: Actor) -> None:
    """Storing the password moves the epoch: sessions, tickets and links die."""
    user = recovery.user
    factors = methods.remove_all(user.pk, by=by)
    browsers.forget_all(user, by=by)
    tokens = credentials.revoke_all_tokens(user, by=by)
    freezing.stop_of(user.pk)
    passwords.store(user, prepared, by=by)
    User.objects.filter(pk=user.pk).update(must_enroll=True)
    trail.record(RecoveryFinished(subject_id=user.pk, factors=factors, tokens=tokens), by=by)
