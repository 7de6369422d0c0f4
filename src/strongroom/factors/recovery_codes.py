"""Recovery codes: eight at a time, each good once, stored as keyed hashes (design, D16).

A code is 80 random bits in Crockford's base 32, written ``XXXX-XXXX-XXXX-XXXX``. So many bits need no slow hash: one
HMAC finds the row, and an attempt costs the same however many codes there are (RC-07).
"""

import re
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext as _

from strongroom.audit import trail
from strongroom.factors.events import CodesAcknowledged, CodesMade, CodeUsed
from strongroom.factors.models import RecoveryCode
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret, mac, random_bytes
from strongroom.prepared.query import Query, Row

COUNT = 8
_BYTES = 10  # 80 bits: 16 characters of 5 bits, none left over, so that no character is likelier than another
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
_GROUP = 4
_LONGEST = 64
_SEPARATORS = re.compile("[ \N{NO-BREAK SPACE}\N{ZERO WIDTH SPACE}-]")
_LOOKALIKES = str.maketrans("OIL", "011")
_CODE = re.compile(f"[{_ALPHABET}]{{16}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class State:
    """How many codes are ``left``, when they were ``made``, and whether one was typed back (``acknowledged``)."""

    left: int
    made: datetime | None
    acknowledged: bool


def make(user_id: int, *, by: Actor) -> list[Secret]:
    """New codes, to be shown this once, in the caller's transaction; all earlier ones are void (RC-04).

    Used ones stay, so that whoever used one cannot make it forgotten when that was (RC-13).
    """
    codes = [_random() for _number in range(COUNT)]
    now = clock.now()
    RecoveryCode.objects.filter(user_id=user_id, used=None).delete()
    RecoveryCode.objects.filter(user_id=user_id).update(acknowledged=None)
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user_id=user_id, digest=_digest(user_id, normalize(code)), made=now) for code in codes
    )
    trail.record(CodesMade(subject_id=user_id, count=COUNT), by=by)
    return codes


def acknowledge(user_id: int, code: str, *, by: Actor) -> None:
    """Note that the codes were kept, because one was typed back; that does not use it up. In the caller's transaction.

    Raises ``Refused``: ``recovery_malformed``, ``recovery_wrong``.
    """
    if not RecoveryCode.objects.filter(user_id=user_id, used=None, digest=_digest(user_id, normalize(code))):
        raise _wrong()
    RecoveryCode.objects.filter(user_id=user_id, acknowledged=None).update(acknowledged=clock.now())
    trail.record(CodesAcknowledged(subject_id=user_id), by=by)


def use(user_id: int, code: str, *, by: Actor) -> int:
    """Use a code up, in the caller's transaction; returns how many are left. One update decides (design, D1).

    Raises ``Refused``: ``recovery_malformed``, ``recovery_wrong``, ``recovery_used``.
    """
    row = RecoveryCode.objects.filter(user_id=user_id, digest=_digest(user_id, normalize(code)))
    if not row.filter(used=None).update(used=clock.now()):
        if row.exists():
            raise Refused(
                "recovery_used", _("This recovery code was used already. Take another one."), field="code"
            )
        raise _wrong()
    left = RecoveryCode.objects.filter(user_id=user_id, used=None).count()
    trail.record(CodeUsed(subject_id=user_id, left=left), by=by)
    return left


def state(user_id: int) -> State:
    """What can be shown of the codes; they themselves never again."""
    left, made, acknowledged = _STATE.first(user_id=user_id) or (0, None, 0)
    return State(left, made, bool(acknowledged))


def first_used(user_id: int, *, after: datetime) -> datetime | None:
    """When a code was used first ``after`` a moment, of these codes or earlier ones."""
    used = RecoveryCode.objects.filter(user_id=user_id, used__gt=after).order_by("used")
    return used.values_list("used", flat=True).first()


def normalize(code: str) -> str:
    """Sixteen characters in one spelling (RC-10); raises ``Refused`` (``recovery_malformed``)."""
    plain = _SEPARATORS.sub("", code).upper().translate(_LOOKALIKES) if len(code) <= _LONGEST else ""
    if not _CODE.fullmatch(plain):
        raise Refused(
            "recovery_malformed",
            _("A recovery code has sixteen letters and digits, such as XXXX-XXXX-XXXX-XXXX."),
            field="code",
        )
    return plain


def _state(user_id: int) -> QuerySet[RecoveryCode, Row]:
    per_user = RecoveryCode.objects.filter(user_id=user_id).values("user_id")
    return per_user.annotate(
        left=Count("pk", filter=Q(used=None)), newest=Max("made"), kept=Count("acknowledged")
    ).values_list("left", "newest", "kept")


_STATE = Query(_state, user_id=int)


def _random() -> Secret:
    bits = int.from_bytes(random_bytes(_BYTES))
    text = "".join(_ALPHABET[bits >> shift & 31] for shift in range(0, _BYTES * 8, 5))
    return Secret("-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP)))


def _digest(user_id: int, plain: str) -> str:
    """Keyed by the instance and bound to the user: the database alone tells nothing, nor fits anybody else (RC-09)."""
    return mac(settings.KEYRING.derive("recovery-codes"), f"{user_id}:{plain}".encode()).hex()


def _wrong() -> Refused:
    return Refused("recovery_wrong", _("This is none of your recovery codes."), field="code")
