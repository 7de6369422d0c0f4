"""Programs without a browser that ask for an API token (RFC 8628): a short code to type elsewhere, and a long one to wait with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from strongroom.accounts import find as people
from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor, ActorKind, Origin
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret, digest, mac, random_bytes, random_secret
from strongroom.prepared.insert import insert
from strongroom.signin.events import DeviceApproved, DeviceDenied
from strongroom.signin.models import DeviceRequest, Session
from strongroom.signin.stepup import require_fresh
from strongroom.throttle.limits import Limit, address_block, spend, spend_each

LIFETIME: Final = timedelta(minutes=10)
INTERVAL: Final = 5
"""Seconds between two questions of a program; each one that comes too early adds as many (RFC 8628 §3.5)."""
ALPHABET: Final = "BCDFGHJKLMNPQRSTVWXZ"
"""Of the short codes: nothing to confuse, no words (RFC 8628 §6.1). Eight of these are 34.5 bits."""

_LETTERS = 8
_UNBIASED = 256 - 256 % len(ALPHABET)
_LONGEST_INTERVAL = 60
_MAX_PROGRAM = 60
_ASKED = Limit("device-codes", count=30, seconds=3600)
_TYPED = Limit("device-codes-typed", count=20, seconds=600)  # of each account, and of each address
_PURPOSE = "device-codes"

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """What a program is answered: the code that it keeps, the one that it shows, and seconds."""

    device_code: Secret
    user_code: str
    expires_in: int
    interval: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A program that waits, for the eyes of whoever may approve it. ``program`` and ``host`` are its own word."""

    user_code: str
    program: str
    host: str
    address: str
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What the token is to be: its name, the projects that it is for (names; none: all), and its days (``None``: no end)."""

    name: str
    projects: Sequence[str]
    days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Whose token it is to be, what it is to be, and who said so."""

    user: User
    grant: Grant
    by: Actor


def ask(program: str, *, host: str, origin: Origin) -> Codes:
    """Begin; whoever is asked has ten minutes. Raises ``Refused`` (``device_name_invalid``, ``too_many_attempts``)."""
    for name in (program, host):
        if len(name) > _MAX_PROGRAM or not name.isprintable() or not program.strip():
            raise Refused(
                "device_name_invalid",
                _("Give the program and its machine names of at most %(count)d characters.")
                % {"count": _MAX_PROGRAM},
            )
    spend(address_block(origin.address), _ASKED)
    secret, now = random_secret(), clock.now()
    row: dict[str, Any] = {
        "digest": digest(secret),
        "program": program.strip(),
        "host": host.strip(),
        "address": origin.address[:45],
        "created": now,
        "expires": now + LIFETIME,
        "interval": INTERVAL,
    }
    code = _fresh_code()
    while insert(DeviceRequest, unless_taken=True, **row, code=_digest(code)) is None:
        code = _fresh_code()
    return Codes(
        device_code=secret,
        user_code=f"{code[:4]}-{code[4:]}",
        expires_in=int(LIFETIME.total_seconds()),
        interval=INTERVAL,
    )


def look(user_code: str, *, user_id: int, origin: Origin) -> Waiting:
    """The program that shows this code; raises ``Refused`` (``device_code_unknown``, ``too_many_attempts``).

    Each look is a guess that is counted, whether it is right or not.
    """
    row = _typed(user_code, user_id=user_id, origin=origin)
    return Waiting(
        user_code=_spelled(user_code),
        program=row.program,
        host=row.host,
        address=row.address,
        created=row.created,
    )


def approve(session: Session, user_code: str, *, grant: Grant, by: Actor) -> None:
    """Let the program fetch its token, once; raises ``Refused`` (``proof_needed``, and as ``look``).

    The caller has asked whether such a token can be made. It is void once the account moves on (see ``auth_epoch``).
    """
    require_fresh(session)
    changes = {
        "approved": clock.now(),
        "user_id": session.user_id,
        "auth_epoch": session.auth_epoch,
        "approver": _kept(by),
        "grant": asdict(grant),
    }
    with trail.refusals_of(DeviceApproved(subject_id=session.user_id), by=by):
        row = _typed(user_code, user_id=session.user_id, origin=by.origin)
        with transaction.atomic():
            if not _undecided().filter(pk=row.pk).update(**changes):
                raise _unknown()
            event = DeviceApproved(subject_id=session.user_id, program=row.program, host=row.host)
            trail.record(event, by=by)


def deny(user_code: str, *, user_id: int, by: Actor) -> None:
    """Send the program away; raises ``Refused`` as ``look``."""
    with trail.refusals_of(DeviceDenied(subject_id=user_id), by=by):
        row = _typed(user_code, user_id=user_id, origin=by.origin)
        with transaction.atomic():
            if not _undecided().filter(pk=row.pk).update(denied=clock.now()):
                raise _unknown()
            trail.record(DeviceDenied(subject_id=user_id, program=row.program, host=row.host), by=by)


def redeem(device_code: str, *, issue: Callable[[Approval], Result]) -> Result:
    """What ``issue`` makes for the approval, in the transaction that uses the code up. Raises ``Refused``.

    Codes: ``device_code_unknown``, ``device_code_expired``, ``device_denied``, ``device_too_early``, ``device_waiting``,
    and those of ``issue``.
    """
    row = _asked_again(device_code)
    with transaction.atomic():
        if not DeviceRequest.objects.filter(pk=row.pk, denied=None).exclude(approved=None).delete()[0]:
            raise _unknown()
        user = people.locked(row.user_id or 0)  # else a password changed just now would not end this
        if user.auth_epoch != row.auth_epoch:
            raise _denied()
        approval = Approval(user=user, grant=Grant(**row.grant), by=_actor(row.approver, user))
        return issue(approval)


def sweep() -> int:
    """Delete what expired an hour ago; until then its program is told so. Returns how many."""
    return DeviceRequest.objects.filter(expires__lt=clock.now() - timedelta(hours=1)).delete()[0]


def _fresh_code() -> str:
    code = ""
    while len(code) < _LETTERS:
        code += "".join(ALPHABET[byte % len(ALPHABET)] for byte in random_bytes(16) if byte < _UNBIASED)
    return code[:_LETTERS]


def _digest(code: str) -> str:
    """Keyed: 34 bits are soon tried out by whoever reads the database (design, D16)."""
    return mac(settings.KEYRING.derive(_PURPOSE), code.encode("ascii")).hex()


def _spelled(user_code: str) -> str:
    """As it was shown, whatever spaces, hyphens and cases people type; raises ``Refused`` (``device_code_unknown``)."""
    letters = "".join(letter for letter in user_code.upper() if letter not in " -_.")
    if len(letters) != _LETTERS or not set(letters) <= set(ALPHABET):
        raise _unknown()
    return f"{letters[:4]}-{letters[4:]}"


def _typed(user_code: str, *, user_id: int, origin: Origin) -> DeviceRequest:
    """The undecided request of a typed code; the attempt is counted first."""
    spend_each((address_block(origin.address), _TYPED), (f"user {user_id}", _TYPED))
    code = _spelled(user_code).replace("-", "")
    row = _undecided().filter(code=_digest(code)).first()
    if row is None:
        raise _unknown()
    return row


def _undecided() -> QuerySet[DeviceRequest]:
    return DeviceRequest.objects.filter(approved=None, denied=None, expires__gt=clock.now())


def _asked_again(device_code: str) -> DeviceRequest:
    """The approved request; raises ``Refused`` while it is not, or where it never will be."""
    row = DeviceRequest.objects.filter(pk=digest(device_code)).first()
    now = clock.now()
    if row is None:
        raise Refused("device_code_unknown", _("There is no such code, or it was used already."))
    if row.denied:
        raise _denied()
    if row.expires <= now:
        raise Refused("device_code_expired", _("Nobody approved this in time. Begin again."))
    late = Q(polled=None) | Q(polled__lte=now - timedelta(seconds=row.interval - 1))
    if not DeviceRequest.objects.filter(late, pk=row.pk).update(polled=now):
        longer = DeviceRequest.objects.filter(pk=row.pk, interval__lt=_LONGEST_INTERVAL)
        longer.update(interval=F("interval") + INTERVAL)
        raise Refused("device_too_early", _("Ask less often."), retry_after=row.interval + INTERVAL)
    if not row.approved:
        raise Refused("device_waiting", _("Nobody has approved this yet."), retry_after=row.interval)
    return row


def _kept(by: Actor) -> dict[str, str]:
    return {
        "kind": by.kind,
        "authenticated": by.authenticated,
        "credential": by.credential,
        "address": by.origin.address,
        "client": by.origin.client[: trail.MAX_CLIENT],
        "request_id": by.origin.request_id,
    }


def _actor(kept: Mapping[str, str], user: User) -> Actor:
    """Whoever approved it: the token is made by them."""
    return Actor(
        kind=ActorKind(kept["kind"]),
        origin=Origin(address=kept["address"], client=kept["client"], request_id=kept["request_id"]),
        user_id=user.pk,
        username=user.username,
        authenticated=kept["authenticated"],
        credential=kept["credential"],
    )


def _unknown() -> Refused:
    return Refused(
        "device_code_unknown",
        _("No program waits with this code. Look at the code again, or begin again there."),
        field="user_code",
    )


def _denied() -> Refused:
    return Refused("device_denied", _("This was denied, or the account has changed since. Begin again."))
