"""WebAuthn challenges: random, kept on the server, for one ceremony of one browser, once, for five minutes."""

from datetime import timedelta
from enum import StrEnum

from django.db import connection
from django.utils.translation import gettext as _

from strongroom.factors.models import Challenge
from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import digest, random_bytes
from strongroom.prepared.insert import insert

LIFETIME = timedelta(minutes=5)
_USE = """
    DELETE FROM factors_challenge WHERE digest = %s AND ceremony = %s AND holder = %s RETURNING expires > %s
"""
_BYTES = 32  # W3C WebAuthn §13.4.3: at least 16


class Ceremony(StrEnum):
    """What a challenge was made for; an answer is good for that alone (WA-35)."""

    REGISTER = "register"
    SIGN_IN = "sign_in"
    PASSKEY = "passkey"
    STEP_UP = "step_up"
    RESET = "reset"


def make(ceremony: Ceremony, *, holder: str) -> bytes:
    """A new challenge that ``holder`` (a session, ticket or cookie, never a secret in the clear) may answer."""
    challenge = random_bytes(_BYTES)
    insert(
        Challenge,
        digest=digest(challenge.hex()),
        ceremony=ceremony.value,
        holder=holder,
        expires=clock.now() + LIFETIME,
    )
    return challenge


def use(ceremony: Ceremony, challenge: bytes, *, holder: str) -> None:
    """Use a challenge up, whatever becomes of its answer (WR-32); raises ``Refused``.

    Call it before anything is verified and outside the transaction of the effect: one DELETE, which
    decides. Codes: ``webauthn_challenge_unknown`` (never made, used, or of somebody else), ``webauthn_challenge_expired``.
    """
    now = connection.ops.adapt_datetimefield_value(clock.now())
    with connection.cursor() as cursor:
        cursor.execute(_USE, [digest(challenge.hex()), ceremony.value, holder, now])
        used = cursor.fetchone()
    if used is None:
        raise Refused(
            "webauthn_challenge_unknown",
            _("This answer of your security key belongs to no question. Try again."),
        )
    (in_time,) = used
    if not in_time:
        raise Refused(
            "webauthn_challenge_expired",
            _("Your security key answered too late. Try again within five minutes."),
        )


def drop(ceremony: Ceremony, *, holder: str) -> None:
    """Use up every challenge of ``holder`` for this ceremony, because of an answer that does not say which it is for."""
    Challenge.objects.filter(ceremony=ceremony, holder=holder).delete()


def sweep() -> int:
    """Delete challenges that nobody answered in time; returns how many."""
    return Challenge.objects.filter(expires__lt=clock.now()).delete()[0]
