"""Beginning a recovery: by a mailed link, or by an operator. Whoever asks for the link learns nothing."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from strongroom.accounts import addresses, links, primary_email, standing
from strongroom.accounts import find as people
from strongroom.accounts.models import EmailAddress, MailLink, User
from strongroom.audit import trail
from strongroom.factors import methods
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.notices import queue
from strongroom.notices.notice import Recipient
from strongroom.recovery import proofs, remind, stage, stop, tell
from strongroom.recovery.events import RecoveryBegun, RecoveryProved, RecoveryRequested
from strongroom.recovery.models import Recovery
from strongroom.recovery.notices import RecoveryNotNeeded, RecoveryWasBegun, StartRecovery
from strongroom.recovery.stage import Stage
from strongroom.throttle.limits import Limit, address_block, spend

_PER_LOGIN = Limit("recovery-login", count=5, seconds=24 * 3600)
_PER_ADDRESS = Limit("recovery-address", count=20, seconds=3600)
_LINK = MailLink.Purpose.RECOVER


@dataclass(frozen=True, slots=True)
class Start:
    """What the page of a link to begin shows: whose account, and the recovery of it that is going on already."""

    username: str
    recovery: Recovery | None


def request(login: str, *, by: Actor) -> None:
    """Mail a link to whoever ``login`` (username or address) is. The answer is the same for nobody (D17).

    The work is the same, too: for nobody the mail is written, then taken back. Raises ``Refused``
    (``too_many_attempts``).
    """
    user = people.by_login(login)
    spend(address_block(by.origin.address), _PER_ADDRESS)
    spend(user.username_key if user else login.casefold(), _PER_LOGIN)
    with transaction.atomic():
        user = people.locked_if_there(user)
        address = _address_of(user)
        trail.record(RecoveryRequested(subject_id=user.pk if user else None), by=by)
        mark = transaction.savepoint()
        _mail(user, address)
        if user is not None and not user.disabled and address is not None:
            transaction.savepoint_commit(mark)
        else:
            transaction.savepoint_rollback(mark)


def find(token: str) -> Start:
    """What to show for a link; raises ``Refused`` (``link_invalid``, ``recovery_not_needed``)."""
    user, _address = _owner_of(links.find(_LINK, token))
    _require_factor(user)
    return Start(user.username, stage.open_of(user.pk))


def begin(token: str, *, by: Actor) -> Recovery:
    """Begin with the proof that the mail was answered, or add that proof to the recovery that is going on.

    Where the wait of that one is over, the link that finishes it is mailed again. Raises ``Refused``:
    ``link_invalid``, ``recovery_not_needed``, and what ``proofs.by_mail`` raises.
    """
    user, address = _owner_of(links.find(_LINK, token))
    stop.expire_due(by=Actor.system())
    with (
        trail.refusals_of(RecoveryProved(subject_id=user.pk, proof=proofs.MAIL), by=by),
        transaction.atomic(),
    ):
        links.use(_LINK, token)
        _require_factor(user)
        recovery = _open_of(user)
        if recovery is None:
            recovery = _begin(user, Recovery(address=address.address), by=by)
        elif stage.stage_of(recovery) is Stage.READY:
            remind.invite_again(recovery)
            return recovery
        return proofs.by_mail(recovery, by=by)


def begin_for(user: User, *, reason: str, address: str, by: Actor) -> Recovery:
    """Begin for somebody with an operator's approval, or approve the recovery that is going on.

    ``address`` is where the last link goes; empty: to the person's own verified address. Raises ``Refused``:
    ``account_disabled``, ``recovery_not_needed``, ``email_invalid``, ``recovery_address_needed``, ``recovery_open``,
    and what ``proofs.approve`` raises.
    """
    stop.expire_due(by=Actor.system())
    about = RecoveryProved(subject_id=user.pk, proof=proofs.OPERATOR, reason=reason)
    with trail.refusals_of(about, by=by), transaction.atomic():
        proofs.require_approver(user.pk, reason=reason, by=by)
        standing.require_enabled(user)
        _require_factor(user)
        recovery = _open_of(user)
        if recovery is None:
            recovery = _begin(user, _to(user, address, reason=reason), by=by)
        elif address:
            raise Refused(
                "recovery_open",
                _("A recovery of this account is going on. Approve that one, or stop it first."),
            )
        return proofs.approve(recovery.pk, reason=reason, by=by)


def _begin(user: User, recovery: Recovery, *, by: Actor) -> Recovery:
    """Save the new row, and tell everybody, operators too."""
    recovery.user, recovery.begun, recovery.told = user, clock.now(), clock.now()
    recovery.expires = recovery.begun + stage.TO_PROVE
    recovery.save(force_insert=True)
    about = RecoveryBegun(subject_id=user.pk, address=recovery.address, reason=recovery.reason)
    trail.record(about, by=by)
    tell.everybody(
        recovery,
        lambda reader: RecoveryWasBegun(
            username=user.username,
            is_owner=reader.is_owner,
            reason=recovery.reason,
            wait_hours=round(stage.wait().total_seconds() / 3600),
            days=stage.TO_PROVE.days,
            vouch_url=reader.vouch_url,
            stop_url=reader.stop_url,
        ),
        operators=True,
    )
    return recovery


def _open_of(user: User) -> Recovery | None:
    """The recovery that is going on. The account's row is held, so that two do not begin one each."""
    User.objects.select_for_update().get(pk=user.pk)
    return Recovery.objects.select_related("user").filter(user=user, ended=None).first()


def _to(user: User, address: str, *, reason: str) -> Recovery:
    """The row to be, with the address that the operator has chosen or else the person's own."""
    if address:
        plain, _key = addresses.check(address)
        return Recovery(address=plain, address_chosen=True, reason=reason)
    own = _address_of(user)
    if own is None:
        raise Refused(
            "recovery_address_needed",
            _("This account has no verified address. Name one that you know to be theirs."),
            field="address",
        )
    return Recovery(address=own.address, reason=reason)


def _mail(user: User | None, address: EmailAddress | None) -> None:
    """The link to the verified address; where there is no second factor, that none is needed (the link does nothing)."""
    url = links.make(_LINK, user=user, address=address)
    needed = methods.has_any(user.pk if user else 0)
    notice = StartRecovery(url=url, hours=links.HOURS[_LINK]) if needed else RecoveryNotNeeded()
    to = Recipient(
        user.username if user else "nobody",
        (address.address if address else "nobody@localhost",),
        user.language if user else "en",
    )
    queue.send(notice, to=to)


def _address_of(user: User | None) -> EmailAddress | None:
    """The verified address to which the account's links go."""
    primary = primary_email.address_for_resets(user) if user else None
    return primary if primary is not None and primary.verified is not None else None


def _owner_of(link: MailLink) -> tuple[User, EmailAddress]:
    if link.user is None or link.address is None or link.address.verified is None:
        raise Refused("link_invalid", _("This link has expired or was used already. Ask for a new one."))
    return link.user, link.address


def _require_factor(user: User) -> None:
    if not methods.has_any(user.pk):
        raise Refused(
            "recovery_not_needed", _("This account has no second factor: a new password is all it takes.")
        )
