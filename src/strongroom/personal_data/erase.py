"""Erasing an account: its rows go, and the person goes from the trail, whose seals still hold."""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from strongroom.accounts import deleting
from strongroom.accounts.events import AccountDeleted
from strongroom.accounts.models import User
from strongroom.audit import aging, following, sealing, trail
from strongroom.audit.events import PersonErased
from strongroom.audit.models import Entry
from strongroom.audit.proof.row import ORIGIN, PERSON
from strongroom.audit.redaction import MOST, holds, redact
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.projects import leaving
from strongroom.recovery import stage
from strongroom.recovery.models import Recovery
from strongroom.tokens import revoke
from strongroom.trust.models import Issuer, Publisher
from strongroom.webhooks import changing as webhooks

_CURSOR: Final = "erasures"

# Whatever an account has begun before it was deleted, and records afterwards, is recorded by then.
_ECHO: Final = timedelta(days=1)


AT_ONCE: Final = 2000
"""So many entries of each sort are redacted while somebody waits; of an account with a long history the rest comes later."""


def why_not(user: User) -> list[Refused]:
    """Everything that stands in the way of deleting the account now; nothing if it can be deleted.

    Codes: ``account_frozen``, ``email_changed_lately``, ``last_operator``, ``account_in_recovery``, ``only_owner``.
    """
    found = (deleting.why_not(user), _in_recovery(user), leaving.why_not(user.pk))
    return [refusal for refusal in found if refusal is not None]


def erase(user: User, *, by: Actor) -> None:
    """Delete the account for good; raises ``Refused`` (see ``why_not``, and ``account_unknown``).

    What cannot be done at once of taking the person from the trail, ``finish_all`` does later.
    """
    with trail.refusals_of(AccountDeleted(subject_id=user.pk), by=by), transaction.atomic():
        _delete(deleting.lock(user), by=by)
    _finish(user.pk, most=AT_ONCE)


def finish_all() -> None:
    """Go on with erasures that were interrupted, and take in what was recorded of their accounts since. Any process may."""
    position = following.position(_CURSOR, begin=0)
    erased = Entry.objects.filter(tag=PersonErased.tag, outcome="done", serial__gt=position)
    may_pass = True
    for entry in erased.exclude(subject_id=None).order_by("serial"):
        finished = _finish(entry.subject_id or 0)
        may_pass = may_pass and finished and entry.time < clock.now() - _ECHO
        if may_pass:
            following.advance(_CURSOR, past=entry.serial)


def _delete(user: User, *, by: Actor) -> None:
    """Every row of the person, and their name in the rows of others, in one transaction with the events that say so."""
    if refusals := why_not(user):
        raise refusals[0]
    projects = leaving.leave_all(user.pk, by=by)
    tokens = revoke.revoke_all(user.pk, by=by)
    webhooks.remove_all(user.pk, by=by)
    leaving.forget_name(user.pk, user.username)
    Publisher.objects.filter(added_by=user).update(added_by_name="")
    Issuer.objects.filter(added_by=user.username).update(added_by="")
    Recovery.objects.filter(approved_by_id=user.pk).update(approved_by="")
    user_id = user.pk  # the row's own is gone with it
    deleting.delete(user, by=by, tokens=len(tokens), projects=projects)
    trail.record(PersonErased(subject_id=user_id), by=by)


def _finish(user_id: int, *, most: int = MOST) -> bool:
    """Redact the person of a deleted account in what is sealed; returns whether nothing is left to do."""
    if User.objects.filter(pk=user_id).exists():  # no account of ours: its event was put there by hand
        return True
    sealing.seal_all()
    event = PersonErased(subject_id=user_id)
    for part in (PERSON, ORIGIN):
        for rows in _entries(user_id, part):
            redact(part, rows, explained_by=event, by=Actor.system(), most=most)
    aging.forget_downloads_of(user_id)
    return not any(
        rows.filter(holds(part)).exists() for part in (PERSON, ORIGIN) for rows in _entries(user_id, part)
    )


def _entries(user_id: int, part: str) -> list[QuerySet[Entry]]:
    """The entries of which ``part`` is the account's: each query has an index.

    What others did to it keeps who they were and where they came from, unless the account's own data stand there.
    """
    about = Entry.objects.filter(subject_id=user_id)
    of_the_account = ~Q(personal="{}") if part == PERSON else Q(actor_id=None)
    return [Entry.objects.filter(actor_id=user_id), about.filter(of_the_account)]


def _in_recovery(user: User) -> Refused | None:
    if stage.open_of(user.pk) is None:
        return None
    return Refused(
        "account_in_recovery",
        _(
            "Somebody is recovering this account. Stop the recovery, or wait until it is over, before you delete it."
        ),
    )
