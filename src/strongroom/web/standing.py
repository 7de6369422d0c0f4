"""The three things at the top of every settings page: how safe am I, what needs me, what changed lately."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.accounts import emails
from strongroom.accounts.models import User
from strongroom.factors import totp
from strongroom.publish import credentials
from strongroom.web import history

_LATELY = 3
_APPS_TO_HAVE = 2  # a lost phone must not lock its owner out


@dataclass(frozen=True, slots=True)
class Bolt:
    """One protection of an account: shot or open."""

    shot: bool
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """Something for the person to do, and where."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The answers to all three."""

    bolts: list[Bolt]
    verdict: str
    steps: list[Step]
    lately: list[history.Line]


def standing_of(user: User) -> Standing:
    """How ``user`` stands now."""
    verified, apps = emails.has_verified_primary(user.pk), len(totp.of(user.pk))
    tokens_only = not (user.password_uploads and credentials.passwords_allowed_for_all())
    bolts = [
        Bolt(verified, _("Email verified") if verified else _("Email not verified")),
        Bolt(apps > 0, _("Two-factor sign-in on") if apps else _("Two-factor sign-in off")),
        Bolt(tokens_only, _("Only tokens publish") if tokens_only else _("Password publishes too")),
    ]
    return Standing(
        bolts,
        _verdict(sum(bolt.shot for bolt in bolts)),
        _steps(verified=verified, apps=apps, tokens_only=tokens_only),
        history.about(user, limit=_LATELY),
    )


def _verdict(shot: int) -> str:
    return {
        0: _("Your password alone stands between your projects and somebody else."),
        1: _("A start. Whoever learns your password still gets in."),
        2: _("Well protected."),
        3: _("All bolts are shot."),
    }[shot]


def _steps(*, verified: bool, apps: int, tokens_only: bool) -> list[Step]:
    account = reverse("account")
    if not verified:
        return [Step(_("Verify your email address"), f"{account}#account-emails")]
    if not apps:
        return [Step(_("Turn on two-factor sign-in"), reverse("totp-provision"))]
    steps = []
    if apps < _APPS_TO_HAVE:
        steps.append(
            Step(_("Add a second authenticator app, for when you lose the first"), reverse("totp-provision"))
        )
    if not tokens_only:
        steps.append(Step(_("Let only API tokens publish"), f"{account}#api-tokens"))
    return steps
