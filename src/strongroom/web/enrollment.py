"""Who must turn two-factor sign-in on: before anything else, or by a day to come."""

from datetime import date

from strongroom.accounts.models import User
from strongroom.factors import methods, policy
from strongroom.factors.policy import Asked
from strongroom.projects import find as projects


def is_due(user: User) -> bool:
    """Whether ``user`` reaches nothing but the pages that turn two-factor sign-in on (LT-29)."""
    return _is_asked_now(user) and not methods.of(user.pk).is_on


def announced(user: User) -> date | None:
    """The day from which ``user`` will need two-factor sign-in, which is not on yet."""
    asked = _asked_of(user)
    if asked is None or asked.holds or methods.of(user.pk).is_on:
        return None
    return asked.since


def keeps_last_factor(user: User) -> bool:
    """Whether the last factor has to stay, because the account is asked for one now."""
    return _is_asked_now(user)


def _is_asked_now(user: User) -> bool:
    asked = _asked_of(user)
    return user.must_enroll or (asked is not None and asked.holds)


def _asked_of(user: User) -> Asked | None:
    """Reads rows only where it matters who owns something."""
    asked = policy.asked_of(owns=True)
    if asked is None or policy.asked_of(owns=False) is not None:
        return asked
    return asked if projects.owns_any(user.pk) else None
