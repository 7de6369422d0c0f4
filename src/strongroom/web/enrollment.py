"""Who must turn two-factor sign-in on, as the pages ask it of a user; ``publish.enrollment`` decides."""

from datetime import date

from strongroom.accounts.models import User
from strongroom.publish import enrollment


def is_due(user: User) -> bool:
    """Whether ``user`` reaches nothing but the pages that turn two-factor sign-in on (LT-29)."""
    return enrollment.is_due(user.pk, must_enroll=user.must_enroll)


def keeps_last_factor(user: User) -> bool:
    """Whether the last factor has to stay, because the account is asked for one now (SU-07)."""
    return enrollment.is_asked_now(user.pk, must_enroll=user.must_enroll)


def announced(user: User) -> date | None:
    """The day from which ``user`` will need two-factor sign-in, which is not on yet."""
    return enrollment.announced(user.pk)
