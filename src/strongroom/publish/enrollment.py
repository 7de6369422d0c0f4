"""Who must turn two-factor sign-in on: before anything else, or by a day to come.

The policy knows who owns projects only from here, since factors and projects do not know each other.
"""

from datetime import date

from django.utils.translation import gettext as _

from strongroom.factors import methods, policy
from strongroom.factors.policy import Asked
from strongroom.kernel.refused import Refused
from strongroom.projects import find as projects


def require(user_id: int, *, must_enroll: bool) -> None:
    """Raises ``Refused`` (``two_factor_required``) while ``is_due``."""
    if is_due(user_id, must_enroll=must_enroll):
        raise Refused(
            "two_factor_required",
            _(
                "This site asks for two-factor sign-in. Log in to it with a browser and turn it on, then try again."
            ),
        )


def is_due(user_id: int, *, must_enroll: bool) -> bool:
    """Whether somebody neither publishes nor reaches any page but those that turn two-factor sign-in on (LT-29).

    ``must_enroll`` is the account's own flag, which asks for it whatever the policy says.
    """
    return is_asked_now(user_id, must_enroll=must_enroll) and not methods.of(user_id).is_on


def is_asked_now(user_id: int, *, must_enroll: bool) -> bool:
    """Whether two-factor sign-in is asked for now, so that the last factor has to stay."""
    asked = _asked_of(user_id)
    return must_enroll or (asked is not None and asked.holds)


def announced(user_id: int) -> date | None:
    """The day from which somebody will need two-factor sign-in, which is not on yet."""
    asked = _asked_of(user_id)
    if asked is None or asked.holds or methods.of(user_id).is_on:
        return None
    return asked.since


def _asked_of(user_id: int) -> Asked | None:
    """Reads rows only where it matters who owns something."""
    asked = policy.asked_of(owns=True)
    if asked is None or policy.asked_of(owns=False) is not None:
        return asked
    return asked if projects.owns_any(user_id) else None
