"""Codes of authenticator apps: RFC 6238 with SHA-1, six digits, steps of 30 seconds.

Accepted are the present step and its two neighbors. Of each app the accepted step only ever increases, decided by one
conditional update: no code is good twice, in whatever order, spelling or number of threads (RFC 6238 §5.2).
"""

from collections.abc import Iterable

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from strongroom.factors import codes
from strongroom.factors.models import Totp
from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import equal
from strongroom.prepared.fetch import Fetch
from strongroom.prepared.update import update

STEP = 30  # seconds
SEED_BYTES = 20  # RFC 4226 §4, R6: 160 bits recommended
_ACCEPTED = (0, -1, 1)  # steps from now
_NOTICED = 10  # a code right within so many steps tells that the device's clock is off

PURPOSE = "totp"


def of(user_id: int) -> list[Totp]:
    """The authenticator apps of a user, oldest first."""
    return _OF.all(user_id=user_id)


def verify(user_id: int, code: str) -> Totp:
    """Accept ``code`` once, in the caller's transaction; returns the app that made it.

    Raises ``Refused``: ``code_malformed``, ``totp_wrong``, ``totp_reused``, ``totp_clock_off``.
    """
    plain, now, apps = codes.normalize(code), step_now(), of(user_id)
    reused = False
    for app in apps:
        step = matching_step(seed_of(app), plain, (now + offset for offset in _ACCEPTED))
        if step is not None and _accept(app, step):
            return app
        reused = reused or step is not None
    if reused:
        raise Refused("totp_reused", _("This code was used already. Wait for the next one."), field="code")
    raise _why_wrong(apps, plain, now)


def step_now() -> int:
    """The present time step (RFC 6238 §4.2)."""
    return int(clock.timestamp()) // STEP


def matching_step(seed: bytes, code: str, steps: Iterable[int]) -> int | None:
    """The first of ``steps`` whose code is ``code``."""
    generator = HOTP(seed, codes.DIGITS, SHA1())
    expected = code.encode()
    return next((step for step in steps if equal(generator.generate(step), expected)), None)


def seed_of(app: Totp) -> bytes:
    """The shared seed, which is sealed in the database under the instance's key (D16)."""
    return settings.KEYRING.unseal(PURPOSE, app.sealed_seed, context=str(app.handle))


def clock_is_off(seed: bytes, code: str, now: int) -> bool:
    """Whether ``code`` would be right some steps earlier or later."""
    near = (now + offset for offset in range(-_NOTICED, _NOTICED + 1) if offset not in _ACCEPTED)
    return matching_step(seed, code, near) is not None


def clock_off() -> Refused:
    """The refusal that tells what to do about a wrong clock."""
    return Refused(
        "totp_clock_off",
        _("The clock of your device is off. Set it to automatic time, then enter a new code."),
        field="code",
    )


def wrong() -> Refused:
    """The refusal of a code that no step explains."""
    return Refused(
        "totp_wrong", _("This code is not right. Enter the one that the app shows now."), field="code"
    )


def _of(user_id: int) -> QuerySet[Totp]:
    return Totp.objects.filter(user_id=user_id).order_by("pk")


_OF = Fetch(Totp, _of, user_id=int)


def _accept(app: Totp, step: int) -> bool:
    """The row count is the decision (D1): true for one caller, whatever the concurrency."""
    return bool(update(Totp, {"last_step": step, "last_used": clock.now()}, id=app.pk, last_step__lt=step))


def _why_wrong(apps: list[Totp], code: str, now: int) -> Refused:
    if any(clock_is_off(seed_of(app), code, now) for app in apps):
        return clock_off()
    return wrong()
