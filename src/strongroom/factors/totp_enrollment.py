"""Adding and removing authenticator apps."""

import base64
import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from strongroom.audit import trail
from strongroom.factors import codes, totp
from strongroom.factors.events import TotpAdded, TotpRemoved
from strongroom.factors.models import Totp, TotpEnrollment
from strongroom.factors.names import check_name
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import random_bytes

MAX_APPS = 10
_LIFETIME = timedelta(minutes=10)
_PURPOSE = "totp-enrollment"


@dataclass(frozen=True, slots=True)
class Enrollment:
    """What an authenticator app needs: ``uri`` for its camera, ``secret_text`` (base32 in groups of 4) for typing."""

    uri: str = field(repr=False)
    secret_text: str = field(repr=False)


def begin(user_id: int, session_id: int, *, username: str) -> Enrollment:
    """The seed to show in this session: the same in every tab and at every reload for 10 minutes."""
    seed = _seed_shown(user_id, session_id)
    uri = TOTP(seed, codes.DIGITS, SHA1(), totp.STEP).get_provisioning_uri(
        username, settings.CONFIG.site.name
    )
    text = base64.b32encode(seed).decode()
    return Enrollment(uri, " ".join(text[start : start + 4] for start in range(0, len(text), 4)))


def confirm(user_id: int, session_id: int, *, name: str, code: str, by: Actor) -> Totp:
    """Add the app whose ``code`` proves that it has the seed shown in this session, in the caller's transaction.

    The code counts as used. Raises ``Refused``: ``enrollment_expired``, ``factor_name_invalid``, ``factor_name_taken``,
    ``factor_too_many``, ``code_malformed``, ``totp_wrong``, ``totp_clock_off``.
    """
    enrollment = _live(session_id).filter(user_id=user_id).first()
    if enrollment is None:
        raise Refused("enrollment_expired", _("The QR code has expired. Scan the new one."))
    seed = settings.KEYRING.unseal(_PURPOSE, enrollment.sealed_seed, context=str(enrollment.handle))
    step = _proven_step(seed, code)
    if not TotpEnrollment.objects.filter(pk=enrollment.pk).delete()[0]:  # one of two parallel posts
        raise Refused("enrollment_expired", _("The QR code has expired. Scan the new one."))
    app = _insert(user_id, check_name(name), seed, step)
    trail.record(TotpAdded(subject_id=user_id, name=app.name), by=by)
    return app


def remove(user_id: int, totp_id: int, *, by: Actor) -> Totp:
    """Remove an app by its owner and id, in the caller's transaction; raises ``Refused`` (``factor_unknown``)."""
    app = Totp.objects.filter(user_id=user_id, pk=totp_id).first()
    if app is None or not Totp.objects.filter(pk=app.pk).delete()[0]:
        raise Refused("factor_unknown", _("Your account has no such authenticator app."))
    trail.record(TotpRemoved(subject_id=user_id, name=app.name), by=by)
    return app


def sweep() -> int:
    """Delete seeds that were shown and that no app has answered with in time; returns how many."""
    return TotpEnrollment.objects.filter(began__lte=clock.now() - _LIFETIME).delete()[0]


def _seed_shown(user_id: int, session_id: int) -> bytes:
    """Two tabs that open at once agree on the row that the unique session id lets in first."""
    TotpEnrollment.objects.filter(session_id=session_id, began__lte=clock.now() - _LIFETIME).delete()
    handle = uuid.uuid4()
    fresh = settings.KEYRING.seal(_PURPOSE, random_bytes(totp.SEED_BYTES), context=str(handle))
    row, _made = TotpEnrollment.objects.get_or_create(
        session_id=session_id,
        defaults={"handle": handle, "user_id": user_id, "sealed_seed": fresh, "began": clock.now()},
    )
    return settings.KEYRING.unseal(_PURPOSE, row.sealed_seed, context=str(row.handle))


def _live(session_id: int) -> QuerySet[TotpEnrollment]:
    return TotpEnrollment.objects.filter(session_id=session_id, began__gt=clock.now() - _LIFETIME)


def _proven_step(seed: bytes, code: str) -> int:
    plain, now = codes.normalize(code), totp.step_now()
    step = totp.matching_step(seed, plain, (now, now - 1, now + 1))
    if step is not None:
        return step
    raise totp.clock_off() if totp.clock_is_off(seed, plain, now) else totp.wrong()


def _insert(user_id: int, name: str, seed: bytes, step: int) -> Totp:
    if Totp.objects.filter(user_id=user_id).count() >= MAX_APPS:
        raise Refused("factor_too_many", _("Remove an authenticator app before you add another."))
    handle = uuid.uuid4()
    try:
        with transaction.atomic():
            return Totp.objects.create(
                handle=handle,
                user_id=user_id,
                name=name,
                sealed_seed=settings.KEYRING.seal(totp.PURPOSE, seed, context=str(handle)),
                last_step=step,
                created=clock.now(),
            )
    except IntegrityError:
        raise Refused(
            "factor_name_taken",
            _("You have an authenticator app of this name. Choose another name."),
            field="name",
        ) from None
