"""The two-factor section of the account settings: what one has, and what would be left if a thing were lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from strongroom.accounts.models import User
from strongroom.factors import keys, methods, recovery_codes, totp
from strongroom.factors.models import SecurityKey
from strongroom.factors.webauthn import aaguids
from strongroom.publish import enrollment
from strongroom.signin import lockout
from strongroom.signin.lockout import Advice

_NEXT: Mapping[Advice, tuple[Promise, str]] = {
    Advice.ADD_FACTOR: (gettext_lazy("Turn on two-factor sign-in"), "account"),
    Advice.MAKE_CODES: (gettext_lazy("Make recovery codes"), "recovery-codes"),
    Advice.KEEP_CODES: (gettext_lazy("Type one of your recovery codes back"), "recovery-codes"),
    Advice.RENEW_CODES: (gettext_lazy("Make new recovery codes"), "recovery-codes"),
    Advice.ADD_KEY: (gettext_lazy("Add a security key: no false page can use it"), "webauthn-provision"),
    Advice.ADD_SECOND_FACTOR: (gettext_lazy("Add another key or app, for when you lose this one"), ""),
}


@dataclass(frozen=True, slots=True)
class KeyCard:
    """A security key in words."""

    id: int
    name: str
    kind: str
    whereabouts: str
    created: datetime
    last_used: datetime | None
    flagged: datetime | None


@dataclass(frozen=True, slots=True)
class Loss:
    """A thing that can be lost, and whether its owner would still get in."""

    thing: str
    survived: bool


@dataclass(frozen=True, slots=True)
class NextStep:
    """Something for the person to do, and where."""

    text: str
    url: str


def section_of(user: User) -> dict[str, Any]:
    """What the section shows of ``user``."""
    assessment = lockout.assess(user.pk)
    return {
        "methods": methods.of(user.pk),
        "apps": totp.of(user.pk),
        "keys": [_card(key) for key in keys.of(user.pk)],
        "offers_keys": keys.are_offered(),
        "codes": recovery_codes.state(user.pk),
        "few_codes": lockout.FEW_CODES,
        "must_enroll": enrollment.is_due(user.pk, must_enroll=user.must_enroll),
        "score": assessment.score,
        "losses": [
            Loss(_("your phone"), assessment.phone),
            Loss(_("your laptop"), assessment.laptop),
            Loss(_("a security key"), assessment.key),
        ],
        "advice": [next_step(advice) for advice in assessment.advice],
    }


def next_step(advice: Advice) -> NextStep:
    """What ``advice`` says, and where to follow it."""
    text, route = _NEXT[advice]
    if advice is Advice.ADD_FACTOR:
        return NextStep(str(text), reverse(route) + "#two-factor")
    return NextStep(str(text), reverse(route or _another_factor()))


def _another_factor() -> str:
    return "webauthn-provision" if keys.are_offered() else "totp-provision"


def _card(key: SecurityKey) -> KeyCard:
    return KeyCard(
        key.pk,
        key.name,
        aaguids.name_of(key.aaguid) or _("Security key"),
        _("synced between devices") if key.backed_up else _("on one device"),
        key.created,
        key.last_used,
        key.flagged,
    )
