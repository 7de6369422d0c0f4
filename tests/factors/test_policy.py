"""Whom the site asks for a second factor, and from when."""

from datetime import UTC, date, datetime, timedelta

import pytest

from strongroom.factors.policy import Asked, asked_of
from strongroom.kernel import clock
from tests.support.configuration import configured

DAY = date(2027, 1, 31)
MIDNIGHT = datetime(2027, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("policy", "owns", "asked"),
    [
        ("optional", False, None),
        ("optional", True, None),
        ("owners", False, None),
        ("owners", True, Asked(None, holds=True)),
        ("everyone", False, Asked(None, holds=True)),
        ("everyone", True, Asked(None, holds=True)),
    ],
)
def test_without_a_day_the_policy_holds_now(policy: str, owns: bool, asked: Asked | None) -> None:  # LT-29
    with configured("sign_in", two_factor=policy, two_factor_from=None):
        assert asked_of(owns=owns) == asked


@pytest.mark.parametrize(
    ("moment", "holds"),
    [
        (MIDNIGHT - timedelta(days=90), False),
        (MIDNIGHT - timedelta(microseconds=1), False),
        (MIDNIGHT, True),
        (MIDNIGHT + timedelta(days=90), True),
    ],
)
def test_with_a_day_the_policy_is_announced_until_that_day_begins_in_utc(
    moment: datetime, holds: bool
) -> None:  # LT-29
    with configured("sign_in", two_factor="owners", two_factor_from=DAY), clock.frozen(moment):
        assert asked_of(owns=True) == Asked(DAY, holds=holds)
        assert asked_of(owns=False) is None


def test_a_day_asks_nothing_of_anybody_where_a_second_factor_is_optional() -> None:  # LT-29
    with configured("sign_in", two_factor="optional", two_factor_from=DAY), clock.frozen(MIDNIGHT):
        assert asked_of(owns=True) is None
