"""The three things at the top of every settings page: how safe am I, what needs me, what changed lately."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from strongroom.accounts import emails
from strongroom.accounts.models import User
from strongroom.factors import keys, methods
from strongroom.factors.methods import Methods
from strongroom.kernel.may_publish import MayPublish
from strongroom.publish import levels
from strongroom.signin import lockout
from strongroom.signin.lockout import Advice
from strongroom.web import history, two_factor
from strongroom.web.audit.lines import Line
from strongroom.web.two_factor import NextStep

_LATELY = 3


@dataclass(frozen=True, slots=True)
class Bolt:
    """One protection of an account: shot or open."""

    shot: bool
    text: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The answers to all three."""

    bolts: list[Bolt]
    verdict: str
    steps: list[NextStep]
    lately: list[Line]


def standing_of(user: User) -> Standing:
    """How ``user`` stands now."""
    verified, has = emails.has_verified_primary(user.pk), methods.of(user.pk)
    level = levels.for_account(user).level
    tokens_only = level is not MayPublish.PASSWORDS
    bolts = [
        Bolt(verified, _("Email verified") if verified else _("Email not verified")),
        Bolt(has.is_on, _two_factor(has)),
        Bolt(tokens_only, _publishing(level)),
    ]
    return Standing(
        bolts,
        _verdict(sum(bolt.shot for bolt in bolts), has),
        _steps(user, verified=verified, tokens_only=tokens_only),
        history.about(user, limit=_LATELY),
    )


def _publishing(level: MayPublish) -> str:
    return {
        MayPublish.PASSWORDS: _("Password publishes too"),
        MayPublish.TOKENS: _("Only tokens publish"),
        MayPublish.TRUSTED: _("Only trusted publishers publish"),
    }[level]


def _two_factor(has: Methods) -> str:
    if not has.any:
        return _("Two-factor sign-in off")
    if not has.is_on:
        return _("Two-factor sign-in half done: recovery codes are missing")
    if has.keys:
        return ngettext(
            "Two-factor sign-in on, with %(count)d security key",
            "Two-factor sign-in on, with %(count)d security keys",
            has.keys,
        ) % {"count": has.keys}
    return _("Two-factor sign-in on")


def _verdict(shot: int, has: Methods) -> str:
    if has.any and not has.is_on:
        return _("Nearly there. Without recovery codes, a lost device locks you out.")
    return {
        0: _("Your password alone stands between your projects and somebody else."),
        1: _("A start. Whoever learns your password still gets in."),
        2: _("Well protected."),
        3: _("All bolts are shot."),
    }[shot]


def _steps(user: User, *, verified: bool, tokens_only: bool) -> list[NextStep]:
    account = reverse("account")
    if not verified:
        return [NextStep(_("Verify your email address"), f"{account}#account-emails")]
    advice = lockout.assess(user.pk).advice
    steps = _alarms(user) + [two_factor.next_step(one) for one in advice]
    if not tokens_only and Advice.ADD_FACTOR not in advice:
        steps.append(NextStep(_("Let only API tokens publish"), f"{account}#may-publish"))
    return steps


def _alarms(user: User) -> list[NextStep]:
    """What cannot wait: a key that somebody may have copied, and what to do in a frozen account."""
    account = reverse("account")
    steps = []
    if user.frozen is not None:
        text = _("Look for what was not you, then undo the freeze")
        steps.append(NextStep(text, f"{account}#security-history"))
    for key in keys.of(user.pk):
        if key.flagged is not None:
            text = _("Remove the security key “%(name)s”: somebody may have a copy") % {"name": key.name}
            steps.append(NextStep(text, reverse("key-remove", args=[key.pk])))
    return steps
